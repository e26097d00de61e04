//! Requests signed with an account's key, which the SDK lacks, by the library that signs OpenDAL's.
//!
//! Source: "Authorize with Shared Key", Azure Storage REST reference.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use azure_core::error::ErrorKind;
use azure_core::http::policies::{Policy, PolicyResult};
use azure_core::http::{Context, Request};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use reqsign_azure_storage::{Credential, RequestSigner};
use reqsign_core::SignRequest as _;

/// What the signer adds to a request.
const SIGNED: [&str; 2] = ["x-ms-date", "authorization"];

/// An account's key.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct AccountKey {
    pub(crate) account: String,
    /// As Azure shows it, in base 64.
    pub(crate) text: String,
}

impl fmt::Debug for AccountKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccountKey").field("account", &self.account).finish_non_exhaustive()
    }
}

impl AccountKey {
    /// The key of an account; none if the text is not one.
    pub(crate) fn new(account: &str, text: &str) -> Option<Self> {
        BASE64_STANDARD.decode(text).ok().filter(|key| !key.is_empty())?;
        Some(Self { account: account.to_owned(), text: text.to_owned() })
    }

    async fn sign(&self, request: &mut Request) -> azure_core::Result<()> {
        let other = |error: http::Error| azure_core::Error::new(ErrorKind::Other, error);
        let mut plain =
            http::Request::builder().method(request.method().as_ref()).uri(request.url().as_str());
        for (name, value) in request.headers().iter() {
            // Those of the try before are signed no more.
            if !SIGNED.contains(&name.as_str()) {
                plain = plain.header(name.as_str(), value.as_str());
            }
        }
        // The transport adds it; none is signed as nothing.
        if let Some(length @ 1..) = request.body().len() {
            plain = plain.header("content-length", length);
        }
        let (mut parts, ()) = plain.body(()).map_err(other)?.into_parts();
        let key = Credential::with_shared_key(&self.account, &self.text);
        let context = reqsign_core::Context::new();
        let signer = RequestSigner::new();
        let signed = signer.sign_request(&context, &mut parts, Some(&key), None).await;
        signed.map_err(|error| azure_core::Error::new(ErrorKind::Credential, error))?;
        for name in SIGNED {
            if let Some(value) = parts.headers.get(name).and_then(|value| value.to_str().ok()) {
                request.insert_header(name, value.to_owned());
            }
        }
        Ok(())
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
        self.0.sign(request).await?;
        let Some((first, rest)) = next.split_first() else {
            let message = "nothing sends the request";
            return Err(azure_core::Error::with_message(ErrorKind::Other, message));
        };
        first.send(context, request, rest).await
    }
}

#[cfg(test)]
mod tests {
    use azure_core::http::{Method, Url};

    use super::*;

    #[tokio::test]
    async fn each_try_is_signed_anew() {
        let url = "https://acc.blob.core.windows.net/data?restype=container&comp=metadata";
        let mut request = Request::new(Url::parse(url).unwrap(), Method::Get);
        let key = AccountKey::new("acc", "c2VjcmV0").unwrap();
        for _ in 0..2 {
            request.insert_header("x-ms-version", "2021-12-02");
            request.insert_header("authorization", "the try before");
            key.sign(&mut request).await.unwrap();
            let headers: std::collections::BTreeMap<_, _> = request
                .headers()
                .iter()
                .map(|(name, value)| (name.as_str().to_owned(), value.as_str().to_owned()))
                .collect();
            assert!(headers["authorization"].starts_with("SharedKey acc:"), "{headers:?}");
            assert!(headers["x-ms-date"].ends_with("GMT"), "{headers:?}");
            assert_eq!(headers.len(), 3, "{headers:?}");
        }
    }

    #[test]
    fn a_key_is_base_64_and_never_shown() {
        let key = AccountKey::new("acc", "c2VjcmV0").unwrap();
        assert!(!format!("{key:?}").contains("c2VjcmV0"));
        assert_eq!(AccountKey::new("acc", "not a key!"), None);
        assert_eq!(AccountKey::new("acc", ""), None);
    }
}
