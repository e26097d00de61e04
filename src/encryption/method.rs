//! How a text is sealed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use aes_gcm::aead::consts::U12;
use aes_gcm::aead::{KeyInit, Payload};
use aes_gcm::aes::Aes192;
use aes_gcm::{Aes128Gcm, Aes256Gcm, AesGcm, Nonce};
use serde_json::Value as Json;

use crate::keys::{KeyError, Keys, Random};

const NONCE: usize = 12;

/// A way to seal, by the name that the configuration gives it.
#[derive(Clone)]
pub enum Method {
    /// AES-GCM with keys from somewhere.
    AesGcm(Arc<AesGcmMethod>),
    /// Not at all: to take over what is not encrypted yet, or to leave encryption again.
    Unencrypted,
}

/// AES-GCM with keys from somewhere.
pub struct AesGcmMethod {
    /// What the envelope calls the keys, such as `key_provider.pbkdf2.mine`.
    name: String,
    keys: Arc<dyn Keys>,
    random: Random,
    /// The key that this process seals with: deriving one is slow.
    own: Mutex<Option<(Vec<u8>, Json)>>,
    /// Keys that were found again, by what was noted.
    found: Mutex<HashMap<String, Vec<u8>>>,
}

impl std::fmt::Debug for Method {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::AesGcm(method) => write!(f, "AesGcm({})", method.name),
            Self::Unencrypted => f.write_str("Unencrypted"),
        }
    }
}

impl Method {
    /// AES-GCM with these keys.
    pub fn aes_gcm(name: &str, keys: Arc<dyn Keys>, random: Random) -> Self {
        let (own, found) = (Mutex::new(None), Mutex::new(HashMap::new()));
        Self::AesGcm(Arc::new(AesGcmMethod { name: name.to_owned(), keys, random, own, found }))
    }

    /// Whether it leaves texts as they are.
    pub fn is_plain(&self) -> bool {
        matches!(self, Self::Unencrypted)
    }
}

impl AesGcmMethod {
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Nonce and sealed text, and what was noted of the key.
    pub(crate) fn seal(&self, text: &[u8]) -> Result<(Vec<u8>, Json), KeyError> {
        let (key, noted) = {
            let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
            match &*own {
                Some(own) => own.clone(),
                None => own.insert(self.keys.new_key()?).clone(),
            }
        };
        let mut nonce = [0; NONCE];
        (self.random)(&mut nonce);
        let mut sealed = nonce.to_vec();
        sealed.extend(work(&key, &nonce, text, true)?);
        Ok((sealed, noted))
    }

    pub(crate) fn open(&self, sealed: &[u8], noted: &Json) -> Result<Vec<u8>, KeyError> {
        let Some((nonce, text)) = sealed.split_at_checked(NONCE) else {
            return Err(KeyError("the encrypted text is too short".to_owned()));
        };
        let name = noted.to_string();
        let known = self.found.lock().unwrap_or_else(PoisonError::into_inner).get(&name).cloned();
        let key = match known {
            Some(key) => key,
            None => self.keys.key(noted)?,
        };
        let opened = work(&key, nonce, text, false)?;
        self.found.lock().unwrap_or_else(PoisonError::into_inner).insert(name, key);
        Ok(opened)
    }
}

fn work(key: &[u8], nonce: &[u8], text: &[u8], seals: bool) -> Result<Vec<u8>, KeyError> {
    match key.len() {
        16 => with::<Aes128Gcm>(key, nonce, text, seals),
        24 => with::<AesGcm<Aes192, U12>>(key, nonce, text, seals),
        32 => with::<Aes256Gcm>(key, nonce, text, seals),
        length => Err(KeyError(format!("the key has {length} bytes, and must have 16, 24 or 32"))),
    }
}

fn with<C>(key: &[u8], nonce: &[u8], text: &[u8], seals: bool) -> Result<Vec<u8>, KeyError>
where
    C: KeyInit + aes_gcm::aead::Aead + aes_gcm::aead::AeadCore<NonceSize = U12>,
{
    let wrong = || KeyError("the key has an impossible length".to_owned());
    let cipher = C::new_from_slice(key).map_err(|_| wrong())?;
    let nonce = Nonce::try_from(nonce).map_err(|_| wrong())?;
    let done = match seals {
        true => cipher.encrypt(&nonce, Payload::from(text)),
        false => cipher.decrypt(&nonce, Payload::from(text)),
    };
    done.map_err(|_| {
        KeyError(
            "the key is not the one that it was encrypted with, or it has been changed".to_owned(),
        )
    })
}
