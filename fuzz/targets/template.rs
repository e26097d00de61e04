//! A template file, evaluated with a few values.
#![no_main]

use libfuzzer_sys::fuzz_target;
use skyform_diag::SourceId;
use skyform_fuzz::evaluate;
use skyform_lang::syntax::parse_template;

fuzz_target!(|text: &str| {
    if let Ok(template) = parse_template(SourceId(0), text) {
        evaluate(&template);
    }
});
