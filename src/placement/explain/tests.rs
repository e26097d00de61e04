//! What explanations say about small problems that can be worked out by hand.

use super::*;
use crate::{Cloud, Offer, Task};

fn amount(text: &str) -> Decimal {
    text.parse().expect("a number")
}

/// A task of 30 by tens: east at 0.05 with a quota of 2, and west at 0.07.
fn two_clouds() -> Problem {
    let offer = |price: &str, quota| Offer { price: amount(price), quota, ..Offer::default() };
    let cloud =
        |offer: Offer| Cloud { offers: [("small".to_owned(), offer)].into(), ..Cloud::default() };
    let task = Task { demand: amount("30"), throughput: Some(amount("10")), ..Task::default() };
    Problem {
        clouds: [
            ("east".to_owned(), cloud(offer("0.05", Some(2)))),
            ("west".to_owned(), cloud(offer("0.07", None))),
        ]
        .into(),
        tasks: [("t".to_owned(), task)].into(),
        ..Problem::default()
    }
}

fn key(cloud: &str) -> (String, String, String) {
    ("t".to_owned(), cloud.to_owned(), "small".to_owned())
}

#[test]
fn the_next_best_choice_and_the_price_at_which_it_flips() {
    let found = explain(&two_clouds(), &Limits::default()).expect("a solution");
    assert!(found.complete);
    // 2 x 0.05 + 1 x 0.07 = 0.17 an hour; without east 0.21.
    let east = &found.choices[&key("east")];
    let next = east.next_best.as_ref().expect("west alone");
    assert_eq!(next.extra, amount("29.2"));
    assert_eq!(next.units, [(("west".to_owned(), "small".to_owned()), 3)].into());
    assert_eq!(east.flips_at, Some(amount("0.07")));
    // Without west the demand cannot be covered.
    assert_eq!(found.choices[&key("west")], Choice { next_best: None, flips_at: None });
    assert_eq!(found.costs["t"].compute, amount("124.1"));
}

#[test]
fn a_choice_flips_where_the_first_cheaper_one_is_not_where_the_last_is() {
    let mut problem = two_clouds();
    problem.clouds.get_mut("west").expect("there").activation_cost = amount("7.3");
    let east = problem.clouds.get_mut("east").expect("there");
    east.offers.get_mut("small").expect("there").quota = None;
    // Three in east cost 109.5. With west open for 7.3 a unit costs 51.1: all three there are 160.6,
    // so the choice flips at (160.6 / 730) / 3.
    let found = explain(&problem, &Limits::default()).expect("a solution");
    assert_eq!(found.choices[&key("east")].flips_at, Some(amount("0.073333")));
}

#[test]
fn binding_constraints_have_their_cost() {
    let found = explain(&two_clouds(), &Limits::default()).expect("a solution");
    let of = |argument: &str| {
        found.shadows.iter().find(|shadow| shadow.requirement.argument == argument)
    };
    let quota = of("quota").expect("east's quota binds");
    // A unit that goes from east to west costs 0.02 an hour more.
    assert_eq!((&quota.less, quota.saves), (&ShadowLess::Costs(amount("14.6")), amount("14.6")));
    let demand = of("demand").expect("the demand binds");
    assert_eq!((&demand.less, demand.saves), (&ShadowLess::Costs(amount("51.1")), amount("0")));
    assert_eq!(found.shadows.len(), 2, "{:?}", found.shadows);
}

#[test]
fn costs_are_shared_out_among_tasks() {
    let mut problem = two_clouds();
    let task = problem.tasks["t"].clone();
    problem.tasks.insert("u".to_owned(), Task { demand: amount("10"), ..task });
    for cloud in problem.clouds.values_mut() {
        cloud.activation_cost = amount("10");
    }
    let found = explain(&problem, &Limits::default()).expect("a solution");
    let sum = |part: fn(&TaskCost) -> Decimal| found.costs.values().map(part).sum::<Decimal>();
    assert_eq!(sum(|cost| cost.activation), amount("20"));
    assert_eq!(sum(|cost| cost.compute), amount("175.2"));
}
