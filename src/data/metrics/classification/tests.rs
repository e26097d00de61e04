//! Against 200 cases recorded from scikit-learn, and properties that hold for any labels.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::Value;

use super::*;

const CASES: &str = include_str!("../../../../testdata/fraud/training/metrics_cases.json");

fn labels(list: &Value) -> Vec<Label> {
    list.as_array().expect("a list of labels").iter().map(label).collect()
}

fn label(value: &Value) -> Label {
    match value.as_i64() {
        Some(number) => Label::from(number),
        None => Label::from(value.as_str().expect("an integer or a text")),
    }
}

fn check(case: &Value, name: &str, average: &Average, undefined: &mut bool) {
    let (truth, predicted) = (labels(&case["truth"]), labels(&case["predicted"]));
    let found = classification(&truth, &predicted, average).expect("metrics");
    let place = format!("{}, {name}", case["name"]);
    let close = |found: f64, expected: &Value| {
        let expected = expected.as_f64().expect("a number");
        assert!((found - expected).abs() <= 1e-12, "{place}: {found} and {expected}");
    };
    close(found.accuracy, &case["accuracy"]);
    for metric in [Metric::Precision, Metric::Recall, Metric::F1] {
        close(found.get(metric), &case[name][metric.name()]);
    }
    let ours: BTreeSet<&str> = found.undefined.iter().map(|one| one.metric.name()).collect();
    let theirs = case["undefined"][name].as_array().into_iter().flatten();
    assert_eq!(ours, theirs.filter_map(Value::as_str).collect(), "{place}: undefined");
    *undefined |= !ours.is_empty();
}

#[test]
fn equal_to_scikit_learn() {
    let cases: Vec<Value> = serde_json::from_str(CASES).expect("the recorded cases");
    assert!(cases.len() >= 200);
    for case in &cases {
        let mut undefined = false;
        check(case, "macro", &Average::Macro, &mut undefined);
        check(case, "micro", &Average::Micro, &mut undefined);
        check(case, "weighted", &Average::Weighted, &mut undefined);
        if let Some(positive) = case.get("positive") {
            let binary = Average::Binary { positive: label(positive) };
            check(case, "binary", &binary, &mut undefined);
        }
        assert_eq!(case["zero_division"], undefined, "{}", case["name"]);
    }
}

#[test]
fn what_the_binary_average_refuses() {
    let average = Average::Binary { positive: Label::from("yes") };
    let cases = [
        (vec!["a", "b"], "the positive label yes is none of the labels: a, b"),
        (vec!["a", "b", "yes"], "there are 3 labels, and the binary average is of two: a, b, yes"),
    ];
    for (truth, expected) in cases {
        let truth: Vec<Label> = truth.into_iter().map(Label::from).collect();
        let error = classification(&truth, &truth, &average).expect_err(expected);
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn which_label_lacks_which_metric() {
    let truth = ["a", "a", "b"].map(Label::from);
    let predicted = ["a", "c", "a"].map(Label::from);
    let scores = classification(&truth, &predicted, &Average::Macro).expect("metrics");
    let expected = [(Metric::Precision, "b"), (Metric::Recall, "c")]
        .map(|(metric, label)| Undefined { metric, label: Some(Label::from(label)) });
    assert_eq!(scores.undefined, expected);
}

#[test]
fn metrics_have_names() {
    for metric in Metric::ALL {
        assert_eq!(Metric::named(metric.name()), Some(metric));
    }
    assert_eq!(Metric::named("auc"), None);
}

fn rows() -> impl Strategy<Value = Vec<(i64, i64)>> {
    prop::collection::vec((0_i64..5, 0_i64..6), 1..60)
}

fn split(rows: &[(i64, i64)]) -> (Vec<Label>, Vec<Label>) {
    rows.iter().map(|(truth, predicted)| (Label::from(*truth), Label::from(*predicted))).unzip()
}

proptest! {
    #[test]
    fn within_bounds_and_1_only_if_all_is_right(rows in rows()) {
        let (truth, predicted) = split(&rows);
        for average in [Average::Macro, Average::Micro, Average::Weighted] {
            let scores = classification(&truth, &predicted, &average).expect("metrics");
            for metric in Metric::ALL {
                prop_assert!((0.0..=1.0).contains(&scores.get(metric)));
            }
            prop_assert_eq!(scores.accuracy == 1.0, truth == predicted);
            let whole = classification(&truth, &truth, &average).expect("metrics");
            prop_assert!((whole.f1 - 1.0).abs() < 1e-12 && whole.undefined.is_empty());
        }
    }

    #[test]
    fn the_order_of_rows_does_not_matter(
        (rows, shuffled) in rows().prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle()))
    ) {
        let ((truth, predicted), (truth2, predicted2)) = (split(&rows), split(&shuffled));
        for average in [Average::Macro, Average::Micro, Average::Weighted] {
            prop_assert_eq!(
                classification(&truth, &predicted, &average),
                classification(&truth2, &predicted2, &average)
            );
        }
    }

    #[test]
    fn micro_metrics_and_weighted_recall_are_the_accuracy(rows in rows()) {
        let (truth, predicted) = split(&rows);
        let micro = classification(&truth, &predicted, &Average::Micro).expect("metrics");
        for metric in Metric::ALL {
            prop_assert!((micro.get(metric) - micro.accuracy).abs() < 1e-12);
        }
        let weighted = classification(&truth, &predicted, &Average::Weighted).expect("metrics");
        prop_assert!((weighted.recall - micro.accuracy).abs() < 1e-12);
    }

    #[test]
    fn numbers_and_their_texts_have_the_same_metrics(rows in rows()) {
        let (truth, predicted) = split(&rows);
        let text = |labels: &[Label]| -> Vec<Label> {
            labels.iter().map(|label| Label::from(label.to_string())).collect()
        };
        for average in [Average::Macro, Average::Micro, Average::Weighted] {
            let numbers = classification(&truth, &predicted, &average).expect("metrics");
            let texts = classification(&text(&truth), &text(&predicted), &average).expect("metrics");
            prop_assert_eq!((numbers.precision, numbers.recall, numbers.f1), (texts.precision, texts.recall, texts.f1));
        }
    }
}
