//! `bucket`: a place for objects in a cloud.

use skyform_provider_sdk::schema::{Attribute, Block, Schema};
use skyform_provider_sdk::{
    ApplyRequest, ApplyResponse, BucketInfo, BucketSpec, CloudSettings, LookupAnswer,
    LookupRequest, PlanRequest, PlanResponse, Problem, Problems, ReadRequest, ReadResponse,
};
use skyform_value::{Path, Type, Value};

use crate::clouds::{self, Clouds};

pub(crate) fn schema() -> Schema {
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
            "versioning",
            Attribute::optional(Type::Bool).describe("Whether old versions of objects are kept."),
        ),
        (
            "force_destroy",
            Attribute::optional(Type::Bool)
                .describe("Whether the bucket is deleted with everything in it."),
        ),
        ("url", Attribute::computed(Type::String).describe("Where its objects are reached.")),
        ("id", Attribute::computed(Type::String).describe("The URL again.")),
    ]);
    Schema { version: 0, block }
}

fn part(object: &Value, name: &str) -> Value {
    object.get(name).cloned().unwrap_or_else(Value::null)
}

fn text(object: &Value, name: &str) -> String {
    object.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn truth(object: &Value, name: &str) -> bool {
    object.get(name).and_then(Value::as_bool).unwrap_or(false)
}

/// A bucket's name from its address: `module.a.bucket.data["x"]` is `a-data-x`.
fn default_name(address: &str) -> String {
    let address = address.replace("module.", "").replace("bucket.", "");
    let mapped: String = address
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' })
        .collect();
    let parts: Vec<&str> = mapped.split('-').filter(|part| !part.is_empty()).collect();
    let mut name = parts.join("-");
    name.truncate(63);
    while name.len() < 3 {
        name.push('0');
    }
    name
}

fn value(config: &Value, name: &str, url: Value) -> Value {
    Value::object([
        ("cloud", part(config, "cloud")),
        ("name", Value::from(name)),
        ("versioning", part(config, "versioning")),
        ("force_destroy", part(config, "force_destroy")),
        ("url", url.clone()),
        ("id", url),
    ])
}

pub(crate) fn plan(clouds: &Clouds, request: &PlanRequest<'_>) -> Result<PlanResponse, Problems> {
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
        clouds.cloud(&settings)?;
        if prior.is_null() {
            // So that what becomes of the create can be found out whatever is declared then.
            answer.private = clouds::keep(&settings, "");
        }
    }
    let named = proposed.get("name").filter(|name| !name.is_null());
    let name = named.cloned().unwrap_or_else(|| Value::from(default_name(request.address)));
    let replaced =
        |attribute: &str, new: &Value| prior.get(attribute).is_some_and(|old| old != new);
    if !prior.is_null() {
        let changed = [("cloud", part(proposed, "cloud")), ("name", name.clone())];
        let changed = changed.iter().filter(|(attribute, new)| replaced(attribute, new));
        answer.requires_replace =
            changed.map(|(attribute, _)| Path::attribute(*attribute)).collect();
    }
    let url = if prior.is_null() || !answer.requires_replace.is_empty() {
        Value::unknown(Type::String)
    } else {
        part(prior, "url")
    };
    let planned = value(proposed, "", url);
    let attributes = planned.as_table().into_iter().flatten();
    let attributes = attributes.map(|(key, value)| {
        (key.clone(), if key == "name" { name.clone() } else { value.clone() })
    });
    answer.planned = Value::object(attributes);
    Ok(answer)
}

pub(crate) async fn read(
    clouds: &Clouds,
    request: ReadRequest<'_>,
) -> Result<ReadResponse, Problems> {
    let settings = settings_of(clouds, &request.private, &request.current)?;
    let found = clouds.cloud(&settings)?.read_bucket(&text(&request.current, "name")).await?;
    let state = match found {
        Some(info) => observed(&request.current, &info),
        None => Value::null_of(schema().block.implied_type()),
    };
    Ok(ReadResponse { state, private: request.private, problems: Problems::new() })
}

/// The object with what can be seen of it.
fn observed(current: &Value, info: &BucketInfo) -> Value {
    let stored = truth(current, "versioning");
    let versioning = if stored == info.versioning {
        part(current, "versioning")
    } else {
        Value::from(info.versioning)
    };
    let attributes = current.as_table().into_iter().flatten().map(|(name, value)| {
        (name.clone(), if name == "versioning" { versioning.clone() } else { value.clone() })
    });
    Value::object(attributes)
}

fn settings_of(clouds: &Clouds, private: &[u8], object: &Value) -> Result<CloudSettings, Problem> {
    let name = text(object, "cloud");
    // What is declared now counts; what was kept is for clouds that are declared no more.
    match (clouds.settings(&name), clouds::kept(private)) {
        (Ok(settings), _) | (Err(_), Some((settings, _))) => Ok(settings),
        (Err(problem), None) => Err(problem),
    }
}

pub(crate) async fn apply(clouds: &Clouds, request: ApplyRequest<'_>) -> ApplyResponse {
    let (prior, private) = (request.prior.clone(), request.private.clone());
    match try_apply(clouds, &request).await {
        Ok((state, private)) => ApplyResponse { state, private, problems: Problems::new() },
        Err(problem) => ApplyResponse { state: prior, private, problems: problem.into() },
    }
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
    let versioning = truth(planned, "versioning");
    let (info, token) = if prior.is_null() {
        let spec = BucketSpec {
            name: name.clone(),
            versioning,
            owner: request.address.to_owned(),
            token: request.token.to_owned(),
        };
        (cloud.create_bucket(&spec).await?, request.token.to_owned())
    } else {
        let token = clouds::kept(&request.private).map(|(_, token)| token).unwrap_or_default();
        (cloud.set_versioning(&name, versioning).await?, token)
    };
    let state = value(planned, &name, Value::from(info.url));
    Ok((state, clouds::keep(&settings, &token)))
}

/// Whether an intent has made its bucket: it carries the intent's token.
pub(crate) async fn lookup(clouds: &Clouds, request: LookupRequest<'_>) -> LookupAnswer {
    let planned = &request.planned;
    let Ok(settings) = settings_of(clouds, &request.private, planned) else {
        return LookupAnswer::Unknown;
    };
    let Ok(cloud) = clouds.cloud(&settings) else { return LookupAnswer::Unknown };
    let name = text(planned, "name");
    match cloud.read_bucket(&name).await {
        Ok(Some(info)) if info.token == request.token => {
            let state = value(planned, &name, Value::from(info.url));
            LookupAnswer::Found(state, clouds::keep(&settings, request.token))
        }
        Ok(_) => LookupAnswer::Absent,
        Err(_) => LookupAnswer::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::default_name;

    #[test]
    fn names_come_from_addresses() {
        for (address, expected) in [
            ("bucket.data", "data"),
            ("bucket.data[0]", "data-0"),
            ("module.a[\"X\"].bucket.my_models[\"east\"]", "a-x-my-models-east"),
            ("bucket.a", "a00"),
        ] {
            assert_eq!(default_name(address), expected, "{address}");
        }
    }
}
