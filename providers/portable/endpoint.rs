//! `endpoint`: a server that answers with a model's predictions, in one cloud.

use async_trait::async_trait;
use skyform_provider_sdk::schema::Schema;
use skyform_provider_sdk::{
    ApplyRequest, CloudSettings, EndpointId, EndpointInfo, EndpointSpec, LookupAnswer,
    LookupRequest, MACHINES, PlanRequest, PlanResponse, Problem, ProblemKind, Problems,
    ReadRequest, ReadResponse, ServedModel, Traits,
};
use skyform_value::{Path, Step, Type, Value};

use crate::artifact::{self, Artifact, version_of};
use crate::clouds::{self, Clouds};
use crate::located::Located;
use crate::names::name_from_address;
use crate::object::{changed, given, is_open, part, text, unknown_text, whole, with};
use crate::staging;
use crate::stored::{StoredBlock, planning, reading};
use crate::words;

mod schema;
mod wanted;

use schema::{check, schema};
use wanted::{seen, spec, variants};

/// The block type.
pub(crate) struct Endpoint;

/// Attributes whose change makes the endpoint serve anew.
const SERVED: [&str; 12] = [
    "model",
    "replicas",
    "runtime",
    "offer",
    "image",
    "role",
    "autoscaling",
    "subnet",
    "security_groups",
    "public",
    "weight",
    "variant",
];

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
            let wanted = spec(&answer.planned, request.address, "");
            match clouds.cloud(&settings)?.check_endpoint(&wanted) {
                Err(problem) if !is_open(&answer.planned, &problem) => return Err(problem.into()),
                _ => {}
            }
            let token = clouds::kept(&request.private).map(|(_, token)| token);
            answer.private = clouds::keep(&settings, &token.unwrap_or_default());
        }
        let on_machines = |object: &Value| text(object, "runtime") == MACHINES;
        if !prior.is_null() {
            let mut moved = changed(prior, &answer.planned, &["cloud", "name"]);
            if on_machines(prior) != on_machines(&answer.planned) {
                moved.push("runtime");
            }
            answer.requires_replace = moved.into_iter().map(Path::attribute).collect();
        }
        let fresh = prior.is_null() || !answer.requires_replace.is_empty();
        let reserved = !changed(prior, &answer.planned, &SERVED).is_empty();
        let keep = |name: &str, same: bool| if same { part(prior, name) } else { unknown_text() };
        let model = fresh || part(prior, "model") != part(&answer.planned, "model");
        // Machines have addresses of their own; others take over the one that was there.
        let moves = reserved && on_machines(&answer.planned);
        let stays = !fresh && !moves;
        let urls = match part(prior, "urls") {
            // States from before they were known have none.
            urls if stays && !(reserved && urls.is_null()) => urls,
            _ => Value::unknown(Type::list(Type::String)),
        };
        answer.planned = with(
            &answer.planned,
            [
                ("url", keep("url", stays)),
                ("urls", urls),
                ("id", keep("id", stays)),
                ("model_url", keep("model_url", stays && !model)),
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
        let cloud = clouds.cloud(&settings)?;
        let (name, runtime) = (text(&request.current, "name"), text(&request.current, "runtime"));
        let id = EndpointId { name: &name, runtime: &runtime };
        let found = cloud.read_endpoint(id).await?;
        let state = found.map(|info| {
            let now = observed(&seen(&request.current, &info), &*cloud, &info);
            // What another run has changed, and was cut off in, shows as a change of the model.
            let was = text(&request.current, "artifact");
            let is = text(&now, "artifact");
            if was == is || was.is_empty() { now } else { with(&now, [("model", Value::from(is))]) }
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
            let (name, runtime) = (text(prior, "name"), text(prior, "runtime"));
            staging::remove(&*cloud, &settings, &name).await?;
            cloud.delete_endpoint(EndpointId { name: &name, runtime: &runtime }).await?;
            return Ok((planned.clone(), Vec::new()));
        }
        let settings = clouds.settings(&text(planned, "cloud"))?;
        let cloud = clouds.cloud(&settings)?;
        let model = stage(clouds, &settings, request).await?;
        let mut spec = EndpointSpec { model, ..spec(planned, request.address, request.token) };
        for ((name, variant), wanted) in variants(planned).zip(&mut spec.variants) {
            let place = Path::attribute("variant").then(Step::Key(name.clone()));
            let place = place.then(Step::Attribute("model".into()));
            wanted.model = beside(clouds, &settings, &text(variant, "model"), place).await?;
        }
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
        let (name, runtime) = (text(planned, "name"), text(planned, "runtime"));
        let id = EndpointId { name: &name, runtime: &runtime };
        match cloud.read_endpoint(id).await {
            Ok(Some(info)) if info.token == request.token => {
                let state = observed(planned, &*cloud, &info);
                LookupAnswer::Found(state, clouds::keep(&settings, request.token))
            }
            // One that a run was cut off in starting is ended with all that belongs to it.
            Ok(None) => match clear(&*cloud, &settings, id).await {
                Ok(()) => LookupAnswer::Absent,
                Err(_) => LookupAnswer::Unknown,
            },
            Ok(Some(_)) => LookupAnswer::Absent,
            Err(_) => LookupAnswer::Unknown,
        }
    }
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
            let count = usize::try_from(replicas).unwrap_or(usize::MAX);
            notes.push(match text(planned, "runtime").as_str() {
                MACHINES => format!("serves on {} in {cloud}", words::count(count, "machine")),
                _ => format!("starts a server with {} in {cloud}", words::count(count, "replica")),
            });
        }
        notes
    }
}

