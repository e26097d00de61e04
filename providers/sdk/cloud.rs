//! What the portable blocks need of a cloud.

use std::sync::Arc;

use async_trait::async_trait;

use opendal::Operator;
use skyform_value::Path;

use crate::{
    BucketInfo, BucketSpec, CloudSettings, EndpointId, EndpointInfo, EndpointSpec, MachinesInfo,
    MachinesSpec, Problem, ProblemKind, Progress, Question, Reply, objects,
};

/// An object in a bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectInfo {
    /// Its key.
    pub key: String,
    /// Its size in bytes.
    pub size: u64,
    /// Another one for another content; equal for what was not written since.
    pub etag: String,
}

/// A bucket, or an object or folder in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectPlace {
    /// The bucket's name.
    pub bucket: String,
    /// The key or its beginning; empty for the bucket itself.
    pub key: String,
}

/// Makes clouds of one kind.
pub trait Driver: Send + Sync {
    /// The cloud that a block describes.
    ///
    /// # Errors
    /// If the settings do not make sense for this driver.
    fn cloud(&self, settings: &CloudSettings) -> Result<Arc<dyn Cloud>, Problem>;
}

/// A cloud. What a driver lacks is a problem of kind `Unsupported`.
#[async_trait]
pub trait Cloud: Send + Sync {
    /// What a URL means, if it leads to an object or a bucket of this cloud.
    fn locate(&self, url: &str) -> Option<ObjectPlace>;

    /// The URL that leads to an object.
    fn url(&self, bucket: &str, key: &str) -> String;

    /// Whether this driver can make such a bucket; asked while planning, without the network.
    ///
    /// # Errors
    /// [`ProblemKind::Unsupported`] at the attribute that it lacks, with what it offers instead.
    fn check_bucket(&self, spec: &BucketSpec) -> Result<(), Problem> {
        let _ = spec;
        Ok(())
    }

    /// Makes a bucket. Trying again with the same token finds the one made before.
    async fn create_bucket(&self, spec: &BucketSpec) -> Result<BucketInfo, Problem>;

    /// A bucket as it is; none if there is none.
    async fn read_bucket(&self, name: &str) -> Result<Option<BucketInfo>, Problem>;

    /// The bucket that an intent has made, if it has. A store that cannot mark a bucket at once may
    /// have been cut off in between: then an empty one that nobody has marked is marked now.
    async fn find_bucket(&self, spec: &BucketSpec) -> Result<Option<BucketInfo>, Problem> {
        let found = self.read_bucket(&spec.name).await?;
        Ok(found.filter(|found| found.token == spec.token))
    }

    /// Changes what is set on a bucket.
    async fn update_bucket(&self, spec: &BucketSpec) -> Result<BucketInfo, Problem>;

    /// Deletes a bucket; with `force` together with everything in it, else only an empty one.
    /// One that does not exist is deleted already.
    async fn delete_bucket(&self, name: &str, force: bool) -> Result<(), Problem>;

    /// The objects of a bucket; their paths are the keys.
    fn objects(&self, bucket: &str) -> Result<Operator, Problem>;

    /// Writes an object as a whole.
    async fn write_object(&self, bucket: &str, key: &str, bytes: Vec<u8>) -> Result<(), Problem> {
        objects::write(&self.objects(bucket)?, key, bytes).await
    }

    /// Reads an object; none if there is none.
    async fn read_object(&self, bucket: &str, key: &str) -> Result<Option<Vec<u8>>, Problem> {
        objects::read(&self.objects(bucket)?, key).await
    }

    /// Objects whose keys start with `prefix`, by key.
    async fn list_objects(&self, bucket: &str, prefix: &str) -> Result<Vec<ObjectInfo>, Problem> {
        objects::list(&self.objects(bucket)?, prefix).await
    }

    /// Deletes an object; one that does not exist is deleted already.
    async fn delete_object(&self, bucket: &str, key: &str) -> Result<(), Problem> {
        objects::delete(&self.objects(bucket)?, key).await
    }

    /// Ends uploads in parts of exactly this object that were begun and never ended: a run that was
    /// killed has left them, and their parts cost money. Stores that forget them by themselves have
    /// nothing to do.
    async fn end_uploads(&self, bucket: &str, key: &str) -> Result<(), Problem> {
        let _ = (bucket, key);
        Ok(())
    }

