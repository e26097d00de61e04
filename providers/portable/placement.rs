//! `placement`: the decision where tasks run.

use skyform_provider_sdk::schema::{Attribute, Block, Schema};
use skyform_value::Type;

pub(crate) fn schema() -> Schema {
    let names = || Type::list(Type::String);
    let block = Block::with([
        (
            "tasks",
            Attribute::optional(names())
                .reference("name")
                .describe("Tasks to place; default: all."),
        ),
        (
            "clouds",
            Attribute::optional_computed(names())
                .reference("name")
                .describe("Clouds to place them on; default: all. As a result: those in use."),
        ),
        (
            "budget",
            Attribute::optional(Type::Number).describe("Most that a month may cost, in USD."),
        ),
        (
            "switch_cost",
            Attribute::optional(Type::Number)
                .describe("USD a month for each task that leaves a cloud where it runs now."),
        ),
        (
            "max_gap",
            Attribute::optional(Type::Number)
                .describe("Stop when proven within this part of the cost; default 0."),
        ),
        (
            "time_limit",
            Attribute::optional(Type::String).describe("Stop after this time, such as 10s."),
        ),
        ("status", Attribute::computed(Type::String).describe("optimal or feasible.")),
        ("cost", Attribute::computed(Type::Number).describe("USD a month.")),
        ("bound", Attribute::computed(Type::Number).describe("No solution costs less.")),
        ("gap", Attribute::computed(Type::Number).describe("(cost - bound) / cost")),
        (
            "assignments",
            Attribute::computed(Type::Any)
                .describe("By task, and by CLOUD/OFFER: what was chosen."),
        ),
        ("name", Attribute::computed(Type::String).describe("The label.")),
    ]);
    Schema { version: 0, block }
}
