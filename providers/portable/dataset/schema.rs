//! What a `dataset` block may contain.

use skyform_provider_sdk::schema::{Attribute, Block, Nesting, Schema};
use skyform_value::Type;

/// The type of the list of a dataset's files.
pub(super) fn files_type() -> Type {
    Type::list(Type::object([
        ("path", Type::String),
        ("size", Type::Number),
        ("sha256", Type::String),
    ]))
}

pub(super) fn schema() -> Schema {
    let names = || Type::list(Type::String);
    let clean = Block::with([
        (
            "columns",
            Attribute::optional(names()).describe("Columns that are kept, in this order; else all."),
        ),
        (
            "drop_nulls",
            Attribute::optional(names())
                .describe("Rows without a value in one of these columns are dropped."),
        ),
        (
            "deduplicate",
            Attribute::optional(names())
                .describe("Of rows with the same values in these columns the first is kept."),
        ),
        (
            "cast",
            Attribute::optional(Type::map(Type::String))
                .describe("Types by column: `bool`, `int32`, `int64`, `float32`, `float64`, `string`, `date`, `timestamp`."),
        ),
        (
            "format",
            Attribute::optional(Type::String)
                .describe("How it is written: `csv`, `parquet`, `jsonl`; `csv` without it."),
        ),
    ]);
    let block = Block::with([
        (
            "source",
            Attribute::required(Type::String).reference("manifest").describe(
                "A file, a folder, an http(s) URL, a bucket's URL with a key, or another dataset.",
            ),
        ),
        (
            "destination",
            Attribute::required(Type::String).replaces().describe(
                "The folder in a bucket that it is written to: `\"${bucket.x.url}/y/\"`.",
            ),
        ),
        (
            super::AUTHORIZATION,
            Attribute { write_only: true, sensitive: true, ..Attribute::optional(Type::String) }
                .describe("The header Authorization for an http(s) source; stored nowhere."),
        ),
        (
            "authorization_wo_version",
            Attribute::optional(Type::Number)
                .describe("Another number says that the authorization is another one."),
        ),
        ("url", Attribute::computed(Type::String).describe("The folder that it lies in.")),
        (
            "manifest",
            Attribute::computed(Type::String)
                .describe("The list of its files; another content has another one."),
        ),
        (
            "source_digest",
            Attribute::computed(Type::String).describe("Another one whenever the source changes."),
        ),
        (
            "files",
            Attribute::computed(files_type()).describe("Its files: `path`, `size`, `sha256`."),
        ),
        ("size", Attribute::computed(Type::Number).describe("The size of all files in bytes.")),
        ("rows", Attribute::computed(Type::Number).describe("Rows, where it was cleaned.")),
        (
            "columns",
            Attribute::computed(Type::map(Type::String))
                .describe("Types by column, where it was cleaned."),
        ),
        ("id", Attribute::computed(Type::String).describe("The URL again.")),
    ])
    .nest("clean", Nesting::Single, clean);
    Schema { version: 0, block }
}
