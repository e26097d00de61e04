//! What is no solution is not let through, and what is costs exactly what it must.

use super::*;
use crate::Cloud;

fn amount(text: &str) -> Decimal {
    text.parse().expect("a number")
}

fn problem() -> Problem {
    let offer = Offer { price: amount("0.1"), quota: Some(5), ..Offer::default() };
    let cloud = Cloud {
        activation_cost: amount("7"),
        offers: [("x".to_owned(), offer)].into(),
        ..Cloud::default()
    };
    let task = Task { demand: amount("0.3"), throughput: Some(amount("0.1")), ..Task::default() };
    Problem {
        clouds: [("a".to_owned(), cloud.clone()), ("b".to_owned(), cloud)].into(),
        tasks: [("t".to_owned(), task)].into(),
        ..Problem::default()
    }
}

fn units(cloud: &str, units: u64) -> Chosen {
    Chosen {
        cloud: cloud.to_owned(),
        offer: "x".to_owned(),
        tasks: vec!["t".to_owned()],
        headroom: false,
        units,
    }
}

#[test]
fn sums_are_exact() {
    // Three times 0.1 is 0.3, which floating point does not think.
    let verified = verify(&problem(), &[units("a", 3)]).expect("a solution");
    assert_eq!(verified.cost, amount("226"));
    assert!(verify(&problem(), &[units("a", 2)]).is_none());
}

#[test]
fn each_broken_constraint_is_noticed() {
    type Change = fn(&mut Problem);
    let cases: [(Change, Vec<Chosen>); 6] = [
        (|_| (), vec![units("a", 6)]),
        (|p| p.tasks.get_mut("t").expect("t").min_clouds = 2, vec![units("a", 3)]),
        (
            |p| p.tasks.get_mut("t").expect("t").max_share = amount("0.6"),
            vec![units("a", 2), units("b", 1)],
        ),
        (|p| p.budget = Some(amount("225.99")), vec![units("a", 3)]),
        (
            |p| {
                let quotas = &mut p.clouds.get_mut("a").expect("a").quotas;
                quotas.insert("units".to_owned(), amount("2"));
            },
            vec![units("a", 3)],
        ),
        (
            |p| p.tasks.get_mut("t").expect("t").clouds = Some(vec!["b".to_owned()]),
            vec![units("a", 3)],
        ),
    ];
    for (index, (change, chosen)) in cases.into_iter().enumerate() {
        let mut problem = problem();
        change(&mut problem);
        assert!(verify(&problem, &chosen).is_none(), "case {index}");
    }
}

#[test]
fn reserved_units_are_free_and_leaving_costs() {
    let mut problem = problem();
    problem.switch_cost = amount("25");
    problem.prior = Some([("t".to_owned(), [(("b".to_owned(), "x".to_owned()), 3)].into())].into());
    let offer = problem.clouds.get_mut("a").and_then(|cloud| cloud.offers.get_mut("x"));
    offer.expect("there").reserved = 2;
    let mut verified = verify(&problem, &[units("a", 3)]).expect("a solution");
    // One unit of three is paid: 73; being in use 7; leaving b 25.
    assert_eq!(verified.cost, amount("105"));
    assert_eq!(verified.clouds["b"].switching, amount("25"));
    price_assignments(&problem, &mut verified);
    let own = &verified.assignments["t"][&("a".to_owned(), "x".to_owned())];
    assert_eq!(own.monthly_cost, amount("73"));
}
