//! Groups of EC2 instances, known by a tag that each gets when it is made.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{
    Filter, IamInstanceProfileSpecification, Instance, InstanceMarketOptionsRequest,
    InstanceStateName, InstanceType, MarketType, ResourceType, SummaryStatus, Tag,
    TagSpecification,
};
use base64::Engine as _;
use sha2::{Digest as _, Sha256};
use skyform_provider_s3::{
    HonourRetryAfter, OWNER_TAG, Session, TOKEN_TAG, address_in_tag, problem, problem_of_create,
};
use skyform_provider_sdk::{
    Machine, MachinesInfo, MachinesSpec, Problem, ProblemKind, Progress, ProgressEvent,
};
use skyform_value::Path;
use tokio::sync::OnceCell;

use crate::images;

/// The tag with the group's name.
const GROUP_TAG: &str = "skyform-machines";
/// How long machines may take until they run.
const START_LIMIT: Duration = Duration::from_secs(600);

/// The machines of an account in a region.
#[derive(Debug)]
pub(crate) struct Machines {
    pub(crate) session: Arc<Session>,
    pub(crate) client: OnceCell<Client>,
}

/// What is there of a group.
pub(crate) struct Group {
    /// Those that run or will, the oldest first.
    pub(crate) living: Vec<Instance>,
    /// Those that were stopped: they are there, and do nothing.
    pub(crate) stopped: Vec<Instance>,
}

/// What the cloud's own checks say of a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Health {
    /// Nothing yet: it has just begun to run, or will.
    Starting,
    /// It passed them.
    Sound,
    /// It fails them.
    Impaired,
}

/// Checks what can be checked without asking the service.
pub(crate) fn check(spec: &MachinesSpec) -> Result<(), Problem> {
    images::check(&spec.image)?;
    let invalid = |attribute: &str, summary: &str, detail: String, hint: &str| {
        let problem = Problem::error(ProblemKind::Invalid, summary, detail);
        Err(problem.at(Path::attribute(attribute)).hint(hint))
    };
    if let Some(subnet) = spec.subnet.as_deref().filter(|subnet| !subnet.starts_with("subnet-")) {
        let detail = format!("\"{subnet}\" is no subnet's identifier.");
        let hint = "Set subnet to one, as in subnet = \"subnet-0a1b\".";
        return invalid("subnet", "Unknown subnet", detail, hint);
    }
    if let Some(group) = spec.security_groups.iter().find(|group| !group.starts_with("sg-")) {
        let detail = format!("\"{group}\" is no security group's identifier.");
        let hint = "Set security_groups to some, as in security_groups = [\"sg-0a1b\"].";
        return invalid("security_groups", "Unknown security group", detail, hint);
    }
    match spec.role.as_deref() {
        Some(role) if role.starts_with("arn:") && !role.contains(":instance-profile/") => {
            let detail = format!("{role} is no instance profile.");
            let hint = "Machines get their role through an instance profile; set role to the ARN or name of that.";
            invalid("role", "Role cannot be given to machines", detail, hint)
        }
        _ => Ok(()),
    }
}

impl Machines {
    pub(crate) async fn client(&self) -> Result<&Client, Problem> {
        let make = || async {
            let mut config = aws_sdk_ec2::config::Builder::from(self.session.config().await?)
                .retry_classifier(HonourRetryAfter);
            config.set_endpoint_url(self.session.endpoint("ec2"));
            Ok(Client::from_conf(config.build()))
        };
        self.client.get_or_try_init(make).await
    }

    pub(crate) async fn create(
        &self,
        spec: &MachinesSpec,
        progress: &dyn Progress,
    ) -> Result<MachinesInfo, Problem> {
        let group = self.group(&spec.name).await?;
        group.check_owner(&spec.name, &spec.token)?;
        match self.update(spec, progress).await {
            Err(problem) if problem.kind != ProblemKind::InDoubt => {
                // Nothing is left running if it fails.
                Err(problem.after_undo(self.delete(&spec.name).await.is_ok()))
            }
            other => other,
        }
    }

