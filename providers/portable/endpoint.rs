//! `endpoint`: a server that answers with a model's predictions, in one cloud.

use async_trait::async_trait;
use skyform_provider_sdk::schema::{Attribute, Block, Nesting, Schema};
use skyform_provider_sdk::{
    ApplyRequest, Autoscaling, CloudSettings, EndpointInfo, EndpointSpec, LookupAnswer,
    LookupRequest, PlanRequest, PlanResponse, Problem, ProblemKind, Problems, ReadRequest,
    ReadResponse, ServedModel, Traits,
};
use skyform_value::{Path, Type, Value};

use crate::artifact::{self, Artifact, version_of};
use crate::clouds::{self, Clouds};
use crate::names::name_from_address;
use crate::object::{changed, given, part, text, unknown_text, whole, with};
use crate::staging;
use crate::stored::{StoredBlock, planning, reading};
use crate::words;

/// The block type.
pub(crate) struct Endpoint;

/// Attributes whose change makes the endpoint serve anew.
const SERVED: [&str; 7] = ["model", "replicas", "runtime", "offer", "image", "role", "autoscaling"];
const RUNTIMES: [&str; 3] = ["auto", "tract", "onnxruntime"];

#[async_trait]
impl StoredBlock for Endpoint {
    fn schema(&self) -> Schema {
        schema()
    }

    fn traits(&self) -> Traits {
        Traits { make_before_break: true, ..Traits::default() }
    }

    async fn plan(
        &self,
        clouds: &Clouds,
        request: &PlanRequest<'_>,
    ) -> Result<PlanResponse, Problems> {
        check(&request.config)?;
        let (prior, proposed) = (&request.prior, &request.proposed);
        let name = given(proposed, "name")
            .unwrap_or_else(|| Value::from(name_from_address(request.address)));
        let replicas = given(proposed, "replicas").unwrap_or_else(|| Value::from(1_u64));
        let runtime = given(&request.config, "runtime").unwrap_or_else(|| Value::from("auto"));
        let planned =
            with(proposed, [("name", name), ("replicas", replicas.clone()), ("runtime", runtime)]);
        let mut answer = planning(planned, request);
        if let Some(cloud) = proposed.get("cloud").and_then(Value::as_str) {
            let settings = clouds.settings(cloud)?;
            clouds.cloud(&settings)?.check_endpoint(&spec(&answer.planned, request.address, ""))?;
            let token = clouds::kept(&request.private).map(|(_, token)| token);
            answer.private = clouds::keep(&settings, &token.unwrap_or_default());
        }
        if !prior.is_null() {
            let moved = changed(prior, &answer.planned, &["cloud", "name"]);
            answer.requires_replace = moved.into_iter().map(Path::attribute).collect();
        }
        let fresh = prior.is_null() || !answer.requires_replace.is_empty();
        let reserved = !changed(prior, &answer.planned, &SERVED).is_empty();
        let keep = |name: &str, same: bool| if same { part(prior, name) } else { unknown_text() };
        let model = fresh || part(prior, "model") != part(&answer.planned, "model");
        answer.planned = with(
            &answer.planned,
            [
                ("url", keep("url", !fresh)),
                ("id", keep("id", !fresh)),
                ("model_url", keep("model_url", !model)),
                ("artifact", keep("artifact", !model)),
                ("served_by", keep("served_by", !fresh && !reserved)),
            ],
        );
        if fresh || reserved {
            answer.notes.extend(self.notes(clouds, &answer.planned).await);
        }
        Ok(answer)
    }

    async fn read(
        &self,
        clouds: &Clouds,
        request: ReadRequest<'_>,
    ) -> Result<ReadResponse, Problems> {
        let settings =
            clouds.settings_or_kept(&text(&request.current, "cloud"), &request.private)?;
        let name = text(&request.current, "name");
        let found = clouds.cloud(&settings)?.read_endpoint(&name).await?;
        let state = found.map(|info| {
            with(
                &request.current,
                [
                    ("replicas", Value::from(info.replicas)),
                    ("url", Value::from(info.url)),
                    ("served_by", Value::from(info.runtime)),
                ],
            )
        });
        Ok(reading(state, &schema(), request.private))
    }

    async fn apply(
        &self,
        clouds: &Clouds,
        request: &ApplyRequest<'_>,
    ) -> Result<(Value, Vec<u8>), Problem> {
        let (prior, planned) = (&request.prior, &request.planned);
        if planned.is_null() {
            let settings = clouds.settings_or_kept(&text(prior, "cloud"), &request.private)?;
            let cloud = clouds.cloud(&settings)?;
            // The endpoint goes last: as long as it is there, the next run knows of the rest.
            staging::remove(&*cloud, &settings, &text(prior, "name")).await?;
            cloud.delete_endpoint(&text(prior, "name")).await?;
            return Ok((planned.clone(), Vec::new()));
        }
        let settings = clouds.settings(&text(planned, "cloud"))?;
        let cloud = clouds.cloud(&settings)?;
        let model = stage(clouds, &settings, request).await?;
        let spec = EndpointSpec { model, ..spec(planned, request.address, request.token) };
        let info = if prior.is_null() {
            cloud.create_endpoint(&spec, &*request.progress).await
        } else {
            cloud.update_endpoint(&spec, &*request.progress).await
        };
        let info = match info {
            Ok(info) => info,
            Err(problem) => {
                // What was copied for an endpoint that never came to be goes too.
                if prior.is_null() {
                    staging::remove(&*cloud, &settings, &spec.name).await?;
                }
                return Err(problem);
            }
        };
        Ok((observed(planned, &*cloud, &info), clouds::keep(&settings, &info.token)))
    }

