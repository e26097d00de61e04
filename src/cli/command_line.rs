//! The command line, in Terraform's habits: long options with one dash, `-name=value` or `-name value`.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use super::arguments::{
    AddressArgs, ApplyArgs, CatalogCommand, ConsoleArgs, FILE_MARK, ForceUnlockArgs, GraphArgs,
    ImportArgs, InitArgs, MetadataCommand, OutputArgs, PlaceArgs, PlanArgs, ProvidersArgs,
    RecoverArgs, ServeArgs, ShowArgs, StateCommand, TestArgs, ValidateArgs, VersionArgs,
    WorkspaceCommand,
};
use super::context::Context;
use super::{commands, usage};

/// Declarative infrastructure as code for cross-cloud AI deployment.
#[derive(Debug, Parser)]
#[command(name = "skyform", disable_version_flag = true, args_override_self = true)]
struct CommandLine {
    /// Work in this folder.
    #[arg(long, global = true, value_name = "FOLDER")]
    chdir: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Prepare a folder: check that everything that it needs is there
    Init(InitArgs),
    /// Fetch modules
    Get(commands::get::GetArgs),
    /// Check the configuration, without looking at anything outside
    Validate(ValidateArgs),
    /// Run the tests of the configuration
    Test(TestArgs),
    /// Show what would be done
    Plan(PlanArgs),
    /// Do it
    Apply(ApplyArgs),
    /// Delete everything that the state knows
    Destroy(ApplyArgs),
    /// Take over into the state what has changed outside
    Refresh(ApplyArgs),
    /// Solve the placements and show what was considered and chosen
    Place(PlaceArgs),
    /// Take prices out of a cloud's price list into a file
    #[command(subcommand)]
    Catalog(CatalogCommand),
    /// Show the state, or a saved plan
    Show(ShowArgs),
    /// Show outputs
    Output(OutputArgs),
    /// Look at and change the state
    #[command(subcommand)]
    State(StateCommand),
    /// Mark an instance to be replaced
    Taint(AddressArgs),
    /// Take the mark off again
    Untaint(AddressArgs),
    /// Take an object that exists already into the state
    Import(ImportArgs),
    /// Print the graph of the configuration, or of a plan's actions, in the DOT language
    Graph(GraphArgs),
    /// List, choose, make and delete workspaces
    #[command(subcommand)]
    Workspace(WorkspaceCommand),
    /// Drop a lock that nobody holds any more
    ForceUnlock(ForceUnlockArgs),
    /// Show and settle what a run that was cut off has left in doubt
    Recover(RecoverArgs),
    /// Show which providers the configuration needs
    Providers(ProvidersArgs),
    /// Show what this program knows of the language
    #[command(subcommand)]
    Metadata(MetadataCommand),
    /// Evaluate expressions
    Console(ConsoleArgs),
    /// Copy objects between folders and clouds' stores
    Copy(super::copying::CopyArgs),
    /// Serve an ONNX model over the Open Inference Protocol
    Serve(ServeArgs),
    /// Write configuration files in their canonical form
    Fmt(commands::fmt::FmtArgs),
    /// Show the version
    Version(VersionArgs),
}

/// Runs the command line of this process.
pub(crate) fn run_process() -> u8 {
    let arguments = std::env::args_os().map(|argument| argument.to_string_lossy().into_owned());
    let arguments = in_order(arguments.map(two_dashes));
    let variables = variables_of(&arguments);
    let line = match CommandLine::try_parse_from(&arguments) {
        Ok(line) => line,
        Err(error) => return usage::refuse(&error, &arguments),
    };
    let context = match Context::of_process(line.chdir.as_deref(), variables) {
        Ok(context) => context,
        Err(code) => return code,
    };
    match line.command {
        Command::Init(args) => commands::init::run(&context, &args),
        Command::Get(args) => commands::get::run(&context, &args),
        Command::Validate(args) => commands::validate::run(&context, &args),
        Command::Test(args) => commands::test::run(&context, &args),
        Command::Plan(args) => commands::plan::run(&context, &args),
        Command::Apply(args) => commands::apply::run(&context, &args, commands::apply::Kind::Apply),
        Command::Destroy(args) => {
            commands::apply::run(&context, &args, commands::apply::Kind::Destroy)
        }
        Command::Refresh(args) => {
            commands::apply::run(&context, &args, commands::apply::Kind::Refresh)
        }
        Command::Place(args) => commands::place::run(&context, &args),
        Command::Catalog(CatalogCommand::Refresh(args)) => {
            commands::catalog::refresh(&context, &args)
        }
        Command::Show(args) => commands::show::run(&context, &args),
        Command::Output(args) => commands::output::run(&context, &args),
        Command::State(command) => commands::state::run(&context, &command),
        Command::Taint(args) => commands::state::taint(&context, &args, true),
        Command::Untaint(args) => commands::state::taint(&context, &args, false),
        Command::Import(args) => commands::import::run(&context, &args),
        Command::Graph(args) => commands::graph::run(&context, &args),
        Command::Workspace(command) => commands::workspace::run(&context, &command),
        Command::ForceUnlock(args) => commands::force_unlock::run(&context, &args),
        Command::Recover(args) => commands::recover::run(&context, &args),
        Command::Providers(args) => commands::providers::run(&context, &args),
        Command::Metadata(command) => commands::metadata::run(&context, &command),
        Command::Console(args) => commands::console::run(&context, &args),
        Command::Copy(args) => commands::copy::run(&context, &args),
        Command::Serve(args) => commands::serve::run(&context, &args),
        Command::Fmt(args) => commands::fmt::run(&context, &args),
        Command::Version(args) => commands::version::run(&context, &args),
    }
}

/// `-var-file` among the values of `-var`, since the later of both wins.
fn in_order(arguments: impl Iterator<Item = String>) -> Vec<String> {
    let mut ordered = Vec::new();
    let mut is_file = false;
    for argument in arguments {
        if is_file {
            ordered.push(format!("--var={FILE_MARK}{argument}"));
            is_file = false;
        } else if argument == "--var-file" {
            is_file = true;
        } else if let Some(path) = argument.strip_prefix("--var-file=") {
            ordered.push(format!("--var={FILE_MARK}{path}"));
        } else {
            ordered.push(argument);
        }
    }
    if is_file {
        ordered.push("--var-file".to_owned());
    }
    ordered
}

/// Values of variables, whatever the command is: encryption needs them before anything is opened.
fn variables_of(arguments: &[String]) -> Vec<String> {
    let mut values = Vec::new();
    let mut is_value = false;
    for argument in arguments {
        if is_value {
            values.push(argument.clone());
        } else if let Some(value) = argument.strip_prefix("--var=") {
            values.push(value.to_owned());
        }
        is_value = !is_value && argument == "--var";
    }
    values
}

/// `-name` as `--name`, which is how options are declared.
fn two_dashes(argument: String) -> String {
    let mut characters = argument.chars();
    let is_long = characters.next() == Some('-')
        && characters.next().is_some_and(|c| c.is_ascii_alphabetic())
        && characters.next().is_some_and(|c| c.is_ascii_alphabetic());
    if is_long { format!("-{argument}") } else { argument }
}
