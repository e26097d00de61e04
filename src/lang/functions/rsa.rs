//! `rsadecrypt`: RSA with the padding of PKCS #1 version 1.5.
//!
//! Source: RFC 8017 (keys, decryption, padding), RFC 5208 (the outer form of a private key).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dashu_int::UBig;

use super::signature::{Answer, Arguments, Function, function, parameter, string};

pub(super) const FUNCTIONS: &[Function] = &[function(
    "rsadecrypt",
    &[parameter("ciphertext", string), parameter("privatekey", string)],
    string,
    decrypt,
)];

/// Longer moduli than that are refused: the time grows with the third power.
const MAX_BYTES: usize = 2048;

struct PrivateKey {
    modulus: UBig,
    exponent: UBig,
    /// Length of the modulus.
    bytes: usize,
}

fn decrypt(arguments: &Arguments<'_>) -> Answer {
    let cipher = STANDARD
        .decode(arguments.text(0))
        .map_err(|_| arguments.wrong(0, "cipher text must be base64-encoded"))?;
    let key = private_key(arguments.text(1))
        .ok_or_else(|| arguments.wrong(1, "this is not a private RSA key in PEM form"))?;
    let number = UBig::from_be_bytes(&cipher);
    if cipher.len() != key.bytes || number >= key.modulus {
        return Err(arguments.wrong(0, "it was not encrypted for this key"));
    }
    let padded = power(number, &key.exponent, &key.modulus).to_be_bytes();
    // 0x00 0x02, at least eight bytes that are not zero, 0x00, the text; the first zero is lost.
    let is_padded = padded.len() + 1 == key.bytes && padded.first() == Some(&2);
    let end = padded.iter().position(|byte| *byte == 0).filter(|end| is_padded && *end >= 9);
    let Some(end) = end else {
        return Err(arguments.wrong(0, "it was not encrypted for this key"));
    };
    match std::str::from_utf8(&padded[end + 1..]) {
        Ok(text) => Ok(text.into()),
        Err(_) => Err("the decrypted bytes are not text".into()),
    }
}

/// `base ^ exponent` in the ring of `modulus`.
fn power(base: UBig, exponent: &UBig, modulus: &UBig) -> UBig {
    let mut result = UBig::ONE;
    let mut square = base % modulus;
    for byte in exponent.to_le_bytes().iter() {
        for bit in 0..8 {
            if byte >> bit & 1 == 1 {
                result = result * &square % modulus;
            }
            square = &square * &square % modulus;
        }
    }
    result
}

fn private_key(pem: &str) -> Option<PrivateKey> {
    let begin = pem.find("-----BEGIN ")?;
    let (label, rest) = pem[begin + 11..].split_once("-----")?;
    let (body, _) = rest.split_once("-----END ")?;
    let text: String = body.split_whitespace().collect();
    let der = STANDARD.decode(text).ok()?;
    match label {
        "RSA PRIVATE KEY" => rsa_key(&der),
        "PRIVATE KEY" => {
            let (inner, _) = element(&der, 0x30)?;
            let (_version, rest) = element(inner, 0x02)?;
            let (_algorithm, rest) = element(rest, 0x30)?;
            rsa_key(element(rest, 0x04)?.0)
        }
        _ => None,
    }
}

fn rsa_key(der: &[u8]) -> Option<PrivateKey> {
    let (inner, _) = element(der, 0x30)?;
    let (_version, rest) = element(inner, 0x02)?;
    let (modulus, rest) = element(rest, 0x02)?;
    let (_public, rest) = element(rest, 0x02)?;
    let (exponent, _) = element(rest, 0x02)?;
    let modulus = UBig::from_be_bytes(modulus);
    let bytes = modulus.to_be_bytes().len();
    let fits = (16..=MAX_BYTES).contains(&bytes) && exponent.len() <= bytes + 1;
    fits.then(|| PrivateKey { modulus, exponent: UBig::from_be_bytes(exponent), bytes })
}

/// The content of the element at the start, if it is of this kind, and what is behind it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (found, rest) = der.split_first()?;
    let (length, rest) = rest.split_first()?;
    let (length, rest) = if *length < 0x80 {
        (usize::from(*length), rest)
    } else {
        let (bytes, rest) = rest.split_at_checked(usize::from(*length & 0x7f))?;
        if bytes.len() > 4 {
            return None;
        }
        (bytes.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)), rest)
    };
    if *found != tag {
        return None;
    }
    rest.split_at_checked(length)
}
