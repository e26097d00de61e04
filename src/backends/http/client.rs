//! The client, from the arguments.

use std::sync::Arc;
use std::time::Duration;

use reqwest::{Certificate, Client, Identity, Method, Url};
use skyform_state::{Remote, RemoteError};

use super::remote::HttpState;
use crate::background::Background;
use crate::calls::{Calls, Patience};
use crate::connect::ConnectError;
use crate::remotes::Remotes;
use crate::settings::Settings;

/// The only state that is behind an address.
#[derive(Debug)]
pub(crate) struct HttpPlace(Arc<HttpState>);

impl Remotes for HttpPlace {
    fn place(&self) -> String {
        self.0.place()
    }

    fn list(&self) -> Result<Vec<String>, RemoteError> {
        Ok(Vec::new())
    }

    fn delete(&self, _workspace: &str) -> Result<(), RemoteError> {
        self.0.delete()
    }

    fn remote(&self, _workspace: &str) -> Arc<dyn Remote> {
        Arc::clone(&self.0) as Arc<dyn Remote>
    }
}

/// The state behind the address. Nothing is sent yet.
pub(crate) fn connect(settings: &Settings) -> Result<HttpPlace, ConnectError> {
    let seconds =
        |name: &str, default: u64| Duration::from_secs(settings.number(name).unwrap_or(default));
    let address = address(settings, "address")?;
    let Some(address) = address else { return Err(ConnectError::Missing("address")) };
    let state = HttpState {
        background: Background::start()?,
        calls: Calls {
            client: client(settings)?,
            patience: Patience {
                retries: settings.number("retry_max").unwrap_or(2),
                shortest: seconds("retry_wait_min", 1),
                longest: seconds("retry_wait_max", 30),
            },
        },
        address,
        update_method: method(settings, "update_method", "POST")?,
        lock_address: self::address(settings, "lock_address")?,
        lock_method: method(settings, "lock_method", "LOCK")?,
        unlock_address: self::address(settings, "unlock_address")?,
        unlock_method: method(settings, "unlock_method", "UNLOCK")?,
        login: settings.text("username").map(|user| (user, settings.text("password"))),
        held: std::sync::Mutex::new(None),
    };
    Ok(HttpPlace(Arc::new(state)))
}

fn address(settings: &Settings, name: &'static str) -> Result<Option<Url>, ConnectError> {
    let Some(text) = settings.text(name) else { return Ok(None) };
    let url = Url::parse(&text);
    let url = url.map_err(|error| {
        ConnectError::invalid(name, format!("\"{name}\" is not a URL: {error}"))
    })?;
    match url.scheme() {
        "http" | "https" => Ok(Some(url)),
        _ => Err(ConnectError::invalid(name, format!("\"{name}\" must be HTTP or HTTPS"))),
    }
}

fn method(settings: &Settings, name: &'static str, plain: &str) -> Result<Method, ConnectError> {
    let text = settings.text_or(name, plain);
    Method::from_bytes(text.as_bytes())
        .map_err(|_| ConnectError::invalid(name, format!("\"{name}\" is not an HTTP method")))
}

fn client(settings: &Settings) -> Result<Client, ConnectError> {
    let mut builder = Client::builder().connect_timeout(Duration::from_secs(10));
    if settings.is_true("skip_cert_verification") {
        builder = builder.tls_danger_accept_invalid_certs(true);
    }
    if let Some(pem) = settings.text("client_ca_certificate_pem") {
        let wrong = |error: reqwest::Error| {
            ConnectError::invalid(
                "client_ca_certificate_pem",
                format!("it is not a certificate: {error}"),
            )
        };
        builder =
            builder.tls_certs_merge(Certificate::from_pem_bundle(pem.as_bytes()).map_err(wrong)?);
    }
    match (settings.text("client_certificate_pem"), settings.text("client_private_key_pem")) {
        (Some(certificate), Some(key)) => {
            let wrong = |error: reqwest::Error| {
                ConnectError::invalid(
                    "client_certificate_pem",
                    format!("it cannot be used: {error}"),
                )
            };
            let both = format!("{certificate}\n{key}");
            builder = builder.identity(Identity::from_pem(both.as_bytes()).map_err(wrong)?);
        }
        (None, None) => {}
        (None, Some(_)) => return Err(ConnectError::Missing("client_certificate_pem")),
        (Some(_), None) => return Err(ConnectError::Missing("client_private_key_pem")),
    }
    builder.build().map_err(|error| {
        ConnectError::invalid("address", format!("no client can be made: {error}"))
    })
}
