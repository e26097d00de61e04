//! The worked examples, each constraint, and equality with brute force.

mod oracle;
mod random;

use super::*;
use crate::{Cloud, ConflictKind, HOURS_A_MONTH, Offer, Task};

fn money(text: &str) -> Decimal {
    text.parse().expect("an amount")
}

fn classic(task3: u64) -> Problem {
    let capacities = [("a", 100, [10, 3, 6]), ("b", 150, [5, 7, 6]), ("c", 200, [8, 4, 10])];
    let clouds = capacities.map(|(name, cost, serves)| {
        let serves =
            (1..).zip(serves).map(|(n, amount)| (format!("task{n}"), Decimal::from(amount)));
        let offer =
            Offer { quota: Some(1), shared: true, serves: serves.collect(), ..Offer::default() };
        let cloud = Cloud {
            activation_cost: Decimal::from(cost),
            offers: [("capacity".to_owned(), offer)].into(),
            ..Cloud::default()
        };
        (name.to_owned(), cloud)
    });
    let tasks = [("task1", 18), ("task2", 11), ("task3", task3)].map(|(name, demand)| {
        (name.to_owned(), Task { demand: Decimal::from(demand), ..Task::default() })
    });
    Problem { clouds: clouds.into(), tasks: tasks.into(), ..Problem::default() }
}

fn offer(price: &str, quota: Option<u64>) -> Offer {
    Offer { price: money(price), quota, ..Offer::default() }
}

fn cloud(activation: &str, offers: &[(&str, Offer)]) -> Cloud {
    let offers = offers.iter().map(|(name, offer)| ((*name).to_owned(), offer.clone()));
    Cloud { activation_cost: money(activation), offers: offers.collect(), ..Cloud::default() }
}

fn fraud() -> Problem {
    let clouds = [
        ("east", cloud("40", &[("cpu.small", offer("0.05", Some(4)))])),
        ("west", cloud("5", &[("cpu.small", offer("0.07", Some(2)))])),
        (
            "south",
            cloud(
                "300",
                &[(
                    "cpu.large",
                    Offer {
                        serves: [("fraud".to_owned(), money("100"))].into(),
                        ..offer("0.01", None)
                    },
                )],
            ),
        ),
    ];
    let task = Task {
        demand: money("30"),
        throughput: Some(money("10")),
        min_clouds: 2,
        ..Task::default()
    };
    Problem {
        clouds: clouds.map(|(name, cloud)| (name.to_owned(), cloud)).into(),
        tasks: [("fraud".to_owned(), task)].into(),
        ..Problem::default()
    }
}

fn placed(problem: &Problem) -> Placed {
    match place(problem, &Limits::default()).expect("a good problem") {
        Outcome::Placed(placed) => placed,
        other => panic!("{other:?}"),
    }
}

fn infeasible(problem: &Problem) -> Vec<crate::Conflict> {
    match place(problem, &Limits::default()).expect("a good problem") {
        Outcome::Infeasible(conflicts) => conflicts,
        other => panic!("{other:?}"),
    }
}

fn units(placed: &Placed, task: &str) -> Vec<(String, u64)> {
    let own = placed.assignments[task].iter();
    own.map(|((cloud, offer), assignment)| (format!("{cloud}/{offer}"), assignment.units)).collect()
}

#[test]
fn the_classic_example() {
    let conflicts = infeasible(&classic(24));
    assert_eq!(conflicts.len(), 1);
    assert_eq!(conflicts[0].message, "task3 asks for 24 and all clouds together give 22, 2 short");
    assert_eq!(conflicts[0].kind, ConflictKind::Demand);
    let placed = placed(&classic(22));
    assert_eq!((placed.cost, placed.bound, placed.optimal), (money("450"), money("450"), true));
    assert_eq!(placed.clouds_in_use(), ["a", "b", "c"]);
}

