//! The worked examples, each constraint, and equality with brute force.

use std::collections::BTreeMap;

use super::*;
use crate::{Cloud, ConflictKind, HOURS_A_MONTH, Offer, Task};

fn money(text: &str) -> Decimal {
    text.parse().expect("an amount")
}

fn classic(task3: f64) -> Problem {
    let capacities =
        [("a", 100, [10.0, 3.0, 6.0]), ("b", 150, [5.0, 7.0, 6.0]), ("c", 200, [8.0, 4.0, 10.0])];
    let clouds = capacities.map(|(name, cost, serves)| {
        let serves = (1..).zip(serves).map(|(index, amount)| (format!("task{index}"), amount));
        let offer =
            Offer { quota: Some(1), shared: true, serves: serves.collect(), ..Offer::default() };
        let cloud = Cloud {
            activation_cost: Decimal::from(cost),
            offers: [("capacity".to_owned(), offer)].into(),
            ..Cloud::default()
        };
        (name.to_owned(), cloud)
    });
    let tasks = [("task1", 18.0), ("task2", 11.0), ("task3", task3)]
        .map(|(name, demand)| (name.to_owned(), Task { demand, ..Task::default() }));
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
                    Offer { serves: [("fraud".to_owned(), 100.0)].into(), ..offer("0.01", None) },
                )],
            ),
        ),
    ];
    let task = Task { demand: 30.0, throughput: Some(10.0), min_clouds: 2, ..Task::default() };
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
    let conflicts = infeasible(&classic(24.0));
    assert_eq!(conflicts.len(), 1);
    assert_eq!(conflicts[0].message, "task3 asks for 24 and all clouds together give 22, 2 short");
    assert_eq!(conflicts[0].kind, ConflictKind::Demand);
    let placed = placed(&classic(22.0));
    assert_eq!((placed.cost, placed.bound, placed.optimal), (money("450"), money("450"), true));
    assert_eq!(placed.clouds.keys().collect::<Vec<_>>(), ["a", "b", "c"]);
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
    assert_eq!((assignment.covers, assignment.monthly_cost), (20.0, money("73.00")));
}

#[test]
fn share_budget_and_clouds_are_kept() {
    let change = |work: fn(&mut Problem)| {
        let mut problem = fraud();
        work(&mut problem);
        problem
    };
    let half = change(|p| p.tasks.get_mut("fraud").expect("there").max_share = 0.5);
    assert_eq!(units(&placed(&half), "fraud").iter().map(|(_, n)| n).sum::<u64>(), 4);
    let poor = change(|p| p.budget = Some(money("100")));
    let conflicts = infeasible(&poor);
    assert_eq!(conflicts[0].kind, ConflictKind::Budget);
    assert!(conflicts[0].message.contains("169.1"), "{}", conflicts[0].message);
    let many = change(|p| p.tasks.get_mut("fraud").expect("there").min_clouds = 4);
    assert_eq!(infeasible(&many)[0].kind, ConflictKind::MinClouds);
    let huge = change(|p| {
        p.tasks.get_mut("fraud").expect("there").requires.insert("gpu".to_owned(), 1.0);
    });
    assert_eq!(infeasible(&huge)[0].kind, ConflictKind::Requires);
}

#[test]
fn tasks_that_compete_for_a_quota_are_named() {
    let clouds = [("a".to_owned(), cloud("0", &[("x", offer("1", Some(3)))]))].into();
    let task = Task { demand: 2.0, throughput: Some(1.0), ..Task::default() };
    let tasks = [("one".to_owned(), task.clone()), ("two".to_owned(), task)].into();
    let conflicts = infeasible(&Problem { clouds, tasks, ..Problem::default() });
    assert_eq!(conflicts.len(), 1);
    assert_eq!(conflicts[0].kind, ConflictKind::Quota);
}

#[test]
fn equal_costs_stay_where_they_are_and_then_go_by_name() {
    let same = |name: &str| (name.to_owned(), cloud("0", &[("x", offer("1", None))]));
    let task = Task { demand: 1.0, throughput: Some(1.0), ..Task::default() };
    let mut problem = Problem {
        clouds: [same("a"), same("b"), same("c")].into(),
        tasks: [("t".to_owned(), task)].into(),
        ..Problem::default()
    };
    assert_eq!(units(&placed(&problem), "t"), [("a/x".to_owned(), 1)]);
    problem.prior = Some([("t".to_owned(), vec!["c".to_owned()])].into());
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
    problem.tasks.get_mut("fraud").expect("there").demand = f64::NAN;
    assert!(place(&problem, &Limits::default()).is_err());
    let mut problem = fraud();
    problem.clouds.get_mut("east").expect("there").activation_cost = money("-1");
    assert!(place(&problem, &Limits::default()).is_err());
    let mut problem = fraud();
    problem.tasks.insert("other".to_owned(), Task { demand: 1.0, ..Task::default() });
    problem.tasks.remove("fraud");
    let error = place(&problem, &Limits::default()).expect_err("an unknown task is served");
    assert!(error.message.contains("\"fraud\""), "{error}");
}

