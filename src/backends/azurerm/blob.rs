//! One state: a blob, locked by a lease, with its holder in the metadata.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::{Method, StatusCode};
use skyform_state::{LockInfo, Remote, RemoteError, Version};

use super::container::{Service, azure_error, shown};
use crate::calls::Answer;
use crate::lock_text::{lock_from_text, lock_to_text, version_of};

/// Where a blob says who holds its lease.
const HOLDER: &str = "x-ms-meta-terraformlockid";

/// A blob.
#[derive(Clone, Debug)]
pub(super) struct AzureBlob {
    pub(super) service: Arc<Service>,
    pub(super) name: String,
}

/// What of a blob is in headers.
struct Properties {
    is_leased: bool,
    holder: Option<LockInfo>,
    holder_text: Option<String>,
}

impl AzureBlob {
    async fn get(&self) -> Result<Option<(Vec<u8>, String)>, RemoteError> {
        let url = self.service.url(Some(&self.name), &[]);
        let answer = self.service.send(Method::GET, url, |request| request).await?;
        match answer.status {
            StatusCode::NOT_FOUND if is_about_blob(&answer) => Ok(None),
            status if status.is_success() => {
                let tag = answer.header("etag").unwrap_or_default().to_owned();
                Ok(Some((answer.body, tag)))
            }
            _ => Err(azure_error(&answer)),
        }
    }

    async fn properties(&self) -> Result<Option<Properties>, RemoteError> {
        let url = self.service.url(Some(&self.name), &[]);
        let answer = self.service.send(Method::HEAD, url, |request| request).await?;
        match answer.status {
            StatusCode::NOT_FOUND => Ok(None),
            status if status.is_success() => {
                let text = answer.header(HOLDER).map(str::to_owned);
                let decoded = text.as_ref().and_then(|text| STANDARD.decode(text).ok());
                Ok(Some(Properties {
                    is_leased: answer.header("x-ms-lease-state") == Some("leased"),
                    holder: decoded.map(|text| lock_from_text(&text)),
                    holder_text: text,
                }))
            }
            _ => Err(azure_error(&answer)),
        }
    }

    /// Writes the blob in place of one with this entity tag, or of none. A write replaces the metadata
    /// too, so who holds the lease is written again.
    async fn put(&self, bytes: Vec<u8>, before: Option<String>) -> Result<String, RemoteError> {
        let properties = self.properties().await?;
        let leased = properties.filter(|properties| properties.is_leased);
        let lease = leased.as_ref().and_then(|leased| leased.holder.as_ref()).map(|h| h.id.clone());
        let holder = leased.and_then(|leased| leased.holder_text);
        let url = self.service.url(Some(&self.name), &[]);
        let make = |request: reqwest::RequestBuilder| {
            let mut request = request
                .header("x-ms-blob-type", "BlockBlob")
                .header("Content-Type", "application/json")
                // It is not sent by itself where there is no content, and must be.
                .header("Content-Length", bytes.len());
            request = match &before {
                Some(tag) => request.header("If-Match", tag),
                None => request.header("If-None-Match", "*"),
            };
            if let (Some(lease), Some(holder)) = (&lease, &holder) {
                request = request.header("x-ms-lease-id", lease).header(HOLDER, holder);
            }
            request.body(bytes.clone())
        };
        let answer = self.service.send(Method::PUT, url, make).await?;
        match answer.status {
            status if status.is_success() => {
                Ok(answer.header("etag").unwrap_or_default().to_owned())
            }
            StatusCode::PRECONDITION_FAILED | StatusCode::CONFLICT => Err(RemoteError::changed()),
            _ => Err(azure_error(&answer)),
        }
    }

    /// Deletes the blob, whoever is noted as the holder of its lease: who deletes has locked it.
    pub(super) async fn delete(&self) -> Result<(), RemoteError> {
        let leased = self.properties().await?.filter(|properties| properties.is_leased);
        let lease = leased.and_then(|leased| leased.holder).map(|holder| holder.id);
        let url = self.service.url(Some(&self.name), &[]);
        let make = |request: reqwest::RequestBuilder| match &lease {
            Some(lease) => request.header("x-ms-lease-id", lease),
            None => request,
        };
        let answer = self.service.send(Method::DELETE, url, make).await?;
        match answer.status {
            status if status.is_success() || status == StatusCode::NOT_FOUND => Ok(()),
            _ => Err(azure_error(&answer)),
        }
    }

