//! From a model's answer to labels, and from its metadata to columns.

use serde_json::json;

use super::*;

fn outputs(json: serde_json::Value) -> Vec<Output> {
    serde_json::from_value(json).expect("outputs")
}

fn decided(json: serde_json::Value, labels: &str, positive: &str, at: Option<f64>) -> String {
    let labels: Vec<Label> = labels.split_whitespace().map(label).collect();
    let decision = Decision { positive: label(positive), threshold: at };
    match decide(&outputs(json), &labels, &decision) {
        Ok(labels) => labels.iter().map(Label::to_string).collect::<Vec<_>>().join(" "),
        Err(problem) => format!("{}: {}", problem.summary, problem.detail),
    }
}

#[test]
fn scores_become_labels() {
    let scores = |shape: &[usize], data: &[f64]| json!([{"name": "p", "datatype": "FP32", "shape": shape, "data": data}]);
    let one = [0.4, 0.5, 0.6];
    let two = [0.7, 0.3, 0.2, 0.8, 0.5, 0.5];
    for (shape, data, labels, positive, at, expected) in [
        (&[3, 1][..], &one[..], "0 1", "1", None, "0 0 1"),
        (&[3], &one, "0 1", "1", None, "0 0 1"),
        (&[3, 1], &one, "", "1", None, "0 0 1"),
        (&[3, 1], &one, "0 1", "1", Some(0.45), "0 1 1"),
        (&[3, 1], &one, "no yes", "yes", None, "no no yes"),
        (&[3, 2], &two, "0 1", "1", None, "0 1 0"),
        (&[3, 2], &two, "0 1", "1", Some(0.25), "1 1 1"),
        (&[3, 2], &two, "yes no", "yes", Some(0.6), "yes no no"),
        (&[2, 3], &two, "a b c", "a", None, "a a"),
    ] {
        let found = decided(scores(shape, data), labels, positive, at);
        assert_eq!(found, expected, "{shape:?} {labels} {positive} {at:?}");
    }
}

#[test]
fn a_models_own_labels_count_unless_a_threshold_is_given() {
    let both = || {
        json!([
            {"name": "label", "datatype": "INT64", "shape": [2], "data": [1, 0]},
            {"name": "p", "datatype": "FP32", "shape": [2, 2], "data": [0.4, 0.6, 0.7, 0.3]},
        ])
    };
    assert_eq!(decided(both(), "0 1", "1", None), "1 0");
    assert_eq!(decided(both(), "0 1", "1", Some(0.65)), "0 0");
    let texts =
        json!([{"name": "label", "datatype": "BYTES", "shape": [2], "data": ["no", "yes"]}]);
    assert_eq!(decided(texts, "", "yes", None), "no yes");
}

#[test]
fn answers_that_make_no_labels_are_told_apart() {
    let none = json!([{"name": "mask", "datatype": "BOOL", "shape": [1], "data": [true]}]);
    assert_eq!(
        decided(none, "0 1", "1", None),
        "Model cannot be evaluated: It gives neither labels nor scores: mask."
    );
    let missing = json!([{"name": "p", "datatype": "FP32", "shape": [1, 1], "data": [null]}]);
    let said = decided(missing, "0 1", "1", None);
    assert!(said.starts_with("Model's answer cannot be read: p: "), "{said}");
}

fn metadata(parameters: serde_json::Value, width: i64) -> Metadata {
    let input = json!({"name": "input", "datatype": "FP32", "shape": [-1, width]});
    serde_json::from_value(json!({ "inputs": [input], "parameters": parameters }))
        .expect("metadata")
}

#[test]
fn columns_are_those_asked_for_else_those_named_else_all_numbers() {
    let table = Input { name: "t.csv", bytes: b"id,a,b,text,label\n1,2,3.5,x,0\n" };
    let named = json!({"features": "b, a"});
    for (parameters, given, expected) in [
        (json!({}), vec![], "id a b"),
        (named.clone(), vec![], "b a"),
        (named, vec!["a".to_owned()], "a"),
    ] {
        let found = feature_names(&metadata(parameters, 2), &given, "label", &[table]);
        assert_eq!(found.map(|names| names.join(" ")), Ok(expected.to_owned()));
    }
}

#[test]
fn a_model_of_another_width_is_refused_with_both_numbers() {
    let names = ["a".to_owned(), "b".to_owned()];
    for (width, fits) in [(2, true), (-1, true), (3, false)] {
        let metadata = metadata(json!({}), width);
        let checked = check_width(only_input(&metadata).expect("one"), &names);
        assert_eq!(checked.is_ok(), fits, "{width}");
        if let Err(problem) = checked {
            assert_eq!(
                problem.detail,
                "The model takes 3 numbers a row, and there are 2 columns: a, b."
            );
        }
    }
}
