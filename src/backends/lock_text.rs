//! Lock information as the text that stands in a lock's object, and versions by content.

use sha2::{Digest as _, Sha256};
use skyform_state::{LockInfo, Version};

/// The text of a lock's object.
pub(crate) fn lock_to_text(info: &LockInfo) -> String {
    // Plain text fields only: it cannot fail.
    serde_json::to_string(info).unwrap_or_default()
}

/// The holder that a lock's object names; an empty one where it names none.
pub(crate) fn lock_from_text(text: &[u8]) -> LockInfo {
    serde_json::from_slice(text).unwrap_or_default()
}

/// A version for places that give none: the digest of what is stored.
pub(crate) fn version_of(bytes: &[u8]) -> Version {
    Version(Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_has_the_fields_that_terraform_writes() {
        let info = LockInfo { id: "1".to_owned(), who: "a@b".to_owned(), ..LockInfo::default() };
        let text = lock_to_text(&info);
        assert!(text.starts_with(r#"{"ID":"1","Operation":"","Info":"","Who":"a@b","#), "{text}");
        assert_eq!(lock_from_text(text.as_bytes()), info);
        assert_eq!(lock_from_text(b"nonsense"), LockInfo::default());
    }
}
