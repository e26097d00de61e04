//! Torn and damaged tails.

use super::*;
use crate::journal::{Change, Outcome};
use crate::{OutputState, State, journal::replay};
use skyform_value::Value;

fn records() -> Vec<Record> {
    let output = |text: &str| {
        let value = OutputState { value: Value::from(text), sensitive: false };
        Change::Output { name: "o".into(), value: Some(value) }
    };
    vec![
        Record::Begin { lineage: "l".to_owned(), serial: 1 },
        Record::Change(output("one")),
        Record::Outcome(Outcome { intent: 1, changes: vec![output("two")], error: None }),
    ]
}

fn journal() -> Vec<u8> {
    let mut bytes = HEADER.to_vec();
    records().iter().for_each(|record| bytes.extend(frame(record)));
    bytes
}

#[test]
fn every_prefix_gives_the_whole_records_in_it() {
    let bytes = journal();
    for end in 0..=bytes.len() {
        let content = parse(&bytes[..end]).expect("a prefix is a journal");
        assert!(records().starts_with(&content.records), "{end}");
        let whole: usize = content.records.iter().map(|record| frame(record).len()).sum();
        let header = if end < HEADER.len() { 0 } else { HEADER.len() };
        assert_eq!(content.torn_bytes as usize, end - header - whole, "{end}");
    }
}

#[test]
fn every_flipped_bit_of_the_tail_is_noticed() {
    let bytes = journal();
    let last = frame(&records()[2]).len();
    for at in bytes.len() - last..bytes.len() {
        for bit in 0..8 {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << bit;
            let content = parse(&damaged).expect("a journal");
            assert_eq!(content.records, records()[..2], "byte {at} bit {bit}");
        }
    }
}

#[test]
fn replaying_twice_is_the_same_as_once() {
    let mut once = State::default();
    replay(&mut once, &records());
    let mut twice = once.clone();
    replay(&mut twice, &records());
    assert_eq!(once, twice);
    assert_eq!(once.outputs["o"].value, Value::from("two"));
}

#[test]
fn another_file_is_not_a_journal() {
    assert!(parse(b"{\"version\": 4}\n").is_err());
}
