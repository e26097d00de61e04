//! The state behind an address: GET reads, POST writes, LOCK and UNLOCK lock.
//!
//! The protocol has no versions. What is stored is read once more before it is written, and where the
//! server gives entity tags, it is asked to write only in place of that.

use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};
use reqwest::{Client, Method, RequestBuilder, StatusCode, Url};
use skyform_state::{LockInfo, Remote, RemoteError, RemoteErrorKind, Version};

use crate::background::Background;
use crate::calls::{Answer, Calls};
use crate::lock_text::{lock_from_text, lock_to_text, version_of};

/// The state behind an address.
#[derive(Debug)]
pub(super) struct HttpState {
    pub(super) background: Background,
    pub(super) calls: Calls,
    pub(super) address: Url,
    pub(super) update_method: Method,
    pub(super) lock_address: Option<Url>,
    pub(super) lock_method: Method,
    pub(super) unlock_address: Option<Url>,
    pub(super) unlock_method: Method,
    pub(super) login: Option<(String, Option<String>)>,
    /// The lock that this process holds.
    pub(super) held: Mutex<Option<LockInfo>>,
}

/// A state's bytes, and their entity tag if there is a strong one.
type Stored = (Vec<u8>, Option<String>);

impl HttpState {
    fn send(
        &self,
        method: Method,
        url: Url,
        prepare: impl Fn(RequestBuilder) -> RequestBuilder + Send + Sync + 'static,
    ) -> Result<Answer, RemoteError> {
        let (calls, login) = (self.calls.clone(), self.login.clone());
        self.background.wait(async move {
            let make = |client: &Client| {
                let mut request = client.request(method.clone(), url.clone());
                if let Some((user, password)) = &login {
                    request = request.basic_auth(user, password.as_ref());
                }
                prepare(request)
            };
            calls.send(make).await
        })
    }

    /// What is stored, and its entity tag if it has a strong one.
    fn stored(&self) -> Result<Option<Stored>, RemoteError> {
        let answer = self.send(Method::GET, self.address.clone(), |request| request)?;
        match answer.status {
            StatusCode::NO_CONTENT | StatusCode::NOT_FOUND => Ok(None),
            StatusCode::OK if answer.body.is_empty() => Ok(None),
            StatusCode::OK => {
                let tag = answer.header("etag").filter(|tag| !tag.starts_with("W/"));
                let tag = tag.map(str::to_owned);
                Ok(Some((answer.body, tag)))
            }
            _ => Err(answer.error()),
        }
    }

    pub(super) fn delete(&self) -> Result<(), RemoteError> {
        let answer = self.send(Method::DELETE, self.address.clone(), |request| request)?;
        match answer.status {
            status if status.is_success() || status == StatusCode::NOT_FOUND => Ok(()),
            _ => Err(answer.error()),
        }
    }

    fn held(&self) -> std::sync::MutexGuard<'_, Option<LockInfo>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An address that a message may show: without a password in it.
fn shown(url: &Url) -> String {
    let mut url = url.clone();
    // An address that can have none has none.
    let _ = url.set_password(None);
    url.set_query(None);
    url.to_string()
}

impl Remote for HttpState {
    fn place(&self) -> String {
        shown(&self.address)
    }

    fn read(&self) -> Result<Option<(Vec<u8>, Version)>, RemoteError> {
        let stored = self.stored()?;
        Ok(stored.map(|(bytes, _)| {
            let version = version_of(&bytes);
            (bytes, version)
        }))
    }

    fn write(&self, bytes: &[u8], expected: Option<&Version>) -> Result<Version, RemoteError> {
        let there = self.stored()?;
        let version = there.as_ref().map(|(bytes, _)| version_of(bytes));
        if version.as_ref() != expected {
            return Err(RemoteError::changed());
        }
        let tag = there.and_then(|(_, tag)| tag);
        let mut url = self.address.clone();
        if let Some(held) = &*self.held() {
            url.query_pairs_mut().append_pair("ID", &held.id);
        }
        let (body, sum) = (bytes.to_vec(), STANDARD.encode(Md5::digest(bytes)));
        let answer = self.send(self.update_method.clone(), url, move |request| {
            let mut request = request
                .header("Content-Type", "application/json")
                .header("Content-MD5", &sum)
                .body(body.clone());
            if let Some(tag) = &tag {
                request = request.header("If-Match", tag);
            }
            request
        })?;
        match answer.status {
            status if status.is_success() => Ok(version_of(bytes)),
            StatusCode::PRECONDITION_FAILED => Err(RemoteError::changed()),
            _ => Err(answer.error()),
        }
    }

    fn lock(&self, info: &LockInfo) -> Result<String, RemoteError> {
        let Some(url) = self.lock_address.clone() else { return Ok(info.id.clone()) };
        let body = lock_to_text(info);
        let answer = self.send(self.lock_method.clone(), url, move |request| {
            request.header("Content-Type", "application/json").body(body.clone())
        })?;
        match answer.status {
            status if status.is_success() => {
                *self.held() = Some(info.clone());
                Ok(info.id.clone())
            }
            StatusCode::CONFLICT | StatusCode::LOCKED => {
                Err(RemoteError::locked(lock_from_text(&answer.body)))
            }
            _ => Err(answer.error()),
        }
    }

    fn unlock(&self, id: &str) -> Result<(), RemoteError> {
        let url = match (&self.unlock_address, &self.lock_address) {
            (Some(url), _) => url.clone(),
            (None, Some(_)) => {
                let message = "the backend has a lock_address and no unlock_address";
                return Err(RemoteError::new(RemoteErrorKind::Other, message));
            }
            (None, None) => return Err(RemoteError::not_locked()),
        };
        let held = self.held().take().filter(|held| held.id == id);
        let info = held.unwrap_or_else(|| LockInfo { id: id.to_owned(), ..LockInfo::default() });
        let body = lock_to_text(&info);
        let answer = self.send(self.unlock_method.clone(), url, move |request| {
            request.header("Content-Type", "application/json").body(body.clone())
        })?;
        match answer.status {
            status if status.is_success() => Ok(()),
            StatusCode::NOT_FOUND => Err(RemoteError::not_locked()),
            StatusCode::CONFLICT | StatusCode::LOCKED => {
                Err(RemoteError::other_lock(lock_from_text(&answer.body)))
            }
            _ => Err(answer.error()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_secrets() {
        let url = Url::parse("https://me:secret@host/state?token=secret").expect("a URL");
        assert_eq!(shown(&url), "https://me@host/state");
    }
}
