//! A state file: what can be read is written, and read again as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use skyform_state::codec::{state_from_json, state_to_json};

fuzz_target!(|text: &str| {
    if let Ok(state) = state_from_json(text) {
        let written = state_to_json(&state);
        let again = state_from_json(&written).expect("what was written can be read");
        assert_eq!(state_to_json(&again), written);
    }
});
