//! Who we are to Microsoft Entra ID: the usual chain of credentials, the first that answers.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use azure_core::credentials::{AccessToken, Secret, TokenCredential, TokenRequestOptions};
use azure_core::error::ErrorKind;
use azure_core::{Error, Result};
use azure_identity::{
    ClientSecretCredential, DeveloperToolsCredential, ManagedIdentityCredential,
    WorkloadIdentityCredential,
};
use reqsign_azure_storage::Credential;
use reqsign_core::time::Timestamp;
use reqsign_core::{Context, ProvideCredential};
use tokio::sync::OnceCell;

use crate::auth::Environment;

/// What tokens for blobs are asked for.
const SCOPE: &str = "https://storage.azure.com/.default";

/// How long the machine's own identity may take: outside of Azure nobody answers.
const MACHINE_LIMIT: Duration = Duration::from_secs(5);

/// The chain. Which credential answers is found out with the first token and kept.
#[derive(Clone)]
pub(crate) struct Identity {
    environment: Environment,
    found: Arc<OnceCell<Arc<dyn TokenCredential>>>,
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").finish_non_exhaustive()
    }
}

impl Identity {
    pub(crate) fn new(environment: Environment) -> Self {
        Self { environment, found: Arc::default() }
    }

    /// Credentials in the order in which they are tried: what is set for this process, the machine's
    /// own, then a person's.
    fn candidates(&self) -> Vec<(&'static str, Result<Arc<dyn TokenCredential>>)> {
        fn any<T: TokenCredential + 'static>(
            made: Result<Arc<T>>,
        ) -> Result<Arc<dyn TokenCredential>> {
            made.map(|credential| credential as Arc<dyn TokenCredential>)
        }
        let variable = |name: &str| (self.environment)(name).filter(|value| !value.is_empty());
        let mut candidates = Vec::new();
        if let (Some(tenant), Some(client), Some(secret)) = (
            variable("AZURE_TENANT_ID"),
            variable("AZURE_CLIENT_ID"),
            variable("AZURE_CLIENT_SECRET"),
        ) {
            let made = ClientSecretCredential::new(&tenant, client, Secret::new(secret), None);
            candidates.push(("service principal", any(made)));
        }
        if variable("AZURE_FEDERATED_TOKEN_FILE").is_some() {
            candidates.push(("workload identity", any(WorkloadIdentityCredential::new(None))));
        }
        candidates.push(("managed identity", any(ManagedIdentityCredential::new(None))));
        candidates.push(("command line tools", any(DeveloperToolsCredential::new(None))));
        candidates
    }

    async fn find(&self) -> Result<Arc<dyn TokenCredential>> {
        let mut said = Vec::new();
        for (name, candidate) in self.candidates() {
            let token = async {
                let credential = candidate?;
                credential.get_token(&[SCOPE], None).await?;
                Ok::<_, Error>(credential)
            };
            let tried = match name {
                "managed identity" => tokio::time::timeout(MACHINE_LIMIT, token).await,
                _ => Ok(token.await),
            };
            match tried {
                Ok(Ok(credential)) => return Ok(credential),
                Ok(Err(error)) => said.push(format!("{name}: {}", crate::error::words(&error))),
                Err(_) => said.push(format!("{name}: no answer")),
            }
        }
        Err(Error::with_message(ErrorKind::Credential, said.join("; ")))
    }
}

#[async_trait]
impl TokenCredential for Identity {
    async fn get_token(
        &self,
        scopes: &[&str],
        options: Option<TokenRequestOptions<'_>>,
    ) -> Result<AccessToken> {
        let credential = self.found.get_or_try_init(|| self.find()).await?;
        credential.get_token(scopes, options).await
    }
}

impl ProvideCredential for Identity {
    type Credential = Credential;

    async fn provide_credential(
        &self,
        _context: &Context,
    ) -> reqsign_core::Result<Option<Self::Credential>> {
        let token = self.get_token(&[SCOPE], None).await.map_err(|error| {
            reqsign_core::Error::credential_invalid(crate::error::words(&error))
        })?;
        let expires_in = Timestamp::from_second(token.expires_on.unix_timestamp()).ok();
        Ok(Some(Credential::BearerToken { token: token.token.secret().to_owned(), expires_in }))
    }
}
