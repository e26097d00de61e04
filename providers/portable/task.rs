//! `task`: demand that is to be covered somewhere.

use skyform_provider_sdk::schema::{Attribute, Block, Nesting, Schema};
use skyform_value::Type;

pub(crate) fn schema() -> Schema {
    let data = Block::with([
        (
            "cloud",
            Attribute::optional(Type::String)
                .reference("name")
                .describe("The cloud where the data lies, if it is in no bucket of ours."),
        ),
        (
            "bucket",
            Attribute::optional(Type::String)
                .reference("cloud")
                .describe("The bucket where it lies."),
        ),
        ("gib_per_month", Attribute::required(Type::Number).describe("GiB read a month.")),
        (
            "price_per_gib",
            Attribute::optional(Type::Number)
                .describe("USD a GiB that leaves that cloud; default: the cloud's egress."),
        ),
    ]);
    let block = Block::with([
        ("demand", Attribute::required(Type::Number).describe("Units a second to be covered.")),
        (
            "max_demand",
            Attribute::optional(Type::Number)
                .describe("Units a second that it may grow to; units for that are kept free."),
        ),
        (
            "headroom",
            Attribute::optional(Type::Number).describe(
                "Part of the time that units for growth run and are paid, from 0 to 1; default 1.",
            ),
        ),
        (
            "needs",
            Attribute::optional(Type::map(Type::Number))
                .describe("What all its units together must have, by resource."),
        ),
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
        (
            "residency",
            Attribute::optional(Type::list(Type::String))
                .describe("Allowed jurisdictions; default: all."),
        ),
        ("from", Attribute::optional(Type::String).describe("Where its callers are, for latency.")),
        (
            "max_latency_ms",
            Attribute::optional(Type::Number).describe("Longest round trip from there."),
        ),
        (
            "max_interruption",
            Attribute::optional(Type::Number)
                .describe("Highest interruption rate that it bears; default 0."),
        ),
        (
            "min_on_demand",
            Attribute::optional(Type::Number)
                .describe("Least part of the demand on units that are not taken back."),
        ),
        (
            "apart_from",
            Attribute::optional(Type::list(Type::String))
                .reference("name")
                .describe("Tasks that must not run in a cloud where it does."),
        ),
        (
            "together_with",
            Attribute::optional(Type::list(Type::String))
                .reference("name")
                .describe("Tasks that must run in the same clouds."),
        ),
        ("name", Attribute::computed(Type::String).describe("The label.")),
    ])
    .nest("data", Nesting::List, data);
    Schema { version: 0, block }
}
