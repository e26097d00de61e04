//! What an `endpoint` block may contain, and what the schema cannot say of it.

use skyform_provider_sdk::schema::{Attribute, Block, Nesting, Schema};
use skyform_provider_sdk::{MACHINES, Problem, ProblemKind};
use skyform_value::{Number, Path, Step, Type, Value};

use crate::object::given;

const RUNTIMES: [&str; 4] = ["auto", "tract", "onnxruntime", MACHINES];
/// Largest weight of a model.
const MOST_WEIGHT: u64 = 1000;

/// What a block may contain.
pub(super) fn schema() -> Schema {
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
                "What runs the model: `tract`, `onnxruntime`, or `auto` for whichever can; `machines` for machines of its own, a server on each.",
            ),
        ),
        (
            "subnet",
            Attribute::optional(Type::String).describe("The network that its machines are in."),
        ),
        (
            "security_groups",
            Attribute::optional(Type::list(Type::String))
                .describe("Groups that say who may reach its machines."),
        ),
        (
            "public",
            Attribute::optional(Type::Bool)
                .describe("Whether its machines are reached at their public addresses."),
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
        (
            "weight",
            Attribute::optional(Type::Number).describe(
                "The model's part of the requests, where there are variants: as part of all weights; 1 without it.",
            ),
        ),
        ("url", Attribute::computed(Type::String).describe("The server's base URL.")),
        (
            "urls",
            Attribute::computed(Type::list(Type::String))
                .describe("The base URLs of all servers; `url` is the first."),
        ),
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
    let block = block.nest("autoscaling", Nesting::Single, range());
    Schema { version: 0, block: block.nest("variant", Nesting::Map, variant()) }
}

/// A model beside the endpoint's own.
fn variant() -> Block {
    let block = Block::with([
        (
            "model",
            Attribute::required(Type::String).reference("url").describe(
                "The model that it serves, by reference or URL; in the endpoint's cloud.",
            ),
        ),
        (
            "weight",
            Attribute::optional(Type::Number)
                .describe("Its part of the requests, as part of all weights; 1 without it."),
        ),
        (
            "replicas",
            Attribute::optional(Type::Number).describe("How many instances it has; 1 without it."),
        ),
        (
            "offer",
            Attribute::optional(Type::String)
                .describe("What it runs on, if not what the others do."),
        ),
    ]);
    block.nest("autoscaling", Nesting::Single, range())
}

/// How many replicas there may be.
fn range() -> Block {
    Block::with([
        ("min", Attribute::required(Type::Number).describe("Fewest replicas.")),
        ("max", Attribute::required(Type::Number).describe("Most replicas.")),
        (
            "requests_per_minute",
            Attribute::required(Type::Number)
                .describe("Requests that each replica is to have in a minute."),
        ),
    ])
}

/// Checks what the schema cannot say.
pub(super) fn check(config: &Value) -> Result<(), Problem> {
    check_replicas(config, &Path::attribute("replicas"))?;
    check_range(config, &Path::attribute("autoscaling"))?;
    check_weight(config, &Path::attribute("weight"))?;
    let variants = config.get("variant").and_then(Value::as_table).into_iter().flatten();
    for (name, variant) in variants {
        let at = |attribute: &str| {
            let path = Path::attribute("variant").then(Step::Key(name.clone()));
            path.then(Step::Attribute(attribute.into()))
        };
        check_range(variant, &at("autoscaling"))?;
        check_weight(variant, &at("weight"))?;
        check_replicas(variant, &at("replicas"))?;
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

fn check_replicas(object: &Value, place: &Path) -> Result<(), Problem> {
    match object.get("replicas").and_then(Value::as_number).map(Number::to_u64) {
        Some(number) if number.is_none_or(|replicas| !(1..=256).contains(&replicas)) => {
            let detail = "There may be from 1 to 256 replicas, a whole number.";
            Err(Problem::error(ProblemKind::Invalid, "Invalid number of replicas", detail)
                .at(place.clone()))
        }
        _ => Ok(()),
    }
}

fn check_weight(object: &Value, place: &Path) -> Result<(), Problem> {
    match object.get("weight").and_then(Value::as_number).map(Number::to_u64) {
        Some(number) if number.is_none_or(|weight| weight > MOST_WEIGHT) => {
            let detail = format!("A weight is a whole number from 0 to {MOST_WEIGHT}.");
            Err(Problem::error(ProblemKind::Invalid, "Invalid weight", detail).at(place.clone()))
        }
        _ => Ok(()),
    }
}

fn check_range(object: &Value, place: &Path) -> Result<(), Problem> {
    let Some(range) = given(object, "autoscaling") else { return Ok(()) };
    let bound = |name: &str| range.get(name).and_then(Value::as_number).map(Number::to_u64);
    let is_good = |bound: Option<Option<u64>>| bound.is_none_or(|bound| bound > Some(0));
    let (min, max) = (bound("min"), bound("max"));
    let in_order = min.zip(max).is_none_or(|(min, max)| min <= max);
    if is_good(min) && is_good(max) && is_good(bound("requests_per_minute")) && in_order {
        return Ok(());
    }
    let detail = "The numbers are whole and from 1 on, and min is not more than max.";
    Err(Problem::error(ProblemKind::Invalid, "Invalid autoscaling", detail).at(place.clone()))
}
