//! Objects through OpenDAL.

use opendal::Operator;
use opendal::services::Gcs;
use reqsign_core::ProvideCredentialChain;
use skyform_provider_sdk::{Patience, Problem, ProblemKind, with_patience};
use skyform_value::Path;

use crate::auth::Service;
use crate::names;

/// The objects of a bucket. Nothing is contacted yet.
pub(crate) fn operator(service: &Service, bucket: &str) -> Result<Operator, Problem> {
    names::check(bucket)?;
    let builder = Gcs::default()
        .bucket(bucket)
        .endpoint(&service.url)
        .disable_config_load()
        .disable_vm_metadata();
    let builder = match &service.tokens {
        Some(tokens) => {
            builder.credential_provider_chain(ProvideCredentialChain::new().push(tokens.clone()))
        }
        None => builder.skip_signature(),
    };
    let operator = Operator::new(builder).map_err(|error| {
        let detail = format!("The bucket {bucket}: {error}.");
        Problem::error(ProblemKind::Invalid, "Bucket cannot be reached", detail)
            .at(Path::attribute("cloud"))
    })?;
    Ok(with_patience(operator, Patience::default()))
}
