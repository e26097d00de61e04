//! The objects of a bucket as an operator, with the account's own credentials.

use std::sync::Arc;
use std::time::SystemTime;

use opendal::Operator;
use opendal::layers::{RetryLayer, TimeoutLayer};
use opendal::services::S3;
use reqsign_aws_v4::Credential;
use reqsign_core::time::Timestamp;
use reqsign_core::{Context, Error, ProvideCredential, ProvideCredentialChain};
use skyform_provider_sdk::{Problem, objects};

use crate::client::addressing;
use crate::names;
use crate::session::Session;
use crate::store::Addressing;

/// The operator; nobody is asked before it is used.
pub(crate) fn operator(session: &Arc<Session>, bucket: &str) -> Result<Operator, Problem> {
    names::check(bucket)?;
    opendal::install_default();
    let region = session.region()?;
    let own = session.endpoint("s3");
    let endpoint = own.or_else(|| session.store.endpoint_in(region)).unwrap_or_default();
    let credentials = ProvideCredentialChain::new().push(Credentials(session.clone()));
    let mut builder = S3::default()
        .bucket(bucket)
        .region(region)
        .endpoint(&endpoint)
        .disable_config_load()
        .disable_ec2_metadata()
        .credential_provider_chain(credentials);
    if addressing(session) == Addressing::Host {
        builder = builder.enable_virtual_host_style();
    }
    let limits = session.limits;
    let operator = Operator::new(builder).map_err(|error| objects::problem(&error, bucket))?;
    let timeouts = TimeoutLayer::new().with_timeout(limits.attempt).with_io_timeout(limits.attempt);
    let tries = usize::try_from(limits.attempts.saturating_sub(1)).unwrap_or(usize::MAX);
    Ok(operator.layer(timeouts).layer(RetryLayer::new().with_max_times(tries).with_jitter()))
}

/// Hands on what the account's session finds.
#[derive(Debug)]
struct Credentials(Arc<Session>);

impl ProvideCredential for Credentials {
    type Credential = Credential;

    async fn provide_credential(&self, _: &Context) -> reqsign_core::Result<Option<Credential>> {
        let found = self.0.credentials().await.map_err(|problem| {
            Error::credential_invalid(format!("{}: {}", problem.summary, problem.detail))
        })?;
        let expiry = found.expiry().and_then(timestamp);
        Ok(Some(Credential {
            access_key_id: found.access_key_id().to_owned(),
            secret_access_key: found.secret_access_key().to_owned(),
            session_token: found.session_token().map(str::to_owned),
            expires_in: expiry,
        }))
    }
}

fn timestamp(time: SystemTime) -> Option<Timestamp> {
    let seconds = time.duration_since(SystemTime::UNIX_EPOCH).ok()?.as_secs();
    Timestamp::from_second(i64::try_from(seconds).ok()?).ok()
}
