//! Requests signed with an account's key: what the SDK lacks.
//!
//! Source: "Authorize with Shared Key", Azure Storage REST reference.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use azure_core::http::headers::AUTHORIZATION;
use azure_core::http::policies::{Policy, PolicyResult};
use azure_core::http::{Context, Request};
use azure_core::time::{OffsetDateTime, to_rfc7231};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// An account's key.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct AccountKey {
    pub(crate) account: String,
    /// As Azure shows it, in base 64.
    pub(crate) text: String,
    key: Vec<u8>,
}

impl fmt::Debug for AccountKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccountKey").field("account", &self.account).finish_non_exhaustive()
    }
}

impl AccountKey {
    /// The key of an account; none if the text is not one.
    pub(crate) fn new(account: &str, text: &str) -> Option<Self> {
        let key = BASE64_STANDARD.decode(text).ok().filter(|key| !key.is_empty())?;
        Some(Self { account: account.to_owned(), text: text.to_owned(), key })
    }

    fn sign(&self, text: &str) -> Option<String> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).ok()?;
        mac.update(text.as_bytes());
        Some(BASE64_STANDARD.encode(mac.finalize().into_bytes()))
    }
}

/// Signs each try of a request.
#[derive(Clone, Debug)]
pub(crate) struct SharedKeyPolicy(pub(crate) AccountKey);

#[async_trait]
impl Policy for SharedKeyPolicy {
    async fn send(
        &self,
        context: &Context,
        request: &mut Request,
        next: &[Arc<dyn Policy>],
    ) -> PolicyResult {
        request.insert_header("x-ms-date", to_rfc7231(&OffsetDateTime::now_utc()));
        if let Some(signature) = self.0.sign(&text_to_sign(&self.0.account, request)) {
            let value = format!("SharedKey {}:{signature}", self.0.account);
            request.insert_header(AUTHORIZATION, value);
        }
        let Some((first, rest)) = next.split_first() else {
            let message = "nothing sends the request";
            return Err(azure_core::Error::with_message(
                azure_core::error::ErrorKind::Other,
                message,
            ));
        };
        first.send(context, request, rest).await
    }
}

/// What is signed of a request.
fn text_to_sign(account: &str, request: &Request) -> String {
    const NAMED: [&str; 11] = [
        "content-encoding",
        "content-language",
        "content-length",
        "content-md5",
        "content-type",
        "date",
        "if-modified-since",
        "if-match",
        "if-none-match",
        "if-unmodified-since",
        "range",
    ];
    let headers: BTreeMap<String, &str> = request
        .headers()
        .iter()
        .map(|(name, value)| (name.as_str().to_ascii_lowercase(), value.as_str().trim()))
        .collect();
    let length = request.body().len().unwrap_or_default();
    let mut text = request.method().as_ref().to_owned();
    for name in NAMED {
        text.push('\n');
        match name {
            // The transport adds it; none is signed as nothing.
            "content-length" if length > 0 => text.push_str(&length.to_string()),
            "content-length" => {}
            _ => text.push_str(headers.get(name).copied().unwrap_or_default()),
        }
    }
    text.push('\n');
    for (name, value) in headers.iter().filter(|(name, _)| name.starts_with("x-ms-")) {
        text.push_str(&format!("{name}:{value}\n"));
    }
    text.push_str(&format!("/{account}{}", request.url().path()));
    let mut query: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in request.url().query_pairs() {
        query.entry(name.to_ascii_lowercase()).or_default().push(value.into_owned());
    }
    for (name, mut values) in query {
        values.sort();
        text.push_str(&format!("\n{name}:{}", values.join(",")));
    }
    text
}

#[cfg(test)]
mod tests {
    use azure_core::http::{Method, Url};

    use super::*;

    #[test]
    fn what_is_signed_is_as_the_reference_shows_it() {
        // The reference's example for "Get Container Metadata".
        let url =
            "http://myaccount.blob.core.windows.net/mycontainer?restype=container&comp=metadata";
        let mut request = Request::new(Url::parse(url).unwrap(), Method::Get);
        request.insert_header("x-ms-date", "Fri, 26 Jun 2015 23:39:12 GMT");
        request.insert_header("x-ms-version", "2015-02-21");
        let expected = "GET\n\n\n\n\n\n\n\n\n\n\n\nx-ms-date:Fri, 26 Jun 2015 23:39:12 GMT\nx-ms-version:2015-02-21\n/myaccount/mycontainer\ncomp:metadata\nrestype:container";
        assert_eq!(text_to_sign("myaccount", &request), expected);
    }

    #[test]
    fn a_key_is_base_64_and_never_shown() {
        let key = AccountKey::new("acc", "c2VjcmV0").unwrap();
        assert!(!format!("{key:?}").contains("c2VjcmV0"));
        assert_eq!(AccountKey::new("acc", "not a key!"), None);
        assert_eq!(AccountKey::new("acc", ""), None);
    }
}
