//! A journal: each line is a record, and what can be read is replayed onto an empty state.
#![no_main]

use libfuzzer_sys::fuzz_target;
use skyform_state::State;
use skyform_state::codec::{record_from_json, record_to_json};
use skyform_state::journal::replay;

fuzz_target!(|text: &str| {
    let records: Vec<_> = text.lines().filter_map(|line| record_from_json(line).ok()).collect();
    for record in &records {
        let written = record_to_json(record);
        let again = record_from_json(&written).expect("what was written can be read");
        assert_eq!(record_to_json(&again), written);
    }
    replay(&mut State::default(), &records);
});
