//! `cloud`: where things may run, and for how much.

use skyform_provider_sdk::schema::{Attribute, Block, Nesting, Schema};
use skyform_value::Type;

pub(crate) fn schema() -> Schema {
    let numbers = || Type::map(Type::Number);
    let offer = Block::with([
        ("price", Attribute::required(Type::Number).describe("USD a unit and hour.")),
        ("quota", Attribute::optional(Type::Number).describe("Most units; no limit without it.")),
        ("region", Attribute::optional(Type::String).describe("If it is not the cloud's.")),
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
        ("endpoint", Attribute::optional(Type::String).describe("Another server's URL.")),
        (
            "endpoints",
            Attribute::optional(Type::map(Type::String))
                .describe("Other servers' URLs, by service."),
        ),
        (
            "capacity",
            Attribute::optional(numbers())
                .describe("Short for one shared offer of this name, quota 1 and price 0."),
        ),
        ("name", Attribute::computed(Type::String).describe("The label.")),
    ])
    .nest("offer", Nesting::Map, offer);
    Schema { version: 0, block }
}
