//! Endpoints on machines: a group of EC2 instances, each with a server of its own.
//!
//! A machine serves one revision for as long as it lives: its user data are set once. A change starts
//! machines of the new revision, waits until all of them answer, and only then ends the others; if that
//! fails, the new ones are ended and the others serve on. Everything is known by tags.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_sdk_ec2::types::{Instance, InstanceStateName};
use sha2::{Digest as _, Sha256};
use skyform_provider_s3::TOKEN_TAG;
use skyform_provider_sdk::{
    EndpointInfo, EndpointSpec, MACHINES, MachinesSpec, Problem, ProblemKind, Progress,
    ProgressEvent, ServedModel,
};

use crate::asking::Asking;
use crate::boot::{self, PORT, Place};
use crate::machines::{Group, Health, Machines, amount, ids, state, tag_of};

mod checks;

pub(crate) use checks::check;

/// The tag that says which revision a machine serves.
const REVISION_TAG: &str = "skyform-revision";
/// The tag that says at which of its addresses a machine is reached.
const PUBLIC_TAG: &str = "skyform-public";
/// How long machines may take until they serve.
const START_LIMIT: Duration = Duration::from_secs(900);

/// The endpoints on machines of an account in a region.
#[derive(Debug)]
pub(crate) struct Fleet {
    pub(crate) machines: Arc<Machines>,
    pub(crate) asking: Asking,
    /// How long machines may take until they serve.
    pub(crate) patience: Duration,
}

/// A try to bring an endpoint to what it is to be, and what it has ordered for that.
struct Attempt<'a> {
    spec: &'a EndpointSpec,
    wanted: MachinesSpec,
    revision: String,
    started: BTreeSet<String>,
}

impl Fleet {
    pub(crate) fn new(machines: Arc<Machines>) -> Self {
        Self { machines, asking: Asking::default(), patience: START_LIMIT }
    }

    pub(crate) async fn create(
        &self,
        spec: &EndpointSpec,
        progress: &dyn Progress,
    ) -> Result<EndpointInfo, Problem> {
        check(spec)?;
        let group = self.machines.group(&group_of(&spec.name)).await?;
        group.check_owner(&group_of(&spec.name), &spec.token)?;
        let mut attempt = self.attempt(spec, &spec.token)?;
        match self.reach(&mut attempt, progress).await {
            Err(problem) if problem.kind != ProblemKind::InDoubt => {
                // Nothing is left running if it fails. What was ordered a moment ago need not be among
                // those that are found.
                let undone = self.end_started(attempt).await.and(self.delete(&spec.name).await);
                Err(problem.after_undo(undone.is_ok()))
            }
            other => other,
        }
    }

    pub(crate) async fn update(
        &self,
        spec: &EndpointSpec,
        progress: &dyn Progress,
    ) -> Result<EndpointInfo, Problem> {
        check(spec)?;
        let group = self.machines.group(&group_of(&spec.name)).await?;
        // The token is that of the intent that made it, whatever else changes.
        let token = group.all().map(|found| tag_of(found, TOKEN_TAG)).find(|tag| !tag.is_empty());
        let mut attempt = self.attempt(spec, token.unwrap_or(&spec.token))?;
        match self.reach(&mut attempt, progress).await {
            Err(problem) if problem.kind != ProblemKind::InDoubt => {
                Err(problem.after_undo(self.end_started(attempt).await.is_ok()))
            }
            other => other,
        }
    }

    /// Ends what an attempt has ordered.
    async fn end_started(&self, attempt: Attempt<'_>) -> Result<(), Problem> {
        let started: Vec<String> = attempt.started.into_iter().collect();
        self.machines.end(&attempt.wanted.name, &started).await
    }

    /// What is there: machines that answer count. While it serves several revisions, which is so only
    /// if a run was cut off, none does, so that the next one brings it in order.
    pub(crate) async fn read(&self, name: &str) -> Result<Option<EndpointInfo>, Problem> {
        let group = self.machines.group(&group_of(name)).await?;
        // One of which all were stopped is there, and has to be brought back.
        let newest = group.living.last().or(group.stopped.last());
        let Some(newest) = newest else { return Ok(None) };
        let revision = tag_of(newest, REVISION_TAG).to_owned();
        let is_mixed = group.living.iter().any(|found| tag_of(found, REVISION_TAG) != revision);
        let mut answering = self.answering(&group).await;
        if answering.len() < group.living.len() {
            // One answer that was lost is no reason to replace a machine.
            tokio::time::sleep(Duration::from_millis(500)).await;
            answering.extend(self.answering(&group).await);
        }
        let mut info = info(name, &group.living, newest, &answering);
        if is_mixed {
            info.replicas = 0;
        }
        Ok(Some(info))
    }

    pub(crate) async fn delete(&self, name: &str) -> Result<(), Problem> {
        self.machines.delete(&group_of(name)).await
    }

