//! Endpoints on SageMaker: a model, a configuration that names it, and the endpoint itself.
//!
//! Models and configurations cannot be changed there. Another one is made for each change, and the
//! endpoint goes over to it without a break; what it had before is deleted when it has.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_sdk_sagemaker::Client;
use aws_sdk_sagemaker::operation::describe_endpoint::DescribeEndpointOutput;
use aws_sdk_sagemaker::types::{
    ContainerDefinition, EndpointStatus, ModelCompressionType, ModelDataSource, ProductionVariant,
    ProductionVariantInstanceType, S3ModelDataSource, S3ModelDataType, Tag,
};
use sha2::{Digest as _, Sha256};
use skyform_provider_s3::{
    HonourRetryAfter, OWNER_TAG, Session, TOKEN_TAG, address_in_tag, problem, problem_of_create,
};
use skyform_provider_sdk::{
    EndpointInfo, EndpointSpec, Problem, ProblemKind, Progress, ProgressEvent, ServedModel,
};
use skyform_value::Path;
use tokio::sync::OnceCell;

use crate::scaling::Scaling;

/// The only variant of an endpoint.
pub(crate) const VARIANT: &str = "main";
/// How long an endpoint may take until it serves.
const START_LIMIT: Duration = Duration::from_secs(1800);
/// What serves, as the block shows it.
const RUNTIME: &str = "sagemaker";

/// The endpoints of an account in a region.
#[derive(Debug)]
pub(crate) struct Endpoints {
    pub(crate) session: Arc<Session>,
    pub(crate) client: OnceCell<Client>,
    pub(crate) scaling: Scaling,
}

/// An endpoint that is there, with what its tags say.
struct Found {
    about: DescribeEndpointOutput,
    tags: BTreeMap<String, String>,
}

/// Checks what can be checked without asking the service.
pub(crate) fn check(spec: &EndpointSpec) -> Result<(), Problem> {
    let invalid = |attribute: &str, summary: &str, detail: &str| {
        Problem::error(ProblemKind::Invalid, summary, detail).at(Path::attribute(attribute))
    };
    if spec.image.is_none() {
        let detail = "SageMaker runs a container, and does not know which.";
        return Err(invalid("image", "Endpoint needs an image", detail)
            .hint("Set image to one in ECR that answers /ping and /invocations on port 8080."));
    }
    if spec.role.is_none() {
        let detail = "SageMaker reads the model and the image with a role of the account.";
        return Err(invalid("role", "Endpoint needs a role", detail)
            .hint("Set role to its ARN; it has to trust sagemaker.amazonaws.com."));
    }
    if !spec.offer.starts_with("ml.") {
        let detail = format!("\"{}\" is no type of instance of SageMaker's.", spec.offer);
        return Err(invalid("offer", "Unknown type of instance", &detail)
            .hint("Set offer to one, as in offer = \"ml.m5.large\"."));
    }
    Ok(())
}

impl Endpoints {
    async fn client(&self) -> Result<&Client, Problem> {
        let make = || async {
            let config = self.session.config().await?;
            let mut config =
                aws_sdk_sagemaker::config::Builder::from(config).retry_classifier(HonourRetryAfter);
            config.set_endpoint_url(self.session.endpoint("sagemaker"));
            Ok(Client::from_conf(config.build()))
        };
        self.client.get_or_try_init(make).await
    }

    pub(crate) async fn create(
        &self,
        spec: &EndpointSpec,
        progress: &dyn Progress,
    ) -> Result<EndpointInfo, Problem> {
        check(spec)?;
        let made = match self.find(&spec.name).await? {
            Some(found) if found.tag(TOKEN_TAG) == spec.token => Ok(()),
            Some(found) => return Err(taken(spec, found.tag(OWNER_TAG))),
            None => self.order(spec).await,
        };
        let served = match made {
            Ok(()) => self.until_it_serves(spec, progress).await,
            Err(problem) => Err(problem),
        };
        match served {
            Err(problem) if problem.kind != ProblemKind::InDoubt => {
                // Nothing is left running if it fails; where that fails too, the next run looks.
                let kind = match self.delete(&spec.name).await.and(self.discard(spec).await) {
                    Ok(()) => problem.kind,
                    Err(_) => ProblemKind::InDoubt,
                };
                Err(Problem { kind, ..problem })
            }
            other => other,
        }
    }