    pub(crate) async fn read(&self, name: &str) -> Result<Option<MachinesInfo>, Problem> {
        let group = self.group(name).await?;
        // One of which all were stopped is there, and has to be brought back.
        Ok(group.all().next().is_some().then(|| group.info(name)))
    }

    /// Brings the group to its size.
    pub(crate) async fn update(
        &self,
        spec: &MachinesSpec,
        progress: &dyn Progress,
    ) -> Result<MachinesInfo, Problem> {
        let group = self.group(&spec.name).await?;
        self.end(&spec.name, &ids(&group.stopped)).await?;
        let living = group.living.len();
        if living < spec.size {
            let missing = spec.size - living;
            progress.report(ProgressEvent::Step(format!("Starting {}...", amount(missing))));
            self.start(spec, &ids(&group.living), missing).await?;
        } else if living > spec.size {
            let health = self.health(&spec.name, &group).await?;
            let broken = health.iter().filter(|(_, health)| **health == Health::Impaired);
            let broken: Vec<String> = broken.map(|(id, _)| id.clone()).collect();
            let surplus = surplus(&group, &broken, living - spec.size);
            progress.report(ProgressEvent::Step(format!("Ending {}...", amount(surplus.len()))));
            self.end(&spec.name, &surplus).await?;
        }
        self.retag(spec, &group).await?;
        self.until_all_run(spec, progress).await
    }

    pub(crate) async fn delete(&self, name: &str) -> Result<(), Problem> {
        let group = self.group(name).await?;
        let all: Vec<String> = ids(&group.living).into_iter().chain(ids(&group.stopped)).collect();
        self.end(name, &all).await
    }

    /// What is there of a group now.
    pub(crate) async fn group(&self, name: &str) -> Result<Group, Problem> {
        let client = self.client().await?;
        let named = Filter::builder().name(format!("tag:{GROUP_TAG}")).values(name).build();
        let states = ["pending", "running", "stopping", "stopped"].map(str::to_owned).to_vec();
        let states = Filter::builder().name("instance-state-name").set_values(Some(states)).build();
        let mut pages =
            client.describe_instances().filters(named).filters(states).into_paginator().send();
        let mut group = Group { living: Vec::new(), stopped: Vec::new() };
        while let Some(page) = pages.next().await {
            let action = format!("looking for the machines of \"{name}\"");
            let page = page.map_err(|error| problem(&action, &error))?;
            let found = page.reservations.unwrap_or_default().into_iter();
            for instance in found.flat_map(|reservation| reservation.instances.unwrap_or_default())
            {
                match state(&instance) {
                    Some(InstanceStateName::Pending | InstanceStateName::Running) => {
                        group.living.push(instance);
                    }
                    _ => group.stopped.push(instance),
                }
            }
        }
        let age = |instance: &Instance| {
            let launched = instance.launch_time().map(|time| time.as_nanos());
            (launched, instance.ami_launch_index(), instance.instance_id().map(str::to_owned))
        };
        group.living.sort_by_key(age);
        Ok(group)
    }

