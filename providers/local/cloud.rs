//! The driver and its clouds: each is a folder `DATA/local/CLOUD`.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use opendal::Operator;
use skyform_provider_sdk::{
    BucketInfo, BucketSpec, Cloud, CloudSettings, Driver, EndpointId, EndpointInfo, EndpointSpec,
    ObjectInfo, ObjectPlace, Problem, ProblemKind, Progress, ProgressEvent,
};

use crate::buckets::Buckets;
use crate::endpoints::Endpoints;
use crate::{error, files};

/// Makes local clouds under one data folder.
#[derive(Clone, Debug)]
pub struct LocalDriver {
    data_dir: PathBuf,
    server: Option<PathBuf>,
}

impl LocalDriver {
    /// The driver for a stack's data folder, which is made when first needed.
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self { data_dir: data_dir.into(), server: None }
    }

    /// With the program whose `serve` command is the server behind endpoints.
    #[must_use]
    pub fn with_server(self, program: impl Into<PathBuf>) -> Self {
        Self { server: Some(program.into()), ..self }
    }
}

impl Driver for LocalDriver {
    fn cloud(&self, settings: &CloudSettings) -> Result<Arc<dyn Cloud>, Problem> {
        let name = &settings.name;
        let plain = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
        if name.is_empty() || !name.chars().all(plain) {
            let detail = format!("\"{name}\" cannot be a local cloud's name.");
            return Err(Problem::error(ProblemKind::Invalid, "Invalid cloud name", detail));
        }
        let folder = self.data_dir.join("local").join(name);
        let buckets = Buckets { cloud: name.clone(), root: folder.join("buckets") };
        let endpoints = Endpoints {
            cloud: name.clone(),
            root: folder.join("endpoints"),
            program: self.server.clone(),
            buckets: buckets.clone(),
        };
        Ok(Arc::new(LocalCloud { buckets, endpoints }))
    }
}

#[derive(Clone, Debug)]
struct LocalCloud {
    buckets: Buckets,
    endpoints: Endpoints,
}

/// Work with files and processes on a thread that may wait for them.
async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| {
        Err(Problem::error(ProblemKind::Other, "Local cloud failed", format!("{error}.")))
    })
}

fn starting(spec: &EndpointSpec, progress: &dyn Progress) {
    let text = format!("Starting the server for model {}...", spec.model.name);
    progress.report(ProgressEvent::Step(text));
}

#[async_trait]
impl Cloud for LocalCloud {
    fn locate(&self, url: &str) -> Option<ObjectPlace> {
        self.buckets.locate(url)
    }

    fn url(&self, bucket: &str, key: &str) -> String {
        format!("{}/{key}", self.buckets.url(bucket))
    }

    fn check_bucket(&self, spec: &BucketSpec) -> Result<(), Problem> {
        Buckets::check(spec)
    }

    async fn create_bucket(&self, spec: &BucketSpec) -> Result<BucketInfo, Problem> {
        let (buckets, spec) = (self.buckets.clone(), spec.clone());
        off_thread(move || buckets.create(&spec)).await
    }

    async fn read_bucket(&self, name: &str) -> Result<Option<BucketInfo>, Problem> {
        let (buckets, name) = (self.buckets.clone(), name.to_owned());
        off_thread(move || buckets.read(&name)).await
    }

    async fn update_bucket(&self, spec: &BucketSpec) -> Result<BucketInfo, Problem> {
        let (buckets, spec) = (self.buckets.clone(), spec.clone());
        off_thread(move || buckets.update(&spec)).await
    }

    async fn delete_bucket(&self, name: &str, force: bool) -> Result<(), Problem> {
        let (buckets, name) = (self.buckets.clone(), name.to_owned());
        off_thread(move || buckets.delete(&name, force)).await
    }

    fn objects(&self, bucket: &str) -> Result<Operator, Problem> {
        self.buckets.operator(bucket)
    }

    async fn write_object(&self, bucket: &str, key: &str, bytes: Vec<u8>) -> Result<(), Problem> {
        let (buckets, bucket, key) = (self.buckets.clone(), bucket.to_owned(), key.to_owned());
        off_thread(move || buckets.write(&bucket, &key, &bytes)).await
    }

    async fn read_object(&self, bucket: &str, key: &str) -> Result<Option<Vec<u8>>, Problem> {
        let path = self.buckets.object(bucket, key)?;
        off_thread(move || files::read(&path).map_err(error::at(&path))).await
    }

    async fn list_objects(&self, bucket: &str, prefix: &str) -> Result<Vec<ObjectInfo>, Problem> {
        let (buckets, bucket, prefix) =
            (self.buckets.clone(), bucket.to_owned(), prefix.to_owned());
        off_thread(move || buckets.list(&bucket, &prefix)).await
    }

    async fn delete_object(&self, bucket: &str, key: &str) -> Result<(), Problem> {
        let (buckets, bucket, key) = (self.buckets.clone(), bucket.to_owned(), key.to_owned());
        off_thread(move || buckets.remove(&bucket, &key)).await
    }

    async fn create_endpoint(
        &self,
        spec: &EndpointSpec,
        progress: &dyn Progress,
    ) -> Result<EndpointInfo, Problem> {
        starting(spec, progress);
        let (endpoints, spec) = (self.endpoints.clone(), spec.clone());
        off_thread(move || endpoints.create(&spec)).await
    }

    async fn read_endpoint(
        &self,
        endpoint: EndpointId<'_>,
    ) -> Result<Option<EndpointInfo>, Problem> {
        let (endpoints, name) = (self.endpoints.clone(), endpoint.name.to_owned());
        off_thread(move || endpoints.read(&name)).await
    }

    async fn update_endpoint(
        &self,
        spec: &EndpointSpec,
        progress: &dyn Progress,
    ) -> Result<EndpointInfo, Problem> {
        starting(spec, progress);
        let (endpoints, spec) = (self.endpoints.clone(), spec.clone());
        off_thread(move || endpoints.update(&spec)).await
    }

    async fn delete_endpoint(&self, endpoint: EndpointId<'_>) -> Result<(), Problem> {
        let (endpoints, name) = (self.endpoints.clone(), endpoint.name.to_owned());
        off_thread(move || endpoints.delete(&name)).await
    }
}

#[cfg(test)]
mod tests;
