//! Buckets: made, read, changed and deleted.

use std::collections::BTreeMap;
use std::future::Future;
use std::time::{Duration, Instant};

use aws_sdk_s3::Client;
use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration, Tag};
use skyform_provider_sdk::{BucketInfo, BucketSettings, BucketSpec, Problem, ProblemKind};

use crate::cloud::S3Cloud;
use crate::error::{problem, problem_of_create};
use crate::{emptying, names, reading, writing};

/// The tag that says which intent made a bucket or a machine.
pub const TOKEN_TAG: &str = "skyform-token";
/// The tag that says which resource it belongs to.
pub const OWNER_TAG: &str = "skyform-owner";

impl S3Cloud {
    pub(crate) async fn create(&self, spec: &BucketSpec) -> Result<BucketInfo, Problem> {
        names::check(&spec.name)?;
        self.check(spec)?;
        // Some regions answer as if they had made what has been there all along.
        if let Some(found) = self.read(&spec.name).await.map_err(|p| self.as_taken(p, spec))? {
            return self.found_instead(spec, found);
        }
        let client = self.client().await?;
        let action = format!("creating the bucket \"{}\"", spec.name);
        let order = client
            .create_bucket()
            .bucket(&spec.name)
            .set_create_bucket_configuration(self.configuration(spec)?);
        if let Err(error) = order.send().await {
            let problem = problem_of_create(&action, &error);
            return match problem.kind {
                // An order that was sent twice meets what its first try has made.
                ProblemKind::InDoubt | ProblemKind::AlreadyExists => match self.find(spec).await {
                    Ok(Some(found)) => Ok(found),
                    _ if problem.kind == ProblemKind::InDoubt => Err(problem),
                    _ => Err(self.as_taken(problem, spec)),
                },
                _ => Err(problem),
            };
        }
        let made = self.settle(|| self.set_all(client, spec)).await;
        if let Err(problem) = made {
            // It is empty, and half of what was asked for is not what was asked for.
            let undone = client.delete_bucket().bucket(&spec.name).send().await;
            return Err(problem.after_undo(undone.is_ok()));
        }
        let read = || async { self.read(&spec.name).await?.ok_or_else(|| not_seen(&spec.name)) };
        self.settle(read).await
    }

    /// Marks a new bucket as its intent's, and sets what is to be set.
    async fn set_all(&self, client: &Client, spec: &BucketSpec) -> Result<(), Problem> {
        let tags = self.all_tags(spec, &BTreeMap::new());
        writing::tags(self, client, &spec.name, tags).await?;
        writing::changes(self, client, spec, &BucketSettings::default(), true).await
    }

    /// What to say beside the name when a bucket is made.
    fn configuration(
        &self,
        spec: &BucketSpec,
    ) -> Result<Option<CreateBucketConfiguration>, Problem> {
        let region = self.session.region()?;
        let mut configuration = CreateBucketConfiguration::builder();
        // The oldest region is the one that is not said.
        let is_said = region != "us-east-1" && region != "auto";
        if is_said {
            configuration =
                configuration.location_constraint(BucketLocationConstraint::from(region));
        }
        let tags = self.session.store.tags_at_create;
        if tags {
            for (name, value) in self.all_tags(spec, &BTreeMap::new()) {
                configuration = configuration.tags(tag(&name, &value)?);
            }
        }
        Ok((is_said || tags).then(|| configuration.build()))
    }

    /// The tags of a bucket: the user's, those that mark it, and those that are the service's own.
    pub(crate) fn all_tags(
        &self,
        spec: &BucketSpec,
        found: &BTreeMap<String, String>,
    ) -> BTreeMap<String, String> {
        let mut tags = spec.settings.tags.clone();
        if !spec.token.is_empty() {
            tags.insert(TOKEN_TAG.to_owned(), spec.token.clone());
            tags.insert(OWNER_TAG.to_owned(), names::address_in_tag(&spec.owner));
        }
        let own = found.iter().filter(|(name, _)| name.starts_with("aws:"));
        tags.extend(own.map(|(name, value)| (name.clone(), value.clone())));
        tags
    }

    fn found_instead(&self, spec: &BucketSpec, found: BucketInfo) -> Result<BucketInfo, Problem> {
        if !found.token.is_empty() && found.token == spec.token {
            return Ok(found);
        }
        let name = &spec.name;
        let detail = format!(
            "The cloud \"{}\" has a bucket \"{name}\" already, which another resource or somebody \
             else has made.",
            self.session.settings.name
        );
        Err(Problem::error(ProblemKind::AlreadyExists, "Bucket exists already", detail).hint(
            format!("Give this one another name, or import the one that is there: s3://{name}"),
        ))
    }

    /// A name that belongs to somebody who lets nobody look is taken.
    fn as_taken(&self, problem: Problem, spec: &BucketSpec) -> Problem {
        let is_anothers = problem.kind == ProblemKind::AlreadyExists
            || problem.kind == ProblemKind::Denied && problem.detail.contains("HEAD");
        if !is_anothers {
            return problem;
        }
        let detail = format!(
            "The name \"{}\" is taken, or these credentials may not look at it. {}",
            spec.name, problem.detail
        );
        Problem::error(problem.kind, "Bucket name is taken", detail)
            .hint("Names are shared by everyone who uses the service: choose a rarer one.")
    }

