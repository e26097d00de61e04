//! Buckets: made, read, changed and deleted by the JSON API.

use futures::{StreamExt as _, TryStreamExt as _, stream};
use reqwest::Method;
use serde::Deserialize;
use serde_json::Value;
use skyform_provider_sdk::{BucketInfo, BucketSpec, Problem, ProblemKind};

use crate::api::{Api, Call};
use crate::settings::{Bucket, body};
use crate::{access, names};

/// How many objects are deleted side by side.
const SIDE_BY_SIDE: usize = 16;

/// The buckets of a project.
#[derive(Debug)]
pub(crate) struct Buckets {
    pub(crate) api: Api,
    pub(crate) project: String,
    /// Where new ones are made; none: where the service says.
    pub(crate) location: Option<String>,
}

/// A part of a listing.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Page {
    items: Vec<Listed>,
    next_page_token: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Listed {
    name: String,
    generation: String,
}

fn what(name: &str) -> String {
    format!("the bucket {name}")
}

/// An answer in the shape that is expected.
fn read<T: for<'de> Deserialize<'de>>(answer: Value, what: &str) -> Result<T, Problem> {
    serde_json::from_value(answer).map_err(|error| {
        let detail = format!("{what}: the answer cannot be read: {error}.");
        Problem::error(ProblemKind::Other, "Cloud Storage failed", detail)
    })
}

impl Buckets {
    pub(crate) async fn create(&self, spec: &BucketSpec) -> Result<BucketInfo, Problem> {
        names::check(&spec.name)?;
        let what = what(&spec.name);
        let mut body = body(spec, &crate::labels::Labels::new());
        body["name"] = spec.name.as_str().into();
        if let Some(location) = &self.location {
            body["location"] = location.to_uppercase().into();
        }
        let query = [("project", self.project.as_str()), ("projection", "noAcl")];
        let call =
            Call { method: Method::POST, path: &[], query: &query, body: Some(&body), what: &what };
        match self.api.call(call).await {
            Ok(_) => {}
            Err(problem) if problem.kind == ProblemKind::AlreadyExists => {
                return self.made_before(spec, problem).await;
            }
            Err(problem) => return Err(problem),
        }
        if spec.settings.public_access {
            access::set(&self.api, &spec.name, true, &what).await?;
        }
        self.existing(&spec.name).await.map(|(info, _)| info)
    }

    /// The bucket of that name, if an earlier try of this intent made it. Names are the whole world's, so
    /// it may be one that we are not even shown.
    async fn made_before(&self, spec: &BucketSpec, taken: Problem) -> Result<BucketInfo, Problem> {
        let taken =
            taken.hint("Give this one another name; they are unique in all of Google Cloud.");
        let (info, bucket) = match self.existing(&spec.name).await {
            Ok(existing) => existing,
            Err(problem) if problem.kind == ProblemKind::Denied => return Err(taken),
            Err(problem) => return Err(problem),
        };
        if info.token == spec.token {
            if info.settings.public_access != spec.settings.public_access {
                return self.update(spec).await;
            }
            return Ok(info);
        }
        let owner = bucket.owner();
        let belongs =
            if owner.is_empty() { String::new() } else { format!("; it belongs to {owner}") };
        let detail = format!("There is a bucket \"{}\" already{belongs}.", spec.name);
        Err(Problem { detail, ..taken }
            .hint("Give this one another name, or import the one that is there."))
    }

    pub(crate) async fn read(&self, name: &str) -> Result<Option<BucketInfo>, Problem> {
        match self.existing(name).await {
            Ok((info, _)) => Ok(Some(info)),
            Err(problem) if problem.kind == ProblemKind::NotFound => Ok(None),
            Err(problem) => Err(problem),
        }
    }

    async fn existing(&self, name: &str) -> Result<(BucketInfo, Bucket), Problem> {
        names::check(name)?;
        let what = what(name);
        let path = [name];
        let query = [("projection", "noAcl")];
        let call =
            Call { method: Method::GET, path: &path, query: &query, body: None, what: &what };
        let bucket: Bucket = read(self.api.call(call).await?, &what)?;
        let public = !bucket.is_closed() && access::is_public(&self.api, name, &what).await?;
        let info = BucketInfo {
            name: name.to_owned(),
            url: names::url(name, ""),
            token: bucket.token(),
            settings: bucket.settings(public),
        };
        Ok((info, bucket))
    }

    pub(crate) async fn update(&self, spec: &BucketSpec) -> Result<BucketInfo, Problem> {
        let (before, bucket) = self.existing(&spec.name).await?;
        let what = what(&spec.name);
        let path = [spec.name.as_str()];
        let body = body(spec, &bucket.labels);
        let query = [("projection", "noAcl")];
        let public = spec.settings.public_access;
        if before.settings.public_access && !public {
            access::set(&self.api, &spec.name, false, &what).await?;
        }
        let call = Call {
            method: Method::PATCH,
            path: &path,
            query: &query,
            body: Some(&body),
            what: &what,
        };
        self.api.call(call).await?;
        if public && !before.settings.public_access {
            access::set(&self.api, &spec.name, true, &what).await?;
        }
        self.existing(&spec.name).await.map(|(info, _)| info)
    }

    pub(crate) async fn delete(&self, name: &str, force: bool) -> Result<(), Problem> {
        names::check(name)?;
        let deleted = async {
            if force {
                self.clear(name).await?;
            }
            let (path, what) = ([name], what(name));
            let call =
                Call { method: Method::DELETE, path: &path, query: &[], body: None, what: &what };
            self.api.call(call).await.map(drop)
        };
        match deleted.await {
            Err(problem) if problem.kind == ProblemKind::NotFound => Ok(()),
            other => other,
        }
    }

    /// Deletes all objects with all their versions.
    async fn clear(&self, name: &str) -> Result<(), Problem> {
        let (path, what) = ([name, "o"], what(name));
        let mut after = String::new();
        loop {
            let mut query =
                vec![("versions", "true"), ("fields", "items(name,generation),nextPageToken")];
            if !after.is_empty() {
                query.push(("pageToken", &after));
            }
            let call =
                Call { method: Method::GET, path: &path, query: &query, body: None, what: &what };
            let page: Page = read(self.api.call(call).await?, &what)?;
            stream::iter(page.items.into_iter().map(Ok))
                .map(|listed: Result<Listed, Problem>| async {
                    self.drop_object(name, &listed?).await
                })
                .buffer_unordered(SIDE_BY_SIDE)
                .try_collect::<()>()
                .await?;
            match page.next_page_token {
                Some(token) if !token.is_empty() => after = token,
                _ => return Ok(()),
            }
        }
    }

    async fn drop_object(&self, bucket: &str, listed: &Listed) -> Result<(), Problem> {
        let what = format!("the object {} of the bucket {bucket}", listed.name);
        let path = [bucket, "o", listed.name.as_str()];
        let query = [("generation", listed.generation.as_str())];
        let query = if listed.generation.is_empty() { &[][..] } else { &query[..] };
        let call = Call { method: Method::DELETE, path: &path, query, body: None, what: &what };
        match self.api.call(call).await {
            Err(problem) if problem.kind != ProblemKind::NotFound => Err(problem),
            _ => Ok(()),
        }
    }
}