    /// What is to be started, and how it will be known.
    fn attempt<'a>(&self, spec: &'a EndpointSpec, token: &str) -> Result<Attempt<'a>, Problem> {
        let session = &self.machines.session;
        let endpoint = session.endpoint("s3");
        let place = Place { region: session.region()?, endpoint: endpoint.as_deref() };
        let revision = revision(spec, &place);
        let wanted = MachinesSpec {
            name: group_of(&spec.name),
            image: spec.image.clone().unwrap_or_default(),
            machine_type: spec.offer.clone(),
            size: usize::try_from(spec.replicas).unwrap_or(usize::MAX),
            subnet: spec.subnet.clone(),
            security_groups: spec.security_groups.clone(),
            role: spec.role.clone(),
            user_data: Some(boot::user_data(spec, &revision, &place)),
            spot: false,
            tags: tags(spec, &revision),
            owner: spec.owner.clone(),
            token: token.to_owned(),
            attempt: spec.token.clone(),
        };
        Ok(Attempt { spec, wanted, revision, started: BTreeSet::new() })
    }

    /// Starts what is missing, waits until as many answer as are wanted, and ends all others.
    async fn reach(
        &self,
        attempt: &mut Attempt<'_>,
        progress: &dyn Progress,
    ) -> Result<EndpointInfo, Problem> {
        let name = attempt.wanted.name.clone();
        let size = attempt.wanted.size;
        let group = self.machines.group(&name).await?;
        let useless = self.useless(attempt, &group).await?;
        let usable = attempt.usable(&group, &useless).count();
        if usable < size {
            let missing = size - usable;
            progress.report(ProgressEvent::Step(format!("Starting {}...", amount(missing))));
            let others = ids(&group.living);
            let started = self.machines.start(&attempt.wanted, &others, missing).await?;
            attempt.started.extend(started);
        }
        let (group, kept) = self.until_they_answer(attempt, &useless, progress).await?;
        // From here on it is they that serve, whatever becomes of the others.
        attempt.started.clear();
        let all = ids(&group.living).into_iter().chain(ids(&group.stopped));
        let others: Vec<String> =
            all.filter(|id| kept.iter().all(|kept| kept.instance_id() != Some(id))).collect();
        if !others.is_empty() {
            progress.report(ProgressEvent::Step(format!("Ending {}...", amount(others.len()))));
            self.machines.end(&name, &others).await?;
        }
        let answering = ids(&kept).into_iter().collect();
        let newest = kept.last().ok_or_else(|| failed(attempt.spec, "it has no machines"))?;
        Ok(info(&attempt.spec.name, &kept, newest, &answering))
    }

    /// Machines of the right revision that are past help: the cloud's checks fail, or have passed and
    /// yet nothing answers.
    async fn useless(
        &self,
        attempt: &Attempt<'_>,
        group: &Group,
    ) -> Result<BTreeSet<String>, Problem> {
        if attempt.usable(group, &BTreeSet::new()).next().is_none() {
            return Ok(BTreeSet::new());
        }
        let answering = self.answering(group).await;
        let health = self.machines.health(&attempt.wanted.name, group).await?;
        let is_useless = |(id, health): (String, Health)| match health {
            Health::Impaired => Some(id),
            Health::Sound => Some(id).filter(|id| !answering.contains(id)),
            Health::Starting => None,
        };
        Ok(health.into_iter().filter_map(is_useless).collect())
    }

    /// Waits until as many machines of the right revision answer as are wanted: those, the oldest first.
    async fn until_they_answer(
        &self,
        attempt: &Attempt<'_>,
        useless: &BTreeSet<String>,
        progress: &dyn Progress,
    ) -> Result<(Group, Vec<Instance>), Problem> {
        let until = Instant::now() + self.patience;
        let mut pause = Duration::from_millis(200);
        let (mut told, mut seen) = (None, BTreeSet::new());
        let size = attempt.wanted.size;
        loop {
            let group = self.machines.group(&attempt.wanted.name).await?;
            let usable: Vec<&Instance> = attempt.usable(&group, useless).collect();
            let answering = self.answering(&group).await;
            let answers =
                |found: &&Instance| found.instance_id().is_some_and(|id| answering.contains(id));
            let serving: Vec<Instance> =
                usable.iter().copied().filter(answers).take(size).cloned().collect();
            if serving.len() == size {
                return Ok((group, serving));
            }
            // One that was seen and is not any more has ended; one that was ordered may not be seen yet.
            seen.extend(usable.iter().filter_map(|found| found.instance_id.clone()));
            let living = ids(&group.living);
            let lost: Vec<String> =
                seen.iter().filter(|id| !living.contains(id)).cloned().collect();
            let unseen = attempt.started.iter().filter(|id| !seen.contains(*id)).count();
            if !lost.is_empty() && usable.len() + unseen < size {
                let why = self.machines.why_ended(&lost).await?.join("; ");
                return Err(failed(attempt.spec, &why));
            }
            if told != Some(serving.len()) {
                let step = format!("{} of {} answer...", serving.len(), amount(size));
                progress.report(ProgressEvent::Step(step));
                told = Some(serving.len());
            }
            if Instant::now() + pause > until {
                let silent = usable.iter().filter(|found| !answers(found));
                let silent: Vec<String> = silent.map(|found| describe(found)).collect();
                let why = format!(
                    "{} of {} answer after {} seconds, and {} not",
                    serving.len(),
                    amount(size),
                    self.patience.as_secs(),
                    if silent.is_empty() { "the others do".to_owned() } else { silent.join(", ") }
                );
                return Err(failed(attempt.spec, &why));
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(5));
        }
    }

    /// Which machines of a group run and answer, each with its own revision.
    async fn answering(&self, group: &Group) -> BTreeSet<String> {
        let mut asked = tokio::task::JoinSet::new();
        for found in &group.living {
            let is_running = state(found) == Some(&InstanceStateName::Running);
            if let (true, Some(url), Some(id)) = (is_running, url_of(found), found.instance_id()) {
                let (asking, id) = (self.asking.clone(), id.to_owned());
                let revision = tag_of(found, REVISION_TAG).to_owned();
                asked.spawn(async move { asking.is_ready(url, revision).await.then_some(id) });
            }
        }
        asked.join_all().await.into_iter().flatten().collect()
    }
}

