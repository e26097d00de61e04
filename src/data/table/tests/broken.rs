//! Tables that can't be read, and wishes that can't be met: each error says where.

use super::*;

#[test]
fn broken_files() {
    let cases: [(&str, &[u8], &str); 20] = [
        ("a.csv", b"", "a.csv: there is no table in it"),
        ("a.jsonl", b"\n", "a.jsonl: there is no table in it"),
        ("a.csv", b"x,x\n1,2\n", "a.csv: the header names the column \"x\" twice"),
        ("a.csv", b"x,\n1,2\n", "a.csv: column 2 has no name in the header"),
        (
            "a.csv",
            b"x,y\n1,2\n1\n",
            "a.csv, row 2 (line 3): there are 1 fields, and the header has 2",
        ),
        (
            "a.csv",
            b"x,y\n\n1,2,3\n",
            "a.csv, row 1 (line 3): there are 3 fields, and the header has 2",
        ),
        ("a.csv", b"x,y\n1,a\xff\n", "a.csv, row 1 (line 2): field 2 is no valid UTF-8"),
        (
            "a.csv",
            b"x,y\n1,\"a\nb\"\n2,\"c\n3,d\n",
            "a.csv, row 2 (line 4): a quote is opened and never closed",
        ),
        ("a.csv", b"x,y\n1,\"", "a.csv, row 1 (line 2): a quote is opened and never closed"),
        ("a.csv", b"x,\"y\n1,2\n", "a.csv, row 0 (line 1): a quote is opened and never closed"),
        (
            "a.jsonl",
            b"{\"x\":1}\n{\"x\":",
            "a.jsonl, row 2 (line 2): no JSON object: EOF while parsing a value at line 1 column 5",
        ),
        (
            "a.jsonl",
            b"{\"x\":1}\n\n[1]\n",
            "a.jsonl, row 2 (line 3): no JSON object: invalid type: sequence, expected a map at line 1 column 0",
        ),
        (
            "a.jsonl",
            b"{\"x\":[1]}",
            "a.jsonl, row 1 (line 1): \"x\" holds a list or an object, and no single value",
        ),
        (
            "a.jsonl",
            b"{\"x\":\"\xff\"}",
            "a.jsonl, row 1 (line 1): no JSON object: invalid unicode code point at line 1 column 7",
        ),
        ("a.parquet", b"", "a.parquet is damaged: "),
        ("a.parquet", b"PAR1", "a.parquet is damaged: "),
        ("a.bin", b"PAR1 and more, but no end", "a.bin is damaged: "),
        ("a.parquet", b"id,x\n1,2\n", "a.parquet is damaged: "),
        (
            "a",
            b"{\"x\":{}}",
            "a, row 1 (line 1): \"x\" holds a list or an object, and no single value",
        ),
        (
            "a",
            b"  {\"x\":1}\n{}x",
            "a, row 2 (line 2): no JSON object: trailing characters at line 1 column 3",
        ),
    ];
    for (name, bytes, expected) in cases {
        let found = cleaned(&[Input { name, bytes }], &wishes(TableFormat::Csv));
        // What the Parquet library says is its own.
        let cut = if expected.ends_with(": ") { expected.len() } else { found.len() };
        assert_eq!(&found[..cut.min(found.len())], expected);
    }
    assert_eq!(cleaned(&[], &wishes(TableFormat::Csv)), "the dataset: there is no table in it");
}

#[test]
fn parquet_that_is_cut_off_or_overwritten() {
    let whole = clean(&[input("a.csv", "x,y\n1,a\n2,b\n")], &wishes(TableFormat::Parquet));
    let whole = whole.expect("written").bytes;
    for end in 0..whole.len() {
        let file = [Input { name: "a.parquet", bytes: &whole[..end] }];
        assert!(matches!(columns(&file), Err(TableError::Damaged { .. })), "{end}");
    }
}

proptest! {
    #[test]
    fn parquet_with_a_wrong_byte_is_survived(at: prop::sample::Index, byte: u8) {
        let table = input("a.csv", "x,y,z\n1,a,true\n2,b,false\n,,\n");
        let mut bytes = clean(&[table], &wishes(TableFormat::Parquet)).expect("written").bytes;
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let _ = clean(&[Input { name: "a.parquet", bytes: &bytes }], &wishes(TableFormat::Csv));
    }
}

#[test]
fn parquet_that_is_compressed_otherwise() {
    let table = input("a.csv", "x\n1\n");
    let bytes = clean(&[table], &wishes(TableFormat::Parquet)).expect("written").bytes;
    // Numbers of codecs as the file's end writes them.
    let (zstd, gzip) = (12, 4);
    let said = |at: &usize| {
        let mut bytes = bytes.clone();
        bytes[*at] = gzip;
        let file = [Input { name: "a.parquet", bytes: &bytes }];
        matches!(columns(&file), Err(TableError::Compression { codec, .. }) if codec == "GZIP")
    };
    let places = (0..bytes.len()).filter(|at| bytes[*at] == zstd);
    assert_eq!(places.filter(said).count(), 1);
}

