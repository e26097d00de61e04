//! Which server a cloud means, and how requests to it are proven.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use google_cloud_auth::credentials::{AccessTokenCredentials, Builder};
use reqsign_core::time::Timestamp;
use reqsign_core::{Context, ProvideCredential};
use reqsign_google::{Credential, Token};
use reqwest::Url;
use skyform_provider_sdk::{CloudSettings, Problem, ProblemKind};
use skyform_value::Path;
use tokio::sync::OnceCell;

/// Looks environment variables up by name.
pub type Environment = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

const SERVICE: &str = "https://storage.googleapis.com";
const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";

/// How long a token may take: outside of Google Cloud the machine's own server does not answer.
const LIMIT: Duration = Duration::from_secs(20);

/// The storage service that a cloud means.
#[derive(Clone, Debug)]
pub(crate) struct Service {
    /// Its URL, without a slash at the end.
    pub(crate) url: String,
    /// None: requests are anonymous.
    pub(crate) tokens: Option<Tokens>,
}

impl Service {
    /// The service that settings and environment name. Nothing is contacted. A server without
    /// encryption is an emulator, which gets no tokens.
    pub(crate) fn find(
        settings: &CloudSettings,
        environment: &Environment,
    ) -> Result<Self, Problem> {
        let emulator = environment("STORAGE_EMULATOR_HOST").filter(|host| !host.is_empty());
        let emulator =
            emulator.map(|host| if host.contains("://") { host } else { format!("http://{host}") });
        let given = settings.endpoint_of("storage").map(str::to_owned).or(emulator);
        let url = given.unwrap_or_else(|| SERVICE.to_owned());
        let parsed = Url::parse(&url).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        let Some(parsed) = parsed else {
            let detail =
                format!("\"{url}\" cannot be the endpoint of the cloud \"{}\".", settings.name);
            return Err(Problem::error(ProblemKind::Invalid, "Invalid endpoint", detail)
                .at(Path::attribute("cloud"))
                .hint("A URL such as https://storage.googleapis.com."));
        };
        let tokens = (parsed.scheme() == "https").then(Tokens::default);
        Ok(Self { url: url.trim_end_matches('/').to_owned(), tokens })
    }
}

/// The usual chain of credentials: GOOGLE_APPLICATION_CREDENTIALS, what gcloud keeps, the machine's
/// own. Looked for with the first token and kept.
#[derive(Clone, Default)]
pub(crate) struct Tokens {
    credentials: Arc<OnceCell<AccessTokenCredentials>>,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").finish_non_exhaustive()
    }
}

impl Tokens {
    /// A token; the reason if there is none.
    pub(crate) async fn get(&self) -> Result<String, String> {
        let token = async {
            let find = || async {
                let builder = Builder::default().with_scopes([SCOPE]);
                builder
                    .build_access_token_credentials()
                    .map_err(|error| skyform_provider_sdk::words(&error))
            };
            let credentials = self.credentials.get_or_try_init(find).await?;
            credentials.access_token().await.map_err(|error| skyform_provider_sdk::words(&error))
        };
        match tokio::time::timeout(LIMIT, token).await {
            Ok(token) => token.map(|token| token.token),
            Err(_) => Err("no answer about who we are".to_owned()),
        }
    }
}

impl ProvideCredential for Tokens {
    type Credential = Credential;

    async fn provide_credential(
        &self,
        _context: &Context,
    ) -> reqsign_core::Result<Option<Self::Credential>> {
        let access_token = self.get().await.map_err(reqsign_core::Error::credential_invalid)?;
        // It is kept and renewed here; so it is soon asked for again.
        let expires_at = Some(Timestamp::now() + Duration::from_secs(180));
        Ok(Some(Credential::with_token(Token { access_token, expires_at })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(endpoint: Option<&str>, emulator: Option<&'static str>) -> Result<Service, Problem> {
        let environment: Environment = Arc::new(move |name| {
            emulator.filter(|_| name == "STORAGE_EMULATOR_HOST").map(str::to_owned)
        });
        let endpoint = endpoint.map(str::to_owned);
        Service::find(&CloudSettings { endpoint, ..CloudSettings::default() }, &environment)
    }

    #[test]
    fn tokens_go_only_where_nobody_listens() {
        for (endpoint, emulator, url, has_tokens) in [
            (None, None, "https://storage.googleapis.com", true),
            (Some("https://private.example/"), None, "https://private.example", true),
            (Some("http://127.0.0.1:4443"), None, "http://127.0.0.1:4443", false),
            (None, Some("localhost:4443"), "http://localhost:4443", false),
            (Some("https://a.example"), Some("localhost:1"), "https://a.example", true),
        ] {
            let service = find(endpoint, emulator).unwrap();
            assert_eq!((service.url.as_str(), service.tokens.is_some()), (url, has_tokens));
        }
        assert_eq!(find(Some("nonsense"), None).unwrap_err().summary, "Invalid endpoint");
    }
}
