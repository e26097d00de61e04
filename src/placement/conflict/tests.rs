//! Conflicts are minimal, and remedies mend.

use super::*;
use crate::{Cloud, Offer, Outcome, place};

fn amount(text: &str) -> Decimal {
    text.parse().expect("a number")
}

fn offer(price: &str, quota: u64) -> Offer {
    let provides = [("gpu".to_owned(), Decimal::ONE)].into();
    Offer { price: amount(price), quota: Some(quota), provides, ..Offer::default() }
}

fn two_clouds() -> Problem {
    let cloud = |offer: Offer, region: &str| Cloud {
        region: region.to_owned(),
        offers: [("x".to_owned(), offer)].into(),
        ..Cloud::default()
    };
    let task = Task { demand: amount("2"), throughput: Some(amount("1")), ..Task::default() };
    Problem {
        clouds: [
            ("a".to_owned(), cloud(offer("1", 3), "east")),
            ("b".to_owned(), cloud(offer("2", 3), "west")),
        ]
        .into(),
        tasks: [("t".to_owned(), task)].into(),
        ..Problem::default()
    }
}

fn found(change: fn(&mut Problem)) -> Conflict {
    let mut problem = two_clouds();
    change(&mut problem);
    match place(&problem, &Limits::default()).expect("a good problem") {
        Outcome::Infeasible(mut conflicts) => {
            assert_eq!(conflicts.len(), 1, "{conflicts:?}");
            conflicts.remove(0)
        }
        other => panic!("{other:?}"),
    }
}

fn task(problem: &mut Problem) -> &mut Task {
    problem.tasks.get_mut("t").expect("there")
}

#[test]
fn the_set_is_minimal_and_the_cheapest_change_comes_first() {
    type Case = (fn(&mut Problem), ConflictKind, &'static [&'static str], &'static str);
    let cases: [Case; 5] = [
        (
            |p| {
                task(p).demand = amount("5");
                task(p).regions = Some(vec!["east".to_owned()]);
            },
            ConflictKind::Demand,
            &[
                "t asks for 5",
                "t may run in regions east only",
                "the quota of offer x in cloud a is 3",
            ],
            "lower the demand of t to 3",
        ),
        (
            |p| {
                task(p).min_clouds = 2;
                task(p).clouds = Some(vec!["a".to_owned()]);
            },
            ConflictKind::MinClouds,
            &["t asks for at least 2 clouds", "t may run in a only"],
            "lower min_clouds of t to 1",
        ),
        (
            |p| task(p).requires = [("gpu".to_owned(), amount("2"))].into(),
            ConflictKind::Requires,
            &["t requires 2 gpu in each unit"],
            "lower the gpu that t requires to 1",
        ),
        (
            |p| {
                let other = Task { together_with: vec!["t".to_owned()], ..task(p).clone() };
                task(p).clouds = Some(vec!["a".to_owned()]);
                let other = Task { clouds: Some(vec!["b".to_owned()]), ..other };
                p.tasks.insert("u".to_owned(), other);
            },
            ConflictKind::Company,
            &["t may run in a only", "u may run in b only", "u must run where t does"],
            "let u run without t",
        ),
        (
            |p| {
                for cloud in p.clouds.values_mut() {
                    cloud.quotas.insert("gpu".to_owned(), Decimal::ONE);
                }
                task(p).clouds = Some(vec!["a".to_owned()]);
            },
            ConflictKind::Demand,
            &["t asks for 2", "t may run in a only", "cloud a has at most 1 gpu in all"],
            "lower the demand of t to 1",
        ),
    ];
    for (change, kind, texts, remedy) in cases {
        let conflict = found(change);
        assert_eq!(conflict.kind, kind, "{conflict:?}");
        let mut said: Vec<&str> =
            conflict.requirements.iter().map(|own| own.text.as_str()).collect();
        said.retain(|text| !text.starts_with("t asks for 2") || texts.contains(text));
        for text in texts {
            assert!(said.contains(text), "{text:?} is not in {said:?}");
        }
        let remedies: Vec<&str> = conflict.remedies.iter().map(|own| own.text.as_str()).collect();
        assert!(remedies.contains(&remedy), "{remedy:?} is not in {remedies:?}");
        let costs: Vec<Option<Decimal>> = conflict.remedies.iter().map(|own| own.cost).collect();
        assert!(costs.iter().flatten().is_sorted(), "{costs:?}");
    }
}

#[test]
fn quotas_are_raised_by_what_is_missing() {
    let conflict = found(|p| {
        task(p).demand = amount("5");
        task(p).clouds = Some(vec!["a".to_owned()]);
    });
    let remedies: Vec<(&str, Option<String>)> = conflict
        .remedies
        .iter()
        .map(|own| (own.text.as_str(), own.cost.map(|cost| cost.to_string())))
        .collect();
    let raise = "raise the quota of offer x in cloud a by 2 to 5";
    assert!(remedies.contains(&(raise, Some("3650".to_owned()))), "{remedies:?}");
    assert!(remedies.contains(&("allow cloud b for t", Some("5110".to_owned()))), "{remedies:?}");
}

#[test]
fn a_budget_is_over_by_what_is_missing() {
    let conflict = found(|p| p.budget = Some(amount("1459.5")));
    assert_eq!(conflict.kind, ConflictKind::Budget);
    assert!(conflict.message.ends_with("0.5 over the budget of 1459.5"), "{}", conflict.message);
    assert_eq!(conflict.remedies[0].text, "raise the budget to 1460");
}
