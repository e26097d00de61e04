//! Torn and damaged tails.

use super::*;
use crate::OutputState;
use crate::journal::{Change, Outcome};
use skyform_value::Value;

fn records() -> Vec<Record> {
    let output = |text: &str| {
        let value = OutputState { value: Value::from(text), sensitive: false };
        Change::Output { name: "o".into(), value: Some(value) }
    };
    vec![
        Record::Begin { lineage: "l".to_owned(), serial: 1 },
        Record::Changes(vec![output("one")]),
        Record::Outcome(Outcome { intent: 1, changes: vec![output("two")], error: None }),
    ]
}

fn journal() -> Vec<u8> {
    let mut bytes = HEADER.to_vec();
    records().iter().for_each(|record| bytes.extend(frame(record, None).expect("plain")));
    bytes
}

#[test]
fn every_prefix_gives_the_whole_records_in_it() {
    let bytes = journal();
    for end in 0..=bytes.len() {
        let content = parse(&bytes[..end], None).expect("a prefix is a journal");
        assert!(records().starts_with(&content.records), "{end}");
        let whole: usize =
            content.records.iter().map(|record| frame(record, None).expect("plain").len()).sum();
        let header = if end < HEADER.len() { 0 } else { HEADER.len() };
        assert_eq!(content.torn_bytes as usize, end - header - whole, "{end}");
    }
}

#[test]
fn every_flipped_bit_is_noticed_and_costs_its_own_record_only() {
    let bytes = journal();
    let sizes: Vec<usize> =
        records().iter().map(|record| frame(record, None).expect("plain").len()).collect();
    let mut start = HEADER.len();
    for (index, size) in sizes.iter().enumerate() {
        let others: Vec<Record> =
            (0..).zip(records()).filter(|(at, _)| *at != index).map(|(_, record)| record).collect();
        for at in start..start + size {
            for bit in 0..8 {
                let mut damaged = bytes.clone();
                damaged[at] ^= 1 << bit;
                let content = parse(&damaged, None).expect("a journal");
                assert_eq!(content.records, others, "byte {at} bit {bit}");
                let is_last = index + 1 == sizes.len();
                let lost = *size as u64;
                let (torn, inside) = if is_last { (lost, 0) } else { (0, lost) };
                assert_eq!((content.torn_bytes, content.damaged_bytes), (torn, inside));
            }
        }
        start += size;
    }
}

#[test]
fn a_damaged_header_is_told_and_never_taken() {
    let bytes = journal();
    for at in 0..HEADER.len() {
        for bit in 0..8 {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << bit;
            assert!(parse(&damaged, None).is_err(), "byte {at} bit {bit}");
        }
    }
}

#[test]
fn bytes_that_never_were_written_are_no_records() {
    let bytes = journal();
    for filler in [0, 1, b' ', 0xff] {
        for end in HEADER.len()..=bytes.len() {
            let mut filled = bytes[..end].to_vec();
            filled.resize(end + 300, filler);
            let content = parse(&filled, None).expect("a journal");
            let whole = parse(&bytes[..end], None).expect("a journal");
            assert_eq!(content.records, whole.records, "{end} bytes, then {filler}");
        }
    }
}

#[test]
fn another_file_is_not_a_journal() {
    assert!(parse(b"{\"version\": 4}\n", None).is_err());
}
