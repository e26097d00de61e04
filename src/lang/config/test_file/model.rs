//! What a test file consists of. Plain data; expressions are not evaluated here.

use indexmap::IndexMap;
use skyform_diag::Span;
use skyform_value::Str;

use crate::config::{Condition, ProviderConfig, ProviderRef, Target};
use crate::syntax::Expr;

/// A test file.
#[derive(Clone, Debug, Default)]
pub struct TestFile {
    /// Its path as messages show it, from the root module's folder.
    pub name: String,
    /// Values for variables of all runs.
    pub variables: IndexMap<Str, Expr>,
    /// `provider` blocks, in place of those of the configuration.
    pub providers: Vec<ProviderConfig>,
    /// `mock_provider` blocks.
    pub mocks: Vec<MockProvider>,
    /// `override_*` blocks for all runs.
    pub overrides: Vec<Override>,
    /// `run` blocks, in order.
    pub runs: Vec<Run>,
}

/// What a run does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RunCommand {
    /// Only makes a plan.
    Plan,
    /// Applies it too.
    #[default]
    Apply,
}

/// A `run` block.
#[derive(Clone, Debug)]
pub struct Run {
    /// Its name.
    pub name: Str,
    /// The block's header.
    pub span: Span,
    /// What it does.
    pub command: RunCommand,
    /// How it plans.
    pub options: RunOptions,
    /// Values for variables of this run.
    pub variables: IndexMap<Str, Expr>,
    /// Another module to run than the root module.
    pub module: Option<RunModule>,
    /// `providers`: name inside the module, name in the test file.
    pub providers: Vec<(ProviderRef, ProviderRef)>,
    /// `override_*` blocks.
    pub overrides: Vec<Override>,
    /// `assert` blocks.
    pub asserts: Vec<Condition>,
    /// What must fail.
    pub expect_failures: Vec<Expr>,
    /// The name of the state that it works on; by its module where not given.
    pub state_key: Option<Str>,
}

/// `plan_options` of a run.
#[derive(Clone, Debug)]
pub struct RunOptions {
    /// Only takes over what has changed outside.
    pub refresh_only: bool,
    /// Whether objects are read again first.
    pub refresh: bool,
    /// Only these.
    pub targets: Vec<Target>,
    /// Instances to be replaced.
    pub replace: Vec<Target>,
}

impl Default for RunOptions {
    fn default() -> Self {
        Self { refresh_only: false, refresh: true, targets: Vec::new(), replace: Vec::new() }
    }
}

/// `module` of a run.
#[derive(Clone, Debug)]
pub struct RunModule {
    /// `source`, as written.
    pub source: Str,
    /// The place of `source`.
    pub span: Span,
    /// `version`, as written.
    pub version: Option<Str>,
}

/// When made-up values are there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum During {
    /// In the plan already.
    Plan,
    /// After apply, as with a real provider.
    #[default]
    Apply,
}

/// A `mock_provider` block: makes values up instead of making objects.
#[derive(Clone, Debug)]
pub struct MockProvider {
    /// The provider's local name.
    pub name: Str,
    /// Alias, if any.
    pub alias: Option<Str>,
    /// The block's header.
    pub span: Span,
    /// When values are there, where a type does not say.
    pub during: During,
    /// `mock_resource` blocks by type.
    pub resources: IndexMap<Str, MockType>,
    /// `mock_data` blocks by type.
    pub data: IndexMap<Str, MockType>,
    /// `override_*` blocks in it.
    pub overrides: Vec<Override>,
}

/// Values for all objects of a type.
#[derive(Clone, Debug)]
pub struct MockType {
    /// The block's header.
    pub span: Span,
    /// `defaults`: values of attributes.
    pub defaults: Option<Expr>,
    /// When they are there.
    pub during: During,
}

/// What an override is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OverrideKind {
    /// `override_resource`
    Resource,
    /// `override_data`
    Data,
    /// `override_module`
    Module,
}

/// An `override_*` block: values for what is at one address.
#[derive(Clone, Debug)]
pub struct Override {
    /// What it is about.
    pub kind: OverrideKind,
    /// The block's header.
    pub span: Span,
    /// Whose values these are.
    pub target: Target,
    /// `values` or `outputs`.
    pub values: Option<Expr>,
    /// When they are there; as its mock provider says where not given.
    pub during: Option<During>,
}