    async fn order(&self, spec: &EndpointSpec) -> Result<(), Problem> {
        self.prepare(spec).await?;
        let action = format!("creating the endpoint \"{}\"", spec.name);
        let order = self.client().await?.create_endpoint().endpoint_name(&spec.name);
        let order = order.endpoint_config_name(revision(spec)).set_tags(Some(tags(spec)));
        order.send().await.map(drop).map_err(|error| problem_of_create(&action, &error))
    }

    /// Makes the model and the configuration of a revision; those that are there already are its.
    async fn prepare(&self, spec: &EndpointSpec) -> Result<(), Problem> {
        let client = self.client().await?;
        let revision = revision(spec);
        let action = format!("creating the model \"{revision}\"");
        let order = client
            .create_model()
            .model_name(&revision)
            .set_execution_role_arn(spec.role.clone())
            .primary_container(container(spec))
            .set_tags(Some(tags(spec)));
        made_or_there(order.send().await.map_err(|error| problem(&action, &error)))?;
        let variant = ProductionVariant::builder()
            .variant_name(VARIANT)
            .model_name(&revision)
            .initial_instance_count(i32::try_from(spec.replicas).unwrap_or(i32::MAX))
            .initial_variant_weight(1.0)
            .instance_type(ProductionVariantInstanceType::from(spec.offer.as_str()));
        let action = format!("creating the endpoint's configuration \"{revision}\"");
        let order = client
            .create_endpoint_config()
            .endpoint_config_name(&revision)
            .production_variants(variant.build())
            .set_tags(Some(tags(spec)));
        made_or_there(order.send().await.map_err(|error| problem(&action, &error)))
    }

    /// Deletes the model and the configuration of a revision.
    async fn discard(&self, spec: &EndpointSpec) -> Result<(), Problem> {
        self.discard_revision(&revision(spec)).await
    }

    async fn discard_revision(&self, revision: &str) -> Result<(), Problem> {
        let client = self.client().await?;
        let action = format!("deleting the endpoint's configuration \"{revision}\"");
        let done = client.delete_endpoint_config().endpoint_config_name(revision).send().await;
        gone(done.map_err(|error| problem(&action, &error)))?;
        let action = format!("deleting the model \"{revision}\"");
        let done = client.delete_model().model_name(revision).send().await;
        gone(done.map_err(|error| problem(&action, &error)))
    }

    pub(crate) async fn read(&self, name: &str) -> Result<Option<EndpointInfo>, Problem> {
        let Some(found) = self.find(name).await? else { return Ok(None) };
        match found.about.endpoint_status() {
            Some(
                EndpointStatus::InService
                | EndpointStatus::Updating
                | EndpointStatus::SystemUpdating
                | EndpointStatus::RollingBack,
            ) => Ok(Some(self.info(name, &found)?)),
            _ => Ok(None),
        }
    }

    /// Goes over to another revision without a break; if it fails, the endpoint serves what it did.
    pub(crate) async fn update(
        &self,
        spec: &EndpointSpec,
        progress: &dyn Progress,
    ) -> Result<EndpointInfo, Problem> {
        check(spec)?;
        let missing = || {
            let detail = format!("There is no endpoint \"{}\".", spec.name);
            Problem::error(ProblemKind::NotFound, "No such endpoint", detail)
        };
        let before = self.find(&spec.name).await?.ok_or_else(missing)?;
        let old = before.about.endpoint_config_name().unwrap_or_default().to_owned();
        let client = self.client().await?;
        // Instances are not added to a revision that is on its way out.
        self.scaling.remove(&spec.name).await?;
        if old != revision(spec) {
            self.prepare(spec).await?;
            let action = format!("updating the endpoint \"{}\"", spec.name);
            let order = client.update_endpoint().endpoint_name(&spec.name);
            let order = order.endpoint_config_name(revision(spec));
            let ordered = order.send().await.map_err(|error| problem_of_create(&action, &error));
            if let Err(problem) = ordered {
                if problem.kind != ProblemKind::InDoubt {
                    self.discard(spec).await?;
                }
                return Err(problem);
            }
        }
        // The token is that of the intent that made it, whatever else changes.
        let token = before.tag(TOKEN_TAG).to_owned();
        let arn = before.about.endpoint_arn().unwrap_or_default();
        let tagged = EndpointSpec { token, ..spec.clone() };
        let action = format!("tagging the endpoint \"{}\"", spec.name);
        match self.until_it_serves(spec, progress).await {
            Ok(_) => {
                let order = client.add_tags().resource_arn(arn).set_tags(Some(tags(&tagged)));
                order.send().await.map_err(|error| problem(&action, &error))?;
                if old != revision(spec) {
                    self.discard_revision(&old).await?;
                }
                self.read(&spec.name).await?.ok_or_else(missing)
            }
            Err(problem) => {
                if problem.kind == ProblemKind::Other && old != revision(spec) {
                    self.discard(spec).await?;
                }
                Err(problem)
            }
        }
    }

