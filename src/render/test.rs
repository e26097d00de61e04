//! Words about results of tests.

use crate::Style;

/// A status as a word in its colour: an error is shown as a failure.
pub fn test_status(word: &str, style: Style) -> String {
    match word {
        "pass" => style.green("pass"),
        "fail" | "error" => style.red("fail"),
        other => style.dim(other),
    }
}

/// The sum of all tests.
pub fn test_summary_text(good: bool, passed: usize, failed: usize, skipped: usize) -> String {
    let title = if good { "Success!" } else { "Failure!" };
    let skipped = match skipped {
        0 => String::new(),
        count => format!(", {count} skipped"),
    };
    format!("{title} {passed} passed, {failed} failed{skipped}.")
}
