//! Signature Version 4 of a request that no SDK here makes: what SageMaker's runtime is asked.
//!
//! Source: "Create a signed AWS API request" of AWS's IAM guide; tested with the published examples.

use sha2::{Digest as _, Sha256};

/// How many bytes SHA-256 works on at a time, which HMAC is defined by.
const BLOCK: usize = 64;

/// Whose signature, and for what.
pub(crate) struct Signer<'a> {
    pub(crate) key_id: &'a str,
    pub(crate) secret: &'a str,
    pub(crate) region: &'a str,
    pub(crate) service: &'a str,
    /// `20261128T190000Z`
    pub(crate) time: &'a str,
}

/// A request without a query; its path has no letter that would have to be encoded.
pub(crate) struct Request<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    /// All that are signed, with `host` and `x-amz-date` among them; names in small letters.
    pub(crate) headers: &'a [(&'a str, &'a str)],
    pub(crate) body: &'a [u8],
}

impl Signer<'_> {
    /// The header `Authorization`.
    pub(crate) fn authorization(&self, request: &Request<'_>) -> String {
        let mut headers = request.headers.to_vec();
        headers.sort_unstable();
        let names: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
        let names = names.join(";");
        let lines: String =
            headers.iter().map(|(name, value)| format!("{name}:{}\n", value.trim())).collect();
        let Request { method, path, body, .. } = request;
        let digest = hex(&Sha256::digest(body));
        let canonical = format!("{method}\n{path}\n\n{lines}\n{names}\n{digest}");
        let day = self.time.get(..8).unwrap_or_default();
        let scope = format!("{day}/{}/{}/aws4_request", self.region, self.service);
        let digest = hex(&Sha256::digest(&canonical));
        let text = format!("AWS4-HMAC-SHA256\n{}\n{scope}\n{digest}", self.time);
        let first = format!("AWS4{}", self.secret).into_bytes();
        let key = [day, self.region, self.service, "aws4_request"]
            .iter()
            .fold(first, |key, part| hmac(&key, part.as_bytes()));
        let signature = hex(&hmac(&key, text.as_bytes()));
        let key_id = self.key_id;
        format!(
            "AWS4-HMAC-SHA256 Credential={key_id}/{scope}, SignedHeaders={names}, Signature={signature}"
        )
    }
}

/// HMAC-SHA256 (RFC 2104).
fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mut block = [0; BLOCK];
    if key.len() > BLOCK {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let inner = Sha256::new().chain_update(block.map(|byte| byte ^ 0x36)).chain_update(text);
    let outer = Sha256::new().chain_update(block.map(|byte| byte ^ 0x5c));
    outer.chain_update(inner.finalize()).finalize().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGNER: Signer<'_> = Signer {
        key_id: "AKIDEXAMPLE",
        secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        region: "us-east-1",
        service: "service",
        time: "20150830T123600Z",
    };

    /// Cases of Amazon's own test suite for signatures.
    #[test]
    fn signatures_are_those_of_the_published_examples() {
        let host = ("host", "example.amazonaws.com");
        let date = ("x-amz-date", "20150830T123600Z");
        let digest = hex(&Sha256::digest("Param1=value1"));
        let form = [
            ("content-type", "application/x-www-form-urlencoded"),
            ("content-length", "13"),
            host,
            date,
            ("x-amz-content-sha256", &digest),
        ];
        for (headers, body, expected) in [
            (
                &[host, date][..],
                "",
                "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
            ),
            (
                &form[..],
                "Param1=value1",
                "d3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b",
            ),
        ] {
            let body = body.as_bytes();
            let request = Request { method: "POST", path: "/", headers, body };
            let header = SIGNER.authorization(&request);
            assert_eq!(header.split_once("Signature=").map(|(_, found)| found), Some(expected));
        }
        let request = Request { method: "POST", path: "/", headers: &[host, date], body: b"" };
        assert!(SIGNER.authorization(&request).starts_with(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
             SignedHeaders=host;x-amz-date, Signature="
        ));
    }

    /// RFC 4231, cases 1 and 6.
    #[test]
    fn hmac_is_that_of_the_standard() {
        for (key, text, expected) in [
            (
                vec![0x0b; 20],
                "Hi There",
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
            ),
            (
                vec![0xaa; 131],
                "Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            ),
        ] {
            assert_eq!(hex(&hmac(&key, text.as_bytes())), expected);
        }
    }
}
