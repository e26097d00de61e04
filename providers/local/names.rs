//! Names of buckets and keys of objects: none leads out of its folder.

use skyform_provider_sdk::{Problem, ProblemKind};

/// Checks a bucket's name: what the large clouds all take.
pub(crate) fn bucket(name: &str) -> Result<(), Problem> {
    check(name, "Invalid bucket name", "a bucket's name")
}

/// Checks an endpoint's name, by the same rules.
pub(crate) fn endpoint(name: &str) -> Result<(), Problem> {
    check(name, "Invalid endpoint name", "an endpoint's name")
}

fn check(name: &str, summary: &str, what: &str) -> Result<(), Problem> {
    let good = (3..=63).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && name.bytes().next().is_some_and(|b| b != b'-')
        && name.bytes().next_back().is_some_and(|b| b != b'-');
    if good {
        return Ok(());
    }
    let detail = format!("\"{name}\" cannot be {what}.");
    let hint = "3 to 63 lower-case letters, digits and dashes; a letter or digit at both ends.";
    Err(Problem::error(ProblemKind::Invalid, summary, detail).hint(hint))
}

/// Checks an object's key: parts between slashes, none of them empty or leading up.
pub(crate) fn key(key: &str) -> Result<(), Problem> {
    let good = key.len() <= 1024
        && key.split('/').all(|part| !part.is_empty() && part != "." && part != "..")
        && !key.contains(['\0', '\\']);
    if good {
        return Ok(());
    }
    let detail = format!("\"{key}\" cannot be an object's key.");
    Err(Problem::error(ProblemKind::Invalid, "Invalid object key", detail))
}

#[cfg(test)]
mod tests {
    #[test]
    fn only_what_stays_inside() {
        for (name, good) in [
            ("data", true),
            ("my-data-1", true),
            ("ab", false),
            ("-ab", false),
            ("Data", false),
            ("a_b", false),
            ("../x", false),
            ("a/b", false),
        ] {
            assert_eq!(super::bucket(name).is_ok(), good, "{name}");
        }
        for (key, good) in [
            ("a", true),
            ("a/b.csv", true),
            ("", false),
            ("/a", false),
            ("a//b", false),
            ("a/../b", false),
        ] {
            assert_eq!(super::key(key).is_ok(), good, "{key}");
        }
    }
}