    pub(crate) async fn delete(&self, name: &str) -> Result<(), Problem> {
        let Some(found) = self.find(name).await? else { return Ok(()) };
        self.scaling.remove(name).await?;
        let action = format!("deleting the endpoint \"{name}\"");
        let done = self.client().await?.delete_endpoint().endpoint_name(name).send().await;
        gone(done.map_err(|error| problem(&action, &error)))?;
        match found.about.endpoint_config_name() {
            Some(revision) => self.discard_revision(revision).await,
            None => Ok(()),
        }
    }

    async fn find(&self, name: &str) -> Result<Option<Found>, Problem> {
        let client = self.client().await?;
        let action = format!("looking at the endpoint \"{name}\"");
        let asked = client.describe_endpoint().endpoint_name(name).send().await;
        let about = match asked.map_err(|error| problem(&action, &error)) {
            Ok(about) => about,
            Err(problem) if is_missing(&problem) => return Ok(None),
            Err(problem) => return Err(problem),
        };
        let arn = about.endpoint_arn().unwrap_or_default();
        let tags = client.list_tags().resource_arn(arn).send().await;
        let tags = tags.map_err(|error| problem(&action, &error))?;
        let tags = tags.tags().iter().filter_map(|tag| {
            Some((tag.key()?.to_owned(), tag.value().unwrap_or_default().to_owned()))
        });
        Ok(Some(Found { tags: tags.collect(), about }))
    }

    async fn until_it_serves(
        &self,
        spec: &EndpointSpec,
        progress: &dyn Progress,
    ) -> Result<EndpointInfo, Problem> {
        let until = Instant::now() + START_LIMIT;
        let mut pause = Duration::from_millis(500);
        let mut told = String::new();
        loop {
            let found = self.find(&spec.name).await?.ok_or_else(|| failed(spec, "it is gone"))?;
            let status = found.about.endpoint_status();
            let is_new = found.about.endpoint_config_name() == Some(revision(spec).as_str());
            let reason = found.about.failure_reason().unwrap_or("the service gives no reason");
            match status {
                Some(EndpointStatus::InService) if is_new => {
                    if let Some(range) = &spec.autoscaling {
                        self.scaling.set(&spec.name, range).await?;
                    }
                    return self.info(&spec.name, &found);
                }
                // An update that failed has gone back to what was there.
                Some(
                    EndpointStatus::InService
                    | EndpointStatus::Failed
                    | EndpointStatus::OutOfService
                    | EndpointStatus::UpdateRollbackFailed,
                ) => return Err(failed(spec, reason)),
                _ => {}
            }
            let status = status.map(EndpointStatus::as_str).unwrap_or("Creating").to_owned();
            if told != status {
                progress.report(ProgressEvent::Step(format!("SageMaker says {status}...")));
                told = status;
            }
            if Instant::now() + pause > until {
                let minutes = START_LIMIT.as_secs() / 60;
                return Err(failed(spec, &format!("it does not serve after {minutes} minutes")));
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(15));
        }
    }

    fn info(&self, name: &str, found: &Found) -> Result<EndpointInfo, Problem> {
        let region = self.session.region()?;
        let server = self.session.endpoint("sagemaker-runtime").unwrap_or_else(|| {
            let domain =
                if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
            format!("https://runtime.sagemaker.{region}.{domain}")
        });
        let variant = found.about.production_variants().first();
        let there = variant.and_then(|variant| variant.desired_instance_count());
        let there = there.and_then(|count| u64::try_from(count).ok());
        // Where the service decides how many there are, what was asked for is not undone by it.
        let asked = found.tag("skyform-replicas").parse().ok();
        let is_scaled = found.tag("skyform-autoscaling") == "yes";
        let replicas = if is_scaled { asked.or(there) } else { there.or(asked) };
        Ok(EndpointInfo {
            name: name.to_owned(),
            url: format!("{server}/endpoints/{name}"),
            model: ServedModel {
                name: found.tag("skyform-model").to_owned(),
                version: found.tag("skyform-version").to_owned(),
                bucket: found.tag("skyform-bucket").to_owned(),
                key: found.tag("skyform-key").to_owned(),
                sha256: found.tag("skyform-sha256").to_owned(),
            },
            replicas: replicas.unwrap_or(1),
            runtime: RUNTIME.to_owned(),
            token: found.tag(TOKEN_TAG).to_owned(),
        })
    }
}