#[test]
fn the_fraud_example() {
    let placed = placed(&fraud());
    assert_eq!(placed.cost, money("169.10"));
    assert_eq!(
        units(&placed, "fraud"),
        [("east/cpu.small".to_owned(), 2), ("west/cpu.small".to_owned(), 1)]
    );
    let assignment = &placed.assignments["fraud"][&("east".to_owned(), "cpu.small".to_owned())];
    assert_eq!((assignment.covers, assignment.monthly_cost), (money("20"), money("73.00")));
}

#[test]
fn share_budget_and_clouds_are_kept() {
    let change = |work: fn(&mut Problem)| {
        let mut problem = fraud();
        work(&mut problem);
        problem
    };
    let half = change(|p| p.tasks.get_mut("fraud").expect("there").max_share = money("0.5"));
    assert_eq!(units(&placed(&half), "fraud").iter().map(|(_, n)| n).sum::<u64>(), 4);
    let poor = change(|p| p.budget = Some(money("100")));
    let conflicts = infeasible(&poor);
    assert_eq!(conflicts[0].kind, ConflictKind::Budget);
    assert!(conflicts[0].message.contains("169.1"), "{}", conflicts[0].message);
    let many = change(|p| p.tasks.get_mut("fraud").expect("there").min_clouds = 4);
    assert_eq!(infeasible(&many)[0].kind, ConflictKind::MinClouds);
    let huge = change(|p| {
        p.tasks.get_mut("fraud").expect("there").requires.insert("gpu".to_owned(), money("1"));
    });
    assert_eq!(infeasible(&huge)[0].kind, ConflictKind::Requires);
}

#[test]
fn tasks_that_compete_for_a_quota_are_named() {
    let clouds = [("a".to_owned(), cloud("0", &[("x", offer("1", Some(3)))]))].into();
    let task = Task { demand: money("2"), throughput: Some(money("1")), ..Task::default() };
    let tasks = [("one".to_owned(), task.clone()), ("two".to_owned(), task)].into();
    let conflicts = infeasible(&Problem { clouds, tasks, ..Problem::default() });
    assert_eq!(conflicts.len(), 1);
    assert_eq!(conflicts[0].kind, ConflictKind::Quota);
}

#[test]
fn equal_costs_stay_where_they_are_and_then_go_by_name() {
    let same = |name: &str| (name.to_owned(), cloud("0", &[("x", offer("1", None))]));
    let task = Task { demand: money("1"), throughput: Some(money("1")), ..Task::default() };
    let mut problem = Problem {
        clouds: [same("a"), same("b"), same("c")].into(),
        tasks: [("t".to_owned(), task)].into(),
        ..Problem::default()
    };
    assert_eq!(units(&placed(&problem), "t"), [("a/x".to_owned(), 1)]);
    problem.prior = Some([("t".to_owned(), [(("c".to_owned(), "x".to_owned()), 1)].into())].into());
    assert_eq!(units(&placed(&problem), "t"), [("c/x".to_owned(), 1)]);
    // It moves for money, but only for more than the move costs.
    problem.clouds.get_mut("a").expect("there").offers.get_mut("x").expect("there").price =
        money("0.99");
    assert_eq!(units(&placed(&problem), "t"), [("a/x".to_owned(), 1)]);
    problem.switch_cost = money("25");
    assert_eq!(units(&placed(&problem), "t"), [("c/x".to_owned(), 1)]);
}

#[test]
fn bad_numbers_are_refused() {
    let mut problem = fraud();
    problem.tasks.get_mut("fraud").expect("there").demand = money("-1");
    assert!(place(&problem, &Limits::default()).is_err());
    let mut problem = fraud();
    problem.clouds.get_mut("east").expect("there").activation_cost = money("-1");
    assert!(place(&problem, &Limits::default()).is_err());
    let mut problem = fraud();
    problem.tasks.insert("other".to_owned(), Task { demand: money("1"), ..Task::default() });
    problem.tasks.remove("fraud");
    let error = place(&problem, &Limits::default()).expect_err("an unknown task is served");
    assert!(error.to_string().contains("\"fraud\""), "{error}");
}

#[test]
fn a_month_has_730_hours() {
    assert_eq!(HOURS_A_MONTH, Decimal::from(730));
}
