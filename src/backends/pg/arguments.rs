//! The arguments of the `pg` backend.

use crate::argument::Argument;

/// All of them.
pub(crate) const ARGUMENTS: &[Argument] = &[
    Argument::text("conn_str").or(&["PG_CONN_STR"]),
    Argument::text("schema_name").or(&["PG_SCHEMA_NAME"]),
    Argument::bool("skip_schema_creation").or(&["PG_SKIP_SCHEMA_CREATION"]),
    Argument::bool("skip_table_creation").or(&["PG_SKIP_TABLE_CREATION"]),
    Argument::bool("skip_index_creation").or(&["PG_SKIP_INDEX_CREATION"]),
];
