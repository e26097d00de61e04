//! Tables as texts: what goes in, what comes out.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::metrics::Label;

mod broken;

/// The claims of the fraud example; what they come to is recorded beside the models.
const CLAIMS: &[u8] = include_bytes!("../../../testdata/fraud/data/claims.csv");

fn names(list: &[&str]) -> Vec<String> {
    list.iter().map(|name| (*name).to_owned()).collect()
}

fn input<'b>(name: &'b str, text: &'b str) -> Input<'b> {
    Input { name, bytes: text.as_bytes() }
}

fn wishes(format: TableFormat) -> Cleaning {
    Cleaning {
        columns: None,
        drop_nulls: Vec::new(),
        deduplicate: Vec::new(),
        cast: BTreeMap::new(),
        format,
    }
}

fn types(columns: &[(String, ColumnType)]) -> String {
    let shown = |(name, kind): &(String, ColumnType)| format!("{name}:{kind}");
    columns.iter().map(shown).collect::<Vec<_>>().join(" ")
}

/// The table as CSV, or what is wrong with it.
fn cleaned(inputs: &[Input<'_>], cleaning: &Cleaning) -> String {
    match clean(inputs, cleaning) {
        Ok(cleaned) => String::from_utf8(cleaned.bytes).expect("text"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn the_claims_of_the_fraud_example() {
    let cleaning = Cleaning {
        drop_nulls: names(&["label"]),
        deduplicate: names(&["id"]),
        cast: [("amount".to_owned(), ColumnType::Float64)].into(),
        ..wishes(TableFormat::Parquet)
    };
    let claims = Input { name: "claims.csv", bytes: CLAIMS };
    let cleaned = clean(&[claims], &cleaning).expect("clean");
    let rows = (cleaned.rows_read, cleaned.dropped_nulls, cleaned.duplicates, cleaned.rows_written);
    assert_eq!(rows, (815, 14, 8, 793));
    assert_eq!(cleaned, clean(&[claims], &cleaning).expect("clean"), "the same bytes again");
    let parquet = [Input { name: "claims.parquet", bytes: &cleaned.bytes }];
    assert_eq!(columns(&parquet).expect("read"), cleaned.columns);
    let labels = labels(&parquet, "label").expect("labels");
    let frauds = labels.iter().filter(|label| **label == Label::from(1)).count();
    assert_eq!((labels.len(), frauds), (793, 199));
    let amounts = features(&parquet, &names(&["amount"])).expect("features");
    let sum: f64 = amounts.iter().map(|amount| f64::from(*amount)).sum();
    assert!((sum - 76_162.97).abs() < 0.01, "{sum}");
    let first = features(&parquet, &names(&["v28", "v1"])).expect("features");
    assert_eq!(first[..4], [0.2854, -1.8571, 0.1291, -0.4198]);
}

#[test]
fn types_are_those_of_the_values() {
    let cases = [
        ("x\n1\n-20\n", "x:int64"),
        ("x\n1\n\"\"\n3\n", "x:int64"),
        ("x\n1\n2.5\n1e3\n", "x:float64"),
        ("x\n.5\n-0.25\nNaN\n", "x:float64"),
        ("x\n007\n12\n", "x:string"),
        ("x\n-01\n", "x:string"),
        ("x\n0\n0.5\n", "x:float64"),
        ("x\n00.5\n", "x:string"),
        ("x\n12345678901234567890\n", "x:string"),
        ("x\ntrue\nFalse\n", "x:bool"),
        ("x\ntrue\n1\n", "x:string"),
        ("x\n2024-01-31\n", "x:string"),
        ("x\n+1\n", "x:string"),
        ("x\n1 \n", "x:string"),
        ("x\n1_000\n", "x:string"),
        ("x\ninfinity\n", "x:string"),
        ("x,y\n,1\n,2\n", "x:string y:int64"),
        ("x,y\n", "x:string y:string"),
        ("x\ty\n1\t2,5\n", "x:int64 y:string"),
        ("x;y\n1;2,5\n", "x:int64 y:string"),
        ("\u{feff}x,y\r\n1,2\r\n", "x:int64 y:int64"),
        ("\"a, b\",\"c \"\"d\"\"\"\n1,\"two\nlines\"\n", "a, b:int64 c \"d\":string"),
    ];
    for (text, expected) in cases {
        let found = columns(&[input("a.csv", text)]).expect(text);
        assert_eq!(types(&found), expected, "{text}");
    }
    let cases = [
        ("{\"x\":1}\n\n{\"x\":2.5}\n", "x:float64"),
        ("{\"x\":\"007\"}\n{\"x\":null}\n", "x:string"),
        ("{\"x\":\"7\"}\n", "x:string"),
        ("{\"x\":true}\n{\"y\":1}", "x:bool y:int64"),
        ("{\"x\":1}\n{\"x\":\"a\"}\n", "x:string"),
        ("{\"x\":12345678901234567890}\n", "x:string"),
    ];
    for (text, expected) in cases {
        let found = columns(&[input("a.jsonl", text)]).expect(text);
        assert_eq!(types(&found), expected, "{text}");
    }
}

#[test]
fn rows_and_columns_that_are_kept() {
    let text = "id,name,x\n1,a,\n2,,5\n1,b,6\n,c,7\n,d,8\n3,a,9\n";
    let list = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    type Case<'c> = (Option<&'c [&'c str]>, &'c [&'c str], &'c [&'c str], &'c str);
    let cases: [Case<'_>; 7] = [
        (None, &[], &[], text),
        (None, &["x"], &[], "id,name,x\n2,,5\n1,b,6\n,c,7\n,d,8\n3,a,9\n"),
        (None, &["x", "name"], &[], "id,name,x\n1,b,6\n,c,7\n,d,8\n3,a,9\n"),
        (None, &[], &["id"], "id,name,x\n1,a,\n2,,5\n,c,7\n3,a,9\n"),
        (None, &["x"], &["id"], "id,name,x\n2,,5\n1,b,6\n,c,7\n3,a,9\n"),
        (None, &[], &["id", "name"], text),
        (Some(&["x", "id"]), &["name"], &["name"], "x,id\n,1\n6,1\n7,\n8,\n"),
    ];
    for (columns, drop_nulls, deduplicate, expected) in cases {
        let cleaning = Cleaning {
            columns: columns.map(list),
            drop_nulls: list(drop_nulls),
            deduplicate: list(deduplicate),
            ..wishes(TableFormat::Csv)
        };
        assert_eq!(cleaned(&[input("a.csv", text)], &cleaning), expected);
    }
}

#[test]
fn keys_are_compared_by_value_and_by_field() {
    let text = "a,b,x\nab,c,1\na,bc,2\nab,c,3\n";
    let cleaning = Cleaning { deduplicate: names(&["a", "b"]), ..wishes(TableFormat::Csv) };
    assert_eq!(cleaned(&[input("a.csv", text)], &cleaning), "a,b,x\nab,c,1\na,bc,2\n");
    let text = "x\n1.0\n1\n1.00\n2\n";
    let cleaning = Cleaning { deduplicate: names(&["x"]), ..wishes(TableFormat::Csv) };
    assert_eq!(cleaned(&[input("a.csv", text)], &cleaning), "x\n1.0\n2.0\n");
}

#[test]
fn casts() {
    use ColumnType::{Bool, Date, Float32, Float64, Int32, Int64, String, Timestamp};
    let cases = [
        ("1", Float64, "1.0"),
        ("1.5", Float32, "1.5"),
        ("3.0", Int64, "3"),
        ("3.0", Int32, "3"),
        ("007", Int32, "7"),
        ("9007199254740993", Int64, "9007199254740993"),
        ("1", Bool, "true"),
        ("no", Bool, "false"),
        ("True", String, "True"),
        ("7", String, "7"),
        ("1.50", String, "1.50"),
        ("2024-02-29", Date, "2024-02-29"),
        ("2024-02-29 12:30:00", Timestamp, "2024-02-29T12:30:00"),
        ("2024-02-29T12:30:00.5+02:00", Timestamp, "2024-02-29T10:30:00.500"),
        ("3.5", Int64, "a.csv, row 1 (line 2): \"3.5\" in column \"x\" is no int64"),
        ("3000000000", Int32, "a.csv, row 1 (line 2): \"3000000000\" in column \"x\" is no int32"),
        ("many", Float64, "a.csv, row 1 (line 2): \"many\" in column \"x\" is no float64"),
        ("maybe", Bool, "a.csv, row 1 (line 2): \"maybe\" in column \"x\" is no bool"),
        ("2023-02-29", Date, "a.csv, row 1 (line 2): \"2023-02-29\" in column \"x\" is no date"),
        ("noon", Timestamp, "a.csv, row 1 (line 2): \"noon\" in column \"x\" is no timestamp"),
    ];
    for (value, kind, expected) in cases {
        let cleaning =
            Cleaning { cast: [("x".to_owned(), kind)].into(), ..wishes(TableFormat::Csv) };
        let text = format!("x,y\n{value},\n,\n");
        let found = cleaned(&[input("a.csv", &text)], &cleaning);
        let expected = match expected.strip_prefix("a.csv") {
            Some(_) => expected.to_owned(),
            None => format!("x,y\n{expected},\n,\n"),
        };
        assert_eq!(found, expected, "{value} as {kind}");
    }
}

#[test]
fn typed_columns_are_cast_without_loss() {
    let whole =
        "{\"f\":1.0,\"h\":1.5,\"i\":1,\"b\":true}\n{\"f\":2.0,\"h\":2.0,\"i\":0,\"b\":false}\n";
    let parquet = clean(&[input("a.jsonl", whole)], &wishes(TableFormat::Parquet)).expect("clean");
    assert_eq!(types(&parquet.columns), "f:float64 h:float64 i:int64 b:bool");
    let parquet = [Input { name: "a.parquet", bytes: &parquet.bytes }];
    use ColumnType::{Bool, Int32, Int64, String};
    let cases = [
        ("f", Int64, "1\n2\n"),
        ("h", Int64, "a.parquet, row 1: \"1.5\" in column \"h\" is no int64"),
        ("i", Bool, "true\nfalse\n"),
        ("f", Bool, "a.parquet, row 2: \"2.0\" in column \"f\" is no bool"),
        ("b", Int32, "1\n0\n"),
        ("b", String, "true\nfalse\n"),
    ];
    for (column, kind, expected) in cases {
        let cleaning = Cleaning {
            columns: Some(names(&[column])),
            cast: [(column.to_owned(), kind)].into(),
            ..wishes(TableFormat::Csv)
        };
        let found = cleaned(&parquet, &cleaning);
        let found = found.strip_prefix(&format!("{column}\n")).unwrap_or(&found).to_owned();
        assert_eq!(found, expected, "{column} as {kind}");
    }
}

#[test]
fn files_of_one_shape_are_one_table() {
    let files = [
        input("a.csv", "id,x\n1,2\n"),
        input("b.jsonl", "{\"x\":2.5,\"id\":2}\n"),
        input("c.csv", "x,id\n,1\n"),
    ];
    let cleaning = Cleaning { deduplicate: names(&["id"]), ..wishes(TableFormat::JsonLines) };
    assert_eq!(cleaned(&files, &cleaning), "{\"id\":1,\"x\":2.0}\n{\"id\":2,\"x\":2.5}\n");
    let other = [files[0], input("d.csv", "id,y\n1,2\n")];
    let expected = "d.csv has other columns than a.csv: without \"x\", with \"y\"";
    assert_eq!(cleaned(&other, &cleaning), expected);
}

#[test]
fn all_formats_hold_the_same() {
    let text = "i,f.g,b,s\n1,0.5,true,\"a,\"\"b\"\"\n\"\n,,,\n-2,1e300,false,ü\n";
    let table = [input("a.csv", text)];
    let expected = cleaned(&table, &wishes(TableFormat::Csv));
    for format in TableFormat::ALL {
        let written = clean(&table, &wishes(format)).expect("written");
        let name = format!("a.{}", format.name());
        let again = [Input { name: &name, bytes: &written.bytes }];
        assert_eq!(cleaned(&again, &wishes(TableFormat::Csv)), expected, "{name}");
        assert_eq!(types(&written.columns), "i:int64 f.g:float64 b:bool s:string");
    }
}

#[test]
fn features_are_row_by_row_and_labels_have_their_kind() {
    let file = [input("a.csv", "a,b,t,n,s\n1,2.5,true,1,x\n3,-4,false,2,y\n")];
    let found = features(&file, &names(&["b", "a", "t"])).expect("features");
    assert_eq!(found, [2.5, 1.0, 1.0, -4.0, 3.0, 0.0]);
    assert_eq!(labels(&file, "t").expect("labels"), [true, false].map(Label::from));
    assert_eq!(labels(&file, "n").expect("labels"), [1, 2].map(Label::from));
    assert_eq!(labels(&file, "s").expect("labels"), ["x", "y"].map(Label::from));
    assert_eq!(
        labels(&file, "b").expect("labels"),
        [2.5, -4.0].map(|number| Label::number(number).expect("finite"))
    );
}

#[test]
fn more_rows_than_a_batch_holds() {
    let rows: String = (0..20_000).map(|row| format!("{row},{}\n", row % 9_000)).collect();
    let text = format!("id,key\n{rows}");
    let cleaning = Cleaning { deduplicate: names(&["key"]), ..wishes(TableFormat::Parquet) };
    let cleaned = clean(&[input("a.csv", &text)], &cleaning).expect("clean");
    assert_eq!(
        (cleaned.rows_read, cleaned.duplicates, cleaned.rows_written),
        (20_000, 11_000, 9_000)
    );
    let file = [Input { name: "a.parquet", bytes: &cleaned.bytes }];
    let ids = features(&file, &names(&["id"])).expect("features");
    assert!(ids.iter().zip(0..).all(|(id, row)| *id == row as f32) && ids.len() == 9_000);
    let bad = format!("{text}x,1\n");
    let cleaning = Cleaning { cast: [("id".to_owned(), ColumnType::Int64)].into(), ..cleaning };
    let expected = "a.csv, row 20001 (line 20002): \"x\" in column \"id\" is no int64";
    assert_eq!(
        clean(&[input("a.csv", &bad)], &cleaning).expect_err(expected).to_string(),
        expected
    );
}

#[test]
fn types_and_formats_have_names() {
    for kind in ColumnType::ALL {
        assert_eq!(ColumnType::named(kind.name()), Some(kind));
    }
    for format in TableFormat::ALL {
        assert_eq!(TableFormat::named(format.name()), Some(format));
    }
    assert_eq!((ColumnType::named("int"), TableFormat::named("xls")), (None, None));
}

proptest! {
    #[test]
    fn cleaning_what_is_clean_changes_nothing(
        rows in prop::collection::vec((prop::option::of(0..9_i64), "[a-c,\"\n ]{0,3}"), 0..20)
    ) {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["id", "text"]).expect("memory");
        for (id, text) in &rows {
            let id = id.map(|id| id.to_string()).unwrap_or_default();
            writer.write_record([id, format!("_{text}")]).expect("memory");
        }
        let bytes = writer.into_inner().expect("memory");
        let cleaning = Cleaning {
            drop_nulls: names(&["id"]),
            deduplicate: names(&["id", "text"]),
            ..wishes(TableFormat::Csv)
        };
        let first = clean(&[Input { name: "a.csv", bytes: &bytes }], &cleaning).expect("clean");
        prop_assert_eq!(first.rows_read, rows.len() as u64);
        prop_assert_eq!(first.rows_read, first.dropped_nulls + first.duplicates + first.rows_written);
        let again = clean(&[Input { name: "b.csv", bytes: &first.bytes }], &cleaning).expect("clean");
        prop_assert_eq!(again.bytes, first.bytes);
        prop_assert_eq!(again.rows_read, again.rows_written);
    }

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..200), which in 0_usize..3) {
        let name = ["a.csv", "a.jsonl", "a.parquet"][which];
        let _ = clean(&[Input { name, bytes: &bytes }], &wishes(TableFormat::Csv));
    }
}
