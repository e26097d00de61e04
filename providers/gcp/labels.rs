//! Labels of buckets: tags, and what is ours.
//!
//! Labels hold lower-case letters, digits, dashes and underscores, 63 at most. What is ours may be any
//! text: its other bytes are written as `_` and two hexadecimal digits, over as many labels as it takes.
//! Source: "Labels", Cloud Storage documentation.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use skyform_provider_sdk::{Problem, ProblemKind};
use skyform_value::Path;

/// Labels by name.
pub(crate) type Labels = BTreeMap<String, String>;

/// What the names of our own labels start with.
pub(crate) const OWN: &str = "skyform-";

const MOST: usize = 63;

/// Writes a text into the labels `NAME`, `NAME-2`, `NAME-3`.
pub(crate) fn put(labels: &mut Labels, name: &str, text: &str) {
    let encoded = encode(text);
    let mut rest = encoded.as_str();
    for number in 1.. {
        let (part, after) = rest.split_at(rest.len().min(MOST));
        labels.insert(numbered(name, number), part.to_owned());
        rest = after;
        if rest.is_empty() {
            break;
        }
    }
}

/// Reads a text that [`put`] wrote; empty if there is none.
pub(crate) fn get(labels: &Labels, name: &str) -> String {
    let parts = (1..).map_while(|number| labels.get(&numbered(name, number)));
    decode(&parts.map(String::as_str).collect::<String>())
}

fn numbered(name: &str, number: u32) -> String {
    if number == 1 { name.to_owned() } else { format!("{name}-{number}") }
}

fn encode(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "_{byte:02x}");
        }
    }
    encoded
}

/// What is not as [`encode`] writes it is left as it is.
fn decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('_') {
        bytes.extend_from_slice(&rest.as_bytes()[..at]);
        let digits = rest.get(at + 1..at + 3);
        let Some(byte) = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) else {
            return text.to_owned();
        };
        bytes.push(byte);
        rest = &rest[at + 3..];
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

/// The tags among labels.
pub(crate) fn tags(labels: &Labels) -> BTreeMap<String, String> {
    let tags = labels.iter().filter(|(name, _)| !name.starts_with(OWN));
    tags.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// Checks that tags can be labels.
pub(crate) fn check(tags: &BTreeMap<String, String>) -> Result<(), Problem> {
    let plain = |text: &str| {
        text.len() <= MOST
            && text
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_".contains(&b))
    };
    for (name, value) in tags {
        let start = name.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
        if !start || !plain(name) || !plain(value) || name.starts_with(OWN) {
            let detail =
                format!("The driver \"gcp\" cannot store the tag \"{name}\" = \"{value}\".");
            return Err(Problem::error(
                ProblemKind::Unsupported,
                "Not supported by this cloud",
                detail,
            )
            .at(Path::attribute("tags"))
            .hint("Up to 63 lower-case letters, digits, dashes and underscores; names start with a letter."));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_comes_back_from_labels() {
        let long = "module.a[\"é\"].bucket.data ".repeat(12);
        for text in ["", "0a1b-2c", "staging of fraud", "bucket.data[\"x_y\"]", &long] {
            let mut labels = Labels::new();
            put(&mut labels, "skyform-owner", text);
            assert_eq!(get(&labels, "skyform-owner"), text);
            for (name, value) in &labels {
                let plain =
                    |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c);
                assert!(name.len() <= MOST && value.len() <= MOST, "{name}={value}");
                assert!(value.chars().all(plain), "{value}");
            }
        }
        assert_eq!(get(&Labels::new(), "skyform-owner"), "");
        assert_eq!(decode("a_zz"), "a_zz");
        assert_eq!(decode("a_é"), "a_é");
    }

    #[test]
    fn tags_that_are_no_labels_are_refused() {
        for (name, value, good) in [
            ("team", "fraud-desk_2", true),
            ("team", "", true),
            ("Team", "fraud", false),
            ("2nd", "x", false),
            ("team", "Fraud desk", false),
            ("skyform-token", "x", false),
            ("", "x", false),
        ] {
            let tags = [(name.to_owned(), value.to_owned())].into();
            assert_eq!(check(&tags).is_ok(), good, "{name}={value}");
        }
    }
}