/// A small generator of numbers, the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

fn random(numbers: &mut Numbers) -> Problem {
    let names = ["a", "b", "c"];
    let mut clouds = BTreeMap::new();
    for name in &names[..2 + numbers.below(2) as usize] {
        let mut offers = BTreeMap::new();
        for index in 0..1 + numbers.below(2) {
            let serves: BTreeMap<String, f64> =
                (0..2).map(|task| (format!("t{task}"), numbers.below(5) as f64)).collect();
            let offer = Offer {
                price: Decimal::new(i64::try_from(numbers.below(50)).expect("small"), 2),
                quota: Some(1 + numbers.below(2)),
                serves,
                shared: numbers.below(2) == 0,
                ..Offer::default()
            };
            offers.insert(format!("o{index}"), offer);
        }
        let activation_cost = Decimal::from(numbers.below(100));
        clouds.insert((*name).to_owned(), Cloud { activation_cost, offers, ..Cloud::default() });
    }
    let mut tasks = BTreeMap::new();
    for index in 0..2 {
        let task = Task {
            demand: numbers.below(6) as f64,
            min_clouds: 1 + numbers.below(2),
            max_share: [1.0, 1.0, 0.75][numbers.below(3) as usize],
            ..Task::default()
        };
        tasks.insert(format!("t{index}"), task);
    }
    Problem { clouds, tasks, ..Problem::default() }
}

/// The least cost by trying everything.
fn brute_force(problem: &Problem) -> Option<Decimal> {
    // Every exclusive offer and task, and every shared offer: how many units at most.
    let mut slots: Vec<(crate::model::Units, u64)> = Vec::new();
    for (cloud_name, cloud) in &problem.clouds {
        for (offer_name, offer) in &cloud.offers {
            let serves: Vec<(String, f64)> = problem
                .tasks
                .iter()
                .filter(|(_, task)| task.demand > 0.0)
                .filter_map(|(name, task)| {
                    let serves = crate::eligible(name, task, cloud_name, cloud, offer).ok()?;
                    Some((name.clone(), serves))
                })
                .collect();
            let groups: Vec<Vec<(String, f64)>> = match (serves.is_empty(), offer.shared) {
                (true, _) => Vec::new(),
                (false, true) => vec![serves],
                (false, false) => serves.into_iter().map(|one| vec![one]).collect(),
            };
            for serves in groups {
                let units = crate::model::Units {
                    cloud: cloud_name.clone(),
                    offer: offer_name.clone(),
                    serves,
                };
                slots.push((units, offer.quota.expect("all have one")));
            }
        }
    }
    let mut best: Option<Decimal> = None;
    let mut counts = vec![0_u64; slots.len()];
    loop {
        let chosen = slots.iter().zip(&counts).filter(|(_, count)| **count > 0);
        let solution = Solution {
            units: chosen.map(|((units, _), count)| (units.clone(), *count)).collect(),
            missed: BTreeMap::new(),
            objective: 0.0,
            bound: 0.0,
            proven: true,
        };
        if let Some(found) = verify(problem, &solution) {
            best = Some(best.map_or(found.cost, |best| best.min(found.cost)));
        }
        let mut at = 0;
        loop {
            let Some(count) = counts.get_mut(at) else { return best };
            if *count < slots[at].1 {
                *count += 1;
                break;
            }
            *count = 0;
            at += 1;
        }
    }
}

#[test]
fn random_small_programs_cost_what_brute_force_finds() {
    let mut numbers = Numbers(20);
    let (mut solved, mut impossible) = (0, 0);
    for round in 0..150 {
        let problem = random(&mut numbers);
        match (place(&problem, &Limits::default()).expect("good"), brute_force(&problem)) {
            (Outcome::Placed(placed), Some(best)) => {
                assert_eq!(placed.cost, best, "round {round}: {problem:?}");
                assert!(placed.optimal);
                solved += 1;
            }
            (Outcome::Infeasible(conflicts), None) => {
                assert!(!conflicts.is_empty(), "round {round}: {problem:?}");
                impossible += 1;
            }
            (outcome, best) => panic!("round {round}: {outcome:?} but {best:?} for {problem:?}"),
        }
    }
    assert!(solved > 30 && impossible > 10, "{solved} solved, {impossible} impossible");
}

#[test]
fn a_month_has_730_hours() {
    assert_eq!(HOURS_A_MONTH, Decimal::from(730));
}
