//! Names of containers, and URLs of blobs.

use azure_core::http::Url;
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use skyform_provider_sdk::{ObjectPlace, Problem, ProblemKind};

/// What a path of a URL cannot have as it is.
const NOT_IN_PATHS: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'%').add(b'<').add(b'>').add(b'?').add(b'`');

/// Checks a container's name.
/// Source: "Naming and Referencing Containers, Blobs, and Metadata", Azure Storage REST reference.
pub(crate) fn check(name: &str) -> Result<(), Problem> {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let good = (3..=63).contains(&name.len())
        && name.bytes().all(|b| plain(b) || b == b'-')
        && name.split('-').all(|part| !part.is_empty());
    if good {
        return Ok(());
    }
    let detail = format!("\"{name}\" cannot be a container's name.");
    Err(Problem::error(ProblemKind::Invalid, "Invalid bucket name", detail).hint(
        "3 to 63 lower-case letters, digits and single dashes; a letter or digit at both ends.",
    ))
}

/// The URL of a blob, or of a container if there is no key.
pub(crate) fn url(service: &Url, container: &str, key: &str) -> String {
    let service = service.as_str().trim_end_matches('/');
    if key.is_empty() {
        return format!("{service}/{container}");
    }
    format!("{service}/{container}/{}", utf8_percent_encode(key, NOT_IN_PATHS))
}

/// What a URL means, if it leads into this service.
pub(crate) fn locate(service: &Url, url: &str) -> Option<ObjectPlace> {
    let rest = url.strip_prefix(service.as_str().trim_end_matches('/'))?.strip_prefix('/')?;
    let (container, key) = rest.split_once('/').unwrap_or((rest, ""));
    check(container).ok()?;
    let key = percent_decode_str(key).decode_utf8().ok()?.into_owned();
    Some(ObjectPlace { bucket: container.to_owned(), key })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_the_service_takes() {
        for (name, good) in [
            ("data", true),
            ("my-data-1", true),
            ("ab", false),
            ("-ab", false),
            ("a--b", false),
            ("ab-", false),
            ("Data", false),
            ("a_b", false),
            ("$web", false),
            ("../up", false),
        ] {
            assert_eq!(check(name).is_ok(), good, "{name}");
        }
    }

    #[test]
    fn urls_lead_back_to_their_keys() {
        let service = Url::parse("https://claims.blob.core.windows.net/").unwrap();
        for key in ["a/b.csv", "a b#?%25", "ü/100%", "x+y&z=1"] {
            let url = url(&service, "data", key);
            assert!(Url::parse(&url).is_ok_and(|url| url.query().is_none()), "{url}");
            let place = locate(&service, &url).unwrap();
            assert_eq!((place.bucket.as_str(), place.key.as_str()), ("data", key));
        }
        assert_eq!(url(&service, "data", ""), "https://claims.blob.core.windows.net/data");
        for other in ["https://other.blob.core.windows.net/data/a", "s3://data/a", "data"] {
            assert_eq!(locate(&service, other), None, "{other}");
        }
    }
}
