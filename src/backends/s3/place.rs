//! The bucket: which object is whose state, and which workspaces there are.

use std::sync::Arc;

use aws_sdk_s3::Client;
use skyform_state::{DEFAULT_WORKSPACE, Remote, RemoteError};

use super::error::remote_error;
use super::object::S3Object;
use crate::background::Background;
use crate::remotes::Remotes;

/// A bucket, and how objects are written to it.
#[derive(Clone, Debug)]
pub(crate) struct S3Place {
    pub(super) client: Client,
    pub(super) background: Arc<Background>,
    pub(super) bucket: String,
    pub(super) key: String,
    pub(super) prefix: String,
    pub(super) locks: bool,
    pub(super) acl: Option<String>,
    pub(super) encrypts: bool,
    pub(super) kms_key: Option<String>,
    pub(super) customer_key: Option<CustomerKey>,
}

/// A key that objects are encrypted with by the store, which does not keep it.
#[derive(Clone)]
pub(super) struct CustomerKey {
    /// In base64.
    pub(super) key: String,
    /// Its MD5 in base64.
    pub(super) md5: String,
}

impl std::fmt::Debug for CustomerKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("CustomerKey")
    }
}

impl S3Place {
    /// The object that a workspace's state is in.
    fn key_of(&self, workspace: &str) -> String {
        match workspace {
            DEFAULT_WORKSPACE => self.key.clone(),
            name => format!("{}{name}/{}", self.folder(), self.key),
        }
    }

    /// What the keys of all other workspaces begin with.
    fn folder(&self) -> String {
        match self.prefix.trim_matches('/') {
            "" => String::new(),
            prefix => format!("{prefix}/"),
        }
    }

    /// The workspace whose state is in this object, if one is.
    fn workspace_of(&self, key: &str) -> Option<String> {
        let rest = key.strip_prefix(&self.folder())?;
        let (name, rest) = rest.split_once('/')?;
        (rest == self.key && !name.is_empty()).then(|| name.to_owned())
    }
}

impl Remotes for S3Place {
    fn place(&self) -> String {
        format!("s3://{}/{}", self.bucket, self.key)
    }

    fn list(&self) -> Result<Vec<String>, RemoteError> {
        let (client, bucket, prefix) = (self.client.clone(), self.bucket.clone(), self.folder());
        let keys = self.background.wait(async move {
            let request = client.list_objects_v2().bucket(bucket).prefix(prefix);
            let mut pages = request.into_paginator().send();
            let mut keys = Vec::new();
            while let Some(page) = pages.next().await {
                let page = page.map_err(|error| remote_error(&error))?;
                keys.extend(page.contents().iter().filter_map(|object| object.key.clone()));
            }
            Ok(keys)
        })?;
        Ok(keys.iter().filter_map(|key| self.workspace_of(key)).collect())
    }

    fn delete(&self, workspace: &str) -> Result<(), RemoteError> {
        let (client, bucket) = (self.client.clone(), self.bucket.clone());
        let key = self.key_of(workspace);
        self.background.wait(async move {
            let deleted = client.delete_object().bucket(bucket).key(key).send().await;
            deleted.map(drop).map_err(|error| remote_error(&error))
        })
    }

    fn remote(&self, workspace: &str) -> Arc<dyn Remote> {
        Arc::new(S3Object { place: self.clone(), key: self.key_of(workspace) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(prefix: &str) -> S3Place {
        let config = aws_sdk_s3::Config::builder().behavior_version_latest().build();
        S3Place {
            client: Client::from_conf(config),
            background: Arc::new(Background::start().expect("a thread")),
            bucket: "b".to_owned(),
            key: "net/prod.tfstate".to_owned(),
            prefix: prefix.to_owned(),
            locks: true,
            acl: None,
            encrypts: false,
            kms_key: None,
            customer_key: None,
        }
    }

    #[test]
    fn each_workspace_has_the_object_that_terraform_gives_it() {
        let table = [
            ("env:", "default", "net/prod.tfstate"),
            ("env:", "dev", "env:/dev/net/prod.tfstate"),
            ("stages", "dev", "stages/dev/net/prod.tfstate"),
        ];
        for (prefix, workspace, key) in table {
            let place = place(prefix);
            assert_eq!(place.key_of(workspace), key);
            let found = place.workspace_of(key);
            assert_eq!(found.as_deref(), (workspace != "default").then_some(workspace));
        }
        for key in ["env:/dev/other.tfstate", "env:/dev/net/prod.tfstate.tflock", "env:/dev"] {
            assert_eq!(place("env:").workspace_of(key), None, "{key}");
        }
    }
}