#[test]
fn types_of_parquet_that_are_taken_and_not() {
    use std::sync::Arc;

    use arrow_array::{ArrayRef, Decimal128Array, ListArray, RecordBatch, UInt64Array, types};
    use parquet::arrow::ArrowWriter;

    let decimal = Decimal128Array::from(vec![Some(1250), None]).with_precision_and_scale(9, 2);
    let lists = vec![Some(vec![Some(1)]), None];
    let cases: [(ArrayRef, &str); 3] = [
        (Arc::new(decimal.expect("a decimal")), "x\n12.5\n\"\"\n"),
        (
            Arc::new(UInt64Array::from(vec![1, u64::MAX])),
            "a.parquet, row 2: \"18446744073709551615\" in column \"x\" is no int64",
        ),
        (
            Arc::new(ListArray::from_iter_primitive::<types::Int32Type, _, _>(lists)),
            "a.parquet: column \"x\" is of a type that cannot be used here: List(Int32)",
        ),
    ];
    for (column, expected) in cases {
        let batch = RecordBatch::try_from_iter([("x", column)]).expect("a batch");
        let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), None).expect("a writer");
        writer.write(&batch).expect("written");
        let bytes = writer.into_inner().expect("written");
        let file = [Input { name: "a.parquet", bytes: &bytes }];
        assert_eq!(cleaned(&file, &wishes(TableFormat::Csv)), expected);
    }
}

#[test]
fn no_rows_are_a_table_too() {
    let file = [input("a.csv", "when,label\nnoon,\n")];
    let cleaning = Cleaning {
        drop_nulls: names(&["label"]),
        cast: [("when".to_owned(), ColumnType::Timestamp)].into(),
        ..wishes(TableFormat::Parquet)
    };
    let empty = clean(&file, &cleaning).expect("clean");
    assert_eq!((empty.rows_read, empty.rows_written), (1, 0));
    let file = [Input { name: "a.parquet", bytes: &empty.bytes }];
    assert_eq!(types(&columns(&file).expect("read")), "when:timestamp label:string");
    assert_eq!(labels(&file, "label").expect("none"), []);
    assert_eq!(features(&file, &names(&["when"])).expect("none"), [0.0; 0]);
}

#[test]
fn columns_that_are_not_there() {
    let file = [input("a.csv", "id,label\n1,0\n")];
    let plain = || wishes(TableFormat::Csv);
    let cases = [
        ("columns", Cleaning { columns: Some(names(&["id", "lable"])), ..plain() }),
        ("drop_nulls", Cleaning { drop_nulls: names(&["lable"]), ..plain() }),
        ("deduplicate", Cleaning { deduplicate: names(&["lable"]), ..plain() }),
        ("cast", Cleaning { cast: [("lable".to_owned(), ColumnType::Bool)].into(), ..plain() }),
    ];
    let check = |error: TableError, expected: &str| match error {
        TableError::UnknownColumn { name, argument, known } => {
            assert_eq!(
                (name.as_str(), argument, known),
                ("lable", expected, names(&["id", "label"]))
            );
        }
        other => panic!("{other}"),
    };
    for (argument, cleaning) in cases {
        check(clean(&file, &cleaning).expect_err(argument), argument);
    }
    check(features(&file, &names(&["lable"])).expect_err("features"), "features");
    check(labels(&file, "lable").expect_err("labels"), "label");
    let twice = Cleaning { columns: Some(names(&["id", "id"])), ..plain() };
    assert_eq!(cleaned(&file, &twice), "the column \"id\" is selected twice");
}

#[test]
fn values_that_are_missing_or_none() {
    let file = [input("a.csv", "x,s,n\n1,a,1\n,b,NaN\n")];
    let feature = |name| features(&file, &names(&[name])).expect_err(name).to_string();
    assert_eq!(feature("x"), "a.csv, row 2 (line 3): column \"x\" is empty");
    assert_eq!(feature("s"), "a.csv, row 1 (line 2): \"a\" in column \"s\" is no float32");
    let label = |name| labels(&file, name).expect_err(name).to_string();
    assert_eq!(label("x"), "a.csv, row 2 (line 3): column \"x\" is empty");
    assert_eq!(label("n"), "a.csv, row 2 (line 3): NaN in column \"n\" is no label");
}

#[test]
fn a_row_that_is_dropped_needs_no_type() {
    let file = [input("a.csv", "x,label\nnone,\n5,1\n")];
    let cleaning = Cleaning {
        drop_nulls: names(&["label"]),
        cast: [("x".to_owned(), ColumnType::Int64)].into(),
        ..wishes(TableFormat::Csv)
    };
    assert_eq!(cleaned(&file, &cleaning), "x,label\n5,1\n");
}
