//! Credentials and addresses, from the arguments and the usual places.

use std::sync::Arc;
use std::time::Duration;

use azure_core::credentials::{Secret, TokenCredential};
use azure_identity::{
    AzureCliCredential, ClientSecretCredential, DeveloperToolsCredential,
    ManagedIdentityCredential, WorkloadIdentityCredential,
};
use jiff::{Timestamp, ToSpan as _};
use reqwest::{Client, Url};
use skyform_state::{RemoteError, RemoteErrorKind};

use super::container::{AzurePlace, Service};
use super::signature::signature;
use crate::background::Background;
use crate::calls::{Calls, Patience};
use crate::connect::ConnectError;
use crate::settings::Settings;

const SCOPE: &str = "https://storage.azure.com/.default";

/// Who asks.
pub(super) enum Identity {
    /// A signature, as pairs of the query.
    Signed(Vec<(String, String)>),
    /// The account and its key, which signs for an hour at a time.
    Key(String, String),
    /// Tokens.
    Found(Arc<dyn TokenCredential>),
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Identity")
    }
}

impl Identity {
    /// What a URL's query needs.
    pub(super) fn query(&self) -> Vec<(String, String)> {
        match self {
            Self::Signed(pairs) => pairs.clone(),
            Self::Key(account, key) => {
                let until = Timestamp::now().checked_add(1.hour()).unwrap_or(Timestamp::MAX);
                let until = until.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
                // The key has been tried when connecting.
                signature(account, key, &until).unwrap_or_default()
            }
            Self::Found(_) => Vec::new(),
        }
    }

    /// A token, where there is one.
    pub(super) async fn token(&self) -> Result<Option<String>, RemoteError> {
        let Self::Found(found) = self else { return Ok(None) };
        let token = found.get_token(&[SCOPE], None).await.map_err(|error| {
            RemoteError::new(RemoteErrorKind::Denied, format!("no token could be had: {error}"))
        })?;
        Ok(Some(token.token.secret().to_owned()))
    }
}

/// The container. Credentials are looked for, but not tried.
pub(crate) fn connect(settings: &Settings) -> Result<AzurePlace, ConnectError> {
    let account = settings.text_or("storage_account_name", "");
    let client = Client::builder().connect_timeout(Duration::from_secs(10)).build();
    let client = client.map_err(|error| {
        ConnectError::invalid("storage_account_name", format!("no client can be made: {error}"))
    })?;
    Ok(AzurePlace(Arc::new(Service {
        background: Background::start()?,
        calls: Calls { client, patience: Patience::default() },
        identity: identity(settings, &account)?,
        endpoint: endpoint(settings, &account)?,
        container: settings.text_or("container_name", ""),
        key: settings.text_or("key", ""),
    })))
}

fn endpoint(settings: &Settings, account: &str) -> Result<Url, ConnectError> {
    let suffix = match settings.text_or("environment", "public").as_str() {
        "public" => "core.windows.net",
        "usgovernment" => "core.usgovcloudapi.net",
        "china" => "core.chinacloudapi.cn",
        other => {
            let message =
                format!("\"environment\" is public, usgovernment or china, not \"{other}\"");
            return Err(ConnectError::invalid("environment", message));
        }
    };
    let text = settings.text_or("endpoint", &format!("https://{account}.blob.{suffix}"));
    Url::parse(&text).map_err(|error| {
        ConnectError::invalid("endpoint", format!("\"{text}\" is not a URL: {error}"))
    })
}

fn identity(settings: &Settings, account: &str) -> Result<Identity, ConnectError> {
    let wrong = |error: azure_core::Error| {
        ConnectError::invalid("client_id", format!("the credentials cannot be used: {error}"))
    };
    let by_token = settings.is_true("use_azuread_auth");
    if let Some(key) = settings.text("access_key").filter(|_| !by_token) {
        return match signature(account, &key, "") {
            Some(_) => Ok(Identity::Key(account.to_owned(), key)),
            None => Err(ConnectError::invalid("access_key", "\"access_key\" must be base64")),
        };
    }
    if let Some(token) = settings.text("sas_token").filter(|_| !by_token) {
        let query = format!("http://x/?{}", token.trim_start_matches('?'));
        let url = Url::parse(&query).map_err(|error| {
            ConnectError::invalid("sas_token", format!("\"sas_token\" is no query: {error}"))
        })?;
        return Ok(Identity::Signed(url.query_pairs().into_owned().collect()));
    }
    let (tenant, id) = (settings.text("tenant_id"), settings.text("client_id"));
    let found: Arc<dyn TokenCredential> = match (tenant, id, settings.text("client_secret")) {
        (Some(tenant), Some(id), Some(secret)) => {
            ClientSecretCredential::new(&tenant, id, Secret::new(secret), None).map_err(wrong)?
        }
        _ if settings.is_true("use_oidc") => {
            WorkloadIdentityCredential::new(None).map_err(wrong)?
        }
        _ if settings.is_true("use_msi") => ManagedIdentityCredential::new(None).map_err(wrong)?,
        _ if settings.is_true("use_cli") => AzureCliCredential::new(None).map_err(wrong)?,
        _ => DeveloperToolsCredential::new(None).map_err(wrong)?,
    };
    Ok(Identity::Found(found))
}
