//! A configuration file in JSON syntax.
#![no_main]

use libfuzzer_sys::fuzz_target;
use skyform_diag::SourceId;
use skyform_fuzz::OneFile;
use skyform_lang::config::{LoadOptions, load};
use skyform_lang::syntax::{parse_json_body, parse_json_values};

fuzz_target!(|text: &str| {
    let parsed = parse_json_body(SourceId(0), text);
    let _ = parse_json_values(SourceId(0), text);
    let file = OneFile { name: "main.tf.json", text };
    let (_, diagnostics) = load(&file, "".as_ref(), &LoadOptions::default());
    assert!(parsed.is_ok() || diagnostics.has_errors());
});
