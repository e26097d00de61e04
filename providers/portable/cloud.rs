//! `cloud`: where things may run, and for how much.

use skyform_provider_sdk::schema::{Attribute, Block, Nesting, Schema};
use skyform_value::Type;

pub(crate) fn schema() -> Schema {
    let numbers = || Type::map(Type::Number);
    let texts = || Type::list(Type::String);
    let offer = Block::with([
        ("price", Attribute::required(Type::Number).describe("USD a unit and hour.")),
        ("quota", Attribute::optional(Type::Number).describe("Most units; no limit without it.")),
        ("region", Attribute::optional(Type::String).describe("If it is not the cloud's.")),
        (
            "residency",
            Attribute::optional(Type::String).describe("Its jurisdiction, if not the cloud's."),
        ),
        (
            "reserved",
            Attribute::optional(Type::Number)
                .describe("Units that are paid already and cost nothing more."),
        ),
        (
            "spot",
            Attribute::optional(Type::Bool)
                .describe("Whether units may be taken back; default: if they have a rate of it."),
        ),
        (
            "interruption_rate",
            Attribute::optional(Type::Number)
                .describe("Part of the units that is taken back in a month, from 0 to 1."),
        ),
        (
            "latency_ms",
            Attribute::optional(numbers())
                .describe("Round-trip times by where callers are, if not the cloud's."),
        ),
        ("provides", Attribute::optional(numbers()).describe("What a unit has, by resource.")),
        (
            "serves",
            Attribute::optional(numbers())
                .describe("Demand that a unit covers, by task; else the task's throughput counts."),
        ),
        (
            "shared",
            Attribute::optional(Type::Bool)
                .describe("Whether a unit counts for every task it serves at once."),
        ),
    ]);
    let egress = Block::with([
        (
            "up_to_gib",
            Attribute::optional(Type::Number)
                .describe("Where the tier ends, in GiB a month; the last has no end."),
        ),
        ("price_per_gib", Attribute::required(Type::Number).describe("USD a GiB within it.")),
    ]);
    let offers_from = Block::with([
        ("catalog", Attribute::required(Type::Any).describe("The catalogue, by reference.")),
        (
            "types",
            Attribute::optional(texts())
                .describe("Types of which one must fit; * stands for any text."),
        ),
        (
            "regions",
            Attribute::optional(texts())
                .describe("Regions of which one must fit; default: the cloud's, if it says one."),
        ),
        (
            "requires",
            Attribute::optional(numbers()).describe("What a unit must have at least, by resource."),
        ),
        ("max_price", Attribute::optional(Type::Number).describe("USD a unit and hour.")),
        (
            "spot",
            Attribute::optional(Type::Bool)
                .describe("Only those that may be taken back, or none of them; default: both."),
        ),
        ("quota", Attribute::optional(Type::Number).describe("Most units of each offer.")),
    ]);
    let block = Block::with([
        (
            "driver",
            Attribute::optional(Type::String).describe("How it is driven; default: the label."),
        ),
        ("region", Attribute::optional(Type::String).describe("Its region; default: the label.")),
        (
            "activation_cost",
            Attribute::optional(Type::Number)
                .describe("USD a month, paid once if anything runs here."),
        ),
        (
            "residency",
            Attribute::optional(Type::String).describe("Jurisdiction that data is kept in."),
        ),
        (
            "quotas",
            Attribute::optional(numbers())
                .describe("Most of a resource that all units have together; units counts them."),
        ),
        (
            "latency_ms",
            Attribute::optional(numbers())
                .describe("Round-trip times in milliseconds, by where callers are."),
        ),
        (
            "offers",
            Attribute::optional(Type::Any).describe("Offers by name, as a catalogue has them."),
        ),
        ("endpoint", Attribute::optional(Type::String).describe("Another server's URL.")),
        (
            "endpoints",
            Attribute::optional(Type::map(Type::String))
                .describe("Other servers' URLs, by service."),
        ),
        ("account", Attribute::optional(Type::String).describe("The storage account (azure).")),
        ("project", Attribute::optional(Type::String).describe("The project (gcp).")),
        (
            "profile",
            Attribute::optional(Type::String)
                .describe("The profile of the cloud's own configuration files (aws)."),
        ),
        (
            "staging",
            Attribute::optional(Type::String).describe(
                "The name of the bucket here that models are staged in; else endpoints make their own.",
            ),
        ),
        (
            "serve_here",
            Attribute::optional(Type::Bool).describe(
                "Whether its endpoints are processes on the machine that Skyform runs on.",
            ),
        ),
        (
            "capacity",
            Attribute::optional(numbers())
                .describe("Short for one shared offer of this name, quota 1 and price 0."),
        ),
        ("name", Attribute::computed(Type::String).describe("The label.")),
    ])
    .nest("offer", Nesting::Map, offer)
    .nest("offers_from", Nesting::List, offers_from)
    .nest("egress", Nesting::List, egress);
    Schema { version: 0, block }
}
