//! A cloud whose endpoints run on the machine that the program runs on: a machine in that cloud.
//!
//! Buckets are the cloud's. An endpoint is a process of the local driver; what it serves is brought to
//! the machine first, into a local bucket of the endpoint's own, checked by its digest.

use std::sync::Arc;

use async_trait::async_trait;
use opendal::Operator;
use skyform_data::copy::{Expected, measure};
use skyform_provider_sdk::{
    BucketInfo, BucketSettings, BucketSpec, Cloud, EndpointId, EndpointInfo, EndpointSpec,
    MachinesInfo, MachinesSpec, ObjectInfo, ObjectPlace, Problem, Progress, Question, Reply,
    ServedModel, Silent,
};

use crate::artifact;
use crate::content::{self, Target};

/// The tag of an endpoint's local bucket that says which bucket its models come from.
const FROM: &str = "from";

/// A cloud with its endpoints here.
pub(crate) struct HereCloud {
    /// Has the buckets.
    pub(crate) cloud: Arc<dyn Cloud>,
    /// Runs the endpoints.
    pub(crate) here: Arc<dyn Cloud>,
}

/// The local bucket of an endpoint's models.
fn bucket_of(endpoint: &str) -> String {
    crate::staging::named("served-", endpoint)
}

impl HereCloud {
    /// Brings an endpoint's model here; the endpoint as it is to be here.
    async fn bring(&self, spec: &EndpointSpec) -> Result<EndpointSpec, Problem> {
        let (bucket, model) = (bucket_of(&spec.name), &spec.model);
        let local = BucketSpec {
            name: bucket.clone(),
            owner: spec.owner.clone(),
            token: spec.name.clone(),
            settings: BucketSettings {
                tags: [(FROM.to_owned(), model.bucket.clone())].into(),
                ..BucketSettings::default()
            },
        };
        self.here.create_bucket(&local).await?;
        self.here.update_bucket(&local).await?;
        copy((&*self.cloud, &*self.here), &bucket, model).await?;
        let model = ServedModel { bucket, ..model.clone() };
        Ok(EndpointSpec { model, ..spec.clone() })
    }

    /// An endpoint that runs here, with its model where it came from.
    async fn seen(&self, info: EndpointInfo) -> Result<EndpointInfo, Problem> {
        let local = self.here.read_bucket(&info.model.bucket).await?;
        let from = local.and_then(|mut local| local.settings.tags.remove(FROM));
        let bucket = from.unwrap_or_else(|| info.model.bucket.clone());
        Ok(EndpointInfo { model: ServedModel { bucket, ..info.model }, ..info })
    }

    /// Deletes the models that an endpoint does not serve any more.
    async fn tidy(&self, spec: &EndpointSpec) -> Result<(), Problem> {
        let bucket = bucket_of(&spec.name);
        for object in self.here.list_objects(&bucket, "").await? {
            if object.key != spec.model.key {
                self.here.delete_object(&bucket, &object.key).await?;
            }
        }
        Ok(())
    }
}

/// Copies a model, however large; one that is here already is not copied again.
async fn copy(
    (from, to): (&dyn Cloud, &dyn Cloud),
    local: &str,
    model: &ServedModel,
) -> Result<(), Problem> {
    let (key, sha256) = (&model.key, &model.sha256);
    if size_of(to, local, key).await?.is_some() {
        let place = content::place_in(to, local)?;
        let here = measure(&place, key, 0).await.map_err(content::problem)?;
        if here.sha256 == *sha256 {
            return Ok(());
        }
    }
    let size = size_of(from, &model.bucket, key).await?;
    let expected = Expected { size: size.unwrap_or_default(), sha256: sha256.clone() };
    let target = Target { cloud: to, bucket: local, key, size };
    let silent: Arc<dyn Progress> = Arc::new(Silent);
    artifact::copy_from(from, (&model.bucket, key), &expected, &target, &silent).await
}

async fn size_of(cloud: &dyn Cloud, bucket: &str, key: &str) -> Result<Option<u64>, Problem> {
    let listed = cloud.list_objects(bucket, key).await?;
    Ok(listed.into_iter().find(|object| object.key == key).map(|object| object.size))
}

#[async_trait]
impl Cloud for HereCloud {
    fn locate(&self, url: &str) -> Option<ObjectPlace> {
        self.cloud.locate(url)
    }

    fn url(&self, bucket: &str, key: &str) -> String {
        self.cloud.url(bucket, key)
    }

