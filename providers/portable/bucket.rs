//! `bucket`: a place for objects in a cloud.

mod settings;

use async_trait::async_trait;
use skyform_provider_sdk::schema::{Attribute, Block, Schema};
use skyform_provider_sdk::{
    ApplyRequest, BucketSpec, CloudSettings, ImportRequest, LookupAnswer, LookupRequest,
    PlanRequest, PlanResponse, Problem, ProblemKind, Problems, ReadRequest, ReadResponse,
};
use skyform_value::{Path, Type, Value};

use crate::clouds::{self, Clouds};
use crate::names::name_from_address;
use crate::object::{part, text, truth, with};
use crate::stored::StoredBlock;

/// The block type.
pub(crate) struct Bucket;

#[async_trait]
impl StoredBlock for Bucket {
    fn schema(&self) -> Schema {
        schema()
    }

    async fn plan(
        &self,
        clouds: &Clouds,
        request: &PlanRequest<'_>,
    ) -> Result<PlanResponse, Problems> {
        plan(clouds, request)
    }

    async fn read(
        &self,
        clouds: &Clouds,
        request: ReadRequest<'_>,
    ) -> Result<ReadResponse, Problems> {
        read(clouds, request).await
    }

    async fn apply(
        &self,
        clouds: &Clouds,
        request: &ApplyRequest<'_>,
    ) -> Result<(Value, Vec<u8>), Problem> {
        try_apply(clouds, request).await
    }

    async fn lookup(&self, clouds: &Clouds, request: LookupRequest<'_>) -> LookupAnswer {
        lookup(clouds, request).await
    }

    /// By its URL.
    async fn import(
        &self,
        clouds: &Clouds,
        request: &ImportRequest<'_>,
    ) -> Result<(Value, Vec<u8>), Problem> {
        let located = clouds.locate(request.id).await?;
        let name = &located.place.bucket;
        let info = located.cloud.read_bucket(name).await?.ok_or_else(|| {
            let detail = format!("There is no bucket at {}.", request.id);
            Problem::error(ProblemKind::NotFound, "Nothing to import", detail)
        })?;
        let config = Value::object([
            ("cloud", Value::from(located.settings.name.as_str())),
            ("force_destroy", Value::null_of(Type::Bool)),
        ]);
        let config = with(&config, settings::imported(&info.settings));
        let state = value(&config, Value::from(name.as_str()), Value::from(info.url));
        Ok((state, clouds::keep(&located.settings, &info.token)))
    }
}

fn schema() -> Schema {
    let block = Block::with([
        (
            "cloud",
            Attribute::required(Type::String)
                .reference("name")
                .replaces()
                .describe("The cloud, by reference or name. Another one makes a new bucket."),
        ),
        (
            "name",
            Attribute::optional_computed(Type::String)
                .replaces()
                .describe("Its name in the cloud; made from the block's address without it."),
        ),
        (
            "force_destroy",
            Attribute::optional(Type::Bool)
                .describe("Whether the bucket is deleted with everything in it."),
        ),
        ("url", Attribute::computed(Type::String).describe("Where its objects are reached.")),
        ("id", Attribute::computed(Type::String).describe("The URL again.")),
    ]);
    Schema { version: 0, block: settings::add_to(block) }
}

fn value(config: &Value, name: Value, url: Value) -> Value {
    let object = Value::object([
        ("cloud", part(config, "cloud")),
        ("name", name),
        ("force_destroy", part(config, "force_destroy")),
        ("url", url.clone()),
        ("id", url),
    ]);
    with(&object, settings::NAMES.map(|name| (name, part(config, name))))
}