impl Attempt<'_> {
    /// Machines that serve what is wanted, or will; the oldest first.
    fn usable<'a>(
        &'a self,
        group: &'a Group,
        useless: &'a BTreeSet<String>,
    ) -> impl Iterator<Item = &'a Instance> {
        group.living.iter().filter(move |found| {
            let id = found.instance_id().unwrap_or_default();
            tag_of(found, REVISION_TAG) == self.revision && !useless.contains(id)
        })
    }
}

/// The name of an endpoint's machines; no block of machines is named so.
fn group_of(endpoint: &str) -> String {
    format!("endpoint/{endpoint}")
}

/// What a machine serves and how: another one for every change of that.
fn revision(spec: &EndpointSpec, place: &Place<'_>) -> String {
    let text = format!(
        "{}\0{:?}\0{}\0{:?}\0{:?}\0{:?}\0{}",
        boot::user_data(spec, "", place),
        spec.image,
        spec.offer,
        spec.role,
        spec.subnet,
        spec.security_groups,
        spec.public
    );
    Sha256::digest(text).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

fn tags(spec: &EndpointSpec, revision: &str) -> BTreeMap<String, String> {
    let ServedModel { name, version, bucket, key, sha256 } = &spec.model;
    let tags = [
        (REVISION_TAG, revision),
        (PUBLIC_TAG, if spec.public { "yes" } else { "no" }),
        ("skyform-model", name),
        ("skyform-version", version),
        ("skyform-bucket", bucket),
        ("skyform-key", key),
        ("skyform-sha256", sha256),
        ("Name", &spec.name),
    ];
    tags.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// Where a machine is reached.
fn url_of(machine: &Instance) -> Option<String> {
    let address = match tag_of(machine, PUBLIC_TAG) {
        "yes" => machine.public_ip_address(),
        _ => machine.private_ip_address(),
    };
    Some(format!("http://{}:{PORT}", address.filter(|address| !address.is_empty())?))
}

/// A machine with its address, in words.
fn describe(machine: &Instance) -> String {
    let id = machine.instance_id().unwrap_or_default();
    let at = url_of(machine).unwrap_or_else(|| "without an address".to_owned());
    format!("{id} ({at})")
}

fn info(
    name: &str,
    machines: &[Instance],
    newest: &Instance,
    answering: &BTreeSet<String>,
) -> EndpointInfo {
    let answers = |found: &&Instance| found.instance_id().is_some_and(|id| answering.contains(id));
    let urls: Vec<String> = machines.iter().filter(answers).filter_map(url_of).collect();
    let tag = |name: &str| tag_of(newest, name).to_owned();
    EndpointInfo {
        name: name.to_owned(),
        url: urls.first().cloned().or_else(|| url_of(newest)).unwrap_or_default(),
        replicas: urls.len() as u64,
        urls,
        model: ServedModel {
            name: tag("skyform-model"),
            version: tag("skyform-version"),
            bucket: tag("skyform-bucket"),
            key: tag("skyform-key"),
            sha256: tag("skyform-sha256"),
        },
        runtime: MACHINES.to_owned(),
        token: tag(TOKEN_TAG),
        ..EndpointInfo::default()
    }
}

fn failed(spec: &EndpointSpec, why: &str) -> Problem {
    let detail =
        format!("The endpoint \"{}\" does not serve: {}.", spec.name, why.trim_end_matches('.'));
    Problem::error(ProblemKind::Other, "Endpoint failed", detail).hint(
        "Look at a machine's system log in the console. Its image needs the program skyform, its role \
         has to be allowed to read the model, and its security groups have to let port 8080 in from here.",
    )
}

#[cfg(test)]
mod tests;
