//! `model`: a model's file, its format found by looking at it, stored by digest in a bucket.

use async_trait::async_trait;
use skyform_data::copy::{Expected, Measured};
use skyform_data::digest;
use skyform_data::format::{inspect, inspect_start};
use skyform_provider_sdk::schema::{Attribute, Block, Schema};
use skyform_provider_sdk::{
    ApplyRequest, LookupAnswer, LookupRequest, PlanRequest, PlanResponse, Problem, ProblemKind,
    Problems, ProgressEvent, ReadRequest, ReadResponse,
};
use skyform_value::{Path, Type, Value};

use crate::artifact::{self, Artifact};
use crate::clouds::{self, Clouds};
use crate::content::{self, Target};
use crate::located::Located;
use crate::names::name_from_address;
use crate::object::{changed, given, text, unknown_text, whole, with};
use crate::sources::{self, SourceFile};
use crate::stored::{StoredBlock, planning, reading};
use crate::words;

/// The block type.
pub(crate) struct Model;

/// As much of a file is looked at first; formats that need more are read as a whole.
const START: usize = 32 << 20;

/// A model's file, and what was found in it.
struct Found {
    source: SourceFile,
    format: String,
    sha256: String,
    size: u64,
}

#[async_trait]
impl StoredBlock for Model {
    fn schema(&self) -> Schema {
        let block = Block::with([
            (
                "source",
                Attribute::required(Type::String)
                    .describe("The model's file: a path, an http(s) URL, or an object's URL."),
            ),
            (
                "bucket",
                Attribute::required(Type::String)
                    .reference("url")
                    .replaces()
                    .describe("The bucket that it is stored in, by reference or URL."),
            ),
            (
                "name",
                Attribute::optional_computed(Type::String)
                    .replaces()
                    .describe("Its name; made from the block's address without it."),
            ),
            ("format", Attribute::computed(Type::String).describe("Found by looking at the file.")),
            ("sha256", Attribute::computed(Type::String).describe("The file's SHA-256.")),
            ("size", Attribute::computed(Type::Number).describe("The file's size in bytes.")),
            ("url", Attribute::computed(Type::String).describe("Where it is stored, by digest.")),
            ("id", Attribute::computed(Type::String).describe("The URL again.")),
        ]);
        Schema { version: 0, block }
    }

    async fn plan(
        &self,
        clouds: &Clouds,
        request: &PlanRequest<'_>,
    ) -> Result<PlanResponse, Problems> {
        let (prior, proposed) = (&request.prior, &request.proposed);
        let name = given(proposed, "name")
            .unwrap_or_else(|| Value::from(name_from_address(request.address)));
        let mut answer = planning(with(proposed, [("name", name.clone())]), request);
        if !prior.is_null() {
            let moved = changed(prior, &answer.planned, &["bucket", "name"]);
            answer.requires_replace = moved.into_iter().map(Path::attribute).collect();
        }
        let unknown = Value::unknown(Type::Number);
        let (mut format, mut sha256, mut size) = (unknown_text(), unknown_text(), unknown);
        let mut url = unknown_text();
        if let Some(source) = proposed.get("source").and_then(Value::as_str) {
            let found = find(clouds, source).await?;
            let bytes = found.size;
            (format, sha256, size) =
                (found.format.as_str().into(), found.sha256.as_str().into(), bytes.into());
            let bucket = proposed.get("bucket").and_then(Value::as_str);
            if let (Some(bucket), Some(name)) = (bucket, name.as_str()) {
                url = Value::from(found.artifact(name, request.address, "").url(bucket));
                let located =
                    clouds.locate(bucket).await.map_err(|p| p.at(Path::attribute("bucket")))?;
                let token = clouds::kept(&request.private).map(|(_, token)| token);
                answer.private = clouds::keep(&located.settings, &token.unwrap_or_default());
            }
            if prior.get("sha256") != Some(&sha256) || !answer.requires_replace.is_empty() {
                let amount = words::bytes(bytes);
                answer.notes.push(format!("stores {} ({}, {amount})", source, found.format));
            }
        }
        answer.planned = with(
            &answer.planned,
            [
                ("format", format),
                ("sha256", sha256),
                ("size", size),
                ("url", url.clone()),
                ("id", url),
            ],
        );
        Ok(answer)
    }

    async fn read(
        &self,
        clouds: &Clouds,
        request: ReadRequest<'_>,
    ) -> Result<ReadResponse, Problems> {
        let located =
            clouds.locate_or_kept(&text(&request.current, "url"), &request.private).await?;
        let there = match located.cloud.read_bucket(&located.place.bucket).await? {
            Some(_) => artifact::describe(&located).await?.is_some(),
            None => false,
        };
        Ok(reading(there.then_some(request.current), &self.schema(), request.private))
    }

