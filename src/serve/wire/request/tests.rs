//! Tests of requests: what is taken, and what is refused in which words.

use super::*;
use crate::tensor::Data;

fn interface() -> Interface {
    let field = |name: &str, datatype, shape: &[i64]| Field {
        name: name.to_owned(),
        datatype,
        shape: shape
            .iter()
            .map(|length| match usize::try_from(*length) {
                Ok(length) => Dimension::Fixed(length),
                Err(_) => Dimension::Free(Some("N".to_owned())),
            })
            .collect(),
    };
    Interface {
        inputs: vec![field("a", Datatype::Fp32, &[-1, 2]), field("b", Datatype::Int64, &[-1])],
        outputs: vec![field("y", Datatype::Fp32, &[-1]), field("z", Datatype::Bool, &[-1])],
        parameters: BTreeMap::new(),
    }
}

const A: &str = r#"{"name":"a","shape":[2,2],"datatype":"FP32","data":[1,2,3,4]}"#;
const B: &str = r#"{"name":"b","shape":[2],"datatype":"INT64","data":[5,6]}"#;

#[test]
fn inputs_come_in_the_models_order_and_outputs_in_the_requests() {
    let tensors = vec![
        Tensor { shape: vec![2, 2], data: Data::Fp32(vec![1.0, 2.0, 3.0, 4.0]) },
        Tensor { shape: vec![2], data: Data::Int64(vec![5, 6]) },
    ];
    let cases: [(String, Option<&str>, &[usize]); 4] = [
        (format!(r#"{{"inputs":[{A},{B}]}}"#), None, &[0, 1]),
        (format!(r#"{{"id":"7","inputs":[{B},{A}],"outputs":[]}}"#), Some("7"), &[0, 1]),
        (
            format!(r#"{{"inputs":[{A},{B}],"outputs":[{{"name":"z"}},{{"name":"y"}}]}}"#),
            None,
            &[1, 0],
        ),
        // Parameters that we do not know, on all levels, as clients send them.
        (
            format!(
                r#"{{"parameters":{{"binary_data_output":true}},"inputs":[{A},{B}],
                "outputs":[{{"name":"z","parameters":{{"binary_data":false}}}}]}}"#
            ),
            None,
            &[1],
        ),
    ];
    for (body, id, outputs) in cases {
        let request = read(body.as_bytes(), &interface(), 10).unwrap();
        assert_eq!(request.id.as_deref(), id, "{body}");
        assert_eq!(request.outputs, outputs, "{body}");
        assert_eq!((&request.inputs, request.rows), (&tensors, 2), "{body}");
    }
}

#[test]
fn what_does_not_agree_is_refused_with_what_is_expected() {
    let with_b = |a: &str| format!(r#"{{"inputs":[{a},{B}]}}"#);
    let a = |shape: &str, datatype: &str, data: &str| {
        with_b(&format!(r#"{{"name":"a","shape":{shape},"datatype":"{datatype}","data":{data}}}"#))
    };
    let cases = [
        (format!(r#"{{"inputs":[{A}]}}"#), "Input \"b\" is missing: INT64[-1]."),
        (format!(r#"{{"inputs":[{A},{A},{B}]}}"#), "Input \"a\" is given twice."),
        (
            with_b(r#"{"name":"c","shape":[1],"datatype":"FP32","data":[1]}"#),
            "The model has no input \"c\"; it takes \"a\" (FP32[-1, 2]), \"b\" (INT64[-1]).",
        ),
        (
            format!(r#"{{"inputs":[{A},{B}],"outputs":[{{"name":"x"}}]}}"#),
            "The model has no output \"x\"; it gives \"y\" (FP32[-1]), \"z\" (BOOL[-1]).",
        ),
        (a("[2,2]", "FP64", "[1,2,3,4]"), "Input \"a\" has datatype FP64, where FP32 is expected."),
        (
            a("[2,3]", "FP32", "[1,2,3,4,5,6]"),
            "Input \"a\" has shape [2, 3], where [-1, 2] is expected.",
        ),
        (a("[4]", "FP32", "[1,2,3,4]"), "Input \"a\" has shape [4], where [-1, 2] is expected."),
        (
            a("[-1,2]", "FP32", "[1,2,3,4]"),
            "Input \"a\" has shape [-1, 2], where [-1, 2] is expected.",
        ),
        (a("[0,2]", "FP32", "[]"), "Input \"a\" has shape [0, 2], which holds nothing."),
        (
            a("[1,2]", "FP32", "[1,2]"),
            "Input \"b\" has shape [2], where dimension N is 1 in another input.",
        ),
        (
            a("[2,2]", "FP32", "[1,2,3]"),
            "Input \"a\" has 3 elements in data, where the shape [2, 2] makes 4.",
        ),
        (
            with_b(r#"{"name":"a","shape":[2,2],"datatype":"FP32"}"#),
            "Input \"a\" has no data; tensors are taken as JSON, in `data`.",
        ),
    ];
    for (body, expected) in cases {
        let refusal = read(body.as_bytes(), &interface(), 10).unwrap_err();
        assert_eq!(refusal, Refusal::Wrong(expected.to_owned()), "{body}");
    }
}

#[test]
fn what_is_no_request_is_refused_with_its_place() {
    let cases = [
        ("", "EOF while parsing a value at line 1 column 0"),
        ("{}", "missing field `inputs` at line 1 column 2"),
        (r#"{"inputs":[{"name":"a","shape":"x"}]}"#, "invalid type: string \"x\""),
        (r#"{"inputs":[}"#, "expected value at line 1 column 12"),
    ];
    for (body, expected) in cases {
        let Err(Refusal::Wrong(message)) = read(body.as_bytes(), &interface(), 10) else {
            panic!("{body} is taken");
        };
        assert!(message.contains(expected), "{body}: {message}");
    }
}

#[test]
fn more_rows_than_may_be_are_refused_before_they_are_read() {
    let a = r#"{"name":"a","shape":[11,2],"datatype":"FP32","data":"not even looked at"}"#;
    let body = format!(r#"{{"inputs":[{a},{B}]}}"#);
    let refusal = read(body.as_bytes(), &interface(), 10).unwrap_err();
    assert_eq!(refusal, Refusal::TooManyRows { rows: 11, most: 10 });
}