    async fn lease(&self, action: &str, id: &str) -> Result<Answer, RemoteError> {
        let url = self.service.url(Some(&self.name), &[("comp", "lease")]);
        let make = |request: reqwest::RequestBuilder| {
            let request = request.header("x-ms-lease-action", action).header("Content-Length", "0");
            match action {
                "acquire" => {
                    request.header("x-ms-lease-duration", "-1").header("x-ms-proposed-lease-id", id)
                }
                _ => request.header("x-ms-lease-id", id),
            }
        };
        self.service.send(Method::PUT, url, make).await
    }

    async fn say_who(&self, lease: &str, holder: Option<&LockInfo>) -> Result<(), RemoteError> {
        let url = self.service.url(Some(&self.name), &[("comp", "metadata")]);
        let text = holder.map(|holder| STANDARD.encode(lock_to_text(holder)));
        let make = |request: reqwest::RequestBuilder| {
            let request = request.header("x-ms-lease-id", lease).header("Content-Length", "0");
            match &text {
                Some(text) => request.header(HOLDER, text),
                None => request,
            }
        };
        let answer = self.service.send(Method::PUT, url, make).await?;
        if answer.status.is_success() { Ok(()) } else { Err(azure_error(&answer)) }
    }

    async fn take_lock(&self, info: &LockInfo) -> Result<String, RemoteError> {
        // There must be a blob to be leased; an empty one is no state.
        if self.properties().await?.is_none() {
            match self.put(Vec::new(), None).await {
                Ok(_) => {}
                Err(error) if error == RemoteError::changed() => {}
                Err(error) => return Err(error),
            }
        }
        let answer = self.lease("acquire", &info.id).await?;
        match answer.status {
            status if status.is_success() => {
                self.say_who(&info.id, Some(info)).await?;
                Ok(info.id.clone())
            }
            StatusCode::CONFLICT => {
                let holder = self.properties().await?.and_then(|properties| properties.holder);
                Err(RemoteError::locked(holder.unwrap_or_default()))
            }
            _ => Err(azure_error(&answer)),
        }
    }

    async fn give_lock_up(&self, id: &str) -> Result<(), RemoteError> {
        let leased = self.properties().await?.filter(|properties| properties.is_leased);
        let Some(properties) = leased else { return Err(RemoteError::not_locked()) };
        if let Some(holder) = properties.holder.filter(|holder| holder.id != id) {
            return Err(RemoteError::other_lock(holder));
        }
        self.say_who(id, None).await?;
        let answer = self.lease("release", id).await?;
        if answer.status.is_success() { Ok(()) } else { Err(azure_error(&answer)) }
    }
}

/// Whether it is the blob that is not there, and not the container.
fn is_about_blob(answer: &Answer) -> bool {
    answer.header("x-ms-error-code") != Some("ContainerNotFound")
}

impl Remote for AzureBlob {
    fn place(&self) -> String {
        shown(&self.service, &self.name)
    }

    fn read(&self) -> Result<Option<(Vec<u8>, Version)>, RemoteError> {
        let blob = self.clone();
        let found = self.service.background.wait(async move { blob.get().await })?;
        Ok(found.map(|(bytes, _)| {
            let version = version_of(&bytes);
            (bytes, version)
        }))
    }

    /// The blob's entity tag changes with its metadata too, so the content tells versions apart, and
    /// the tag guards the moment between looking and writing.
    fn write(&self, bytes: &[u8], expected: Option<&Version>) -> Result<Version, RemoteError> {
        let (blob, text, expected) = (self.clone(), bytes.to_vec(), expected.cloned());
        self.service.background.wait(async move {
            let there = blob.get().await?;
            if there.as_ref().map(|(bytes, _)| version_of(bytes)) != expected {
                return Err(RemoteError::changed());
            }
            blob.put(text, there.map(|(_, tag)| tag)).await
        })?;
        Ok(version_of(bytes))
    }

    fn lock(&self, info: &LockInfo) -> Result<String, RemoteError> {
        let (blob, info) = (self.clone(), info.clone());
        self.service.background.wait(async move { blob.take_lock(&info).await })
    }

    fn unlock(&self, id: &str) -> Result<(), RemoteError> {
        let (blob, id) = (self.clone(), id.to_owned());
        self.service.background.wait(async move { blob.give_lock_up(&id).await })
    }
}
