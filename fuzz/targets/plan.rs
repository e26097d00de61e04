//! A plan file: what can be read is written, and read again as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use skyform_plan::codec::{plan_from_json, plan_to_json};

fuzz_target!(|text: &str| {
    if let Ok(plan) = plan_from_json(text) {
        let written = plan_to_json(&plan);
        let again = plan_from_json(&written).expect("what was written can be read");
        assert_eq!(plan_to_json(&again), written);
    }
});