fn plan(clouds: &Clouds, request: &PlanRequest<'_>) -> Result<PlanResponse, Problems> {
    let (prior, proposed) = (&request.prior, &request.proposed);
    let mut answer = PlanResponse {
        planned: proposed.clone(),
        requires_replace: Vec::new(),
        private: request.private.clone(),
        notes: Vec::new(),
        problems: Problems::new(),
    };
    if proposed.is_null() {
        return Ok(answer);
    }
    if let Some(cloud) = proposed.get("cloud").and_then(Value::as_str) {
        let settings = clouds.settings(cloud)?;
        let driven = clouds.cloud(&settings)?;
        driven.check_bucket(&spec(request.address, proposed, "", ""))?;
        if prior.is_null() {
            // So that what becomes of the create can be found out whatever is declared then.
            answer.private = clouds::keep(&settings, "");
        }
    }
    let named = proposed.get("name").filter(|name| !name.is_null());
    let name = named.cloned().unwrap_or_else(|| Value::from(name_from_address(request.address)));
    let replaced =
        |attribute: &str, new: &Value| prior.get(attribute).is_some_and(|old| old != new);
    if !prior.is_null() {
        let changed = [("cloud", part(proposed, "cloud")), ("name", name.clone())];
        let changed = changed.iter().filter(|(attribute, new)| replaced(attribute, new));
        answer.requires_replace =
            changed.map(|(attribute, _)| Path::attribute(*attribute)).collect();
    }
    clouds.meet(&text(prior, "url"), &text(prior, "cloud"));
    let url = if prior.is_null() || !answer.requires_replace.is_empty() {
        Value::unknown(Type::String)
    } else {
        part(prior, "url")
    };
    let proposed = if prior.is_null() { proposed } else { &settings::unchanged(prior, proposed) };
    answer.planned = value(proposed, name, url);
    Ok(answer)
}

async fn read(clouds: &Clouds, request: ReadRequest<'_>) -> Result<ReadResponse, Problems> {
    let settings = settings_of(clouds, &request.private, &request.current)?;
    clouds.meet(&text(&request.current, "url"), &settings.name);
    let found = clouds.cloud(&settings)?.read_bucket(&text(&request.current, "name")).await?;
    let state = match found {
        Some(info) => settings::observed(&request.current, &info.settings),
        None => Value::null_of(schema().block.implied_type()),
    };
    Ok(ReadResponse { state, private: request.private, problems: Problems::new() })
}

/// The bucket that an object describes.
fn spec(address: &str, object: &Value, name: &str, token: &str) -> BucketSpec {
    BucketSpec {
        name: name.to_owned(),
        owner: address.to_owned(),
        token: token.to_owned(),
        settings: settings::of(object),
    }
}

fn settings_of(clouds: &Clouds, private: &[u8], object: &Value) -> Result<CloudSettings, Problem> {
    clouds.settings_or_kept(&text(object, "cloud"), private)
}

async fn try_apply(
    clouds: &Clouds,
    request: &ApplyRequest<'_>,
) -> Result<(Value, Vec<u8>), Problem> {
    let (prior, planned) = (&request.prior, &request.planned);
    if planned.is_null() {
        let settings = settings_of(clouds, &request.private, prior)?;
        let force = truth(prior, "force_destroy");
        clouds.cloud(&settings)?.delete_bucket(&text(prior, "name"), force).await?;
        return Ok((planned.clone(), Vec::new()));
    }
    let settings = clouds.settings(&text(planned, "cloud"))?;
    let cloud = clouds.cloud(&settings)?;
    let name = text(planned, "name");
    let (info, token) = if prior.is_null() {
        let spec = spec(request.address, planned, &name, request.token);
        (cloud.create_bucket(&spec).await?, request.token.to_owned())
    } else {
        let token = clouds::kept(&request.private).map(|(_, token)| token).unwrap_or_default();
        (cloud.update_bucket(&spec(request.address, planned, &name, &token)).await?, token)
    };
    clouds.meet(&info.url, &settings.name);
    let state = value(planned, Value::from(name), Value::from(info.url));
    Ok((state, clouds::keep(&settings, &token)))
}

/// Whether an intent has made its bucket: it carries the intent's token.
async fn lookup(clouds: &Clouds, request: LookupRequest<'_>) -> LookupAnswer {
    let planned = &request.planned;
    let Ok(settings) = settings_of(clouds, &request.private, planned) else {
        return LookupAnswer::Unknown;
    };
    let Ok(cloud) = clouds.cloud(&settings) else { return LookupAnswer::Unknown };
    let name = text(planned, "name");
    match cloud.find_bucket(&spec(request.address, planned, &name, request.token)).await {
        Ok(Some(info)) => {
            clouds.meet(&info.url, &settings.name);
            // What the run did not come to any more is to be seen as a difference.
            let planned = settings::observed(planned, &info.settings);
            let state = value(&planned, Value::from(name), Value::from(info.url));
            LookupAnswer::Found(state, clouds::keep(&settings, request.token))
        }
        Ok(None) => LookupAnswer::Absent,
        Err(_) => LookupAnswer::Unknown,
    }
}
