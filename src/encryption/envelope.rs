//! The envelope: JSON around a sealed text.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value as Json, json};

/// The version of the envelope's form.
const VERSION: &str = "v0";

/// A sealed text, with what was noted of its keys.
pub(crate) struct Envelope {
    /// By the names of key providers.
    pub(crate) noted: Map<String, Json>,
    pub(crate) sealed: Vec<u8>,
}

impl Envelope {
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let document = json!({
            "meta": self.noted,
            "encrypted_data": STANDARD.encode(&self.sealed),
            "encryption_version": VERSION,
        });
        document.to_string().into_bytes()
    }

    /// An envelope; none if the bytes are none.
    pub(crate) fn read(bytes: &[u8]) -> Option<Result<Self, String>> {
        let document: Json = serde_json::from_slice(bytes).ok()?;
        let sealed = document.get("encrypted_data")?;
        let version = document["encryption_version"].as_str();
        if version != Some(VERSION) {
            let version = version.unwrap_or("none");
            return Some(Err(format!("the version of its envelope is not known: {version}")));
        }
        let sealed = sealed.as_str().and_then(|text| STANDARD.decode(text).ok());
        let Some(sealed) = sealed else {
            return Some(Err("its encrypted text is not base64".to_owned()));
        };
        let noted = document["meta"].as_object().cloned().unwrap_or_default();
        Some(Ok(Self { noted, sealed }))
    }
}
