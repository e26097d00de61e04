//! Keys that are derived from a passphrase.

use std::fmt;

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pbkdf2::pbkdf2_hmac;
use serde_json::{Value as Json, json};
use sha2::{Sha256, Sha512};

use crate::keys::{KeyError, Keys, Random, noted_number};

/// The longest key and salt that make sense; what an envelope says is not trusted further.
const MOST_BYTES: u32 = 1024;
/// The most work that an envelope may ask for.
const MOST_ITERATIONS: u32 = 100_000_000;
const MOST_MEMORY_KIB: u32 = 4 << 20;

/// The hash function of PBKDF2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hash {
    /// SHA-256
    Sha256,
    /// SHA-512
    Sha512,
}

impl Hash {
    /// By its name, `sha256` or `sha512`.
    pub fn by_name(name: &str) -> Option<Self> {
        match name {
            "sha256" => Some(Self::Sha256),
            "sha512" => Some(Self::Sha512),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
        }
    }
}

/// Keys by PBKDF2 (RFC 8018).
#[derive(Clone)]
pub struct Pbkdf2Keys {
    /// The passphrase.
    pub passphrase: String,
    /// Bytes of the key.
    pub key_length: u32,
    /// Rounds.
    pub iterations: u32,
    /// Bytes of the salt.
    pub salt_length: u32,
    /// The hash function.
    pub hash: Hash,
    /// Where salts come from.
    pub random: Random,
}

/// Keys by Argon2id (RFC 9106).
#[derive(Clone)]
pub struct Argon2Keys {
    /// The passphrase.
    pub passphrase: String,
    /// Bytes of the key.
    pub key_length: u32,
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub iterations: u32,
    /// Lanes.
    pub parallelism: u32,
    /// Bytes of the salt.
    pub salt_length: u32,
    /// Where salts come from.
    pub random: Random,
}

impl fmt::Debug for Pbkdf2Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pbkdf2Keys")
    }
}

impl fmt::Debug for Argon2Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Argon2Keys")
    }
}

fn salt(random: &Random, length: u32) -> Vec<u8> {
    let mut salt = vec![0; length.min(MOST_BYTES) as usize];
    random(&mut salt);
    salt
}

fn noted_salt(noted: &Json) -> Result<Vec<u8>, KeyError> {
    let salt = noted["salt"].as_str().and_then(|text| STANDARD.decode(text).ok());
    salt.ok_or_else(|| KeyError("the envelope has no salt".to_owned()))
}

fn bounded(noted: &Json, name: &str, most: u32) -> Result<u32, KeyError> {
    match noted_number(noted, name)? {
        number if number > most => Err(KeyError(format!("\"{name}\" in the envelope is absurd"))),
        number => Ok(number),
    }
}

impl Pbkdf2Keys {
    fn derive(&self, hash: Hash, salt: &[u8], iterations: u32, length: u32) -> Vec<u8> {
        let mut key = vec![0; length as usize];
        let passphrase = self.passphrase.as_bytes();
        match hash {
            Hash::Sha256 => pbkdf2_hmac::<Sha256>(passphrase, salt, iterations, &mut key),
            Hash::Sha512 => pbkdf2_hmac::<Sha512>(passphrase, salt, iterations, &mut key),
        }
        key
    }
}

impl Keys for Pbkdf2Keys {
    fn new_key(&self) -> Result<(Vec<u8>, Json), KeyError> {
        let salt = salt(&self.random, self.salt_length);
        let key = self.derive(self.hash, &salt, self.iterations, self.key_length);
        let noted = json!({
            "salt": STANDARD.encode(salt),
            "iterations": self.iterations,
            "hash_function": self.hash.name(),
            "key_length": self.key_length,
        });
        Ok((key, noted))
    }

