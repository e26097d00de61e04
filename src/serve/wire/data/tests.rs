//! Tests of data: flat and nested, each datatype, and what is wrong with them.

use super::*;

fn good(text: &str, datatype: Datatype, shape: &[usize]) -> Data {
    parse(text, datatype, shape).unwrap_or_else(|problem| panic!("{text}: {problem}"))
}

#[test]
fn flat_and_nested_data_are_the_same() {
    let expected = Data::Fp32(vec![1.0, 2.5, -3.0, 4e2, 0.0, 6.0]);
    let texts = [
        "[1,2.5,-3,4e2,0,6]",
        "[[1,2.5,-3],[4e2,0,6]]",
        " [ [1 , 2.5,\n\t-3.0 ] , [4E+2, 0.0, 6] ] ",
    ];
    for text in texts {
        assert_eq!(good(text, Datatype::Fp32, &[2, 3]), expected, "{text}");
    }
    assert_eq!(good("[[[1,2.5],[-3,4e2],[0,6]]]", Datatype::Fp32, &[1, 3, 2]), expected);
}

#[test]
fn each_datatype_is_read_without_loss() {
    let cases = [
        ("[true,false]", Data::Bool(vec![true, false])),
        ("[-2147483648,2147483647]", Data::Int32(vec![i32::MIN, i32::MAX])),
        ("[9223372036854775807,-1]", Data::Int64(vec![i64::MAX, -1])),
        // Read as FP64 first, and rounded then, it would be 1.0000001.
        ("[1.000000059604644775390625,7]", Data::Fp32(vec![1.0, 7.0])),
        ("[0.1,1e308]", Data::Fp64(vec![0.1, 1e308])),
        (r#"["a, ]\"b","\u00e9"]"#, Data::Bytes(vec!["a, ]\"b".to_owned(), "é".to_owned()])),
    ];
    for (text, expected) in cases {
        assert_eq!(good(text, expected.datatype(), &[2]), expected, "{text}");
    }
}

#[test]
fn a_scalar_and_nothing_have_their_shapes_too() {
    assert_eq!(good("[7]", Datatype::Int64, &[]), Data::Int64(vec![7]));
    assert_eq!(good("[]", Datatype::Int64, &[0, 3]), Data::Int64(vec![]));
}

#[test]
fn what_is_wrong_is_said_with_what_is_expected() {
    let cases: &[(&str, Datatype, &[usize], &str)] = &[
        (
            "[1,2,3]",
            Datatype::Fp32,
            &[2, 2],
            "has 3 elements in data, where the shape [2, 2] makes 4",
        ),
        (
            "[[1,2],[3,4],[5,6]]",
            Datatype::Fp32,
            &[2, 3],
            "has data nested as [3, 2], where the shape says [2, 3]",
        ),
        (
            "[[1,2],[3]]",
            Datatype::Fp32,
            &[2, 2],
            "has data whose inner arrays are not equally long",
        ),
        ("[1,[2]]", Datatype::Fp32, &[2], "has data whose inner arrays are not equally long"),
        ("7", Datatype::Fp32, &[1], "has 7 as data, where an array is expected"),
        (
            "[1,null]",
            Datatype::Fp32,
            &[2],
            "has null at place 1 of data, where an FP32 is expected",
        ),
        ("[1e39]", Datatype::Fp32, &[1], "has 1e39 at place 0 of data, where an FP32 is expected"),
        (
            "[1e999]",
            Datatype::Fp64,
            &[1],
            "has 1e999 at place 0 of data, where an FP64 is expected",
        ),
        ("[1.5]", Datatype::Int64, &[1], "has 1.5 at place 0 of data, where an INT64 is expected"),
        (
            "[2147483648]",
            Datatype::Int32,
            &[1],
            "has 2147483648 at place 0 of data, where an INT32 is expected",
        ),
        ("[1]", Datatype::Bool, &[1], "has 1 at place 0 of data, where true or false is expected"),
        ("[1]", Datatype::Bytes, &[1], "has 1 at place 0 of data, where a text is expected"),
        (
            r#"[{"a": [1, 2]}]"#,
            Datatype::Fp32,
            &[1],
            r#"has {"a": [1, 2]} at place 0 of data, where an FP32 is expected"#,
        ),
        (
            r#"["0123456789012345678901234567890123456789"]"#,
            Datatype::Fp32,
            &[1],
            "has \"012345678901234567890123456789012345678... at place 0 of data, \
             where an FP32 is expected",
        ),
        (
            "[]",
            Datatype::Fp32,
            &[usize::MAX, 2],
            "has too large a shape: [18446744073709551615, 2]",
        ),
    ];
    for (text, datatype, shape, expected) in cases {
        let problem = parse(text, *datatype, shape).unwrap_err();
        assert_eq!(problem, *expected, "{text}");
    }
}

#[test]
fn a_huge_shape_reserves_no_more_than_the_text_can_fill() {
    let problem = parse("[1]", Datatype::Fp64, &[usize::MAX / 16]).unwrap_err();
    assert!(problem.starts_with("has 1 elements"), "{problem}");
}
