//! An expression, evaluated with values that are plain, sensitive, null and known only after apply.
#![no_main]

use libfuzzer_sys::fuzz_target;
use skyform_diag::SourceId;
use skyform_fuzz::evaluate;
use skyform_lang::syntax::parse_expression;

fuzz_target!(|text: &str| {
    if let Ok(expression) = parse_expression(SourceId(0), text) {
        evaluate(&expression);
    }
});