    fn key(&self, noted: &Json) -> Result<Vec<u8>, KeyError> {
        let hash = noted["hash_function"].as_str().and_then(Hash::by_name);
        let hash = hash.ok_or_else(|| KeyError("the envelope's hash is not known".to_owned()))?;
        let iterations = bounded(noted, "iterations", MOST_ITERATIONS)?;
        let length = bounded(noted, "key_length", MOST_BYTES)?;
        Ok(self.derive(hash, &noted_salt(noted)?, iterations, length))
    }
}

impl Argon2Keys {
    fn derive(&self, salt: &[u8], costs: [u32; 3], length: u32) -> Result<Vec<u8>, KeyError> {
        let failed = |error: argon2::Error| KeyError(format!("argon2: {error}"));
        let mut key = vec![0; length as usize];
        let [memory, iterations, lanes] = costs;
        let params = Params::new(memory, iterations, lanes, Some(key.len())).map_err(failed)?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        argon2.hash_password_into(self.passphrase.as_bytes(), salt, &mut key).map_err(failed)?;
        Ok(key)
    }
}

impl Keys for Argon2Keys {
    fn new_key(&self) -> Result<(Vec<u8>, Json), KeyError> {
        let salt = salt(&self.random, self.salt_length);
        let costs = [self.memory_kib, self.iterations, self.parallelism];
        let key = self.derive(&salt, costs, self.key_length)?;
        let noted = json!({
            "salt": STANDARD.encode(salt),
            "memory_kib": self.memory_kib,
            "iterations": self.iterations,
            "parallelism": self.parallelism,
            "key_length": self.key_length,
        });
        Ok((key, noted))
    }

    fn key(&self, noted: &Json) -> Result<Vec<u8>, KeyError> {
        let costs = [
            bounded(noted, "memory_kib", MOST_MEMORY_KIB)?,
            bounded(noted, "iterations", MOST_BYTES)?,
            bounded(noted, "parallelism", MOST_BYTES)?,
        ];
        self.derive(&noted_salt(noted)?, costs, bounded(noted, "key_length", MOST_BYTES)?)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn pbkdf2(passphrase: &str) -> Pbkdf2Keys {
        Pbkdf2Keys {
            passphrase: passphrase.to_owned(),
            key_length: 32,
            iterations: 2,
            salt_length: 16,
            hash: Hash::Sha512,
            random: Arc::new(|bytes| bytes.fill(7)),
        }
    }

    /// Vectors of PBKDF2 with HMAC-SHA-256 that RFC 7914 gives in section 11.
    #[test]
    fn pbkdf2_gives_the_keys_of_the_standard() {
        let keys = pbkdf2("passwd");
        let key = keys.derive(Hash::Sha256, b"salt", 1, 64);
        assert_eq!(key[..8], [0x55, 0xac, 0x04, 0x6e, 0x56, 0xe3, 0x08, 0x9f]);
        let key = pbkdf2("Password").derive(Hash::Sha256, b"NaCl", 80_000, 64);
        assert_eq!(key[..8], [0x4d, 0xdc, 0xd8, 0xf6, 0x0b, 0x98, 0xbe, 0x21]);
    }

    #[test]
    fn keys_are_found_again_by_what_was_noted() {
        let argon2 = Argon2Keys {
            passphrase: "a long passphrase".to_owned(),
            key_length: 32,
            memory_kib: 64,
            iterations: 1,
            parallelism: 1,
            salt_length: 16,
            random: Arc::new(|bytes| bytes.fill(9)),
        };
        let pbkdf2 = pbkdf2("a long passphrase");
        let all: [&dyn Keys; 2] = [&argon2, &pbkdf2];
        for keys in all {
            let (key, noted) = keys.new_key().expect("a key");
            assert_eq!(keys.key(&noted), Ok(key.clone()));
            assert_eq!(key.len(), 32);
            assert!(!noted.to_string().contains("passphrase"));
            let mut absurd = noted;
            absurd["key_length"] = json!(u32::MAX);
            assert!(keys.key(&absurd).is_err());
        }
    }
}
