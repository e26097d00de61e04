//! What is sealed with, and what is opened with.

use skyform_state::{Seal, SealError};

use crate::envelope::Envelope;
use crate::keys::KeyError;
use crate::method::Method;

/// A method to seal with, and others that what is stored may still have been sealed with.
#[derive(Clone, Debug)]
pub struct Encryption {
    /// What is sealed with. It is tried first for opening.
    pub method: Method,
    /// What is tried next for opening.
    pub fallbacks: Vec<Method>,
}

impl Encryption {
    fn methods(&self) -> impl Iterator<Item = &Method> {
        std::iter::once(&self.method).chain(&self.fallbacks)
    }
}

impl Seal for Encryption {
    fn seal(&self, text: &[u8]) -> Result<Vec<u8>, SealError> {
        match &self.method {
            Method::Unencrypted => Ok(text.to_vec()),
            Method::AesGcm(method) => {
                let (sealed, noted) = method.seal(text).map_err(|KeyError(why)| SealError(why))?;
                let noted = [(method.name().to_owned(), noted)].into_iter().collect();
                Ok(Envelope { noted, sealed }.to_bytes())
            }
        }
    }

    fn open(&self, bytes: &[u8]) -> Result<Vec<u8>, SealError> {
        let envelope = match Envelope::read(bytes) {
            Some(read) => read.map_err(SealError)?,
            None if self.methods().any(Method::is_plain) => return Ok(bytes.to_vec()),
            None => {
                return Err(SealError(
                    "it is not encrypted, and the configuration does not allow that; to take it over, add a fallback with the method \"unencrypted\"".to_owned(),
                ));
            }
        };
        let mut reasons = Vec::new();
        for method in self.methods() {
            let Method::AesGcm(method) = method else { continue };
            let Some(noted) = envelope.noted.get(method.name()) else { continue };
            match method.open(&envelope.sealed, noted) {
                Ok(text) => return Ok(text),
                Err(KeyError(why)) => reasons.push(format!("{}: {why}", method.name())),
            }
        }
        if reasons.is_empty() {
            let names: Vec<&str> = envelope.noted.keys().map(String::as_str).collect();
            reasons.push(format!(
                "it was encrypted with {}, which the configuration does not have",
                names.join(", ")
            ));
        }
        Err(SealError(reasons.join("; ")))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::{Value as Json, json};

    use super::*;
    use crate::keys::{Keys, Random};

    /// A key that is what it is.
    #[derive(Debug)]
    struct Fixed(Vec<u8>);

    impl Keys for Fixed {
        fn new_key(&self) -> Result<(Vec<u8>, Json), KeyError> {
            Ok((self.0.clone(), json!({})))
        }

        fn key(&self, _noted: &Json) -> Result<Vec<u8>, KeyError> {
            Ok(self.0.clone())
        }
    }

    fn method(name: &str, key: &[u8]) -> Method {
        let random: Random = Arc::new(|bytes| bytes.fill(5));
        Method::aes_gcm(name, Arc::new(Fixed(key.to_vec())), random)
    }

    fn only(method: Method) -> Encryption {
        Encryption { method, fallbacks: Vec::new() }
    }

    #[test]
    fn what_is_sealed_can_be_opened_and_not_be_read() {
        for length in [16, 24, 32] {
            let encryption = only(method("a", &vec![1; length]));
            let sealed = encryption.seal(b"a secret").expect("sealed");
            assert!(!String::from_utf8_lossy(&sealed).contains("secret"));
            assert_eq!(encryption.open(&sealed).as_deref(), Ok(&b"a secret"[..]));
        }
        assert!(only(method("a", &[1; 5])).seal(b"x").is_err());
    }

    #[test]
    fn a_wrong_key_or_a_changed_text_is_an_error() {
        let sealed = only(method("a", &[1; 32])).seal(b"a secret").expect("sealed");
        let SealError(why) = only(method("a", &[2; 32])).open(&sealed).expect_err("another key");
        assert!(why.contains("the key is not the one"), "{why}");
        let SealError(why) = only(method("b", &[1; 32])).open(&sealed).expect_err("another name");
        assert!(why.contains("it was encrypted with a"), "{why}");
        let mut envelope = Envelope::read(&sealed).expect("an envelope").expect("whole");
        for at in 0..envelope.sealed.len() {
            envelope.sealed[at] ^= 1;
            assert!(only(method("a", &[1; 32])).open(&envelope.to_bytes()).is_err(), "{at}");
            envelope.sealed[at] ^= 1;
        }
        envelope.sealed.truncate(4);
        assert!(only(method("a", &[1; 32])).open(&envelope.to_bytes()).is_err());
    }

    #[test]
    fn keys_change_by_way_of_a_fallback() {
        let (old, new) = (method("old", &[1; 32]), method("new", &[2; 32]));
        let sealed = only(old.clone()).seal(b"text").expect("sealed");
        let both = Encryption { method: new.clone(), fallbacks: vec![old] };
        let opened = both.open(&sealed).expect("by the fallback");
        let sealed = both.seal(&opened).expect("sealed");
        assert_eq!(only(new).open(&sealed).as_deref(), Ok(&b"text"[..]));
    }

    #[test]
    fn plain_text_needs_leave() {
        let strict = only(method("a", &[1; 32]));
        assert!(strict.open(b"{\"version\": 4}").is_err());
        let lenient = Encryption { fallbacks: vec![Method::Unencrypted], ..strict };
        assert_eq!(lenient.open(b"{\"version\": 4}").as_deref(), Ok(&b"{\"version\": 4}"[..]));
        assert!(Envelope::read(&lenient.seal(b"x").expect("sealed")).is_some());
    }
}