impl Found {
    fn tag(&self, name: &str) -> &str {
        self.tags.get(name).map_or("", String::as_str)
    }
}

/// The name of what an endpoint serves and how: another one for every change.
fn revision(spec: &EndpointSpec) -> String {
    let text = format!(
        "{}\0{}\0{}\0{}\0{}\0{:?}\0{:?}",
        spec.model.sha256,
        spec.model.bucket,
        spec.model.key,
        spec.replicas,
        spec.offer,
        spec.image,
        spec.role
    );
    let digest: String =
        Sha256::digest(text).iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    let room = 63 - digest.len() - 1;
    let name = spec.name.get(..room).unwrap_or(&spec.name);
    format!("{}-{digest}", name.trim_end_matches('-'))
}

fn container(spec: &EndpointSpec) -> ContainerDefinition {
    let ServedModel { name, version, bucket, key, sha256 } = &spec.model;
    let folder = key.rsplit_once('/').map_or("", |(folder, _)| folder);
    let source = S3ModelDataSource::builder()
        .s3_uri(format!("s3://{bucket}/{folder}/"))
        .s3_data_type(S3ModelDataType::S3Prefix)
        .compression_type(ModelCompressionType::None);
    let data = ModelDataSource::builder().s3_data_source(source.build()).build();
    let file = key.rsplit_once('/').map_or(key.as_str(), |(_, file)| file);
    ContainerDefinition::builder()
        .set_image(spec.image.clone())
        .model_data_source(data)
        .environment("SKYFORM_MODEL_NAME", name)
        .environment("SKYFORM_MODEL_VERSION", version)
        .environment("SKYFORM_MODEL_FILE", file)
        .environment("SKYFORM_MODEL_SHA256", sha256)
        .build()
}

fn tags(spec: &EndpointSpec) -> Vec<Tag> {
    let model = &spec.model;
    let scaled = if spec.autoscaling.is_some() { "yes" } else { "no" };
    let all = [
        (TOKEN_TAG, spec.token.clone()),
        (OWNER_TAG, address_in_tag(&spec.owner)),
        ("skyform-model", model.name.clone()),
        ("skyform-version", model.version.clone()),
        ("skyform-bucket", model.bucket.clone()),
        ("skyform-key", model.key.clone()),
        ("skyform-sha256", model.sha256.clone()),
        ("skyform-replicas", spec.replicas.to_string()),
        ("skyform-autoscaling", scaled.to_owned()),
    ];
    all.map(|(name, value)| Tag::builder().key(name).value(value).build()).to_vec()
}

/// The service says in words only that there is no such thing.
fn is_missing(problem: &Problem) -> bool {
    problem.kind == ProblemKind::NotFound || problem.detail.contains("Could not find")
}

fn gone<T>(done: Result<T, Problem>) -> Result<(), Problem> {
    match done {
        Err(problem) if !is_missing(&problem) => Err(problem),
        _ => Ok(()),
    }
}

fn made_or_there<T>(done: Result<T, Problem>) -> Result<(), Problem> {
    match done {
        Err(problem) if problem.detail.contains("already exist") => Ok(()),
        other => other.map(drop),
    }
}

fn taken(spec: &EndpointSpec, owner: &str) -> Problem {
    let owner = if owner.is_empty() { "no resource of Skyform's" } else { owner };
    let detail = format!("There is an endpoint \"{}\" already; it belongs to {owner}.", spec.name);
    Problem::error(ProblemKind::AlreadyExists, "Endpoint exists already", detail)
        .hint("Give this one another name, or delete the one that is there.")
}

fn failed(spec: &EndpointSpec, reason: &str) -> Problem {
    let reason = reason.trim_end_matches('.');
    let detail = format!("The endpoint \"{}\" does not serve: {reason}.", spec.name);
    Problem::error(ProblemKind::Other, "Endpoint failed", detail)
        .hint(format!("Its log is in CloudWatch: /aws/sagemaker/Endpoints/{}.", spec.name))
}

#[cfg(test)]
mod tests;
