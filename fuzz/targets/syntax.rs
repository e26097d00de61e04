//! A configuration file: it is read, loaded as a module, and written in its canonical form.
#![no_main]

use libfuzzer_sys::fuzz_target;
use skyform_diag::SourceId;
use skyform_fuzz::OneFile;
use skyform_lang::config::{LoadOptions, load};
use skyform_lang::syntax::{format, parse_body};

fuzz_target!(|text: &str| {
    let parsed = parse_body(SourceId(0), text);
    // What can be read can be read when it is formatted, too.
    if parsed.is_ok() {
        let formatted = format(text);
        assert!(parse_body(SourceId(0), &formatted).is_ok(), "{formatted}");
    }
    let file = OneFile { name: "main.tf", text };
    let (_, diagnostics) = load(&file, "".as_ref(), &LoadOptions::default());
    assert!(parsed.is_ok() || diagnostics.has_errors());
});
