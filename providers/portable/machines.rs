//! `machines`: a group of alike machines in a cloud that is kept at its size.

use async_trait::async_trait;
use skyform_provider_sdk::schema::{Attribute, Block, Schema};
use skyform_provider_sdk::{
    ApplyRequest, LookupAnswer, LookupRequest, Machine, MachinesInfo, MachinesSpec, PlanRequest,
    PlanResponse, Problem, ProblemKind, Problems, ReadRequest, ReadResponse,
};
use skyform_value::{Path, Str, Type, Value};

use crate::clouds::{self, Clouds};
use crate::names::name_from_address;
use crate::object::{
    changed, given, is_open, part, text, text_map, texts, truth, unknown_text, whole, with,
};
use crate::stored::{StoredBlock, planning, reading};
use crate::words;

/// The block type.
pub(crate) struct Machines;

/// Attributes whose change takes other machines.
const FIXED: [&str; 9] =
    ["cloud", "name", "image", "type", "subnet", "security_groups", "role", "user_data", "spot"];
/// What only the cloud knows.
const COMPUTED: [&str; 3] = ["ids", "private_addresses", "public_addresses"];
/// Most machines of a group.
const MOST: u64 = 1000;

#[async_trait]
impl StoredBlock for Machines {
    fn schema(&self) -> Schema {
        schema()
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
        // One that has lost some is brought back to what it says, not left at what is there.
        let size = given(&request.config, "size").unwrap_or_else(|| Value::from(1_u64));
        let planned = with(proposed, [("name", name), ("size", size.clone())]);
        let mut answer = planning(planned, request);
        if let Some(cloud) = proposed.get("cloud").and_then(Value::as_str) {
            let settings = clouds.settings(cloud)?;
            let wanted = spec(&answer.planned, request.address, "", "");
            match clouds.cloud(&settings)?.check_machines(&wanted) {
                Err(problem) if !is_open(&answer.planned, &problem) => return Err(problem.into()),
                _ => {}
            }
            let token = clouds::kept(&request.private).map(|(_, token)| token);
            answer.private = clouds::keep(&settings, &token.unwrap_or_default());
        }
        if !prior.is_null() {
            let fixed = changed(prior, &answer.planned, &FIXED);
            answer.requires_replace = fixed.into_iter().map(Path::attribute).collect();
        }
        let fresh = prior.is_null() || !answer.requires_replace.is_empty();
        let resized = fresh || part(prior, "size") != size;
        let id = if fresh { unknown_text() } else { part(prior, "id") };
        answer.planned = with(&answer.planned, [("id", id)]);
        for name in COMPUTED {
            let unknown = || Value::unknown(Type::list(Type::String));
            let value = if resized { unknown() } else { part(prior, name) };
            answer.planned = with(&answer.planned, [(name, value)]);
        }
        let (before, after) = (whole(prior, "size"), whole(&answer.planned, "size"));
        answer.notes.extend(note(before.filter(|_| !fresh).unwrap_or(0), after));
        Ok(answer)
    }

    async fn read(
        &self,
        clouds: &Clouds,
        request: ReadRequest<'_>,
    ) -> Result<ReadResponse, Problems> {
        let current = &request.current;
        let settings = clouds.settings_or_kept(&text(current, "cloud"), &request.private)?;
        let found = clouds.cloud(&settings)?.read_machines(&text(current, "name")).await?;
        let state = found.map(|info| observed(current, &info));
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
            clouds.cloud(&settings)?.delete_machines(&text(prior, "name")).await?;
            return Ok((planned.clone(), Vec::new()));
        }
        let settings = clouds.settings(&text(planned, "cloud"))?;
        let cloud = clouds.cloud(&settings)?;
        let is_new = prior.is_null();
        let before = clouds::kept(&request.private).map(|(_, token)| token);
        let token = before.filter(|_| !is_new).unwrap_or_else(|| request.token.to_owned());
        let spec = spec(planned, request.address, &token, request.token);
        let info = match is_new {
            true => cloud.create_machines(&spec, &*request.progress).await?,
            false => cloud.update_machines(&spec, &*request.progress).await?,
        };
        Ok((observed(planned, &info), clouds::keep(&settings, &token)))
    }

    /// Machines carry the token of the intent that made them; a group that was made in part is found
    /// with as many as there are.
    async fn lookup(&self, clouds: &Clouds, request: LookupRequest<'_>) -> LookupAnswer {
        let planned = &request.planned;
        let Ok(settings) = clouds.settings_or_kept(&text(planned, "cloud"), &request.private)
        else {
            return LookupAnswer::Unknown;
        };
        let Ok(cloud) = clouds.cloud(&settings) else { return LookupAnswer::Unknown };
        match cloud.read_machines(&text(planned, "name")).await {
            Ok(Some(info)) if info.token == request.token => {
                let state = observed(planned, &info);
                LookupAnswer::Found(state, clouds::keep(&settings, request.token))
            }
            Ok(_) => LookupAnswer::Absent,
            Err(_) => LookupAnswer::Unknown,
        }
    }
}

