//! How far the start of a text is certain, of which the rest is known only after apply.

use skyform_value::{Str, Value};
use unicode_segmentation::UnicodeSegmentation as _;

/// What a text certainly begins with that begins with `known`: what comes behind it may combine with
/// its last character. None if nothing is certain.
pub(crate) fn certain_prefix(known: &str) -> Option<Str> {
    // Strings are in normal form.
    let normal = Value::from(known);
    let text = normal.as_str()?;
    let last = text.graphemes(true).next_back()?;
    let combines = |c: char| {
        !matches!(c, '\t' | ' ')
            && (!c.is_ascii_punctuation() || matches!(c, '<' | '=' | '>' | '`'))
    };
    let certain = match last.chars().any(combines) {
        true => text.strip_suffix(last).unwrap_or_default(),
        false => text,
    };
    (!certain.is_empty()).then(|| Str::from(certain))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Recorded from Terraform, by `startswith`.
    #[test]
    fn a_prefix_is_certain_up_to_what_may_combine() {
        let cases = [
            ("pre-", Some("pre-")),
            ("pre", Some("pr")),
            ("a", None),
            ("", None),
            ("x=", Some("x")),
            ("a b ", Some("a b ")),
            ("é", None),
            ("é-", Some("é-")),
            ("a\n", Some("a")),
        ];
        for (text, expected) in cases {
            assert_eq!(certain_prefix(text).as_deref(), expected, "{text}");
        }
    }
}
