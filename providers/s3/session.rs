//! How an account is reached: region, endpoints and credentials, found by the usual chain.
//!
//! Nothing is looked up before it is needed, and then once: a plan that does not touch the cloud
//! reads no profile and contacts nobody.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{Credentials, ProvideCredentials as _, Region, SharedCredentialsProvider};
use skyform_provider_sdk::{CloudSettings, Problem, ProblemKind};
use skyform_value::Path;
use tokio::sync::OnceCell;

use crate::store::Store;

/// Gives a variable of the environment.
pub type Environment = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// How long requests may take, and how often they are tried.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For a connection to be there.
    pub connect: Duration,
    /// For one try of a request.
    pub attempt: Duration,
    /// Tries of a request that was throttled, or that met a fault of the service.
    pub attempts: u32,
    /// For what was made to be seen by the service's other servers.
    pub settle: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            attempt: Duration::from_secs(60),
            attempts: 6,
            settle: Duration::from_secs(30),
        }
    }
}

/// An account at a service, as a `cloud` block describes it.
pub struct Session {
    /// What the block says.
    pub settings: CloudSettings,
    /// Whose account it is.
    pub store: Store,
    /// Limits of requests.
    pub limits: Limits,
    environment: Environment,
    credentials: Option<SharedCredentialsProvider>,
    region: OnceLock<Option<String>>,
    config: OnceCell<SdkConfig>,
}

impl Session {
    /// The account of a `cloud` block; nothing is looked up yet.
    pub fn new(
        settings: CloudSettings,
        store: Store,
        limits: Limits,
        environment: Environment,
    ) -> Self {
        let (region, config) = (OnceLock::new(), OnceCell::new());
        Self { settings, store, limits, environment, credentials: None, region, config }
    }

    /// With credentials from elsewhere than the usual chain.
    #[must_use]
    pub fn with_credentials(self, credentials: Option<SharedCredentialsProvider>) -> Self {
        Self { credentials, ..self }
    }

    /// The region: the block's; for Amazon's else of the environment, else of the profile.
    ///
    /// # Errors
    /// If it is nowhere.
    pub fn region(&self) -> Result<&str, Problem> {
        self.region.get_or_init(|| self.find_region()).as_deref().ok_or_else(|| {
            let detail = format!("The cloud \"{}\" says no region.", self.settings.name);
            let problem = Problem::error(ProblemKind::Invalid, "Region is not known", detail);
            problem.at(Path::attribute("cloud")).hint(match self.store.regions {
                [] => "Set region in the cloud block, or AWS_REGION in the environment.".to_owned(),
                regions => format!("Set region in the cloud block: {}.", regions.join(", ")),
            })
        })
    }

    fn find_region(&self) -> Option<String> {
        let CloudSettings { name, region, .. } = &self.settings;
        // A block that says no region has its label for one.
        let said = !region.is_empty() && region != name;
        let is_amazons = self.store.regions.is_empty();
        if said || self.store.regions.contains(&region.as_str()) || is_amazons && is_region(region)
        {
            return Some(region.clone());
        }
        if !is_amazons {
            return None;
        }
        let found = self.first_of(&["AWS_REGION", "AWS_DEFAULT_REGION"]);
        let found = found.or_else(|| self.region_of_profile());
        // Most stores at a URL do not care, and take this one.
        found.or_else(|| self.store.endpoint.is_none().then(|| "us-east-1".to_owned()))
    }

    fn region_of_profile(&self) -> Option<String> {
        use aws_config::meta::region::ProvideRegion as _;
        let mut profile = aws_config::profile::region::ProfileFileRegionProvider::builder();
        if let Some(name) = &self.settings.profile {
            profile = profile.profile_name(name);
        }
        let profile = profile.build();
        // Only files are read, by calls that do not wait; the thread may be the runtime's own.
        let runtime = || tokio::runtime::Builder::new_current_thread().build().ok();
        let read = || Some(runtime()?.block_on(profile.region())?.as_ref().to_owned());
        std::thread::scope(|scope| scope.spawn(read).join().ok().flatten())
    }

    /// The URL of a service where it is not the usual one.
    pub fn endpoint(&self, service: &str) -> Option<String> {
        if let Some(url) = self.settings.endpoint_of(service) {
            return Some(url.trim_end_matches('/').to_owned());
        }
        if !self.store.regions.is_empty() {
            return None;
        }
        let own = format!("AWS_ENDPOINT_URL_{}", service.to_ascii_uppercase().replace('-', "_"));
        self.first_of(&[&own, "AWS_ENDPOINT_URL"]).map(|url| url.trim_end_matches('/').to_owned())
    }

    /// The configuration that clients are made from, with credentials that were found.
    ///
    /// # Errors
    /// If there is no region, or if there are no credentials.
    pub async fn config(&self) -> Result<&SdkConfig, Problem> {
        self.config.get_or_try_init(|| self.load()).await
    }