    pub(crate) async fn read(&self, name: &str) -> Result<Option<BucketInfo>, Problem> {
        names::check(name)?;
        let client = self.client().await?;
        let action = format!("looking at the bucket \"{name}\" (HEAD)");
        let head = client.head_bucket().bucket(name).send().await;
        if let Err(error) = &head {
            let status = error.raw_response().map(|response| response.status().as_u16());
            let region = error
                .raw_response()
                .and_then(|response| response.headers().get("x-amz-bucket-region"))
                .map(str::to_owned);
            return match (status, region) {
                (Some(404), _) => Ok(None),
                (Some(301 | 400), Some(region)) => Err(self.elsewhere(name, &region)),
                _ => Err(problem(&action, error)),
            };
        }
        // Amazon's regions share names: what another one answers for is not this cloud's.
        let there = head.as_ref().ok().and_then(|head| head.bucket_region());
        if let Some(there) = there.filter(|_| self.session.store.tags_at_create)
            && there != self.session.region()?
        {
            return Err(self.elsewhere(name, there));
        }
        let (settings, tags) = reading::settings(self, client, name).await?;
        Ok(Some(BucketInfo {
            name: name.to_owned(),
            url: names::url(name),
            token: tags.get(TOKEN_TAG).cloned().unwrap_or_default(),
            settings,
        }))
    }

    /// The bucket that an intent has made. Between the order and the mark it may have been cut off;
    /// where the mark comes with the order, an unmarked bucket is somebody else's.
    pub(crate) async fn find(&self, spec: &BucketSpec) -> Result<Option<BucketInfo>, Problem> {
        let Some(found) = self.read(&spec.name).await? else { return Ok(None) };
        if !found.token.is_empty() {
            return Ok((found.token == spec.token).then_some(found));
        }
        let store = &self.session.store;
        let marked_at_once = store.tags_at_create && self.session.endpoint("s3").is_none();
        if marked_at_once {
            return Ok(None);
        }
        if !store.tags {
            let detail = format!(
                "There is a bucket \"{}\", and {} has no tags that could say who has made it.",
                spec.name, store.name
            );
            return Err(Problem::error(ProblemKind::Other, "Bucket is in doubt", detail));
        }
        let client = self.client().await?;
        let tags = reading::tags(client, &spec.name).await?;
        let listed = client.list_objects_v2().bucket(&spec.name).max_keys(1).send().await;
        let action = format!("looking into the bucket \"{}\"", spec.name);
        let listed = listed.map_err(|error| problem(&action, &error))?;
        if !tags.is_empty() || !listed.contents().is_empty() {
            return Ok(None);
        }
        self.set_all(client, spec).await?;
        self.read(&spec.name).await
    }

    fn elsewhere(&self, name: &str, region: &str) -> Problem {
        let detail = format!("The bucket \"{name}\" is in the region {region}.");
        let hint = format!("Declare a cloud with region = \"{region}\", or choose another name.");
        Problem::error(ProblemKind::Invalid, "Bucket is in another region", detail).hint(hint)
    }

    pub(crate) async fn update(&self, spec: &BucketSpec) -> Result<BucketInfo, Problem> {
        self.check(spec)?;
        let client = self.client().await?;
        let missing = || not_seen(&spec.name);
        let now = self.read(&spec.name).await?.ok_or_else(missing)?;
        if now.settings.tags != spec.settings.tags || now.token != spec.token {
            let found = reading::tags(client, &spec.name).await?;
            writing::tags(self, client, &spec.name, self.all_tags(spec, &found)).await?;
        }
        writing::changes(self, client, spec, &now.settings, false).await?;
        self.read(&spec.name).await?.ok_or_else(missing)
    }

    pub(crate) async fn delete(&self, name: &str, force: bool) -> Result<(), Problem> {
        names::check(name)?;
        let client = self.client().await?;
        if force {
            match emptying::empty(self, client, name).await {
                Err(problem) if problem.kind == ProblemKind::NotFound => return Ok(()),
                other => other?,
            }
        }
        let action = format!("deleting the bucket \"{name}\"");
        let Err(error) = client.delete_bucket().bucket(name).send().await else { return Ok(()) };
        let problem = problem(&action, &error);
        let code = aws_sdk_s3::error::ProvideErrorMetadata::code(&error).unwrap_or_default();
        match code {
            "NoSuchBucket" => Ok(()),
            "BucketNotEmpty" => {
                let detail = format!("The bucket \"{name}\" still holds objects or versions.");
                Err(Problem::error(ProblemKind::Invalid, "Bucket is not empty", detail)
                    .hint("Delete its objects first, or set force_destroy = true and apply that."))
            }
            _ => Err(problem),
        }
    }

    /// Tries again while what was just made is not seen everywhere.
    async fn settle<T, F>(&self, attempt: impl Fn() -> F) -> Result<T, Problem>
    where
        F: Future<Output = Result<T, Problem>>,
    {
        let until = Instant::now() + self.session.limits.settle;
        let mut pause = Duration::from_millis(50);
        loop {
            match attempt().await {
                Err(problem) if is_unsettled(&problem) && Instant::now() + pause < until => {
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(Duration::from_secs(2));
                }
                other => return other,
            }
        }
    }
}

/// Whether a problem may be that one of the service's servers does not know yet.
fn is_unsettled(problem: &Problem) -> bool {
    let conflict = problem.detail.contains("OperationAborted");
    conflict || problem.kind == ProblemKind::NotFound && !problem.detail.contains("(HEAD)")
}

fn not_seen(name: &str) -> Problem {
    let detail = format!("There is no bucket \"{name}\".");
    Problem::error(ProblemKind::NotFound, "No such bucket", detail)
}

pub(crate) fn tag(name: &str, value: &str) -> Result<Tag, Problem> {
    Tag::builder().key(name).value(value).build().map_err(|error| {
        Problem::error(ProblemKind::Invalid, "Invalid tag", format!("{name}: {error}."))
    })
}
