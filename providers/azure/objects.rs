//! Blobs through OpenDAL.

use opendal::Operator;
use opendal::services::Azblob;
use reqsign_core::ProvideCredentialChain;
use skyform_provider_sdk::{Patience, Problem, ProblemKind, with_patience};
use skyform_value::Path;

use crate::auth::{Account, Proof};
use crate::names;

/// The blobs of a container. Nothing is contacted yet.
pub(crate) fn operator(account: &Account, container: &str) -> Result<Operator, Problem> {
    names::check(container)?;
    let endpoint = account.service.as_str().trim_end_matches('/');
    let builder =
        Azblob::default().container(container).endpoint(endpoint).account_name(&account.name);
    let builder = match &account.proof {
        Proof::Key(key) => builder.account_key(&key.text),
        Proof::Sas(sas) => builder.sas_token(sas),
        Proof::Identity(identity) => {
            builder.credential_provider_chain(ProvideCredentialChain::new().push(identity.clone()))
        }
    };
    let operator = Operator::new(builder).map_err(|error| {
        let detail = format!("The container {container}: {error}.");
        Problem::error(ProblemKind::Invalid, "Container cannot be reached", detail)
            .at(Path::attribute("cloud"))
    })?;
    Ok(with_patience(operator, Patience::default()))
}
