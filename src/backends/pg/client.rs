//! A connection to the database, which is made again when it breaks.

use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use rustls_platform_verifier::BuilderVerifierExt as _;
use skyform_state::{RemoteError, RemoteErrorKind};
use tokio::sync::Mutex;
use tokio_postgres::config::SslMode;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config, Error};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::calls::chain;
use crate::connect::ConnectError;
use crate::settings::Settings;

/// How long connecting may take.
const PATIENCE: Duration = Duration::from_secs(15);

/// How to connect, and the connection once there is one.
#[derive(Debug)]
pub(super) struct Database {
    config: Config,
    client: Mutex<Option<Arc<Client>>>,
}

impl Database {
    /// The database that the settings name; nothing is sent yet.
    pub(super) fn new(settings: &Settings) -> Result<Self, ConnectError> {
        let text = settings.text_or("conn_str", "");
        let mode = mode_of(&text).or_else(|| settings.variable("PGSSLMODE"));
        let text = without_mode(&text);
        let wrong = |error: Error| {
            ConnectError::invalid(
                "conn_str",
                format!("\"conn_str\" cannot be used: {}", chain(&error)),
            )
        };
        let mut config: Config = text.parse().map_err(wrong)?;
        // As Terraform's driver does, which asks for TLS where nothing is said.
        config.ssl_mode(match mode.as_deref() {
            Some("disable") => SslMode::Disable,
            Some("prefer" | "allow") => SslMode::Prefer,
            _ => SslMode::Require,
        });
        if config.get_hosts().is_empty() {
            config.host(settings.variable("PGHOST").as_deref().unwrap_or("localhost"));
        }
        if config.get_ports().is_empty()
            && let Some(port) = settings.variable("PGPORT").and_then(|port| port.parse().ok())
        {
            config.port(port);
        }
        if config.get_user().is_none()
            && let Some(user) = settings.variable("PGUSER").or_else(|| settings.variable("USER"))
        {
            config.user(user);
        }
        if config.get_password().is_none()
            && let Some(password) = settings.variable("PGPASSWORD")
        {
            config.password(password);
        }
        if config.get_dbname().is_none()
            && let Some(name) = settings.variable("PGDATABASE")
        {
            config.dbname(name);
        }
        config.connect_timeout(PATIENCE);
        Ok(Self { config, client: Mutex::new(None) })
    }

    /// The host and database, as messages name them.
    pub(super) fn place(&self) -> String {
        let host = match self.config.get_hosts().first() {
            Some(tokio_postgres::config::Host::Tcp(host)) => host.clone(),
            Some(tokio_postgres::config::Host::Unix(path)) => path.display().to_string(),
            None => "localhost".to_owned(),
        };
        let name = self.config.get_dbname().or(self.config.get_user()).unwrap_or_default();
        format!("pg://{host}/{name}")
    }

    /// The connection. One that broke is made anew; locks that it held are gone with it.
    pub(super) async fn client(&self) -> Result<Arc<Client>, RemoteError> {
        let mut client = self.client.lock().await;
        if let Some(open) = client.as_ref().filter(|open| !open.is_closed()) {
            return Ok(Arc::clone(open));
        }
        let tls = ClientConfig::builder_with_provider(Arc::new(
            rustls::crypto::aws_lc_rs::default_provider(),
        ))
        .with_safe_default_protocol_versions()
        .and_then(|builder| builder.with_platform_verifier())
        .map_err(|error| RemoteError::new(RemoteErrorKind::Other, format!("no TLS: {error}")))?
        .with_no_client_auth();
        let connected = self.config.connect(MakeRustlsConnect::new(tls)).await;
        let (made, connection) = connected.map_err(|error| database_error(&error))?;
        // It ends with the client, and with an error that the client's next call sees.
        tokio::spawn(async move { drop(connection.await) });
        let made = Arc::new(made);
        *client = Some(Arc::clone(&made));
        Ok(made)
    }

    /// Ends the connection, and with it all locks that it holds.
    pub(super) async fn close(&self) {
        *self.client.lock().await = None;
    }
}

/// What an error of the database means.
pub(super) fn database_error(error: &Error) -> RemoteError {
    let kind = match error.code() {
        Some(code) if *code == SqlState::INVALID_PASSWORD => RemoteErrorKind::Denied,
        Some(code) if *code == SqlState::INVALID_AUTHORIZATION_SPECIFICATION => {
            RemoteErrorKind::Denied
        }
        Some(code) if *code == SqlState::INSUFFICIENT_PRIVILEGE => RemoteErrorKind::Denied,
        Some(code) if *code == SqlState::INVALID_CATALOG_NAME => RemoteErrorKind::Missing,
        Some(code) if *code == SqlState::UNDEFINED_TABLE => RemoteErrorKind::Missing,
        Some(code) if *code == SqlState::INVALID_SCHEMA_NAME => RemoteErrorKind::Missing,
        Some(code) if code.code().starts_with("57") => RemoteErrorKind::Unreachable,
        Some(_) => RemoteErrorKind::Other,
        None => RemoteErrorKind::Unreachable,
    };
    let said = match error.as_db_error() {
        Some(said) => said.message().to_owned(),
        None => chain(error),
    };
    RemoteError::new(kind, said)
}

/// `sslmode` in a connection string, as a URL or as pairs.
fn mode_of(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("sslmode=")?;
    let end = rest.find(['&', ' ']).unwrap_or(rest.len());
    Some(rest[..end].trim_matches('\'').to_owned())
}

/// The same without it: the client does not know all modes that there are.
fn without_mode(text: &str) -> String {
    let Some((before, rest)) = text.split_once("sslmode=") else { return text.to_owned() };
    let end = rest.find(['&', ' ']).map_or(rest.len(), |end| end + 1);
    let joined = format!("{before}{}", &rest[end..]);
    joined.trim_end_matches(['&', '?', ' ']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mode_is_taken_out_of_either_form() {
        let table = [
            ("postgres://u@h/d?sslmode=disable", Some("disable"), "postgres://u@h/d"),
            (
                "postgres://u@h/d?sslmode=verify-full&a=b",
                Some("verify-full"),
                "postgres://u@h/d?a=b",
            ),
            ("host=h sslmode=require user=u", Some("require"), "host=h user=u"),
            ("host=h", None, "host=h"),
        ];
        for (text, mode, rest) in table {
            assert_eq!(mode_of(text).as_deref(), mode, "{text}");
            assert_eq!(without_mode(text), rest, "{text}");
        }
    }
}
