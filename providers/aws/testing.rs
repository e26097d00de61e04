//! What tests share: a session with a server that stands in for Amazon's.

use std::sync::Arc;

use skyform_provider_s3::{Credentials, Limits, Session, SharedCredentialsProvider, Store};
use skyform_provider_sdk::{CloudSettings, ServedModel};
use tokio::sync::OnceCell;

use crate::machines::Machines;

/// A session in us-east-1; without a URL, with Amazon's own servers.
pub(crate) fn session(url: Option<&str>, limits: Limits) -> Arc<Session> {
    let settings = CloudSettings {
        name: "east".to_owned(),
        driver: "aws".to_owned(),
        region: "us-east-1".to_owned(),
        endpoint: url.map(str::to_owned),
        ..CloudSettings::default()
    };
    let keys = Credentials::new("AKID", "secret", Some("token".to_owned()), None, "test");
    let keys = Some(SharedCredentialsProvider::new(keys));
    let session = Session::new(settings, Store::AWS, limits, Arc::new(|_| None));
    Arc::new(session.with_credentials(keys))
}

/// Machines at a server.
pub(crate) fn machines(url: &str, limits: Limits) -> Machines {
    Machines { session: session(Some(url), limits), client: OnceCell::new() }
}

/// A model that is known by its digest.
pub(crate) fn model(sha256: &str) -> ServedModel {
    ServedModel {
        name: "fraud".to_owned(),
        version: sha256.to_owned(),
        bucket: "models".to_owned(),
        key: format!("fraud/{sha256}/model.onnx"),
        sha256: sha256.to_owned(),
    }
}
