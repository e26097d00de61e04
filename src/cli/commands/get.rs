//! `get`: fetches modules, and nothing else of what `init` does.

use clap::Args;

use crate::cli::EXIT_OK;
use crate::cli::context::Context;
use crate::cli::project;

#[derive(Args, Clone, Debug)]
pub(crate) struct GetArgs {
    /// Fetch all modules anew, in the newest versions that fit
    #[arg(long)]
    pub update: bool,
    /// Do not use colours
    #[arg(long)]
    pub no_color: bool,
}

pub(crate) fn run(context: &Context, args: &GetArgs) -> u8 {
    let (project, diagnostics) = project::open_and_fetch(context, args.update);
    let code = context.report(&diagnostics, &project.config.sources, args.no_color);
    if diagnostics.has_errors() { code } else { EXIT_OK }
}
