//! `catalog`: prices that clouds take their offers from.

use skyform_provider_sdk::schema::{Attribute, Block, Schema};
use skyform_value::Type;

pub(crate) fn schema() -> Schema {
    let text = |words: &str| Attribute::optional(Type::String).describe(words);
    let block = Block::with([
        (
            "source",
            text("A file or an http(s) address; without it a small catalogue that is built in."),
        ),
        ("builtin", text("Whose: aws, azure or gcp; default: the label.")),
        ("sha256", text("The content's SHA-256, in hexadecimal digits; any other is an error.")),
        ("format", text("skyform or skypilot; default skyform.")),
        ("on_error", text("What broken rows do: stop or skip; default stop.")),
        (
            "max_age_days",
            Attribute::optional(Type::Number)
                .describe("Prices that are older are said to be; default 30."),
        ),
        (
            "interruption_rate",
            Attribute::optional(Type::Number)
                .describe("Rate of spot offers, which there are none of without it."),
        ),
        (
            "offers",
            Attribute::computed(Type::Any).describe("By NAME@REGION, and NAME@REGION:spot."),
        ),
        ("date", Attribute::computed(Type::String).describe("The day that prices were taken.")),
        ("taken_from", Attribute::computed(Type::String).describe("Where they were taken from.")),
        ("skipped", Attribute::computed(Type::Number).describe("How many rows were left out.")),
        ("name", Attribute::computed(Type::String).describe("The label.")),
    ]);
    Schema { version: 0, block }
}
