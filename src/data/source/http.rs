//! Web pages: fetched whole, or only asked whether they have changed.

use std::io::Read;
use std::time::Duration;

use ureq::http::{HeaderMap, Response};
use ureq::{Agent, Body, RequestBuilder};

use super::error::SourceError;
use crate::digest;

/// How to fetch. Nothing of it is taken from the environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpOptions {
    /// For name, connection and encryption.
    pub connect_timeout: Duration,
    /// For everything, from the first byte to the last.
    pub timeout: Duration,
    /// Larger content is refused.
    pub most_bytes: u64,
    /// The address of a proxy.
    pub proxy: Option<String>,
    /// The header `Authorization`. It is not sent on to another server after a redirect.
    pub authorization: Option<Authorization>,
}

/// A header that is a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Authorization(pub String);

impl std::fmt::Debug for Authorization {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Authorization(hidden)")
    }
}

impl Default for HttpOptions {
    fn default() -> HttpOptions {
        HttpOptions {
            connect_timeout: Duration::from_secs(10),
            timeout: Duration::from_secs(600),
            most_bytes: 4 << 30,
            proxy: None,
            authorization: None,
        }
    }
}

/// What was fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// The content.
    pub bytes: Vec<u8>,
    /// What tells it from later content.
    pub version: Version,
}

/// What a server says of the content without sending it. Equal versions are equal content.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Version {
    /// The header `ETag`.
    pub etag: Option<String>,
    /// The header `Last-Modified`, as it is written.
    pub modified: Option<String>,
    /// In bytes.
    pub size: Option<u64>,
    /// Of the content, where the server tells neither of the first two.
    pub sha256: Option<String>,
}

/// Fetches the content of an address. Redirects are followed, but never from https to http.
///
/// # Errors
/// By meaning: see [`SourceError`].
pub fn fetch(url: &str, options: &HttpOptions) -> Result<Fetched, SourceError> {
    let response = asked(agent(url, options)?.get(url), options).call();
    let mut response = accepted(url, options, response)?;
    let bytes = content(url, options, &mut response)?;
    let mut version = Version::of(response.headers());
    version.size = Some(bytes.len() as u64);
    version.complete(&bytes);
    Ok(Fetched { bytes, version })
}

/// Opens the content of an address, to be read while it comes. The limit on its size is the reader's.
///
/// # Errors
/// By meaning: see [`SourceError`].
pub fn open(url: &str, options: &HttpOptions) -> Result<Box<dyn Read + Send>, SourceError> {
    let response = asked(agent(url, options)?.get(url), options).call();
    let response = accepted(url, options, response)?;
    Ok(Box::new(response.into_body().into_reader()))
}

/// Asks for the version of the content. Where the server does not answer that question, or its answer
/// tells nothing, the content is fetched instead.
///
/// # Errors
/// By meaning: see [`SourceError`].
pub fn probe(url: &str, options: &HttpOptions) -> Result<Version, SourceError> {
    let response = asked(agent(url, options)?.head(url), options).call();
    match accepted(url, options, response) {
        Ok(response) => {
            let version = Version::of(response.headers());
            if version.etag.is_some() || version.modified.is_some() {
                return Ok(version);
            }
        }
        // There is no better answer in the content.
        Err(error) if error.is_retryable() => return Err(error),
        // Some servers know no HEAD, and say so in several ways.
        Err(_) => {}
    }
    fetch(url, options).map(|fetched| fetched.version)
}

impl Version {
    fn of(headers: &HeaderMap) -> Version {
        let text = |name: &str| headers.get(name)?.to_str().ok().map(str::to_owned);
        Version {
            etag: text("etag"),
            modified: text("last-modified"),
            size: text("content-length").and_then(|size| size.parse().ok()),
            sha256: None,
        }
    }

    fn complete(&mut self, bytes: &[u8]) {
        if self.etag.is_none() && self.modified.is_none() {
            self.sha256 = Some(digest::of(bytes));
        }
    }
}

fn asked<B>(request: RequestBuilder<B>, options: &HttpOptions) -> RequestBuilder<B> {
    match &options.authorization {
        Some(Authorization(header)) => request.header("authorization", header),
        None => request,
    }
}

fn agent(url: &str, options: &HttpOptions) -> Result<Agent, SourceError> {
    let proxy = options.proxy.as_deref().map(ureq::Proxy::new).transpose();
    let proxy = proxy.map_err(|error| SourceError::invalid(url, error.to_string()))?;
    let config = Agent::config_builder()
        .proxy(proxy)
        .https_only(url.starts_with("https://"))
        .http_status_as_error(false)
        .timeout_connect(Some(options.connect_timeout))
        .timeout_global(Some(options.timeout))
        .user_agent(concat!("skyform/", env!("CARGO_PKG_VERSION")))
        .build();
    Ok(Agent::new_with_config(config))
}

/// The answer, if it has the content.
fn accepted(
    url: &str,
    options: &HttpOptions,
    response: Result<Response<Body>, ureq::Error>,
) -> Result<Response<Body>, SourceError> {
    let response = response.map_err(|error| failed(url, &error))?;
    let status = response.status();
    let reason = || format!("the server answers {status}");
    match status.as_u16() {
        200 | 203 => {}
        404 | 410 => return Err(SourceError::not_found(url)),
        401 | 403 | 407 | 451 => return Err(SourceError::denied(url, reason())),
        // 501 and 505 say that the question is not understood, and never will be.
        408 | 425 | 429 | 500 | 502..=504 | 506.. => {
            return Err(SourceError::unavailable(url, reason()));
        }
        _ => return Err(SourceError::invalid(url, reason())),
    }
    let encoding = response.headers().get("content-encoding").and_then(|text| text.to_str().ok());
    if let Some(encoding) = encoding.filter(|encoding| *encoding != "identity") {
        let reason = format!("the server sends it as {encoding}, which was not asked for");
        return Err(SourceError::invalid(url, reason));
    }
    let size = Version::of(response.headers()).size;
    if size.is_some_and(|size| size > options.most_bytes) {
        return Err(SourceError::too_large(url, options.most_bytes));
    }
    Ok(response)
}

fn content(
    url: &str,
    options: &HttpOptions,
    response: &mut Response<Body>,
) -> Result<Vec<u8>, SourceError> {
    let mut bytes = Vec::new();
    let reader = response.body_mut().as_reader();
    reader
        .take(options.most_bytes.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|error| SourceError::unavailable(url, error.to_string()))?;
    if bytes.len() as u64 > options.most_bytes {
        return Err(SourceError::too_large(url, options.most_bytes));
    }
    Ok(bytes)
}

fn failed(url: &str, error: &ureq::Error) -> SourceError {
    match error {
        ureq::Error::Io(_)
        | ureq::Error::Timeout(_)
        | ureq::Error::HostNotFound
        | ureq::Error::ConnectionFailed => SourceError::unavailable(url, error.to_string()),
        _ => SourceError::invalid(url, error.to_string()),
    }
}

#[cfg(test)]
mod tests;
