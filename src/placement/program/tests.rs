//! What is merged, and what is left out.

use super::*;

fn offer(price: i64, serves: i64, quota: Option<u64>) -> Offer {
    Offer {
        price: Decimal::from(price),
        quota,
        serves: [("t".to_owned(), Decimal::from(serves))].into(),
        ..Offer::default()
    }
}

/// Names of the offers that have a column, those of one column joined.
fn columns(offers: &[(&str, Offer)], change: fn(&mut Task)) -> Vec<String> {
    let mut task = Task { demand: Decimal::from(9), ..Task::default() };
    change(&mut task);
    let offers = offers.iter().map(|(name, offer)| ((*name).to_owned(), offer.clone()));
    let cloud = Cloud { offers: offers.collect(), ..Cloud::default() };
    let problem = Problem {
        clouds: [("a".to_owned(), cloud)].into(),
        tasks: [("t".to_owned(), task)].into(),
        ..Problem::default()
    };
    let program = Program::new(&problem);
    let names = program.columns.iter().map(|column| {
        let members = program.offers[column.offer].members.iter();
        members.map(|(name, _)| *name).collect::<Vec<_>>().join("+")
    });
    names.collect()
}

#[test]
fn offers_that_differ_in_nothing_are_one() {
    let same = offer(2, 3, Some(2));
    let offers = [("x", same.clone()), ("y", same), ("z", offer(2, 3, Some(1)))];
    assert_eq!(columns(&offers, |_| ()), ["x+y+z"]);
}

#[test]
fn a_better_offer_leaves_others_out_unless_it_may_run_out() {
    let dear = ("dear", offer(3, 3, None));
    assert_eq!(columns(&[("good", offer(2, 3, None)), dear.clone()], |_| ()), ["good"]);
    assert_eq!(columns(&[("good", offer(2, 3, Some(3))), dear.clone()], |_| ()), ["good"]);
    assert_eq!(columns(&[("good", offer(2, 3, Some(2))), dear.clone()], |_| ()), ["dear", "good"]);
    // A larger unit may not be shared out as well as a smaller one.
    let shares = |task: &mut Task| task.max_share = Decimal::new(5, 1);
    let large = [("large", offer(2, 9, None)), dear];
    assert_eq!(columns(&large, shares), ["dear", "large"]);
}

#[test]
fn units_are_limited_by_what_is_of_use() {
    let problem = |demand: i64| {
        let cloud =
            Cloud { offers: [("x".to_owned(), offer(1, 4, Some(100)))].into(), ..Cloud::default() };
        let task = Task { demand: Decimal::from(demand), ..Task::default() };
        Problem {
            clouds: [("a".to_owned(), cloud)].into(),
            tasks: [("t".to_owned(), task)].into(),
            ..Problem::default()
        }
    };
    for (demand, expected) in [(1, 1), (4, 1), (5, 2), (1000, 100)] {
        assert_eq!(Program::new(&problem(demand)).columns[0].most, expected, "{demand}");
    }
}
