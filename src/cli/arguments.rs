//! Arguments of each command.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// What marks a file among the values of `-var`. It cannot begin a variable's name.
pub(crate) const FILE_MARK: &str = "\u{1}";

/// Options for values of variables.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct VariableArgs {
    /// Set a root variable; may be given several times
    #[arg(long = "var", value_name = "NAME=VALUE", allow_hyphen_values = true)]
    pub var: Vec<String>,
    /// Read values of root variables from a file; may be given several times. Later ones win
    #[arg(long = "var-file", value_name = "FILE")]
    pub _var_file: Vec<PathBuf>,
}

/// Options about how things are shown and asked.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct ShownArgs {
    /// Do not use colours
    #[arg(long)]
    pub no_color: bool,
    /// Whether to ask for what is missing
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "true")]
    pub input: String,
    /// Show warnings in short
    #[arg(long)]
    pub compact_warnings: bool,
}

/// Options for the state's lock.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct LockArgs {
    /// Whether to lock the state
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "true")]
    pub lock: String,
    /// How long to wait for a lock, such as 30s
    #[arg(long, value_name = "DURATION", default_value = "0s")]
    pub lock_timeout: String,
}

/// Options for making a plan.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct PlanningArgs {
    /// Plan to delete everything
    #[arg(long)]
    pub destroy: bool,
    /// Only take over what has changed outside
    #[arg(long, conflicts_with = "destroy")]
    pub refresh_only: bool,
    /// Whether to read objects again first
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "true")]
    pub refresh: String,
    /// Only this resource, instance or module and what it needs; may be given several times
    #[arg(long, value_name = "ADDRESS")]
    pub target: Vec<String>,
    /// All but this resource, instance or module and what depends on it; may be given several times
    #[arg(long, value_name = "ADDRESS", conflicts_with = "target")]
    pub exclude: Vec<String>,
    /// Replace this instance; may be given several times
    #[arg(long, value_name = "ADDRESS")]
    pub replace: Vec<String>,
    /// Leave what depends on values that are known only after apply for a later apply
    #[arg(long)]
    pub allow_deferral: bool,
    /// Most actions at a time
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub parallelism: usize,
    /// Whether placements are explained
    #[arg(skip)]
    pub explain: bool,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct InitArgs {
    #[command(flatten)]
    pub shown: ShownArgs,
    /// Fetch all modules anew, in the newest versions that fit
    #[arg(long)]
    pub upgrade: bool,
    /// Whether to prepare the backend
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub backend: Option<String>,
    /// An argument of the backend, or a file of them; may be given several times
    #[arg(long, value_name = "NAME=VALUE or FILE")]
    pub backend_config: Vec<String>,
    /// Take a changed backend as it is now, and leave states where they are
    #[arg(long, conflicts_with = "migrate_state")]
    pub reconfigure: bool,
    /// Take states along to a changed backend
    #[arg(long)]
    pub migrate_state: bool,
    /// The same, without asking
    #[arg(long, conflicts_with = "reconfigure")]
    pub force_copy: bool,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct ValidateArgs {
    /// Warn of variables and local values that nothing reads
    #[arg(long)]
    pub strict: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub shown: ShownArgs,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct PlanArgs {
    #[command(flatten)]
    pub planning: PlanningArgs,
    #[command(flatten)]
    pub variables: VariableArgs,
    #[command(flatten)]
    pub lock: LockArgs,
    #[command(flatten)]
    pub shown: ShownArgs,
    /// Save the plan to a file
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// End with exit code 2 if the plan has changes
    #[arg(long)]
    pub detailed_exitcode: bool,
    /// Print what happens as JSON messages, one a line
    #[arg(long)]
    pub json: bool,
    /// Write configuration for what is to be imported and has none, to this new file
    #[arg(long, value_name = "FILE")]
    pub generate_config_out: Option<PathBuf>,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct ApplyArgs {
    #[command(flatten)]
    pub planning: PlanningArgs,
    #[command(flatten)]
    pub variables: VariableArgs,
    #[command(flatten)]
    pub lock: LockArgs,
    #[command(flatten)]
    pub shown: ShownArgs,
    /// Do not ask for approval
    #[arg(long)]
    pub auto_approve: bool,
    /// Print what happens as JSON messages, one a line
    #[arg(long)]
    pub json: bool,
    /// A saved plan
    pub plan: Option<PathBuf>,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct PlaceArgs {
    #[command(flatten)]
    pub variables: VariableArgs,
    #[command(flatten)]
    pub shown: ShownArgs,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CatalogCommand {
    /// Ask a cloud's price list for a region's machines
    Refresh(RefreshCatalogArgs),
}

#[derive(Args, Clone, Debug)]
pub(crate) struct RefreshCatalogArgs {
    /// Whose price list
    pub cloud: PriceList,
    /// The region, as the cloud calls it
    #[arg(long, value_name = "NAME")]
    pub region: String,
    /// The file to write
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Another address of the price list
    #[arg(long, value_name = "URL")]
    pub endpoint: Option<String>,
    #[command(flatten)]
    pub shown: ShownArgs,
}

/// Clouds with a price list.
#[derive(clap::ValueEnum, Clone, Copy, Debug)]
pub(crate) enum PriceList {
    /// The AWS Price List API
    Aws,
    /// The Azure Retail Prices API
    Azure,
    /// The GCP Cloud Billing Catalog API; it asks for a key in GOOGLE_API_KEY
    Gcp,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct ShowArgs {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Print the plan as Markdown, for a review
    #[arg(long, conflicts_with = "json")]
    pub markdown: bool,
    /// Print the plan as an HTML page that stands alone
    #[arg(long, conflicts_with_all = ["json", "markdown"])]
    pub html: bool,
    /// A saved plan; the state without it
    pub plan: Option<PathBuf>,
    #[command(flatten)]
    pub shown: ShownArgs,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct OutputArgs {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Print a string, number or bool as it is
    #[arg(long)]
    pub raw: bool,
    /// The output; all without it
    pub name: Option<String>,
    #[command(flatten)]
    pub shown: ShownArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum StateCommand {
    /// List instances
    List {
        /// Only those at or below these addresses
        addresses: Vec<String>,
    },
    /// Show an instance
    Show {
        /// Its address
        address: String,
    },
    /// Move an instance, resource or module to another address
    Mv {
        /// Where it stands
        from: String,
        /// Where it is to stand
        to: String,
        /// Only say what would be moved
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        lock: LockArgs,
    },
    /// Drop instances from the state, and leave the objects be
    Rm {
        /// Their addresses
        #[arg(required = true)]
        addresses: Vec<String>,
        /// Only say what would be dropped
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        lock: LockArgs,
    },
    /// Print the state file
    Pull,
    /// Replace the state by that of a file; "-" stands for standard input
    Push {
        /// The file
        file: PathBuf,
        /// Whatever its lineage and serial
        #[arg(long)]
        force: bool,
        #[command(flatten)]
        lock: LockArgs,
    },
    /// Change the provider of all resources that have a certain one
    ReplaceProvider {
        /// The provider now, such as hashicorp/aws
        from: String,
        /// The provider from now on
        to: String,
        /// Do not ask for approval
        #[arg(long)]
        auto_approve: bool,
        #[command(flatten)]
        lock: LockArgs,
    },
}

#[derive(Args, Clone, Debug)]
pub(crate) struct AddressArgs {
    /// The instance
    pub address: String,
    #[command(flatten)]
    pub lock: LockArgs,
    /// Not finding the instance is not an error
    #[arg(long)]
    pub allow_missing: bool,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct ImportArgs {
    /// The instance's address
    pub address: String,
    /// The provider's id of the object
    pub id: String,
    #[command(flatten)]
    pub variables: VariableArgs,
    #[command(flatten)]
    pub lock: LockArgs,
    #[command(flatten)]
    pub shown: ShownArgs,
}

/// What a graph shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum GraphType {
    /// The order of evaluation while planning
    Plan,
    /// The same for a plan that only reads again
    PlanRefreshOnly,
    /// The order of deletes
    PlanDestroy,
    /// The actions of a plan
    Apply,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct GraphArgs {
    /// What to show; resources and their relations without it
    #[arg(long = "type", value_name = "TYPE")]
    pub kind: Option<GraphType>,
    /// Show the actions of this saved plan
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
    /// Accepted for Terraform's sake: cycles are errors with all their places
    #[arg(long)]
    pub draw_cycles: bool,
    #[command(flatten)]
    pub variables: VariableArgs,
    #[command(flatten)]
    pub shown: ShownArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum WorkspaceCommand {
    /// List all workspaces
    List,
    /// Show the name of the one in use
    Show,
    /// Make a workspace, and use it
    New {
        /// Its name
        name: String,
        /// A state file to start from
        #[arg(long, value_name = "FILE")]
        state: Option<PathBuf>,
        #[command(flatten)]
        lock: LockArgs,
    },
    /// Use a workspace
    Select {
        /// Its name
        name: String,
        /// Make it if there is none
        #[arg(long)]
        or_create: bool,
    },
    /// Delete a workspace
    Delete {
        /// Its name
        name: String,
        /// Even if its state has resources, which are left behind
        #[arg(long)]
        force: bool,
        #[command(flatten)]
        lock: LockArgs,
    },
}

#[derive(Args, Clone, Debug)]
pub(crate) struct ForceUnlockArgs {
    /// The lock's ID
    pub id: String,
    /// Do not ask
    #[arg(long)]
    pub force: bool,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct RecoverArgs {
    /// Take it that nothing was made for this instance; may be given several times
    #[arg(long, value_name = "ADDRESS")]
    pub absent: Vec<String>,
    /// Put what the journal says onto a state that others have changed since
    #[arg(long)]
    pub onto_newer: bool,
    #[command(flatten)]
    pub lock: LockArgs,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct TestArgs {
    /// Only this test file; may be given several times
    #[arg(long, value_name = "FILE")]
    pub filter: Vec<PathBuf>,
    /// The folder for tests
    #[arg(long, value_name = "FOLDER", default_value = "tests")]
    pub test_directory: String,
    /// Show the plan or the state of each run
    #[arg(long)]
    pub verbose: bool,
    /// Print what happens as JSON messages, one a line
    #[arg(long)]
    pub json: bool,
    /// Write a report in the JUnit XML format to a file
    #[arg(long, value_name = "FILE")]
    pub junit_xml: Option<PathBuf>,
    /// Most files, and most actions in a run, at a time
    #[arg(long, value_name = "N")]
    pub parallelism: Option<usize>,
    /// Do not use colours
    #[arg(long)]
    pub no_color: bool,
    #[command(flatten)]
    pub variables: VariableArgs,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct ConsoleArgs {
    #[command(flatten)]
    pub variables: VariableArgs,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct ServeArgs {
    /// The ONNX file; SKYFORM_MODEL without it
    #[arg(long, value_name = "FILE")]
    pub model: Option<PathBuf>,
    /// The SHA-256 that the file must have; SKYFORM_MODEL_SHA256 without it
    #[arg(long, value_name = "DIGEST")]
    pub model_sha256: Option<String>,
    /// The model's name in addresses; SKYFORM_MODEL_NAME without it
    #[arg(long)]
    pub name: Option<String>,
    /// The model's version; SKYFORM_MODEL_VERSION without it, else 1
    #[arg(long, value_name = "VERSION")]
    pub model_version: Option<String>,
    /// Where to listen; SKYFORM_LISTEN without it, else a free port of the loopback address
    #[arg(long, value_name = "HOST:PORT")]
    pub listen: Option<String>,
    /// How many requests are worked on at the same time
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=256))]
    pub replicas: u16,
    /// What runs the model; auto takes tract if it can, else ONNX Runtime
    #[arg(long, value_name = "RUNTIME", default_value = "auto", value_parser = ["auto", "tract", "onnxruntime"])]
    pub runtime: String,
    /// A file to write once the server answers, or when it cannot
    #[arg(long, value_name = "FILE")]
    pub ready_file: Option<PathBuf>,
    /// Let another server of this kind listen at the same address, to take it over
    #[arg(long)]
    pub share_address: bool,
    /// A token that the server shows, to be known again by
    #[arg(long, value_name = "TOKEN")]
    pub instance: Option<String>,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct ProvidersArgs {
    #[command(subcommand)]
    pub command: Option<ProvidersCommand>,
}

#[derive(Clone, Debug, Subcommand)]
pub(crate) enum ProvidersCommand {
    /// Print the schemas of all providers
    Schema {
        /// Print JSON, which is the only form
        #[arg(long, required = true)]
        json: bool,
    },
}

#[derive(Clone, Debug, Subcommand)]
pub(crate) enum MetadataCommand {
    /// Print the signatures of all functions
    Functions {
        /// Print JSON, which is the only form
        #[arg(long, required = true)]
        json: bool,
    },
}

#[derive(Args, Clone, Debug)]
pub(crate) struct VersionArgs {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}
