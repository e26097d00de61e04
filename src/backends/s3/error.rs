//! The SDK's errors by meaning.

use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use skyform_state::{RemoteError, RemoteErrorKind};

use crate::calls::chain;

/// What an error means. `DisplayErrorContext` is not used: it repeats whole requests.
pub(super) fn remote_error<E>(error: &SdkError<E, HttpResponse>) -> RemoteError
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    let status = error.raw_response().map(|response| response.status().as_u16());
    let code = error.code().unwrap_or_default();
    let kind = match (status, code) {
        (_, "NoSuchBucket") => RemoteErrorKind::Missing,
        (_, "ExpiredToken" | "InvalidAccessKeyId" | "SignatureDoesNotMatch" | "InvalidToken") => {
            RemoteErrorKind::Denied
        }
        (Some(401 | 403), _) => RemoteErrorKind::Denied,
        (Some(404), _) => RemoteErrorKind::Missing,
        (Some(409 | 412), _) => RemoteErrorKind::Changed,
        (Some(429 | 500 | 502..=504), _) => RemoteErrorKind::Unreachable,
        (Some(501), _) => RemoteErrorKind::Unsupported,
        (Some(_), _) => RemoteErrorKind::Other,
        (None, _) if is_about_credentials(error) => RemoteErrorKind::Denied,
        (None, _) => RemoteErrorKind::Unreachable,
    };
    let said = match (error.message(), status) {
        (Some(message), _) => format!("{message} ({code})"),
        (None, Some(status)) => {
            format!("the answer was HTTP {status} {code}").trim_end().to_owned()
        }
        (None, None) => chain(error),
    };
    RemoteError::new(kind, said.trim_end_matches('.'))
}

/// Whether no request was sent, for want of credentials.
fn is_about_credentials<E>(error: &SdkError<E, HttpResponse>) -> bool
where
    E: std::error::Error + 'static,
{
    chain(error).contains("credentials")
}