    /// What the cloud's checks say of those that live, by their identifiers.
    pub(crate) async fn health(
        &self,
        name: &str,
        group: &Group,
    ) -> Result<BTreeMap<String, Health>, Problem> {
        let mut health: BTreeMap<String, Health> =
            ids(&group.living).into_iter().map(|id| (id, Health::Starting)).collect();
        if health.is_empty() {
            return Ok(health);
        }
        // Asked for by a filter: one that is not known yet is no error then.
        let wanted = health.keys().cloned().collect();
        let filter = Filter::builder().name("instance-id").set_values(Some(wanted)).build();
        let asked = self.client().await?.describe_instance_status().filters(filter);
        let mut pages = asked.into_paginator().send();
        while let Some(page) = pages.next().await {
            let action = format!("looking at the health of \"{name}\"");
            let page = page.map_err(|error| problem(&action, &error))?;
            for found in page.instance_statuses() {
                let said = [found.instance_status(), found.system_status()]
                    .map(|summary| summary.and_then(|summary| summary.status()));
                let how_many = |wanted: &SummaryStatus| {
                    said.iter().filter(|status| **status == Some(wanted)).count()
                };
                let seen = found.instance_id().and_then(|id| health.get_mut(id));
                let Some(seen) = seen else { continue };
                if how_many(&SummaryStatus::Impaired) > 0 {
                    *seen = Health::Impaired;
                } else if how_many(&SummaryStatus::Ok) == said.len() {
                    *seen = Health::Sound;
                }
            }
        }
        Ok(health)
    }

    /// Why machines ended, in the cloud's words.
    pub(crate) async fn why_ended(&self, ids: &[String]) -> Result<Vec<String>, Problem> {
        let filter = Filter::builder().name("instance-id").set_values(Some(ids.to_vec())).build();
        let asked = self.client().await?.describe_instances().filters(filter).send().await;
        let found = asked.map_err(|error| problem("looking at machines that ended", &error))?;
        let instances = found.reservations().iter().flat_map(|found| found.instances());
        let reason = |instance: &Instance| {
            let id = instance.instance_id().unwrap_or_default();
            let reason = instance.state_reason().and_then(|reason| reason.message());
            format!("{id} ended: {}", reason.unwrap_or("the service gives no reason"))
        };
        Ok(instances.map(reason).collect())
    }

    /// Orders machines; their identifiers. `others` are those that were there before.
    pub(crate) async fn start(
        &self,
        spec: &MachinesSpec,
        others: &[String],
        missing: usize,
    ) -> Result<Vec<String>, Problem> {
        let client = self.client().await?;
        let image = self.image(&spec.image).await?;
        let count = i32::try_from(missing).unwrap_or(i32::MAX);
        let user_data = spec.user_data.as_ref();
        let encoded = user_data.map(|text| base64::prelude::BASE64_STANDARD.encode(text));
        let spot = InstanceMarketOptionsRequest::builder().market_type(MarketType::Spot).build();
        let groups = (!spec.security_groups.is_empty()).then(|| spec.security_groups.clone());
        let order = client
            .run_instances()
            .image_id(image)
            .instance_type(InstanceType::from(spec.machine_type.as_str()))
            .min_count(count)
            .max_count(count)
            .set_subnet_id(spec.subnet.clone())
            .set_security_group_ids(groups)
            .set_iam_instance_profile(spec.role.as_deref().map(profile))
            .set_user_data(encoded)
            .set_instance_market_options(spec.spot.then_some(spot))
            .tag_specifications(tags_for(ResourceType::Instance, spec))
            .tag_specifications(tags_for(ResourceType::Volume, spec))
            .client_token(client_token(spec, others));
        let action = format!("starting {} of \"{}\"", amount(missing), spec.name);
        let started = order.send().await.map_err(|error| problem_of_create(&action, &error))?;
        Ok(ids(started.instances()))
    }

    /// Ends machines; those that are gone already are no error.
    pub(crate) async fn end(&self, name: &str, ids: &[String]) -> Result<(), Problem> {
        if ids.is_empty() {
            return Ok(());
        }
        match self.terminate(name, ids).await {
            Err(problem) if problem.kind == ProblemKind::NotFound => {}
            other => return other,
        }
        // One that the service does not know makes it refuse them all.
        for id in ids {
            self.end_when_known(name, id).await?;
        }
        Ok(())
    }