    fn check_bucket(&self, spec: &BucketSpec) -> Result<(), Problem> {
        self.cloud.check_bucket(spec)
    }

    async fn create_bucket(&self, spec: &BucketSpec) -> Result<BucketInfo, Problem> {
        self.cloud.create_bucket(spec).await
    }

    async fn read_bucket(&self, name: &str) -> Result<Option<BucketInfo>, Problem> {
        self.cloud.read_bucket(name).await
    }

    async fn find_bucket(&self, spec: &BucketSpec) -> Result<Option<BucketInfo>, Problem> {
        self.cloud.find_bucket(spec).await
    }

    async fn update_bucket(&self, spec: &BucketSpec) -> Result<BucketInfo, Problem> {
        self.cloud.update_bucket(spec).await
    }

    async fn delete_bucket(&self, name: &str, force: bool) -> Result<(), Problem> {
        self.cloud.delete_bucket(name, force).await
    }

    fn objects(&self, bucket: &str) -> Result<Operator, Problem> {
        self.cloud.objects(bucket)
    }

    async fn end_uploads(&self, bucket: &str, key: &str) -> Result<(), Problem> {
        self.cloud.end_uploads(bucket, key).await
    }

    async fn write_object(&self, bucket: &str, key: &str, bytes: Vec<u8>) -> Result<(), Problem> {
        self.cloud.write_object(bucket, key, bytes).await
    }

    async fn read_object(&self, bucket: &str, key: &str) -> Result<Option<Vec<u8>>, Problem> {
        self.cloud.read_object(bucket, key).await
    }

    async fn list_objects(&self, bucket: &str, prefix: &str) -> Result<Vec<ObjectInfo>, Problem> {
        self.cloud.list_objects(bucket, prefix).await
    }

    async fn delete_object(&self, bucket: &str, key: &str) -> Result<(), Problem> {
        self.cloud.delete_object(bucket, key).await
    }

    fn check_endpoint(&self, spec: &EndpointSpec) -> Result<(), Problem> {
        self.here.check_endpoint(spec)
    }

    async fn create_endpoint(
        &self,
        spec: &EndpointSpec,
        progress: &dyn Progress,
    ) -> Result<EndpointInfo, Problem> {
        let here = self.bring(spec).await?;
        let made = self.here.create_endpoint(&here, progress).await;
        if made.is_err() {
            self.here.delete_bucket(&here.model.bucket, true).await?;
        }
        self.seen(made?).await
    }

    async fn read_endpoint(
        &self,
        endpoint: EndpointId<'_>,
    ) -> Result<Option<EndpointInfo>, Problem> {
        match self.here.read_endpoint(endpoint).await? {
            Some(info) => self.seen(info).await.map(Some),
            None => Ok(None),
        }
    }

    async fn update_endpoint(
        &self,
        spec: &EndpointSpec,
        progress: &dyn Progress,
    ) -> Result<EndpointInfo, Problem> {
        let here = self.bring(spec).await?;
        let info = self.here.update_endpoint(&here, progress).await?;
        self.tidy(&here).await?;
        self.seen(info).await
    }

    async fn delete_endpoint(&self, endpoint: EndpointId<'_>) -> Result<(), Problem> {
        // The endpoint goes last: as long as it is there, the next run knows of the rest.
        self.here.delete_bucket(&bucket_of(endpoint.name), true).await?;
        self.here.delete_endpoint(endpoint).await
    }

    fn takes_questions_for(&self, model_url: &str) -> bool {
        self.cloud.takes_questions_for(model_url)
    }

    async fn ask_endpoint(&self, model_url: &str, question: &Question) -> Result<Reply, Problem> {
        self.cloud.ask_endpoint(model_url, question).await
    }

    fn check_machines(&self, spec: &MachinesSpec) -> Result<(), Problem> {
        self.cloud.check_machines(spec)
    }

    async fn create_machines(
        &self,
        spec: &MachinesSpec,
        progress: &dyn Progress,
    ) -> Result<MachinesInfo, Problem> {
        self.cloud.create_machines(spec, progress).await
    }

    async fn read_machines(&self, name: &str) -> Result<Option<MachinesInfo>, Problem> {
        self.cloud.read_machines(name).await
    }

    async fn update_machines(
        &self,
        spec: &MachinesSpec,
        progress: &dyn Progress,
    ) -> Result<MachinesInfo, Problem> {
        self.cloud.update_machines(spec, progress).await
    }

    async fn delete_machines(&self, name: &str) -> Result<(), Problem> {
        self.cloud.delete_machines(name).await
    }
}
