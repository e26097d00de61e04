//! Endpoints on SageMaker: a model, a configuration that names it, and the endpoint itself.
//!
//! Models and configurations cannot be changed there. Another one is made for each change, and the
//! endpoint goes over to it without a break; what it had before is deleted when it has.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_sdk_sagemaker::Client;
use aws_sdk_sagemaker::operation::describe_endpoint::DescribeEndpointOutput;
use aws_sdk_sagemaker::types::EndpointStatus;
use skyform_provider_s3::{
    HonourRetryAfter, OWNER_TAG, Session, TOKEN_TAG, problem, problem_of_create,
};
use skyform_provider_sdk::{
    EndpointInfo, EndpointSpec, Problem, ProblemKind, Progress, ProgressEvent, ServedModel,
    VariantInfo,
};
use tokio::sync::OnceCell;

use crate::invoking;
use crate::scaling::Scaling;

mod checks;
mod parts;
mod sizes;

pub(crate) use checks::check;
use parts::{REVISION_TAG, container, model_of, production_variant, revision, tags, variants};

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
            Ok(()) => self.settle(spec, progress).await,
            Err(problem) => Err(problem),
        };
        match served {
            Err(problem) if problem.kind != ProblemKind::InDoubt => {
                // Nothing is left running if it fails.
                let undone = self.delete(&spec.name).await.and(self.discard(spec).await);
                Err(problem.after_undo(undone.is_ok()))
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
        let mut configuration = client.create_endpoint_config();
        for variant in variants(spec) {
            let name = model_of(spec, &variant.name);
            let action = format!("creating the model \"{name}\"");
            let order = client
                .create_model()
                .model_name(&name)
                .set_execution_role_arn(spec.role.clone())
                .primary_container(container(spec.image.as_ref(), &variant.model))
                .set_tags(Some(tags(spec)));
            made_or_there(order.send().await.map_err(|error| problem(&action, &error)))?;
            configuration = configuration.production_variants(production_variant(spec, &variant));
        }
        let revision = revision(spec);
        let action = format!("creating the endpoint's configuration \"{revision}\"");
        let order = configuration.endpoint_config_name(&revision).set_tags(Some(tags(spec)));
        made_or_there(order.send().await.map_err(|error| problem(&action, &error)))
    }

    /// Deletes the models and the configuration of a revision.
    async fn discard(&self, spec: &EndpointSpec) -> Result<(), Problem> {
        let models = variants(spec).iter().map(|variant| model_of(spec, &variant.name)).collect();
        self.discard_models(models).await?;
        self.discard_revision(&revision(spec)).await
    }

    /// The same for one of which only the name is known. The configuration, which knows the models, goes
    /// last.
    async fn discard_revision(&self, revision: &str) -> Result<(), Problem> {
        let client = self.client().await?;
        let action = format!("looking at the endpoint's configuration \"{revision}\"");
        let asked = client.describe_endpoint_config().endpoint_config_name(revision).send().await;
        let mut models = vec![revision.to_owned()];
        match asked.map_err(|error| problem(&action, &error)) {
            Ok(about) => models.extend(
                about.production_variants().iter().filter_map(|variant| variant.model_name.clone()),
            ),
            Err(problem) if is_missing(&problem) => {}
            Err(problem) => return Err(problem),
        }
        self.discard_models(models).await?;
        let action = format!("deleting the endpoint's configuration \"{revision}\"");
        let done = client.delete_endpoint_config().endpoint_config_name(revision).send().await;
        gone(done.map_err(|error| problem(&action, &error)))
    }

    async fn discard_models(&self, models: Vec<String>) -> Result<(), Problem> {
        for model in std::collections::BTreeSet::from_iter(models) {
            let action = format!("deleting the model \"{model}\"");
            let done = self.client().await?.delete_model().model_name(&model).send().await;
            gone(done.map_err(|error| problem(&action, &error)))?;
        }
        Ok(())
    }

    pub(crate) async fn read(&self, name: &str) -> Result<Option<EndpointInfo>, Problem> {
        let Some(found) = self.find(name).await? else { return Ok(None) };
        match found.about.endpoint_status() {
            Some(
                EndpointStatus::InService
                | EndpointStatus::Updating
                | EndpointStatus::SystemUpdating
                | EndpointStatus::RollingBack,
            ) => Ok(Some(self.info(name, &found).await?)),
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
        self.scaling.remove(&spec.name, &before.variants()).await?;
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
        match self.settle(spec, progress).await {
            Ok(_) => {
                // A run that was cut off may have gone over to another one than the tags say.
                let said = before.tag(REVISION_TAG);
                for other in [old.as_str(), said] {
                    if other != revision(spec) && !other.is_empty() {
                        self.discard_revision(other).await?;
                    }
                }
                let order = client.add_tags().resource_arn(arn).set_tags(Some(tags(&tagged)));
                order.send().await.map_err(|error| problem(&action, &error))?;
                self.read(&spec.name).await?.ok_or_else(missing)
            }
            Err(problem) => {
                // What has gone over to the new revision serves it, whatever failed afterwards.
                let now = self.find(&spec.name).await;
                let went_back = now.is_ok_and(|now| {
                    now.is_some_and(|now| now.about.endpoint_config_name() == Some(old.as_str()))
                });
                if went_back && old != revision(spec) && problem.kind == ProblemKind::Other {
                    self.discard(spec).await?;
                }
                Err(problem)
            }
        }
    }

    pub(crate) async fn delete(&self, name: &str) -> Result<(), Problem> {
        let Some(found) = self.find(name).await? else { return Ok(()) };
        self.scaling.remove(name, &found.variants()).await?;
        let action = format!("deleting the endpoint \"{name}\"");
        let done = self.client().await?.delete_endpoint().endpoint_name(name).send().await;
        gone(done.map_err(|error| problem(&action, &error)))?;
        for revision in
            [found.about.endpoint_config_name().unwrap_or_default(), found.tag(REVISION_TAG)]
        {
            if !revision.is_empty() {
                self.discard_revision(revision).await?;
            }
        }
        Ok(())
    }

    /// Waits until the revision serves, and brings sizes, weights and scaling to what they are to be.
    async fn settle(
        &self,
        spec: &EndpointSpec,
        progress: &dyn Progress,
    ) -> Result<EndpointInfo, Problem> {
        let found = self.until_it_serves(spec, progress).await?;
        let found = match self.resize(spec, &found).await? {
            true => self.until_it_serves(spec, progress).await?,
            false => found,
        };
        for variant in variants(spec) {
            if let Some(range) = &variant.autoscaling {
                self.scaling.set(&spec.name, &variant.name, range).await?;
            }
        }
        self.info(&spec.name, &found).await
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
    ) -> Result<Found, Problem> {
        let until = Instant::now() + START_LIMIT;
        let mut pause = Duration::from_millis(500);
        let mut told = String::new();
        loop {
            let found = self.find(&spec.name).await?.ok_or_else(|| failed(spec, "it is gone"))?;
            let status = found.about.endpoint_status();
            let is_new = found.about.endpoint_config_name() == Some(revision(spec).as_str());
            let reason = found.about.failure_reason().unwrap_or("the service gives no reason");
            match status {
                Some(EndpointStatus::InService) if is_new => return Ok(found),
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

    async fn info(&self, name: &str, found: &Found) -> Result<EndpointInfo, Problem> {
        let server = invoking::server(&self.session)?;
        let mut there = self.there(name, found).await?;
        let own = there.iter().position(|variant| variant.name == parts::MAIN);
        let own = own.map(|at| there.remove(at)).unwrap_or_else(|| VariantInfo {
            weight: 1,
            replicas: 1,
            ..VariantInfo::default()
        });
        // One that somebody else has set, or a run that was cut off: that is a difference.
        let config = found.about.endpoint_config_name().unwrap_or_default();
        let is_foreign = !["", config].contains(&found.tag(REVISION_TAG));
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
            replicas: if is_foreign { 0 } else { own.replicas },
            weight: Some(own.weight),
            autoscaling: own.autoscaling,
            variants: there,
            runtime: RUNTIME.to_owned(),
            token: found.tag(TOKEN_TAG).to_owned(),
            ..EndpointInfo::default()
        })
    }
}

impl Found {
    /// Names of the variants that are there.
    fn variants(&self) -> Vec<String> {
        let there = self.about.production_variants().iter();
        there.filter_map(|variant| variant.variant_name.clone()).collect()
    }

    fn tag(&self, name: &str) -> &str {
        self.tags.get(name).map_or("", String::as_str)
    }
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