/// A model that is served beside the endpoint's own; it is not brought from elsewhere.
async fn beside(
    clouds: &Clouds,
    settings: &CloudSettings,
    url: &str,
    place: Path,
) -> Result<ServedModel, Problem> {
    let (source, stored) = stored(clouds, url, &place).await?;
    if source.settings.name == settings.name {
        return Ok(served(&stored, source.place.bucket, source.place.key));
    }
    let detail = format!(
        "The model of a variant lies in {}, and the endpoint is in {}.",
        source.settings.name, settings.name
    );
    Err(Problem::error(ProblemKind::Unsupported, "Model is in another cloud", detail)
        .at(place)
        .hint("Store it in a bucket of the endpoint's cloud."))
}

/// Brings the model into the endpoint's own cloud, if it is not there.
async fn stage(
    clouds: &Clouds,
    settings: &CloudSettings,
    request: &ApplyRequest<'_>,
) -> Result<ServedModel, Problem> {
    let url = text(&request.planned, "model");
    let (source, stored) = stored(clouds, &url, &Path::attribute("model")).await?;
    let place = if source.settings.name == settings.name {
        source.place
    } else {
        let cloud = clouds.cloud(settings)?;
        staging::copy(&source, &stored, (&*cloud, settings), request).await?
    };
    Ok(served(&stored, place.bucket, place.key))
}

/// Where a model is stored, and what it is.
async fn stored(clouds: &Clouds, url: &str, place: &Path) -> Result<(Located, Artifact), Problem> {
    let at_model = |problem: Problem| problem.at(place.clone());
    let source = clouds.locate(url).await.map_err(at_model)?;
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
    Ok((source, stored))
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
    let urls = if info.urls.is_empty() { std::slice::from_ref(&info.url) } else { &info.urls };
    let urls = urls.iter().map(|url| Value::from(url.as_str())).collect();
    with(
        planned,
        [
            ("url", Value::from(url)),
            ("urls", Value::list(Type::String, urls)),
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
    id: EndpointId<'_>,
) -> Result<(), Problem> {
    cloud.delete_endpoint(id).await?;
    staging::remove(cloud, settings, id.name).await
}
