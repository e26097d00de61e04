//! Names of buckets, and URLs that lead into them.

use skyform_provider_sdk::{ObjectPlace, Problem, ProblemKind};
use skyform_value::Path;

/// Checks a bucket's name before anyone is asked.
pub(crate) fn check(name: &str) -> Result<(), Problem> {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let good = (3..=63).contains(&name.len())
        && name.bytes().all(|b| plain(b) || b == b'-' || b == b'.')
        && name.bytes().next().is_some_and(plain)
        && name.bytes().next_back().is_some_and(plain)
        && !name.contains("..");
    if good {
        return Ok(());
    }
    let detail = format!("\"{name}\" cannot be a bucket's name.");
    let hint =
        "3 to 63 lower-case letters, digits, dashes and dots; a letter or digit at both ends.";
    Err(Problem::error(ProblemKind::Invalid, "Invalid bucket name", detail)
        .at(Path::attribute("name"))
        .hint(hint))
}

/// Checks the name of a bucket that somebody has made: older ones, and those of other stores, have
/// names that nobody can give any more.
pub(crate) fn check_existing(name: &str) -> Result<(), Problem> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
    if name.chars().all(plain) && !matches!(name, "" | "." | "..") {
        return Ok(());
    }
    let detail = format!("\"{name}\" cannot be a bucket's name.");
    Err(Problem::error(ProblemKind::Invalid, "Invalid bucket name", detail)
        .at(Path::attribute("name")))
}

/// A bucket's URL, without a slash at the end.
pub(crate) fn url(bucket: &str) -> String {
    format!("s3://{bucket}")
}

/// What a URL means, if it has this form.
pub(crate) fn locate(url: &str) -> Option<ObjectPlace> {
    let rest = url.strip_prefix("s3://")?;
    let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
    let place = ObjectPlace { bucket: bucket.to_owned(), key: key.to_owned() };
    (!bucket.is_empty()).then_some(place)
}

/// A resource's address in characters that a tag may have: `bucket.x["a"]` as `bucket.x/a`.
pub fn address_in_tag(address: &str) -> String {
    let allowed = |c: char| c.is_alphanumeric() || " +-=._:/@".contains(c);
    let address = address.replace("[\"", "/").replace('[', "/").replace("\"]", "").replace(']', "");
    address.chars().map(|c| if allowed(c) { c } else { '_' }).take(256).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_the_service_takes() {
        for (name, good) in [
            ("data", true),
            ("my-data.1", true),
            ("ab", false),
            ("-ab", false),
            ("ab-", false),
            ("Data", false),
            ("a_b", false),
            ("a..b", false),
            ("../x", false),
        ] {
            assert_eq!(check(name).is_ok(), good, "{name}");
        }
        for (name, good) in [("Old_Data", true), ("a.b", true), ("..", false), ("a/b", false)] {
            assert_eq!(check_existing(name).is_ok(), good, "{name}");
        }
    }

    #[test]
    fn addresses_fit_into_tags() {
        assert_eq!(address_in_tag("module.a[\"b\"].bucket.x[0]"), "module.a/b.bucket.x/0");
        assert_eq!(address_in_tag("bucket.x[\"a*b\"]"), "bucket.x/a_b");
    }
}
