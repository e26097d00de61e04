//! The gate, and which metrics are asked for.

use super::*;

fn requirement(metric: &str, least: Option<&str>, most: Option<&str>) -> Value {
    let bound = |text: Option<&str>| match text {
        Some(text) => Value::from(Number::parse(text).expect("a number")),
        None => Value::null_of(Type::Number),
    };
    Value::object([
        ("metric", Value::from(metric)),
        ("at_least", bound(least)),
        ("at_most", bound(most)),
    ])
}

fn block(requirements: Vec<Value>, metrics: &[&str]) -> Value {
    let ty = requirements.first().map_or(Type::Any, Value::ty);
    let names = metrics.iter().map(|name| Value::from(*name)).collect();
    Value::object([
        ("require", Value::list(ty, requirements)),
        ("metrics", Value::list(Type::String, names)),
    ])
}

#[test]
fn the_gate_names_all_that_is_not_met() {
    let results = [("f1".to_owned(), 0.95), ("recall".to_owned(), 0.5)];
    for (requirements, expected) in [
        (vec![requirement("f1", Some("0.95"), None)], None),
        (vec![requirement("f1", Some("0.9"), Some("0.96"))], None),
        (
            vec![requirement("f1", None, Some("0.94"))],
            Some("f1 is 0.9500, and must be at most 0.94"),
        ),
        (
            vec![requirement("f1", Some("0.99"), None), requirement("recall", Some("0.6"), None)],
            Some(
                "f1 is 0.9500, and must be at least 0.99; recall is 0.5000, and must be at least 0.6",
            ),
        ),
        (vec![], None),
    ] {
        let said = gate(&block(requirements, &[]), &results).err().map(|problem| problem.detail);
        let said = said.as_deref().map(|detail| detail.split(". What").next().unwrap_or(detail));
        assert_eq!(said, expected);
    }
}

#[test]
fn an_unmet_requirement_is_pointed_at() {
    let two = vec![requirement("f1", Some("0.1"), None), requirement("f1", None, Some("0.2"))];
    let problem = gate(&block(two, &[]), &[("f1".to_owned(), 0.5)]).expect_err("it is not met");
    assert_eq!(problem.kind, ProblemKind::NotMet);
    assert_eq!(
        problem.attribute.map(|path| path.to_string()),
        Some(place(1, "at_most").to_string())
    );
}

#[test]
fn names_are_checked() {
    for (block, expected) in [
        (block(vec![], &["f2"]), Some("There is no metric \"f2\".")),
        (
            block(vec![requirement("recall", Some("0.5"), None)], &["f1"]),
            Some("There is no computed metric \"recall\"."),
        ),
        (
            block(vec![requirement("f1", None, None)], &[]),
            Some("A requirement for f1 says neither at_least nor at_most."),
        ),
        (block(vec![requirement("recall", Some("0.5"), None)], &[]), None),
    ] {
        assert_eq!(check(&block).err().map(|problem| problem.detail).as_deref(), expected);
    }
    let metrics = |names: &[&str]| -> Vec<&str> {
        super::metrics(&block(vec![], names)).map(Metric::name).collect()
    };
    assert_eq!(metrics(&[]), ["accuracy", "precision", "recall", "f1"]);
    assert_eq!(metrics(&["f1", "accuracy"]), ["accuracy", "f1"]);
}
