//! `task`: demand that is to be covered somewhere.

use skyform_provider_sdk::schema::{Attribute, Block, Nesting, Schema};
use skyform_value::Type;

pub(crate) fn schema() -> Schema {
    let data = Block::with([
        (
            "cloud",
            Attribute::required(Type::String)
                .reference("name")
                .describe("The cloud where the data lies."),
        ),
        ("gib_per_month", Attribute::required(Type::Number).describe("GiB read a month.")),
        (
            "price_per_gib",
            Attribute::optional(Type::Number)
                .describe("USD a GiB that leaves that cloud; default 0.09."),
        ),
    ]);
    let block = Block::with([
        ("demand", Attribute::required(Type::Number).describe("Units a second to be covered.")),
        (
            "requires",
            Attribute::optional(Type::map(Type::Number))
                .describe("What a unit must have, by resource."),
        ),
        (
            "throughput",
            Attribute::optional(Type::Number)
                .describe("What a replica covers where the offer does not say."),
        ),
        ("min_clouds", Attribute::optional(Type::Number).describe("Least number of clouds.")),
        (
            "max_share",
            Attribute::optional(Type::Number)
                .describe("Most of the demand that one cloud carries, from 0 to 1."),
        ),
        (
            "clouds",
            Attribute::optional(Type::list(Type::String))
                .reference("name")
                .describe("Allowed clouds; default: all."),
        ),
        (
            "regions",
            Attribute::optional(Type::list(Type::String))
                .describe("Allowed regions, * standing for any text; default: all."),
        ),
        ("name", Attribute::computed(Type::String).describe("The label.")),
    ])
    .nest("data", Nesting::List, data);
    Schema { version: 0, block }
}
