//! The driver and its clouds.

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::SharedCredentialsProvider;
use opendal::Operator;
use skyform_provider_sdk::{
    BucketInfo, BucketSpec, Cloud, CloudCache, CloudSettings, Driver, ObjectPlace, Problem,
    ProblemKind,
};
use skyform_value::Path;
use tokio::sync::OnceCell;

use crate::session::{Environment, Limits, Session};
use crate::store::Store;
use crate::{client, emptying, names, objects};

/// Makes clouds of one kind of store.
pub struct S3Driver {
    store: Store,
    environment: Environment,
    limits: Limits,
    credentials: Option<SharedCredentialsProvider>,
    made: CloudCache<S3Cloud>,
}

impl S3Driver {
    /// The driver of a store.
    pub fn new(store: Store, environment: Environment) -> Self {
        let (limits, made) = (Limits::default(), CloudCache::default());
        Self { store, environment, limits, credentials: None, made }
    }

    /// With other limits of requests.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// With credentials from elsewhere than the usual chain.
    #[must_use]
    pub fn with_credentials(self, credentials: SharedCredentialsProvider) -> Self {
        Self { credentials: Some(credentials), ..self }
    }
}

impl Driver for S3Driver {
    fn cloud(&self, settings: &CloudSettings) -> Result<Arc<dyn Cloud>, Problem> {
        let cloud = self.made.get_or_make(settings, || {
            let session =
                Session::new(settings.clone(), self.store, self.limits, self.environment.clone())
                    .with_credentials(self.credentials.clone());
            if self.store.endpoint.is_none() && session.endpoint("s3").is_none() {
                return Err(no_endpoint(&settings.name));
            }
            Ok(S3Cloud::new(Arc::new(session)))
        })?;
        Ok(cloud)
    }
}

fn no_endpoint(name: &str) -> Problem {
    let detail = format!("The cloud \"{name}\" says no server, and the driver \"s3\" knows none.");
    Problem::error(ProblemKind::Invalid, "Endpoint is not known", detail)
        .at(Path::attribute("cloud"))
        .hint("Set endpoint = \"https://...\" in the cloud block.")
}

/// The buckets of an account.
#[derive(Debug)]
pub struct S3Cloud {
    pub(crate) session: Arc<Session>,
    client: OnceCell<Client>,
}

impl S3Cloud {
    /// The buckets of this account; nobody is asked yet.
    pub fn new(session: Arc<Session>) -> Self {
        Self { session, client: OnceCell::new() }
    }

    pub(crate) async fn client(&self) -> Result<&Client, Problem> {
        self.client.get_or_try_init(|| client::client(&self.session)).await
    }

    pub(crate) fn operator(&self, bucket: &str) -> Result<Operator, Problem> {
        objects::operator(&self.session, bucket)
    }

    pub(crate) fn check(&self, spec: &BucketSpec) -> Result<(), Problem> {
        let (store, settings) = (&self.session.store, &spec.settings);
        let asked = [
            (settings.versioning, store.versioning, "versioning"),
            (!settings.tags.is_empty(), store.tags, "tags"),
            (settings.encryption.is_some(), store.encryption, "encryption"),
            (!settings.lifecycle_rules.is_empty(), store.lifecycle, "lifecycle_rule"),
            (!settings.cors_rules.is_empty(), store.cors, "cors_rule"),
            (settings.public_access, store.policy, "public_access"),
        ];
        let lacking = asked.iter().find(|(asked, has, _)| *asked && !has);
        match lacking {
            None => Ok(()),
            Some((_, _, attribute)) => {
                let offered = asked.iter().filter(|(_, has, _)| *has).map(|(_, _, name)| *name);
                let offered: Vec<&str> = offered.collect();
                let hint = format!(
                    "{} offers here: {}. Set the rest with its own tools, and leave {attribute} out.",
                    store.name,
                    offered.join(", ")
                );
                Err(Problem::unsupported(store.driver, attribute, &hint))
            }
        }
    }
}

#[async_trait]
impl Cloud for S3Cloud {
    fn locate(&self, url: &str) -> Option<ObjectPlace> {
        names::locate(url)
    }

    fn url(&self, bucket: &str, key: &str) -> String {
        format!("{}/{key}", names::url(bucket))
    }

    fn check_bucket(&self, spec: &BucketSpec) -> Result<(), Problem> {
        self.check(spec)
    }

    async fn create_bucket(&self, spec: &BucketSpec) -> Result<BucketInfo, Problem> {
        self.create(spec).await
    }

    async fn read_bucket(&self, name: &str) -> Result<Option<BucketInfo>, Problem> {
        self.read(name).await
    }

    async fn find_bucket(&self, spec: &BucketSpec) -> Result<Option<BucketInfo>, Problem> {
        self.find(spec).await
    }

    async fn update_bucket(&self, spec: &BucketSpec) -> Result<BucketInfo, Problem> {
        self.update(spec).await
    }

    async fn delete_bucket(&self, name: &str, force: bool) -> Result<(), Problem> {
        self.delete(name, force).await
    }

    fn objects(&self, bucket: &str) -> Result<Operator, Problem> {
        self.operator(bucket)
    }

    async fn end_uploads(&self, bucket: &str, key: &str) -> Result<(), Problem> {
        match emptying::uploads(self.client().await?, bucket, Some(key)).await {
            // Who may write objects may not be allowed to list uploads, nor does every store know that.
            Err(problem) if is_in_doubt(&problem) => Err(problem),
            _ => Ok(()),
        }
    }
}

/// Whether something may come of asking again.
fn is_in_doubt(problem: &Problem) -> bool {
    matches!(problem.kind, ProblemKind::InDoubt | ProblemKind::Throttled | ProblemKind::Unavailable)
}

#[cfg(test)]
mod faults;
#[cfg(test)]
mod tests;