    async fn lookup(&self, clouds: &Clouds, request: LookupRequest<'_>) -> LookupAnswer {
        let planned = &request.planned;
        let Ok(settings) = clouds.settings_or_kept(&text(planned, "cloud"), &request.private)
        else {
            return LookupAnswer::Unknown;
        };
        let Ok(cloud) = clouds.cloud(&settings) else { return LookupAnswer::Unknown };
        let name = text(planned, "name");
        match cloud.read_endpoint(&name).await {
            Ok(Some(info)) if info.token == request.token => {
                let state = observed(planned, &*cloud, &info);
                LookupAnswer::Found(state, clouds::keep(&settings, request.token))
            }
            // One that a run was cut off in starting is ended with all that belongs to it.
            Ok(None) => match clear(&*cloud, &settings, &name).await {
                Ok(()) => LookupAnswer::Absent,
                Err(_) => LookupAnswer::Unknown,
            },
            Ok(Some(_)) => LookupAnswer::Absent,
            Err(_) => LookupAnswer::Unknown,
        }
    }
}

/// The endpoint that an object describes, but for the model.
fn spec(planned: &Value, address: &str, token: &str) -> EndpointSpec {
    let optional = |name: &str| Some(text(planned, name)).filter(|text| !text.is_empty());
    let range = given(planned, "autoscaling").map(|range| Autoscaling {
        min: whole(&range, "min").unwrap_or(1),
        max: whole(&range, "max").unwrap_or(1),
        requests_per_minute: whole(&range, "requests_per_minute").unwrap_or(1),
    });
    EndpointSpec {
        name: text(planned, "name"),
        model: ServedModel::default(),
        replicas: whole(planned, "replicas").unwrap_or(1),
        offer: text(planned, "offer"),
        runtime: Some(text(planned, "runtime")),
        image: optional("image"),
        role: optional("role"),
        autoscaling: range,
        owner: address.to_owned(),
        token: token.to_owned(),
    }
}

fn schema() -> Schema {
    let block = Block::with([
        (
            "cloud",
            Attribute::required(Type::String)
                .reference("name")
                .replaces()
                .describe("The cloud that it runs in, by reference or name."),
        ),
        ("offer", Attribute::optional(Type::String).describe("The offer that it runs on.")),
        (
            "model",
            Attribute::required(Type::String)
                .reference("url")
                .describe("The model that it serves, by reference or URL."),
        ),
        (
            "replicas",
            Attribute::optional_computed(Type::Number)
                .describe("How many copies of the model work side by side; 1 without it."),
        ),
        (
            "runtime",
            Attribute::optional_computed(Type::String).describe(
                "What runs the model: `tract`, `onnxruntime`, or `auto` for whichever can.",
            ),
        ),
        (
            "name",
            Attribute::optional_computed(Type::String)
                .replaces()
                .describe("Its name in the cloud; made from the block's address without it."),
        ),
        (
            "image",
            Attribute::optional(Type::String)
                .describe("The container's image, where the cloud runs one."),
        ),
        (
            "role",
            Attribute::optional(Type::String)
                .describe("The role that the cloud reads model and image with."),
        ),
        ("url", Attribute::computed(Type::String).describe("The server's base URL.")),
        (
            "model_url",
            Attribute::computed(Type::String)
                .describe("The served version of the model; `/infer` after it takes requests."),
        ),
        (
            "artifact",
            Attribute::computed(Type::String)
                .describe("Where the model lies in the endpoint's own cloud."),
        ),
        ("served_by", Attribute::computed(Type::String).describe("The runtime that serves it.")),
        ("id", Attribute::computed(Type::String).describe("The URL again.")),
    ]);
    let autoscaling = Block::with([
        ("min", Attribute::required(Type::Number).describe("Fewest replicas.")),
        ("max", Attribute::required(Type::Number).describe("Most replicas.")),
        (
            "requests_per_minute",
            Attribute::required(Type::Number)
                .describe("Requests that each replica is to have in a minute."),
        ),
    ]);
    let block = block.nest("autoscaling", Nesting::Single, autoscaling);
    Schema { version: 0, block }
}

