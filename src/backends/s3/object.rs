//! One state in a bucket: an object, and its lock beside it.

use aws_sdk_s3::operation::put_object::builders::PutObjectFluentBuilder;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ObjectCannedAcl, ServerSideEncryption};
use skyform_state::{LockInfo, Remote, RemoteError, RemoteErrorKind, Version};

use super::error::remote_error;
use super::place::S3Place;
use crate::lock_text::{lock_from_text, lock_to_text};

/// An object of a bucket.
#[derive(Clone, Debug)]
pub(super) struct S3Object {
    pub(super) place: S3Place,
    pub(super) key: String,
}

/// What a write expects to be there.
enum Expected<'a> {
    Nothing,
    Tag(&'a str),
    /// The store cannot compare.
    Anything,
}

impl S3Object {
    fn lock_key(&self) -> String {
        format!("{}.tflock", self.key)
    }

    /// An object's content with its entity tag.
    async fn get(&self, key: &str) -> Result<Option<(Vec<u8>, String)>, RemoteError> {
        let mut request = self.place.client.get_object().bucket(&self.place.bucket).key(key);
        if let Some(customer) = &self.place.customer_key {
            request = request
                .sse_customer_algorithm("AES256")
                .sse_customer_key(&customer.key)
                .sse_customer_key_md5(&customer.md5);
        }
        let answer = match request.send().await {
            Ok(answer) => answer,
            Err(error) if error.as_service_error().is_some_and(|e| e.is_no_such_key()) => {
                return Ok(None);
            }
            Err(error) => return Err(remote_error(&error)),
        };
        let tag = answer.e_tag().unwrap_or_default().to_owned();
        let torn = |error: &dyn std::fmt::Display| {
            RemoteError::new(RemoteErrorKind::Unreachable, format!("the answer broke off: {error}"))
        };
        let body = answer.body.collect().await.map_err(|error| torn(&error))?;
        Ok(Some((body.to_vec(), tag)))
    }

    async fn put(
        &self,
        key: &str,
        bytes: Vec<u8>,
        expected: Expected<'_>,
    ) -> Result<String, RemoteError> {
        let mut request = self.place.client.put_object().bucket(&self.place.bucket).key(key);
        request = match expected {
            Expected::Nothing => request.if_none_match("*"),
            Expected::Tag(tag) => request.if_match(tag),
            Expected::Anything => request,
        };
        let request = self.as_configured(request).content_type("application/json");
        let answer = request.body(ByteStream::from(bytes)).send().await;
        let answer = answer.map_err(|error| remote_error(&error))?;
        Ok(answer.e_tag().unwrap_or_default().to_owned())
    }

    fn as_configured(&self, mut request: PutObjectFluentBuilder) -> PutObjectFluentBuilder {
        if let Some(acl) = &self.place.acl {
            request = request.acl(ObjectCannedAcl::from(acl.as_str()));
        }
        if let Some(customer) = &self.place.customer_key {
            return request
                .sse_customer_algorithm("AES256")
                .sse_customer_key(&customer.key)
                .sse_customer_key_md5(&customer.md5);
        }
        match &self.place.kms_key {
            Some(key) => {
                request.server_side_encryption(ServerSideEncryption::AwsKms).ssekms_key_id(key)
            }
            None if self.place.encrypts => {
                request.server_side_encryption(ServerSideEncryption::Aes256)
            }
            None => request,
        }
    }

    async fn write_state(
        &self,
        bytes: Vec<u8>,
        expected: Option<String>,
    ) -> Result<Version, RemoteError> {
        let wanted = match &expected {
            Some(tag) => Expected::Tag(tag),
            None => Expected::Nothing,
        };
        match self.put(&self.key, bytes.clone(), wanted).await {
            // Some stores know no conditions: what is there is looked at first, under the lock.
            Err(error) if error.kind == RemoteErrorKind::Unsupported => {
                let there = self.get(&self.key).await?.map(|(_, tag)| tag);
                if there != expected {
                    return Err(RemoteError::changed());
                }
                self.put(&self.key, bytes, Expected::Anything).await.map(Version)
            }
            Err(error) if error.kind == RemoteErrorKind::Changed => Err(RemoteError::changed()),
            // What had this tag is gone.
            Err(error) if error.kind == RemoteErrorKind::Missing && expected.is_some() => {
                match self.get(&self.key).await? {
                    None => Err(RemoteError::changed()),
                    Some(_) => Err(error),
                }
            }
            written => written.map(Version),
        }
    }

    async fn take_lock(&self, info: LockInfo) -> Result<String, RemoteError> {
        let text = lock_to_text(&info).into_bytes();
        match self.put(&self.lock_key(), text, Expected::Nothing).await {
            Ok(_) => Ok(info.id),
            Err(error) if error.kind == RemoteErrorKind::Changed => {
                let holder = self.get(&self.lock_key()).await?.map(|(text, _)| text);
                let holder = lock_from_text(&holder.unwrap_or_default());
                // The answer was lost, and it was tried again.
                if holder.id == info.id {
                    return Ok(info.id);
                }
                Err(RemoteError::locked(holder))
            }
            Err(error) => Err(error),
        }
    }

    async fn give_lock_up(&self, id: String) -> Result<(), RemoteError> {
        let Some((text, _)) = self.get(&self.lock_key()).await? else {
            return Err(RemoteError::not_locked());
        };
        let holder = lock_from_text(&text);
        if holder.id != id {
            return Err(RemoteError::other_lock(holder));
        }
        let request = self.place.client.delete_object().bucket(&self.place.bucket);
        let deleted = request.key(self.lock_key()).send().await;
        deleted.map(drop).map_err(|error| remote_error(&error))
    }
}

impl Remote for S3Object {
    fn place(&self) -> String {
        format!("s3://{}/{}", self.place.bucket, self.key)
    }

    fn read(&self) -> Result<Option<(Vec<u8>, Version)>, RemoteError> {
        let object = self.clone();
        let found = self.place.background.wait(async move { object.get(&object.key).await })?;
        Ok(found.map(|(bytes, tag)| (bytes, Version(tag))))
    }

    fn write(&self, bytes: &[u8], expected: Option<&Version>) -> Result<Version, RemoteError> {
        let (object, bytes) = (self.clone(), bytes.to_vec());
        let expected = expected.map(|version| version.0.clone());
        self.place.background.wait(async move { object.write_state(bytes, expected).await })
    }

    fn lock(&self, info: &LockInfo) -> Result<String, RemoteError> {
        let (object, info) = (self.clone(), info.clone());
        if !self.place.locks {
            return Ok(info.id);
        }
        self.place.background.wait(async move { object.take_lock(info).await })
    }

    fn unlock(&self, id: &str) -> Result<(), RemoteError> {
        let (object, id) = (self.clone(), id.to_owned());
        if !self.place.locks {
            return Err(RemoteError::not_locked());
        }
        self.place.background.wait(async move { object.give_lock_up(id).await })
    }
}
