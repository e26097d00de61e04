//! Credentials and addresses, from the arguments and the usual places.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use google_cloud_auth::credentials::{self, CacheableResource, Credentials};
use reqwest::header::HeaderMap;
use reqwest::{Client, Url};
use sha2::{Digest as _, Sha256};
use skyform_state::{RemoteError, RemoteErrorKind};

use super::bucket::{CustomerKey, GcsPlace, Service};
use crate::background::Background;
use crate::calls::{Calls, Patience};
use crate::connect::ConnectError;
use crate::settings::Settings;

const SCOPE: &str = "https://www.googleapis.com/auth/devstorage.read_write";

/// Who asks.
pub(super) enum Identity {
    Nobody,
    Token(String),
    Found(Credentials),
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Identity")
    }
}

impl Identity {
    /// Headers that say who asks.
    pub(super) async fn headers(&self) -> Result<HeaderMap, RemoteError> {
        let denied = |why: String| RemoteError::new(RemoteErrorKind::Denied, why);
        match self {
            Self::Nobody => Ok(HeaderMap::new()),
            Self::Token(token) => {
                let value = format!("Bearer {token}").parse();
                let value =
                    value.map_err(|_| denied("the access token is malformed".to_owned()))?;
                Ok(HeaderMap::from_iter([(reqwest::header::AUTHORIZATION, value)]))
            }
            Self::Found(found) => match found.headers(Default::default()).await {
                Ok(CacheableResource::New { data, .. }) => Ok(data),
                Ok(CacheableResource::NotModified) => {
                    Err(denied("the credentials gave no token".to_owned()))
                }
                Err(error) => Err(denied(format!("no token could be had: {error}"))),
            },
        }
    }
}

/// The bucket. Credentials are looked for, but not tried.
pub(crate) fn connect(settings: &Settings) -> Result<GcsPlace, ConnectError> {
    let emulator = settings.variable("STORAGE_EMULATOR_HOST");
    let endpoint = endpoint(settings, emulator.as_deref())?;
    let background = Background::start()?;
    let given = settings.clone();
    let is_emulated = emulator.is_some();
    let identity = background.wait(async move { Ok(identity(&given, is_emulated)) })??;
    let client = Client::builder().connect_timeout(Duration::from_secs(10)).build();
    let client = client.map_err(|error| {
        ConnectError::invalid("bucket", format!("no client can be made: {error}"))
    })?;
    let prefix = settings.text_or("prefix", "");
    let prefix = prefix.trim_matches('/');
    Ok(GcsPlace(Arc::new(Service {
        background,
        calls: Calls { client, patience: Patience::default() },
        identity,
        endpoint,
        bucket: settings.text_or("bucket", ""),
        prefix: if prefix.is_empty() { String::new() } else { format!("{prefix}/") },
        customer_key: settings.text("encryption_key").map(|key| customer_key(&key)).transpose()?,
        kms_key: settings.text("kms_encryption_key"),
    })))
}

fn endpoint(settings: &Settings, emulator: Option<&str>) -> Result<Url, ConnectError> {
    let given = settings.text("storage_custom_endpoint");
    let text = match (given, emulator) {
        (Some(given), _) => given.trim_end_matches("/b").trim_end_matches("/storage/v1").to_owned(),
        (None, Some(host)) if host.contains("://") => host.to_owned(),
        (None, Some(host)) => format!("http://{host}"),
        (None, None) => "https://storage.googleapis.com".to_owned(),
    };
    Url::parse(&text).map_err(|error| {
        let message = format!("\"{text}\" is not a URL: {error}");
        ConnectError::invalid("storage_custom_endpoint", message)
    })
}

fn identity(settings: &Settings, is_emulated: bool) -> Result<Identity, ConnectError> {
    let wrong = |error: &dyn std::fmt::Display| {
        ConnectError::invalid("credentials", format!("the credentials cannot be used: {error}"))
    };
    if let Some(token) = settings.text("access_token") {
        return Ok(Identity::Token(token));
    }
    let source = match settings.text("credentials") {
        Some(text) => {
            // The content of a key file, or its path.
            let text = match text.trim_start().starts_with('{') {
                true => text,
                false => std::fs::read_to_string(&text).map_err(|error| wrong(&error))?,
            };
            let document = serde_json::from_str(&text).map_err(|error| wrong(&error))?;
            let builder = credentials::service_account::Builder::new(document);
            let access = credentials::service_account::AccessSpecifier::from_scopes([SCOPE]);
            builder.with_access_specifier(access).build().map_err(|error| wrong(&error))?
        }
        None if is_emulated => return Ok(Identity::Nobody),
        None => {
            let builder = credentials::Builder::default().with_scopes([SCOPE]);
            builder.build().map_err(|error| wrong(&error))?
        }
    };
    let Some(account) = settings.text("impersonate_service_account") else {
        return Ok(Identity::Found(source));
    };
    let builder = credentials::impersonated::Builder::from_source_credentials(source)
        .with_target_principal(account)
        .with_delegates(settings.texts("impersonate_service_account_delegates"))
        .with_scopes([SCOPE]);
    builder.build().map(Identity::Found).map_err(|error| wrong(&error))
}

fn customer_key(text: &str) -> Result<CustomerKey, ConnectError> {
    let wrong =
        || ConnectError::invalid("encryption_key", "\"encryption_key\" must be 32 bytes in base64");
    let bytes = STANDARD.decode(text).map_err(|_| wrong())?;
    if bytes.len() != 32 {
        return Err(wrong());
    }
    Ok(CustomerKey { key: text.to_owned(), digest: STANDARD.encode(Sha256::digest(&bytes)) })
}