fn schema() -> Schema {
    let texts = || Type::list(Type::String);
    let fixed = |ty: Type| Attribute::optional(ty).replaces();
    let block = Block::with([
        (
            "cloud",
            Attribute::required(Type::String)
                .reference("name")
                .replaces()
                .describe("The cloud, by reference or name. Another one makes other machines."),
        ),
        (
            "name",
            Attribute::optional_computed(Type::String)
                .replaces()
                .describe("Its name in the cloud; made from the block's address without it."),
        ),
        (
            "image",
            Attribute::required(Type::String).replaces().describe("The image that they boot."),
        ),
        (
            "type",
            Attribute::required(Type::String)
                .replaces()
                .describe("The cloud's name of the kind of machine."),
        ),
        ("size", Attribute::optional_computed(Type::Number).describe("How many; 1 without it.")),
        ("subnet", fixed(Type::String).describe("The network that they are in.")),
        ("security_groups", fixed(texts()).describe("Groups that say who may reach them.")),
        (
            "role",
            fixed(Type::String).describe("What they may do in the cloud: the role that each has."),
        ),
        (
            "user_data",
            fixed(Type::String).describe("What each runs when it starts for the first time."),
        ),
        (
            "spot",
            fixed(Type::Bool).describe("Whether the cloud may take them back, for a lower price."),
        ),
        (
            "tags",
            Attribute::optional(Type::map(Type::String)).describe("Words about them, by name."),
        ),
        ("ids", Attribute::computed(texts()).describe("Those that live, the oldest first.")),
        ("private_addresses", Attribute::computed(texts()).describe("Addresses in the network.")),
        ("public_addresses", Attribute::computed(texts()).describe("Addresses in the internet.")),
        ("id", Attribute::computed(Type::String).describe("The name again.")),
    ]);
    Schema { version: 0, block }
}

/// Checks what the schema cannot say.
fn check(config: &Value) -> Result<(), Problem> {
    if let Some(number) = config.get("size").and_then(Value::as_number)
        && number.to_u64().is_none_or(|size| !(1..=MOST).contains(&size))
    {
        let detail = format!("A group has from 1 to {MOST} machines, a whole number.");
        return Err(Problem::error(ProblemKind::Invalid, "Invalid number of machines", detail)
            .at(Path::attribute("size"))
            .hint("Remove the block to have none, or give it count = 0."));
    }
    Ok(())
}

/// What becomes of the machines, in words.
fn note(before: u64, after: Option<u64>) -> Option<String> {
    let machines =
        |count: u64| words::count(usize::try_from(count).unwrap_or(usize::MAX), "machine");
    match after? {
        after if after > before => Some(format!("starts {}", machines(after - before))),
        after if after < before => Some(format!("ends {}", machines(before - after))),
        _ => None,
    }
}

fn spec(planned: &Value, address: &str, token: &str, attempt: &str) -> MachinesSpec {
    let optional =
        |name: &str| given(planned, name).and_then(|value| value.as_str().map(str::to_owned));
    let size = whole(planned, "size").and_then(|size| usize::try_from(size).ok());
    MachinesSpec {
        name: text(planned, "name"),
        image: text(planned, "image"),
        machine_type: text(planned, "type"),
        size: size.unwrap_or(1),
        subnet: optional("subnet"),
        security_groups: texts(planned, "security_groups"),
        role: optional("role"),
        user_data: optional("user_data"),
        spot: truth(planned, "spot"),
        tags: text_map(planned, "tags"),
        owner: address.to_owned(),
        token: token.to_owned(),
        attempt: attempt.to_owned(),
    }
}

/// The object with what is there.
fn observed(object: &Value, info: &MachinesInfo) -> Value {
    let list = |of: fn(&Machine) -> Option<&str>| {
        let items =
            info.machines.iter().map(|machine| Value::from(of(machine).unwrap_or_default()));
        Value::list(Type::String, items.collect())
    };
    let now = with(
        object,
        [
            ("size", Value::from(info.machines.len() as u64)),
            ("ids", list(|machine| Some(&machine.id))),
            ("private_addresses", list(|machine| machine.private_address.as_deref())),
            ("public_addresses", list(|machine| machine.public_address.as_deref())),
            ("id", Value::from(info.name.as_str())),
        ],
    );
    if text_map(object, "tags") == info.tags {
        return now;
    }
    let tags = info.tags.iter();
    let tags = tags.map(|(name, value)| (Str::from(name.as_str()), Value::from(value.as_str())));
    with(&now, [("tags", Value::map(Type::String, tags.collect()))])
}