    async fn apply(
        &self,
        clouds: &Clouds,
        request: &ApplyRequest<'_>,
    ) -> Result<(Value, Vec<u8>), Problem> {
        let (prior, planned) = (&request.prior, &request.planned);
        if planned.is_null() {
            let bucket = clouds.locate_or_kept(&text(prior, "bucket"), &request.private).await?;
            let prefix = format!("{}/", text(prior, "name"));
            artifact::delete_others(&*bucket.cloud, &bucket.place.bucket, &prefix, &[]).await?;
            return Ok((planned.clone(), Vec::new()));
        }
        let source = text(planned, "source");
        let found = found_again(clouds, planned, &source).await?;
        let bucket = clouds.locate(&text(planned, "bucket")).await?;
        let name = text(planned, "name");
        let own = found.artifact(&name, request.address, request.token);
        refuse_foreign(&bucket, &own).await?;
        let amount = words::bytes(own.size);
        request.progress.report(ProgressEvent::Step(format!("Storing {} ({amount})...", own.file)));
        let (cloud, bucket_name, key) = (&*bucket.cloud, &bucket.place.bucket, own.key());
        let target = Target { cloud, bucket: bucket_name, key: &key, size: Some(own.size) };
        let expected = Expected { size: own.size, sha256: own.sha256.clone() };
        let stored =
            content::bring(clouds, &found.source, &target, Some(&expected), &request.progress)
                .await;
        stored.map_err(|problem| match problem.summary.as_str() {
            content::CHANGED => has_changed(&source),
            _ => problem,
        })?;
        artifact::complete(cloud, bucket_name, &own).await?;
        // What is served now may have to be started again before it is replaced.
        let mut kept = vec![own.folder()];
        if let Some(before) = prior.get("sha256").and_then(Value::as_str) {
            kept.push(Artifact { sha256: before.to_owned(), ..own.clone() }.folder());
        }
        let prefix = format!("{name}/");
        artifact::delete_others(&*bucket.cloud, &bucket.place.bucket, &prefix, &kept).await?;
        Ok((planned.clone(), clouds::keep(&bucket.settings, request.token)))
    }

    async fn lookup(&self, clouds: &Clouds, request: LookupRequest<'_>) -> LookupAnswer {
        let url = text(&request.planned, "url");
        let Ok(located) = clouds.locate_or_kept(&url, &request.private).await else {
            return LookupAnswer::Unknown;
        };
        match artifact::describe(&located).await {
            Ok(Some(found)) if found.token == request.token => LookupAnswer::Found(
                request.planned.clone(),
                clouds::keep(&located.settings, request.token),
            ),
            Ok(_) => LookupAnswer::Absent,
            Err(_) => LookupAnswer::Unknown,
        }
    }
}

impl Found {
    fn artifact(&self, name: &str, owner: &str, token: &str) -> Artifact {
        Artifact {
            version: 1,
            name: name.to_owned(),
            file: self.source.name.clone(),
            format: self.format.clone(),
            size: self.size,
            sha256: self.sha256.clone(),
            owner: owner.to_owned(),
            token: token.to_owned(),
        }
    }
}

impl Artifact {
    fn url(&self, bucket: &str) -> String {
        format!("{}/{}", bucket.trim_end_matches('/'), self.key())
    }
}

/// The file that was found while planning, not read again: what is stored is checked on its way.
async fn found_again(clouds: &Clouds, planned: &Value, source: &str) -> Result<Found, Problem> {
    let known = |name: &str| planned.get(name).and_then(Value::as_str).map(str::to_owned);
    let (Some(sha256), Some(format), Some(size)) =
        (known("sha256"), known("format"), whole(planned, "size"))
    else {
        return find(clouds, source).await;
    };
    let file = the_file(clouds, source).await?;
    if file.sha256.as_ref().is_some_and(|now| *now != sha256) {
        return Err(has_changed(source));
    }
    Ok(Found { source: file, format, sha256, size })
}

fn at_source(problem: Problem) -> Problem {
    problem.at(Path::attribute("source"))
}

async fn the_file(clouds: &Clouds, source: &str) -> Result<SourceFile, Problem> {
    let files = sources::list(clouds, source).await.map_err(at_source)?;
    let [file]: [SourceFile; 1] = files.try_into().map_err(|files: Vec<SourceFile>| {
        let detail = format!("A model is one file, and {source} has {}.", files.len());
        at_source(Problem::error(ProblemKind::Invalid, "Not a single file", detail))
    })?;
    Ok(file)
}

/// Looks at a model's file.
async fn find(clouds: &Clouds, source: &str) -> Result<Found, Problem> {
    let file = the_file(clouds, source).await?;
    let measured = content::measure(clouds, &file, START).await.map_err(at_source)?;
    let Measured { size, mut sha256, start } = measured;
    let inspected = match inspect_start(&file.name, &start, size) {
        Some(inspected) => inspected,
        None => {
            drop(start);
            let bytes = sources::read(clouds, &file).await.map_err(at_source)?;
            // What is looked at is what the digest is of, even if the file was written in between.
            sha256 = digest::of(&bytes);
            inspect(&file.name, &bytes)
        }
    };
    let found = inspected.map_err(|error| {
        let detail = format!("{source}: {error}.");
        at_source(Problem::error(ProblemKind::Invalid, "Invalid model file", detail))
            .hint("If it was copied, copy it again; the file must be complete.")
    })?;
    Ok(Found { source: file, format: found.format.name().to_owned(), sha256, size })
}

fn has_changed(source: &str) -> Problem {
    let detail = format!("{source} is not the file any more that the plan was made for.");
    Problem::error(ProblemKind::Invalid, content::CHANGED, detail)
        .at(Path::attribute("source"))
        .hint("Make a new plan.")
}

/// A model that belongs to something else is not written over.
async fn refuse_foreign(bucket: &Located, own: &Artifact) -> Result<(), Problem> {
    let place =
        skyform_provider_sdk::ObjectPlace { bucket: bucket.place.bucket.clone(), key: own.key() };
    let (settings, cloud) = (bucket.settings.clone(), bucket.cloud.clone());
    let there = artifact::describe(&Located { settings, cloud, place }).await?;
    match there.filter(|there| there.owner != own.owner) {
        Some(there) => {
            let detail = format!(
                "The bucket {} has the model \"{}\" already; it belongs to {}.",
                bucket.place.bucket, own.name, there.owner
            );
            Err(Problem::error(ProblemKind::AlreadyExists, "Model exists already", detail)
                .hint("Give this one another name."))
        }
        None => Ok(()),
    }
}