    /// Whether this driver can make such an endpoint; asked while planning, without the network. The
    /// model may not be known yet.
    ///
    /// # Errors
    /// At the attribute that it lacks or that is missing.
    fn check_endpoint(&self, spec: &EndpointSpec) -> Result<(), Problem> {
        let lacking = [
            (spec.image.is_some(), "image"),
            (spec.role.is_some(), "role"),
            (spec.autoscaling.is_some(), "autoscaling"),
            (spec.is_on_machines(), "runtime"),
            (spec.subnet.is_some(), "subnet"),
            (!spec.security_groups.is_empty(), "security_groups"),
            (spec.public, "public"),
            (spec.weight.is_some(), "weight"),
            (!spec.variants.is_empty(), "variant"),
        ];
        match lacking.iter().find(|(asked, _)| *asked) {
            None => Ok(()),
            Some((_, attribute)) => {
                let detail = match spec.is_on_machines() {
                    true => "Endpoints of this cloud are not made of machines.".to_owned(),
                    false => format!("Endpoints of this cloud have no {attribute}."),
                };
                let attribute = if spec.is_on_machines() { "runtime" } else { attribute };
                Err(Problem::error(ProblemKind::Unsupported, "Not supported by this cloud", detail)
                    .at(Path::attribute(attribute))
                    .hint("Leave it out; the driver \"aws\" has it."))
            }
        }
    }

    /// Makes an endpoint, and waits until it is healthy. Trying again with the same token finds the
    /// one made before. Nothing is left running if it fails.
    async fn create_endpoint(
        &self,
        spec: &EndpointSpec,
        progress: &dyn Progress,
    ) -> Result<EndpointInfo, Problem> {
        let _ = (spec, progress);
        Err(no_endpoints())
    }

    /// An endpoint that is healthy; none if there is none, or if it does not answer any more.
    async fn read_endpoint(
        &self,
        endpoint: EndpointId<'_>,
    ) -> Result<Option<EndpointInfo>, Problem> {
        let _ = endpoint;
        Err(no_endpoints())
    }

    /// Changes what an endpoint serves and how. Its URL stays, but for that of machines; if it fails, so
    /// does all else.
    async fn update_endpoint(
        &self,
        spec: &EndpointSpec,
        progress: &dyn Progress,
    ) -> Result<EndpointInfo, Problem> {
        let _ = (spec, progress);
        Err(no_endpoints())
    }

    /// Ends an endpoint; one that does not exist is ended already.
    async fn delete_endpoint(&self, endpoint: EndpointId<'_>) -> Result<(), Problem> {
        let _ = endpoint;
        Err(no_endpoints())
    }

    /// Whether the model at a URL answers only to this cloud's own requests, not to plain HTTP.
    fn takes_questions_for(&self, model_url: &str) -> bool {
        let _ = model_url;
        false
    }

    /// Asks such a model. Statuses of the model's own server are no errors.
    async fn ask_endpoint(&self, model_url: &str, question: &Question) -> Result<Reply, Problem> {
        let _ = (model_url, question);
        Err(no_endpoints())
    }

    /// Whether this driver can run such machines; asked while planning, without the network.
    ///
    /// # Errors
    /// [`ProblemKind::Unsupported`] if it runs none, else at the attribute that is wrong.
    fn check_machines(&self, spec: &MachinesSpec) -> Result<(), Problem> {
        let _ = spec;
        Err(no_machines())
    }

    /// Makes a group of machines, and waits until all run. Trying again finds those that a try before
    /// has made. Nothing is left running if it fails.
    async fn create_machines(
        &self,
        spec: &MachinesSpec,
        progress: &dyn Progress,
    ) -> Result<MachinesInfo, Problem> {
        let _ = (spec, progress);
        Err(no_machines())
    }

    /// A group of machines, those of it that live; none if none does.
    async fn read_machines(&self, name: &str) -> Result<Option<MachinesInfo>, Problem> {
        let _ = name;
        Err(no_machines())
    }

    /// Brings a group to its size, and sets its tags. Those that do not work go first, then the newest.
    async fn update_machines(
        &self,
        spec: &MachinesSpec,
        progress: &dyn Progress,
    ) -> Result<MachinesInfo, Problem> {
        let _ = (spec, progress);
        Err(no_machines())
    }

    /// Ends all machines of a group; one that does not exist is ended already.
    async fn delete_machines(&self, name: &str) -> Result<(), Problem> {
        let _ = name;
        Err(no_machines())
    }
}

fn no_machines() -> Problem {
    let detail = "This cloud's driver cannot run machines.";
    Problem::error(ProblemKind::Unsupported, "Machines are not supported", detail)
        .at(Path::attribute("cloud"))
        .hint("Use a cloud whose driver can: aws.")
}

fn no_endpoints() -> Problem {
    let detail = "This cloud's driver cannot run endpoints.";
    Problem::error(ProblemKind::Unsupported, "Endpoints are not supported", detail)
        .hint("Place the endpoint in a cloud whose driver can.")
}
