//! The objects of a bucket as an operator, with the account's own credentials.

use std::sync::Arc;
use std::time::SystemTime;

use opendal::Operator;
use opendal::services::S3;
use reqsign_aws_v4::Credential;
use reqsign_core::time::Timestamp;
use reqsign_core::{Context, Error, ProvideCredential, ProvideCredentialChain};
use skyform_provider_sdk::{Patience, Problem, objects, with_patience};

use crate::client::addressing;
use crate::names;
use crate::session::{Limits, Session};
use crate::store::Addressing;

/// The operator; nobody is asked before it is used.
pub(crate) fn operator(session: &Arc<Session>, bucket: &str) -> Result<Operator, Problem> {
    names::check_existing(bucket)?;
    let region = session.region()?;
    let own = session.endpoint("s3");
    let is_amazons_own = own.is_none() && session.store.tags_at_create;
    let endpoint = own.or_else(|| session.store.endpoint_in(region)).unwrap_or_default();
    let credentials = ProvideCredentialChain::new().push(Credentials(session.clone()));
    let mut builder = S3::default()
        .bucket(bucket)
        .region(region)
        .endpoint(&endpoint)
        .disable_config_load()
        .disable_ec2_metadata()
        .credential_provider_chain(credentials);
    // A certificate is for one name below the host's, and a dot would make it two.
    if addressing(session) == Addressing::Host && !bucket.contains('.') {
        builder = builder.enable_virtual_host_style();
    }
    if is_amazons_own {
        // Its servers check each request's CRC-32C; others may not know it.
        builder = builder.checksum_algorithm("crc32c");
    }
    let operator = Operator::new(builder).map_err(|error| objects::problem(&error, bucket))?;
    let Limits { attempt, attempts, .. } = session.limits;
    let patience = Patience {
        answer: attempt,
        content: attempt.saturating_mul(5),
        tries: usize::try_from(attempts).unwrap_or(usize::MAX),
    };
    Ok(with_patience(operator, patience))
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
