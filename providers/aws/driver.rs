//! The driver and its clouds: one region of one account.

use std::sync::Arc;

use async_trait::async_trait;
use opendal::Operator;
use skyform_provider_s3::{
    Environment, Limits, S3Cloud, Session, SharedCredentialsProvider, Store,
};
use skyform_provider_sdk::{
    BucketInfo, BucketSpec, Cloud, CloudCache, CloudSettings, Driver, EndpointId, EndpointInfo,
    EndpointSpec, MACHINES, MachinesInfo, MachinesSpec, ObjectPlace, Problem, Progress, Question,
    Reply,
};
use tokio::sync::OnceCell;

use crate::endpoints::{self, Endpoints};
use crate::fleet::{self, Fleet};
use crate::invoking::Runtime;
use crate::machines::{self, Machines};
use crate::scaling::Scaling;

/// Makes clouds that are regions of Amazon Web Services.
pub struct AwsDriver {
    environment: Environment,
    limits: Limits,
    credentials: Option<SharedCredentialsProvider>,
    made: CloudCache<AwsCloud>,
}

impl AwsDriver {
    /// The driver, with credentials by the usual chain.
    pub fn new(environment: Environment) -> Self {
        let (limits, made) = (Limits::default(), CloudCache::default());
        Self { environment, limits, credentials: None, made }
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

impl Driver for AwsDriver {
    fn cloud(&self, settings: &CloudSettings) -> Result<Arc<dyn Cloud>, Problem> {
        let cloud = self.made.get_or_make(settings, || {
            let session =
                Session::new(settings.clone(), Store::AWS, self.limits, self.environment.clone());
            let session = Arc::new(session.with_credentials(self.credentials.clone()));
            let machines = Machines { session: session.clone(), client: OnceCell::new() };
            let machines = Arc::new(machines);
            Ok(AwsCloud {
                buckets: S3Cloud::new(session.clone()),
                endpoints: Endpoints {
                    session: session.clone(),
                    client: OnceCell::new(),
                    scaling: Scaling { session: session.clone(), client: OnceCell::new() },
                },
                runtime: Runtime::new(session),
                fleet: Fleet::new(machines.clone()),
                machines,
            })
        })?;
        Ok(cloud)
    }
}

#[derive(Debug)]
struct AwsCloud {
    buckets: S3Cloud,
    endpoints: Endpoints,
    machines: Arc<Machines>,
    fleet: Fleet,
    runtime: Runtime,
}

#[async_trait]
impl Cloud for AwsCloud {
    fn locate(&self, url: &str) -> Option<ObjectPlace> {
        self.buckets.locate(url)
    }

    fn url(&self, bucket: &str, key: &str) -> String {
        self.buckets.url(bucket, key)
    }

    fn check_bucket(&self, spec: &BucketSpec) -> Result<(), Problem> {
        self.buckets.check_bucket(spec)
    }

    async fn create_bucket(&self, spec: &BucketSpec) -> Result<BucketInfo, Problem> {
        self.buckets.create_bucket(spec).await
    }

    async fn read_bucket(&self, name: &str) -> Result<Option<BucketInfo>, Problem> {
        self.buckets.read_bucket(name).await
    }

    async fn find_bucket(&self, spec: &BucketSpec) -> Result<Option<BucketInfo>, Problem> {
        self.buckets.find_bucket(spec).await
    }

    async fn update_bucket(&self, spec: &BucketSpec) -> Result<BucketInfo, Problem> {
        self.buckets.update_bucket(spec).await
    }

    async fn delete_bucket(&self, name: &str, force: bool) -> Result<(), Problem> {
        self.buckets.delete_bucket(name, force).await
    }

    fn objects(&self, bucket: &str) -> Result<Operator, Problem> {
        self.buckets.objects(bucket)
    }

    async fn end_uploads(&self, bucket: &str, key: &str) -> Result<(), Problem> {
        self.buckets.end_uploads(bucket, key).await
    }

    fn check_endpoint(&self, spec: &EndpointSpec) -> Result<(), Problem> {
        if spec.is_on_machines() { fleet::check(spec) } else { endpoints::check(spec) }
    }

    async fn create_endpoint(
        &self,
        spec: &EndpointSpec,
        progress: &dyn Progress,
    ) -> Result<EndpointInfo, Problem> {
        match spec.is_on_machines() {
            true => self.fleet.create(spec, progress).await,
            false => self.endpoints.create(spec, progress).await,
        }
    }

    async fn read_endpoint(
        &self,
        endpoint: EndpointId<'_>,
    ) -> Result<Option<EndpointInfo>, Problem> {
        match endpoint.runtime {
            MACHINES => self.fleet.read(endpoint.name).await,
            _ => self.endpoints.read(endpoint.name).await,
        }
    }

    async fn update_endpoint(
        &self,
        spec: &EndpointSpec,
        progress: &dyn Progress,
    ) -> Result<EndpointInfo, Problem> {
        match spec.is_on_machines() {
            true => self.fleet.update(spec, progress).await,
            false => self.endpoints.update(spec, progress).await,
        }
    }

    async fn delete_endpoint(&self, endpoint: EndpointId<'_>) -> Result<(), Problem> {
        match endpoint.runtime {
            MACHINES => self.fleet.delete(endpoint.name).await,
            _ => self.endpoints.delete(endpoint.name).await,
        }
    }

    fn takes_questions_for(&self, model_url: &str) -> bool {
        self.runtime.endpoint_of(model_url).is_some()
    }

    async fn ask_endpoint(&self, model_url: &str, question: &Question) -> Result<Reply, Problem> {
        self.runtime.ask(model_url, question).await
    }

    fn check_machines(&self, spec: &MachinesSpec) -> Result<(), Problem> {
        machines::check(spec)
    }

    async fn create_machines(
        &self,
        spec: &MachinesSpec,
        progress: &dyn Progress,
    ) -> Result<MachinesInfo, Problem> {
        self.machines.create(spec, progress).await
    }

    async fn read_machines(&self, name: &str) -> Result<Option<MachinesInfo>, Problem> {
        self.machines.read(name).await
    }

    async fn update_machines(
        &self,
        spec: &MachinesSpec,
        progress: &dyn Progress,
    ) -> Result<MachinesInfo, Problem> {
        self.machines.update(spec, progress).await
    }

    async fn delete_machines(&self, name: &str) -> Result<(), Problem> {
        self.machines.delete(name).await
    }
}
