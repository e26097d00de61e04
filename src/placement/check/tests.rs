//! Each thing that is refused, with where it is said to be.

use super::*;

fn amount(text: &str) -> Decimal {
    text.parse().expect("a number")
}

fn good() -> Problem {
    let offer = Offer { price: amount("1"), quota: Some(3), ..Offer::default() };
    let cloud = Cloud { offers: [("x".to_owned(), offer)].into(), ..Cloud::default() };
    let task = Task { demand: amount("1"), throughput: Some(amount("1")), ..Task::default() };
    Problem {
        clouds: [("a".to_owned(), cloud)].into(),
        tasks: [("t".to_owned(), task)].into(),
        ..Problem::default()
    }
}

fn offer(problem: &mut Problem) -> &mut Offer {
    problem.clouds.get_mut("a").and_then(|cloud| cloud.offers.get_mut("x")).expect("there")
}

fn task(problem: &mut Problem) -> &mut Task {
    problem.tasks.get_mut("t").expect("there")
}

#[test]
fn what_is_wrong_is_said_with_its_argument() {
    check(&good()).expect("nothing is wrong");
    type Change = fn(&mut Problem);
    let cases: [(Change, &str, &str); 14] = [
        (|p| offer(p).price = amount("-1"), "price", "price is -1; it must not be negative"),
        (|p| offer(p).price = Decimal::MAX, "price", "must be at most 1000000000000"),
        (|p| offer(p).reserved = 4, "reserved", "4 units are reserved, over the quota"),
        (|p| offer(p).interruption_rate = amount("2"), "interruption_rate", "from 0 to 1"),
        (
            |p| offer(p).serves = [("u".to_owned(), amount("1"))].into(),
            "serves",
            "it serves \"u\", and there is no task of that name",
        ),
        (|p| task(p).demand = amount("-2"), "demand", "demand of task \"t\" is -2"),
        (|p| task(p).demand = amount("0.1234567890123"), "demand", "at most 12 decimal places"),
        (|p| task(p).max_demand = Some(amount("0.5")), "max_demand", "below its demand of 1"),
        (|p| task(p).max_share = Decimal::ZERO, "max_share", "must be above 0"),
        (|p| task(p).from = Some("x".to_owned()), "max_latency_ms", "both where its callers are"),
        (|p| task(p).apart_from = vec!["t".to_owned()], "apart_from", "\"t\" is itself"),
        (|p| task(p).together_with = vec!["z".to_owned()], "together_with", "is not a task"),
        (|p| p.budget = Some(amount("-1")), "budget", "budget is -1"),
        (
            |p| {
                let tier = Tier { up_to_gib: None, price_per_gib: Decimal::ONE };
                p.egress.insert("a".to_owned(), vec![tier.clone(), tier]);
            },
            "egress",
            "only the last tier may be without up_to_gib",
        ),
    ];
    for (change, argument, message) in cases {
        let mut problem = good();
        change(&mut problem);
        let InvalidProblem(mistakes) = check(&problem).expect_err(message);
        let [mistake] = &mistakes[..] else { panic!("{mistakes:?}") };
        assert_eq!(mistake.argument, argument, "{mistake:?}");
        assert!(mistake.message.contains(message), "{mistake:?}");
    }
}

#[test]
fn absurd_sizes_are_refused_before_anything_is_built() {
    let mut problem = good();
    let own = problem.tasks["t"].clone();
    for index in 0..3000 {
        problem.tasks.insert(format!("t{index}"), own.clone());
    }
    let offer = problem.clouds["a"].offers["x"].clone();
    let cloud = problem.clouds.get_mut("a").expect("there");
    for index in 0..1500 {
        cloud.offers.insert(format!("x{index}"), offer.clone());
    }
    let error = check(&problem).expect_err("too much");
    assert!(error.to_string().contains("3001 tasks and 1501 offers are 4504501 pairs"), "{error}");
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let mut problem = good();
    offer(&mut problem).price = amount("-1");
    offer(&mut problem).serves = [("u".to_owned(), amount("-2"))].into();
    task(&mut problem).demand = amount("-3");
    problem.switch_cost = Decimal::MAX;
    let InvalidProblem(mistakes) = check(&problem).expect_err("five things are wrong");
    let places: Vec<_> = mistakes
        .iter()
        .map(|m| (m.cloud.as_deref(), m.offer.as_deref(), m.task.as_deref(), m.argument))
        .collect();
    assert_eq!(
        places,
        [
            (None, None, None, "switch_cost"),
            (Some("a"), Some("x"), None, "price"),
            (Some("a"), Some("x"), None, "serves"),
            (Some("a"), Some("x"), None, "serves"),
            (None, None, Some("t"), "demand"),
        ]
    );
}
