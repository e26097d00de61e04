//! `model`: a model's file, its format found by looking at it, stored by digest in a bucket.

use async_trait::async_trait;
use skyform_data::digest;
use skyform_data::format::inspect;
use skyform_provider_sdk::schema::{Attribute, Block, Schema};
use skyform_provider_sdk::{
    ApplyRequest, LookupAnswer, LookupRequest, PlanRequest, PlanResponse, Problem, ProblemKind,
    Problems, ProgressEvent, ReadRequest, ReadResponse,
};
use skyform_value::{Path, Type, Value};

use crate::artifact::{self, Artifact};
use crate::clouds::{self, Clouds};
use crate::located::Located;
use crate::names::name_from_address;
use crate::object::{changed, given, part, text, unknown_text, with};
use crate::sources::{self, SourceFile};
use crate::stored::{StoredBlock, planning, reading};
use crate::words;

/// The block type.
pub(crate) struct Model;

/// What is found in a file, and its bytes.
struct Loaded {
    file: String,
    format: String,
    sha256: String,
    bytes: Vec<u8>,
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
            let loaded = load(clouds, source).await?;
            let bytes = loaded.bytes.len() as u64;
            (format, sha256, size) =
                (loaded.format.as_str().into(), loaded.sha256.as_str().into(), bytes.into());
            let bucket = proposed.get("bucket").and_then(Value::as_str);
            if let (Some(bucket), Some(name)) = (bucket, name.as_str()) {
                url = Value::from(loaded.artifact(name, request.address, "").url(bucket));
                let located =
                    clouds.locate(bucket).await.map_err(|p| p.at(Path::attribute("bucket")))?;
                let token = clouds::kept(&request.private).map(|(_, token)| token);
                answer.private = clouds::keep(&located.settings, &token.unwrap_or_default());
            }
            if prior.get("sha256") != Some(&sha256) || !answer.requires_replace.is_empty() {
                let amount = words::bytes(bytes);
                answer.notes.push(format!("stores {} ({}, {amount})", source, loaded.format));
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
        let loaded = load(clouds, &text(planned, "source")).await?;
        if Value::from(loaded.sha256.as_str()) != part(planned, "sha256") {
            let detail = format!(
                "{} is not the file any more that the plan was made for.",
                text(planned, "source")
            );
            return Err(Problem::error(ProblemKind::Invalid, "Source has changed", detail)
                .at(Path::attribute("source"))
                .hint("Make a new plan."));
        }
        let bucket = clouds.locate(&text(planned, "bucket")).await?;
        let name = text(planned, "name");
        let own = loaded.artifact(&name, request.address, request.token);
        refuse_foreign(&bucket, &own).await?;
        let amount = words::bytes(own.size);
        request.progress.report(ProgressEvent::Step(format!("Storing {} ({amount})...", own.file)));
        artifact::store(&*bucket.cloud, &bucket.place.bucket, &own, loaded.bytes).await?;
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

impl Loaded {
    fn artifact(&self, name: &str, owner: &str, token: &str) -> Artifact {
        Artifact {
            version: 1,
            name: name.to_owned(),
            file: self.file.clone(),
            format: self.format.clone(),
            size: self.bytes.len() as u64,
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

/// Reads a model's file and looks at it.
async fn load(clouds: &Clouds, source: &str) -> Result<Loaded, Problem> {
    let at_source = |problem: Problem| problem.at(Path::attribute("source"));
    let files = sources::list(clouds, source).await.map_err(at_source)?;
    let [file]: [SourceFile; 1] = files.try_into().map_err(|files: Vec<SourceFile>| {
        let detail = format!("A model is one file, and {source} has {}.", files.len());
        at_source(Problem::error(ProblemKind::Invalid, "Not a single file", detail))
    })?;
    let bytes = sources::read(clouds, &file).await.map_err(at_source)?;
    let found = inspect(&file.name, &bytes).map_err(|error| {
        let detail = format!("{source}: {error}.");
        at_source(Problem::error(ProblemKind::Invalid, "Invalid model file", detail))
            .hint("If it was copied, copy it again; the file must be complete.")
    })?;
    let (format, sha256) = (found.format.name().to_owned(), digest::of(&bytes));
    Ok(Loaded { file: file.name, format, sha256, bytes })
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
