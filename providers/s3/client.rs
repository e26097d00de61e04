//! Clients of the protocol, for each store as it needs it.

use std::net::IpAddr;
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::interceptors::InterceptorContext;
use aws_sdk_s3::config::retry::{ClassifyRetry, RetryAction};
use aws_sdk_s3::config::{Builder, RequestChecksumCalculation, ResponseChecksumValidation};
use aws_smithy_runtime_api::client::retries::classifiers::RetryClassifierPriority;
use aws_smithy_types::retry::ErrorKind;
use skyform_provider_sdk::Problem;

use crate::session::Session;
use crate::store::Addressing;

/// A client for the buckets of an account.
pub(crate) async fn client(session: &Session) -> Result<Client, Problem> {
    let store = &session.store;
    let is_amazons = store.tags_at_create;
    let mut builder = Builder::from(session.config().await?)
        .force_path_style(addressing(session) == Addressing::Path)
        .retry_classifier(HonourRetryAfter);
    let own = session.endpoint("s3");
    let usual = || store.endpoint_in(session.region().ok()?).filter(|_| !is_amazons);
    if let Some(url) = own.or_else(usual) {
        builder = builder.endpoint_url(url);
    }
    if !is_amazons {
        // Checksums that came later than the protocol's first ones, which many stores do not know.
        builder = builder
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired);
    }
    Ok(Client::from_conf(builder.build()))
}

/// Where a bucket's name stands in requests to this account.
pub(crate) fn addressing(session: &Session) -> Addressing {
    let Some(url) = session.endpoint("s3") else { return session.store.addressing };
    let host = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
    let host = host.split(['/', ':']).next().unwrap_or_default();
    // There are no names below an address, and few below another server's.
    let is_bare = host.parse::<IpAddr>().is_ok() || host == "localhost" || host.starts_with('[');
    if is_bare || session.store.tags_at_create {
        Addressing::Path
    } else {
        session.store.addressing
    }
}

/// Waits as long as a service asks for: the SDK reads only the header of Amazon's own.
#[derive(Clone, Copy, Debug)]
pub struct HonourRetryAfter;

impl ClassifyRetry for HonourRetryAfter {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let Some(response) = context.response() else { return RetryAction::NoActionIndicated };
        let kind = match response.status().as_u16() {
            429 => ErrorKind::ThrottlingError,
            500 | 502 | 503 | 504 => ErrorKind::ServerError,
            _ => return RetryAction::NoActionIndicated,
        };
        let seconds = response.headers().get("retry-after").and_then(|text| text.parse().ok());
        match seconds {
            Some(seconds) => {
                RetryAction::retryable_error_with_explicit_delay(kind, Duration::from_secs(seconds))
            }
            None if kind == ErrorKind::ThrottlingError => RetryAction::retryable_error(kind),
            None => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "Retry-After"
    }

    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::run_after(RetryClassifierPriority::transient_error_classifier())
    }
}