/// Checks what the schema cannot say.
fn check(config: &Value) -> Result<(), Problem> {
    if let Some(number) = config.get("replicas").and_then(Value::as_number)
        && number.to_u64().is_none_or(|replicas| !(1..=256).contains(&replicas))
    {
        let detail = "An endpoint has from 1 to 256 replicas, a whole number.";
        return Err(Problem::error(ProblemKind::Invalid, "Invalid number of replicas", detail)
            .at(Path::attribute("replicas")));
    }
    if let Some(range) = given(config, "autoscaling") {
        let bound = |name: &str| range.get(name).and_then(Value::as_number).map(|n| n.to_u64());
        let is_good = |bound: Option<Option<u64>>| bound.is_none_or(|bound| bound > Some(0));
        let (min, max) = (bound("min"), bound("max"));
        let in_order = min.zip(max).is_none_or(|(min, max)| min <= max);
        if !is_good(min) || !is_good(max) || !is_good(bound("requests_per_minute")) || !in_order {
            let detail = "The numbers are whole and from 1 on, and min is not more than max.";
            return Err(Problem::error(ProblemKind::Invalid, "Invalid autoscaling", detail)
                .at(Path::attribute("autoscaling")));
        }
    }
    if let Some(runtime) = config.get("runtime").and_then(Value::as_str)
        && !RUNTIMES.contains(&runtime)
    {
        let detail = format!("There is no runtime \"{runtime}\".");
        return Err(Problem::error(ProblemKind::Invalid, "Unknown runtime", detail)
            .at(Path::attribute("runtime"))
            .hint(format!("Available: {}.", RUNTIMES.join(", "))));
    }
    Ok(())
}

impl Endpoint {
    /// What will be done, as far as it is known by now.
    async fn notes(&self, clouds: &Clouds, planned: &Value) -> Vec<String> {
        let mut notes = Vec::new();
        let cloud = text(planned, "cloud");
        if let Some(url) = planned.get("model").and_then(Value::as_str)
            && let Ok(located) = clouds.locate(url).await
            && located.settings.name != cloud
            && let Ok(Some(artifact)) = artifact::describe(&located).await
        {
            let amount = words::bytes(artifact.size);
            let from = &located.settings.name;
            let cost = clouds.egress(from, artifact.size).map(|cost| format!(", {cost}"));
            let cost = cost.unwrap_or_default();
            notes.push(format!("copies the model ({amount}{cost}) from {from} to {cloud}"));
        }
        if let Some(replicas) = whole(planned, "replicas") {
            let replicas = words::count(usize::try_from(replicas).unwrap_or(usize::MAX), "replica");
            notes.push(format!("starts a server with {replicas} in {cloud}"));
        }
        notes
    }
}

/// Brings the model into the endpoint's own cloud, if it is not there.
async fn stage(
    clouds: &Clouds,
    settings: &CloudSettings,
    request: &ApplyRequest<'_>,
) -> Result<ServedModel, Problem> {
    let url = text(&request.planned, "model");
    let at_model = |problem: Problem| problem.at(Path::attribute("model"));
    let source = clouds.locate(&url).await.map_err(at_model)?;
    let stored = artifact::describe(&source).await?.ok_or_else(|| {
        let detail = format!("There is no complete model at {url}.");
        at_model(Problem::error(ProblemKind::NotFound, "Model is not there", detail))
            .hint("Refer to a model block: model = model.NAME.")
    })?;
    if stored.format != "onnx" {
        let detail = format!("{} is of the format {}.", stored.file, stored.format);
        return Err(at_model(Problem::error(
            ProblemKind::Unsupported,
            "Model cannot be served",
            detail,
        ))
        .hint("Endpoints serve models in the ONNX format; export it to that."));
    }
    let place = if source.settings.name == settings.name {
        source.place
    } else {
        let cloud = clouds.cloud(settings)?;
        staging::copy(&source, &stored, (&*cloud, settings), request).await?
    };
    Ok(served(&stored, place.bucket, place.key))
}

fn served(artifact: &Artifact, bucket: String, key: String) -> ServedModel {
    ServedModel {
        name: artifact.name.clone(),
        version: version_of(&artifact.sha256).to_owned(),
        bucket,
        key,
        sha256: artifact.sha256.clone(),
    }
}

/// The object with what only its cloud knows.
fn observed(
    planned: &Value,
    cloud: &dyn skyform_provider_sdk::Cloud,
    info: &EndpointInfo,
) -> Value {
    let ServedModel { name, version, bucket, key, .. } = &info.model;
    let url = info.url.as_str();
    with(
        planned,
        [
            ("url", Value::from(url)),
            ("id", Value::from(url)),
            ("model_url", Value::from(format!("{url}/v2/models/{name}/versions/{version}"))),
            ("artifact", Value::from(cloud.url(bucket, key))),
            ("served_by", Value::from(info.runtime.as_str())),
        ],
    )
}

async fn clear(
    cloud: &dyn skyform_provider_sdk::Cloud,
    settings: &CloudSettings,
    name: &str,
) -> Result<(), Problem> {
    cloud.delete_endpoint(name).await?;
    staging::remove(cloud, settings, name).await
}