    /// Ends one that may have been made so lately that not all of the service knows it. One that stays
    /// unknown is gone.
    async fn end_when_known(&self, name: &str, id: &str) -> Result<(), Problem> {
        let until = Instant::now() + self.session.limits.settle;
        let mut pause = Duration::from_millis(200);
        loop {
            match self.terminate(name, &[id.to_owned()]).await {
                Err(problem) if problem.kind == ProblemKind::NotFound => {}
                other => return other,
            }
            if Instant::now() + pause > until {
                return Ok(());
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
    }

    async fn terminate(&self, name: &str, ids: &[String]) -> Result<(), Problem> {
        let order = self.client().await?.terminate_instances().set_instance_ids(Some(ids.to_vec()));
        let action = format!("ending {} of \"{name}\"", amount(ids.len()));
        order.send().await.map(drop).map_err(|error| problem(&action, &error))
    }

    /// Gives those that were there already the tags of now.
    async fn retag(&self, spec: &MachinesSpec, group: &Group) -> Result<(), Problem> {
        let wanted = all_tags(spec);
        let differ = group.living.iter().filter(|instance| tags_of(instance) != wanted);
        let differ: Vec<&Instance> = differ.collect();
        if differ.is_empty() {
            return Ok(());
        }
        let client = self.client().await?;
        let action = format!("tagging the machines of \"{}\"", spec.name);
        let ids: Vec<String> =
            differ.iter().filter_map(|found| found.instance_id.clone()).collect();
        let order =
            client.create_tags().set_resources(Some(ids.clone())).set_tags(Some(tags(&wanted)));
        order.send().await.map_err(|error| problem(&action, &error))?;
        let surplus = differ.iter().flat_map(|instance| tags_of(instance).into_keys());
        let surplus: std::collections::BTreeSet<String> =
            surplus.filter(|name| !wanted.contains_key(name)).collect();
        if surplus.is_empty() {
            return Ok(());
        }
        let names = surplus.into_iter().map(|name| Tag::builder().key(name).build()).collect();
        let order = client.delete_tags().set_resources(Some(ids)).set_tags(Some(names));
        order.send().await.map(drop).map_err(|error| problem(&action, &error))
    }

    async fn until_all_run(
        &self,
        spec: &MachinesSpec,
        progress: &dyn Progress,
    ) -> Result<MachinesInfo, Problem> {
        let until = Instant::now() + START_LIMIT;
        let mut pause = Duration::from_millis(200);
        let mut told = None;
        loop {
            let group = self.group(&spec.name).await?;
            let runs = |found: &&Instance| state(found) == Some(&InstanceStateName::Running);
            let running = group.living.iter().filter(runs).count();
            if running == spec.size {
                return Ok(group.info(&spec.name));
            }
            if told != Some(running) {
                let step = format!("{running} of {} run...", amount(spec.size));
                progress.report(ProgressEvent::Step(step));
                told = Some(running);
            }
            if Instant::now() + pause > until {
                let detail = format!(
                    "{running} of {} of \"{}\" run after {} minutes.",
                    amount(spec.size),
                    spec.name,
                    START_LIMIT.as_secs() / 60
                );
                return Err(Problem::error(
                    ProblemKind::Unavailable,
                    "Machines do not start",
                    detail,
                )
                .hint(
                    "Look at their state and its reason in the console; the image may not boot.",
                ));
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(5));
        }
    }
}

impl Group {
    pub(crate) fn all(&self) -> impl Iterator<Item = &Instance> {
        self.living.iter().chain(&self.stopped)
    }

    /// Whether all were made by one intent.
    pub(crate) fn check_owner(&self, name: &str, token: &str) -> Result<(), Problem> {
        let Some(taken) = self.all().find(|found| tag_of(found, TOKEN_TAG) != token) else {
            return Ok(());
        };
        let owner = Some(tag_of(taken, OWNER_TAG)).filter(|owner| !owner.is_empty());
        let owner = owner.unwrap_or("no one");
        let detail =
            format!("There are machines of a group \"{name}\" already, which belong to {owner}.");
        Err(Problem::error(ProblemKind::AlreadyExists, "Machines exist already", detail)
            .hint("Give this group another name, or end those that are there."))
    }

    fn info(&self, name: &str) -> MachinesInfo {
        let machine = |found: &Instance| Machine {
            id: found.instance_id().unwrap_or_default().to_owned(),
            private_address: found.private_ip_address().map(str::to_owned),
            public_address: found.public_ip_address().map(str::to_owned),
        };
        let first = self.all().next();
        let token = first.map(|found| tag_of(found, TOKEN_TAG).to_owned()).unwrap_or_default();
        let mut tags = first.map(tags_of).unwrap_or_default();
        tags.retain(|name, value| {
            let all_have = self.living.iter().all(|found| tag_of(found, name) == value);
            all_have && !name.starts_with("skyform-")
        });
        let machines = self.living.iter().map(machine).collect();
        MachinesInfo { name: name.to_owned(), token, tags, machines }
    }
}

/// Which go: those that do not work, then the newest.
fn surplus(group: &Group, broken: &[String], count: usize) -> Vec<String> {
    let is_broken = |id: &String| broken.contains(id);
    let (mut going, mut sound): (Vec<String>, Vec<String>) =
        ids(&group.living).into_iter().partition(is_broken);
    going.truncate(count);
    let rest = count - going.len();
    going.extend(sound.drain(sound.len().saturating_sub(rest)..));
    going
}

/// What makes the service answer a repeated order with what the first one has made. Another order
/// has another one: the intent's, and which machines were there.
fn client_token(spec: &MachinesSpec, others: &[String]) -> String {
    let mut digest = Sha256::new();
    for part in [&spec.name, &spec.token, &spec.attempt].into_iter().chain(others) {
        digest.update(part.as_bytes());
        digest.update([0]);
    }
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn all_tags(spec: &MachinesSpec) -> BTreeMap<String, String> {
    let mut tags = spec.tags.clone();
    tags.insert(GROUP_TAG.to_owned(), spec.name.clone());
    tags.insert(TOKEN_TAG.to_owned(), spec.token.clone());
    tags.insert(OWNER_TAG.to_owned(), address_in_tag(&spec.owner));
    tags
}

fn tags(wanted: &BTreeMap<String, String>) -> Vec<Tag> {
    wanted.iter().map(|(name, value)| Tag::builder().key(name).value(value).build()).collect()
}

fn tags_for(kind: ResourceType, spec: &MachinesSpec) -> TagSpecification {
    let tags = tags(&all_tags(spec));
    TagSpecification::builder().resource_type(kind).set_tags(Some(tags)).build()
}

fn tags_of(instance: &Instance) -> BTreeMap<String, String> {
    let tags = instance.tags().iter().filter_map(|tag| {
        let name = tag.key().filter(|name| !name.starts_with("aws:"))?;
        Some((name.to_owned(), tag.value().unwrap_or_default().to_owned()))
    });
    tags.collect()
}

/// A tag's value; empty without it.
pub(crate) fn tag_of<'a>(instance: &'a Instance, name: &str) -> &'a str {
    let tag = instance.tags().iter().find(|tag| tag.key() == Some(name));
    tag.and_then(|tag| tag.value()).unwrap_or_default()
}

pub(crate) fn state(instance: &Instance) -> Option<&InstanceStateName> {
    instance.state().and_then(|state| state.name())
}

pub(crate) fn ids(instances: &[Instance]) -> Vec<String> {
    instances.iter().filter_map(|instance| instance.instance_id.clone()).collect()
}

/// An instance profile, by its ARN or name.
fn profile(role: &str) -> IamInstanceProfileSpecification {
    let profile = IamInstanceProfileSpecification::builder();
    if role.starts_with("arn:") { profile.arn(role) } else { profile.name(role) }.build()
}

/// `2 machines`
pub(crate) fn amount(count: usize) -> String {
    if count == 1 { "1 machine".to_owned() } else { format!("{count} machines") }
}

#[cfg(test)]
mod tests;
