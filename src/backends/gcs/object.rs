//! One state in a bucket: an object whose generation is its version, and its lock beside it.

use std::sync::Arc;

use reqwest::{Method, StatusCode};
use serde_json::{Value as Json, json};
use skyform_state::{LockInfo, Remote, RemoteError, RemoteErrorKind, Version};

use super::bucket::Service;
use crate::lock_text::{lock_from_text, lock_to_text};

/// An object of a bucket.
#[derive(Clone, Debug)]
pub(super) struct GcsObject {
    pub(super) service: Arc<Service>,
    /// The object's name without its ending.
    pub(super) stem: String,
}

impl GcsObject {
    fn state_name(&self) -> String {
        format!("{}.tfstate", self.stem)
    }

    fn lock_name(&self) -> String {
        format!("{}.tflock", self.stem)
    }

    /// An object's content and generation.
    async fn get(&self, name: &str) -> Result<Option<(Vec<u8>, String)>, RemoteError> {
        let service = &self.service;
        let mut url = service.url(&["storage", "v1", "b"], &[&service.bucket, "o", name]);
        url.query_pairs_mut().append_pair("alt", "media");
        let answer = service.send(Method::GET, url, |request| request).await?;
        match answer.status {
            StatusCode::NOT_FOUND if !is_about_bucket(&answer.body) => Ok(None),
            status if status.is_success() => {
                let generation = answer.header("x-goog-generation").map(str::to_owned);
                let generation = generation.ok_or_else(|| {
                    RemoteError::new(RemoteErrorKind::Other, "the answer names no generation")
                })?;
                Ok(Some((answer.body, generation)))
            }
            _ => Err(answer.error()),
        }
    }

    /// Writes an object in place of one with this generation; 0 stands for none. The new generation.
    async fn put(&self, name: &str, bytes: &[u8], before: &str) -> Result<String, RemoteError> {
        let service = &self.service;
        let mut url = service.url(&["upload", "storage", "v1", "b"], &[&service.bucket, "o"]);
        url.query_pairs_mut()
            .append_pair("uploadType", "multipart")
            .append_pair("ifGenerationMatch", before);
        if let Some(key) = &service.kms_key {
            url.query_pairs_mut().append_pair("kmsKeyName", key);
        }
        let boundary = uuid::Uuid::new_v4().simple().to_string();
        let body = in_parts(&boundary, name, bytes);
        let make = |request: reqwest::RequestBuilder| {
            let kind = format!("multipart/related; boundary={boundary}");
            request.header("Content-Type", kind).body(body.clone())
        };
        let answer = service.send(Method::POST, url, make).await?;
        if !answer.status.is_success() {
            return Err(answer.error());
        }
        let made: Json = serde_json::from_slice(&answer.body).unwrap_or_default();
        match &made["generation"] {
            Json::String(generation) => Ok(generation.clone()),
            Json::Number(generation) => Ok(generation.to_string()),
            _ => Err(RemoteError::new(RemoteErrorKind::Other, "the answer names no generation")),
        }
    }

    /// The lock's holder, with the generation as its id.
    async fn holder(&self) -> Result<Option<LockInfo>, RemoteError> {
        let found = self.get(&self.lock_name()).await?;
        Ok(found.map(|(text, generation)| LockInfo { id: generation, ..lock_from_text(&text) }))
    }

    async fn take_lock(&self, info: &LockInfo) -> Result<String, RemoteError> {
        let name = self.lock_name();
        match self.put(&name, lock_to_text(info).as_bytes(), "0").await {
            Err(error) if error.kind == RemoteErrorKind::Changed => {
                let Some((text, generation)) = self.get(&name).await? else {
                    // It has been given up just now: whoever waits for it tries again.
                    return Err(RemoteError::locked(LockInfo::default()));
                };
                let holder = lock_from_text(&text);
                // The answer was lost, and it was tried again.
                if holder.id == info.id {
                    return Ok(generation);
                }
                Err(RemoteError::locked(LockInfo { id: generation, ..holder }))
            }
            taken => taken,
        }
    }

    async fn give_lock_up(&self, id: &str) -> Result<(), RemoteError> {
        let Some(holder) = self.holder().await? else { return Err(RemoteError::not_locked()) };
        if holder.id != id {
            return Err(RemoteError::other_lock(holder));
        }
        self.service.delete(&self.lock_name(), Some(id)).await
    }
}

/// The object's name and its content, as the two parts of one body.
fn in_parts(boundary: &str, name: &str, bytes: &[u8]) -> Vec<u8> {
    let about = json!({"name": name, "contentType": "application/json"});
    let mut body = format!(
        "--{boundary}\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n{about}\r\n--{boundary}\r\nContent-Type: application/json\r\n\r\n"
    )
    .into_bytes();
    body.extend(bytes);
    body.extend(format!("\r\n--{boundary}--\r\n").into_bytes());
    body
}

/// Whether it is the bucket that is not there.
fn is_about_bucket(body: &[u8]) -> bool {
    String::from_utf8_lossy(body).contains("bucket does not exist")
}

impl Remote for GcsObject {
    fn place(&self) -> String {
        format!("gs://{}/{}", self.service.bucket, self.state_name())
    }

    fn read(&self) -> Result<Option<(Vec<u8>, Version)>, RemoteError> {
        let object = self.clone();
        let work = async move { object.get(&object.state_name()).await };
        let found = self.service.background.wait(work)?;
        Ok(found.map(|(bytes, generation)| (bytes, Version(generation))))
    }

    fn write(&self, bytes: &[u8], expected: Option<&Version>) -> Result<Version, RemoteError> {
        let (object, bytes) = (self.clone(), bytes.to_vec());
        let before = expected.map_or_else(|| "0".to_owned(), |version| version.0.clone());
        self.service.background.wait(async move {
            match object.put(&object.state_name(), &bytes, &before).await {
                Err(error) if error.kind == RemoteErrorKind::Changed => Err(RemoteError::changed()),
                written => written.map(Version),
            }
        })
    }

    fn lock(&self, info: &LockInfo) -> Result<String, RemoteError> {
        let (object, info) = (self.clone(), info.clone());
        self.service.background.wait(async move { object.take_lock(&info).await })
    }

    fn unlock(&self, id: &str) -> Result<(), RemoteError> {
        let (object, id) = (self.clone(), id.to_owned());
        self.service.background.wait(async move { object.give_lock_up(&id).await })
    }
}
