//! A shared access signature of an account, made from its key: so the key itself is never sent.
//!
//! Source: "Create an account SAS" in the documentation of the Azure Storage services.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// The version of the signature's form.
const VERSION: &str = "2020-08-04";
/// Read, write, delete, list, create.
const PERMISSIONS: &str = "rwdlc";

/// The query of URLs that may do all that a backend does, until a time in RFC 3339; none if the key is
/// not base64.
pub(super) fn signature(account: &str, key: &str, until: &str) -> Option<Vec<(String, String)>> {
    let key = STANDARD.decode(key).ok()?;
    let (services, types, protocols) = ("b", "sco", "https,http");
    let text = format!(
        "{account}\n{PERMISSIONS}\n{services}\n{types}\n\n{until}\n\n{protocols}\n{VERSION}\n"
    );
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).ok()?;
    mac.update(text.as_bytes());
    let signed = STANDARD.encode(mac.finalize().into_bytes());
    let pairs = [
        ("sv", VERSION),
        ("ss", services),
        ("srt", types),
        ("sp", PERMISSIONS),
        ("se", until),
        ("spr", protocols),
        ("sig", &signed),
    ];
    Some(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_signs_and_is_not_in_the_query() {
        let key = STANDARD.encode([7; 64]);
        let query = signature("account", &key, "2030-01-01T00:00:00Z").expect("a key");
        assert!(query.iter().all(|(_, value)| !value.contains(&key)));
        let other = signature("other", &key, "2030-01-01T00:00:00Z").expect("a key");
        assert_ne!(query.last(), other.last());
        assert_eq!(signature("account", "not base64!", "x"), None);
    }
}
