//! `metadata`: what this program knows of the language.

use skyform_render::json::functions_json;

use crate::cli::EXIT_OK;
use crate::cli::arguments::MetadataCommand;
use crate::cli::context::Context;

pub(crate) fn run(context: &Context, command: &MetadataCommand) -> u8 {
    match command {
        MetadataCommand::Functions { .. } => context.print(&format!("{}\n", functions_json())),
    }
    EXIT_OK
}
