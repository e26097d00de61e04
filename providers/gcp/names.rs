//! Names of buckets, and URLs of objects: `gs://BUCKET/KEY`.

use skyform_provider_sdk::{ObjectPlace, Problem, ProblemKind};

/// Checks a bucket's name. Source: "Bucket names", Cloud Storage documentation.
pub(crate) fn check(name: &str) -> Result<(), Problem> {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let ends = |b: Option<u8>| b.is_some_and(plain);
    let good = name.bytes().all(|b| plain(b) || b"-_.".contains(&b))
        && ends(name.bytes().next())
        && ends(name.bytes().next_back())
        && (3..=222).contains(&name.len())
        && name.split('.').all(|part| (1..=63).contains(&part.len()))
        && !name.starts_with("goog");
    if good {
        return Ok(());
    }
    let detail = format!("\"{name}\" cannot be a bucket's name in Cloud Storage.");
    Err(Problem::error(ProblemKind::Invalid, "Invalid bucket name", detail).hint(
        "3 to 63 lower-case letters, digits, dashes and underscores; a letter or digit at both ends; \"goog\" not at the start.",
    ))
}

/// The URL of an object, or of a bucket if there is no key.
pub(crate) fn url(bucket: &str, key: &str) -> String {
    if key.is_empty() { format!("gs://{bucket}") } else { format!("gs://{bucket}/{key}") }
}

/// What a URL means, if it is one.
pub(crate) fn locate(url: &str) -> Option<ObjectPlace> {
    let rest = url.strip_prefix("gs://")?;
    let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
    check(bucket).ok()?;
    Some(ObjectPlace { bucket: bucket.to_owned(), key: key.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_the_service_takes() {
        for (name, good) in [
            ("data", true),
            ("my_data-1.example.com", true),
            ("ab", false),
            ("-ab", false),
            ("ab_", false),
            ("Data", false),
            ("a..b", false),
            ("google-data", false),
            ("../up", false),
        ] {
            assert_eq!(check(name).is_ok(), good, "{name}");
        }
    }

    #[test]
    fn urls_lead_back() {
        let place = ObjectPlace { bucket: "data".to_owned(), key: "a/b c".to_owned() };
        assert_eq!(locate(&url("data", "a/b c")), Some(place));
        assert_eq!(locate("gs://data").map(|place| place.key), Some(String::new()));
        assert_eq!(locate("s3://data/a"), None);
    }
}