    async fn load(&self) -> Result<SdkConfig, Problem> {
        let region = Region::new(self.region()?.to_owned());
        let Limits { connect, attempt, attempts, .. } = self.limits;
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(connect)
            .read_timeout(attempt)
            .operation_attempt_timeout(attempt)
            .operation_timeout(attempt * attempts)
            .build();
        let mut loader = aws_config::defaults(aws_config::BehaviorVersion::latest())
            .region(region)
            .retry_config(RetryConfig::standard().with_max_attempts(attempts))
            .timeout_config(timeouts);
        if let Some(credentials) = &self.credentials {
            loader = loader.credentials_provider(credentials.clone());
        } else if let Some(profile) = &self.settings.profile {
            loader = loader.profile_name(profile);
        } else if let Some(keys) = self.keys_of_store() {
            loader = loader.credentials_provider(keys);
        }
        let config = loader.load().await;
        self.credentials_in(&config).await?;
        Ok(config)
    }

    /// The keys that the store's own tools read from the environment.
    fn keys_of_store(&self) -> Option<Credentials> {
        let [id, secret] = self.store.key_variables?;
        let (id, secret) = (self.first_of(&[id])?, self.first_of(&[secret])?);
        Some(Credentials::new(id, secret, None, None, "environment"))
    }

    /// The first of these variables of the environment that says anything.
    fn first_of(&self, names: &[&str]) -> Option<String> {
        let given = names.iter().filter_map(|name| (self.environment)(name));
        given.into_iter().find(|value| !value.is_empty())
    }

    /// The credentials of now; those that expire are fetched again in time.
    ///
    /// # Errors
    /// If there are none.
    pub async fn credentials(&self) -> Result<Credentials, Problem> {
        self.credentials_in(self.config().await?).await
    }

    async fn credentials_in(&self, config: &SdkConfig) -> Result<Credentials, Problem> {
        let name = &self.settings.name;
        let missing = |why: &str| {
            let detail = format!("The cloud \"{name}\" has no credentials: {why}.");
            let [id, secret] =
                self.store.key_variables.unwrap_or(["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]);
            Problem::error(ProblemKind::Denied, "No credentials", detail)
                .hint(format!("Set {id} and {secret}, or profile in the cloud block."))
        };
        let Some(provider) = config.credentials_provider() else {
            return Err(missing("nothing provides any"));
        };
        let found = provider.provide_credentials().await;
        found.map_err(|error| missing(&crate::error::chain(&error)))
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Session").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// Whether a text has the form of a region's name, such as `eu-central-1`.
fn is_region(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let letters = |part: &&str| part.len() > 1 && part.bytes().all(|b| b.is_ascii_lowercase());
    let last = parts.last().is_some_and(|part| part.parse::<u8>().is_ok());
    parts.len() > 2 && last && parts[..parts.len() - 1].iter().all(letters)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(store: Store, name: &str, region: &str) -> Session {
        let settings = CloudSettings {
            name: name.to_owned(),
            region: region.to_owned(),
            ..CloudSettings::default()
        };
        Session::new(settings, store, Limits::default(), Arc::new(variable))
    }

    #[test]
    fn a_label_is_a_region_only_if_it_looks_like_one() {
        for (store, name, region, expected) in [
            (Store::AWS, "aws", "eu-central-1", Some("eu-central-1")),
            (Store::AWS, "us-gov-west-1", "us-gov-west-1", Some("us-gov-west-1")),
            (Store::S3, "r2", "auto", Some("auto")),
            (Store::ALIBABA, "oss", "cn-new-9", Some("cn-new-9")),
            (Store::ALIBABA, "cn-hangzhou", "cn-hangzhou", Some("cn-hangzhou")),
            (Store::ALIBABA, "oss", "oss", None),
            (Store::AWS, "aws", "aws", Some("eu-north-1")),
        ] {
            assert_eq!(session(store, name, region).region().ok(), expected, "{name} {region}");
        }
        for (text, expected) in [
            ("aws", false),
            ("us-east-1", true),
            ("us-east", false),
            ("east-1", false),
            ("", false),
        ] {
            assert_eq!(is_region(text), expected, "{text}");
        }
    }

    fn variable(name: &str) -> Option<String> {
        let value = match name {
            "AWS_REGION" => "eu-north-1",
            "AWS_ENDPOINT_URL_SAGEMAKER" => "http://three/",
            "TENCENTCLOUD_SECRET_ID" | "TENCENTCLOUD_SECRET_KEY" => name,
            _ => return None,
        };
        Some(value.to_owned())
    }

    #[tokio::test]
    async fn keys_are_those_of_the_stores_own_tools() {
        let found = session(Store::TENCENT, "cos", "ap-guangzhou").credentials().await;
        let found = found.expect("in the environment");
        assert_eq!(found.access_key_id(), "TENCENTCLOUD_SECRET_ID");
        assert_eq!(found.secret_access_key(), "TENCENTCLOUD_SECRET_KEY");
    }

    #[test]
    fn a_service_may_have_an_endpoint_of_its_own() {
        let mut session = session(Store::AWS, "aws", "us-east-1");
        assert_eq!(session.endpoint("sagemaker").as_deref(), Some("http://three"));
        session.settings.endpoint = Some("http://one/".to_owned());
        session.settings.endpoints.insert("ec2".to_owned(), "http://two".to_owned());
        assert_eq!(session.endpoint("s3").as_deref(), Some("http://one"));
        assert_eq!(session.endpoint("ec2").as_deref(), Some("http://two"));
    }
}
