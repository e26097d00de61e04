//! Tests of instances: what they become, and what is wrong with them.

use super::*;

fn field(name: &str, datatype: Datatype, inner: &[Dimension]) -> Field {
    let shape = [Dimension::Free(None)].into_iter().chain(inner.iter().cloned()).collect();
    Field { name: name.to_owned(), datatype, shape }
}

fn interface(inputs: Vec<Field>) -> Interface {
    Interface { inputs, outputs: Vec::new(), parameters: BTreeMap::new() }
}

fn one(inner: &[Dimension]) -> Interface {
    interface(vec![field("x", Datatype::Fp32, inner)])
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn instances_are_the_rows_of_tensors() {
    let two = Dimension::Fixed(2);
    let pair = interface(vec![
        field("a", Datatype::Fp32, std::slice::from_ref(&two)),
        field("b", Datatype::Int64, &[]),
    ]);
    for (interface, body, expected) in [
        (
            one(std::slice::from_ref(&two)),
            r#"{"instances":[[1,2.5],[3,4]]}"#,
            r#"{"inputs":[{"name":"x","shape":[2,2],"datatype":"FP32","data":[[1,2.5],[3,4]]}]}"#,
        ),
        (
            one(std::slice::from_ref(&two)),
            r#"{"instances":[{"x":[1,2]}]}"#,
            r#"{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[[1,2]]}]}"#,
        ),
        (
            one(&[]),
            r#"{"instances":[1,2,3]}"#,
            r#"{"inputs":[{"name":"x","shape":[3],"datatype":"FP32","data":[1,2,3]}]}"#,
        ),
        (
            one(&[Dimension::Free(None)]),
            r#"{"instances":[[1,2,3]]}"#,
            r#"{"inputs":[{"name":"x","shape":[1,3],"datatype":"FP32","data":[[1,2,3]]}]}"#,
        ),
        (
            pair,
            r#"{"instances":[{"b":7,"a":[1,2]},{"a":[3,4],"b":8}]}"#,
            r#"{"inputs":[{"name":"a","shape":[2,2],"datatype":"FP32","data":[[1,2],[3,4]]},{"name":"b","shape":[2],"datatype":"INT64","data":[7,8]}]}"#,
        ),
    ] {
        let made = from_json(body.as_bytes(), &interface).unwrap().unwrap();
        assert_eq!(text(&made), expected);
    }
    for other in [r#"{"inputs":[]}"#, "[]", "no JSON"] {
        assert_eq!(from_json(other.as_bytes(), &one(&[])), Ok(None), "{other}");
    }
}

#[test]
fn lines_of_numbers_are_rows_too() {
    let made = from_csv("1, 2.5\n\n-3,4e2\r\n", &one(&[Dimension::Fixed(2)])).unwrap();
    assert_eq!(
        text(&made),
        r#"{"inputs":[{"name":"x","shape":[2,2],"datatype":"FP32","data":[[1,2.5],[-3,4e2]]}]}"#
    );
    let made = from_csv("1\n2\n", &one(&[])).unwrap();
    assert!(text(&made).contains(r#""shape":[2],"datatype":"FP32","data":[1,2]"#));
}

#[test]
fn what_is_wrong_is_said() {
    let two = [Dimension::Fixed(2)];
    let pair = interface(vec![field("a", Datatype::Fp32, &two), field("b", Datatype::Int64, &[])]);
    for (body, interface, expected) in [
        (r#"{"instances":[]}"#, &one(&two), "There are no instances."),
        (
            r#"{"instances":[[1,2]]}"#,
            &pair,
            "Instance 1 is no object with the model's inputs by name.",
        ),
        (r#"{"instances":[{"a":[1,2]}]}"#, &pair, "Instance 1 has no \"b\": INT64[-1]."),
        (
            r#"{"instances":[{"a":[1,2],"b":1,"c":2}]}"#,
            &pair,
            "The model has no input \"c\" (instance 1).",
        ),
    ] {
        let refused = from_json(body.as_bytes(), interface).expect_err(body);
        assert_eq!(refused, Refusal::Wrong(expected.to_owned()));
    }
    for (lines, interface, expected) in [
        ("1,x\n", &one(&two), "Line 1 has \"x\", which is no number."),
        ("1,2]],[[3\n", &one(&two), "Line 1 has \"2]]\", which is no number."),
        ("1,2\n", &one(&[]), "Line 1 has several numbers."),
        ("", &one(&two), "There are no instances."),
        ("1\n", &pair, "text/csv is for models with one input; this one has several."),
    ] {
        let refused = from_csv(lines, interface).expect_err(lines);
        assert_eq!(refused, Refusal::Wrong(expected.to_owned()));
    }
}
