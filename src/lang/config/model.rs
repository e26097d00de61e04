//! What a configuration consists of. Plain data; expressions are not evaluated here.

use std::path::PathBuf;
use std::sync::Arc;

use indexmap::IndexMap;
use skyform_diag::{SourceMap, Span};
use skyform_value::{InstanceKey, Mode, ModuleInstance, ModulePath, Str, Type, Value};

use crate::syntax::{Body, Expr};

/// A whole configuration: the root module and all modules called from it.
#[derive(Clone, Debug)]
pub struct Config {
    /// All modules; the root is the first, a module stands behind the one that calls it.
    pub modules: Vec<Module>,
    /// The files that all spans point into.
    pub sources: SourceMap,
    /// Modules that could not be loaded since they have not been fetched.
    pub missing: Vec<super::MissingModule>,
}

impl Config {
    /// The module that calls of these names lead to, one inside the other; the root for none.
    pub fn module_at<'a>(&self, calls: impl IntoIterator<Item = &'a Str>) -> Option<ModuleId> {
        calls
            .into_iter()
            .try_fold(ModuleId(0), |id, name| self.modules.get(id.0)?.children.get(name).copied())
    }

    /// The module of a module's instance.
    pub fn module_of(&self, instance: &ModuleInstance) -> Option<ModuleId> {
        self.module_at(instance.0.iter().map(|(name, _)| name))
    }
}

/// Index of a module in [`Config::modules`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModuleId(pub usize);

/// One module as called from one place.
#[derive(Clone, Debug)]
pub struct Module {
    /// The calls that lead here.
    pub path: ModulePath,
    /// The calling module; `None` for the root.
    pub parent: Option<ModuleId>,
    /// The modules called from here, by the call's name.
    pub children: IndexMap<Str, ModuleId>,
    /// The blocks; shared by all calls of the same source.
    pub source: Arc<ModuleSource>,
    /// Outputs that are given instead of worked out; of several for one instance the last counts.
    pub given: Vec<GivenOutputs>,
}

/// Outputs of instances of a module that a test stands in for: nothing else in these is looked at.
#[derive(Clone, Debug)]
pub struct GivenOutputs {
    /// The instance; all instances of the last call where that has no key.
    pub instance: ModuleInstance,
    /// An object of outputs by name; what is missing is null.
    pub outputs: Value,
}

impl Module {
    /// The outputs that are given for an instance: what is about it alone goes first.
    pub fn given_outputs(&self, instance: &ModuleInstance) -> Option<&Value> {
        let of = |instance: &ModuleInstance| {
            let mut given = self.given.iter().rev();
            given.find(|given| given.instance == *instance).map(|given| &given.outputs)
        };
        if self.given.is_empty() {
            return None;
        }
        of(instance).or_else(|| {
            let (name, _) = instance.0.last()?;
            of(&instance.parent()?.child(name, None))
        })
    }
}

/// The blocks of one folder.
#[derive(Clone, Debug, Default)]
pub struct ModuleSource {
    /// The folder, as reached from the root module's folder.
    pub dir: PathBuf,
    /// `variable` blocks.
    pub variables: IndexMap<Str, Variable>,
    /// Arguments of `locals` blocks.
    pub locals: IndexMap<Str, Local>,
    /// `output` blocks.
    pub outputs: IndexMap<Str, Output>,
    /// `resource`, `data` and `ephemeral` blocks, and those in short spelling.
    pub resources: IndexMap<ResourceKey, Resource>,
    /// `module` blocks.
    pub calls: IndexMap<Str, ModuleCall>,
    /// `provider` blocks.
    pub providers: Vec<ProviderConfig>,
    /// `check` blocks.
    pub checks: IndexMap<Str, CheckBlock>,
    /// `moved` blocks.
    pub moved: Vec<Moved>,
    /// `removed` blocks.
    pub removed: Vec<Removed>,
    /// `import` blocks.
    pub imports: Vec<Import>,
    /// All `terraform` blocks together.
    pub settings: Settings,
}

/// Identity of a resource block in its module.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceKey {
    /// The kind of block.
    pub mode: Mode,
    /// The resource type.
    pub type_name: Str,
    /// The block's name.
    pub name: Str,
}

/// A `variable` block.
#[derive(Clone, Debug)]
pub struct Variable {
    /// The name.
    pub name: Str,
    /// The block's header.
    pub span: Span,
    /// The type constraint with defaults of optional attributes; `any` where not given.
    pub constraint: Constraint,
    /// Whether there is a `type`. Without one, text that is given outside of files stays as it is.
    pub typed: bool,
    /// The default, already converted.
    pub default: Option<Value>,
    /// What it is for.
    pub description: Option<Str>,
    /// Never shown.
    pub sensitive: bool,
    /// Never stored.
    pub ephemeral: bool,
    /// Whether null is allowed (true where not given).
    pub nullable: bool,
    /// `validation` blocks.
    pub validations: Vec<Condition>,
}

/// A type constraint with the defaults of its optional attributes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Constraint {
    /// The type, with `any` and optional attributes in it.
    pub ty: Type,
    /// Defaults of optional attributes.
    pub defaults: Option<Arc<Defaults>>,
}

/// Defaults of optional attributes, in the tree shape of the type they belong to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Defaults {
    /// Default values of this object's attributes.
    pub values: IndexMap<Str, Value>,
    /// Defaults inside attributes, tuple elements (key: index) or collection elements (key: "").
    pub children: IndexMap<Str, Defaults>,
}

/// One argument of a `locals` block.
#[derive(Clone, Debug)]
pub struct Local {
    /// The name.
    pub name: Str,
    /// The name's place.
    pub span: Span,
    /// The value.
    pub value: Expr,
}

/// An `output` block.
#[derive(Clone, Debug)]
pub struct Output {
    /// The name.
    pub name: Str,
    /// The block's header.
    pub span: Span,
    /// The value.
    pub value: Expr,
    /// What it is.
    pub description: Option<Str>,
    /// Never shown.
    pub sensitive: bool,
    /// Never stored.
    pub ephemeral: bool,
    /// `depends_on`
    pub depends_on: Vec<Reference>,
    /// `precondition` blocks.
    pub preconditions: Vec<Condition>,
}

/// A condition with its message: `validation`, `precondition`, `postcondition`, `assert`.
#[derive(Clone, Debug)]
pub struct Condition {
    /// The block's header.
    pub span: Span,
    /// Must be true.
    pub condition: Expr,
    /// What to say where it is not.
    pub error_message: Expr,
}

/// A resource block.
#[derive(Clone, Debug)]
pub struct Resource {
    /// Its identity in the module.
    pub key: ResourceKey,
    /// The block's header.
    pub span: Span,
    /// The arguments and nested blocks, without those below.
    pub body: Body,
    /// `count`
    pub count: Option<Expr>,
    /// `for_each`
    pub for_each: Option<Expr>,
    /// `depends_on`
    pub depends_on: Vec<Reference>,
    /// `provider`: local name and alias.
    pub provider: Option<ProviderRef>,
    /// `lifecycle`
    pub lifecycle: Lifecycle,
    /// `provisioner` blocks.
    pub provisioners: Vec<Provisioner>,
    /// Whether it was written in short spelling (`bucket "x" {}`).
    pub short: bool,
    /// The `check` block that it stands in: what is wrong with it is a warning.
    pub check: Option<Str>,
}

/// A provider by its local name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderRef {
    /// Local name.
    pub name: Str,
    /// Alias, if any.
    pub alias: Option<Str>,
    /// The reference.
    pub span: Span,
}

/// `lifecycle` of a resource.
#[derive(Clone, Debug, Default)]
pub struct Lifecycle {
    /// Make the new object before the old one goes.
    pub create_before_destroy: Option<bool>,
    /// Refuse plans that destroy it; the argument's place if true.
    pub prevent_destroy: Option<Span>,
    /// Changes that are left alone.
    pub ignore_changes: IgnoreChanges,
    /// References whose change replaces this resource.
    pub replace_triggered_by: Vec<Expr>,
    /// Checked before the resource is planned and applied.
    pub preconditions: Vec<Condition>,
    /// Checked after.
    pub postconditions: Vec<Condition>,
}

/// `ignore_changes`
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum IgnoreChanges {
    /// Nothing.
    #[default]
    None,
    /// `all`
    All,
    /// These paths.
    Paths(Vec<(skyform_value::Path, Span)>),
}

/// A `provisioner` block.
#[derive(Clone, Debug)]
pub struct Provisioner {
    /// Its type, such as `local-exec`.
    pub kind: Str,
    /// The block's header.
    pub span: Span,
    /// Arguments without those below.
    pub body: Body,
    /// `when = destroy`
    pub on_destroy: bool,
    /// `on_failure = continue`
    pub continue_on_failure: bool,
    /// `connection` block inside.
    pub connection: Option<Body>,
}

/// A `module` block.
#[derive(Clone, Debug)]
pub struct ModuleCall {
    /// The name.
    pub name: Str,
    /// The block's header.
    pub span: Span,
    /// `source`, as written.
    pub source: Str,
    /// The place of `source`.
    pub source_span: Span,
    /// `version`, as written.
    pub version: Option<Str>,
    /// Arguments: values for the module's variables.
    pub arguments: Body,
    /// `count`
    pub count: Option<Expr>,
    /// `for_each`
    pub for_each: Option<Expr>,
    /// `depends_on`
    pub depends_on: Vec<Reference>,
    /// `providers`: name inside the module to name here.
    pub providers: Vec<(ProviderRef, ProviderRef)>,
}

/// A `provider` block.
#[derive(Clone, Debug)]
pub struct ProviderConfig {
    /// Local name.
    pub name: Str,
    /// Alias, if any.
    pub alias: Option<Str>,
    /// The block's header.
    pub span: Span,
    /// The arguments.
    pub body: Body,
}

/// A `check` block.
#[derive(Clone, Debug)]
pub struct CheckBlock {
    /// The name.
    pub name: Str,
    /// The block's header.
    pub span: Span,
    /// `assert` blocks.
    pub asserts: Vec<Condition>,
}

/// A `moved` block.
#[derive(Clone, Debug)]
pub struct Moved {
    /// The block's header.
    pub span: Span,
    /// The former address, relative to the module.
    pub from: Target,
    /// The present address, relative to the module.
    pub to: Target,
}

/// A `removed` block.
#[derive(Clone, Debug)]
pub struct Removed {
    /// The block's header.
    pub span: Span,
    /// What was removed, without instance keys.
    pub from: Target,
    /// Whether the objects are destroyed (true where not given).
    pub destroy: bool,
    /// Destroy-time provisioners.
    pub provisioners: Vec<Provisioner>,
}

/// An `import` block.
#[derive(Clone, Debug)]
pub struct Import {
    /// The block's header.
    pub span: Span,
    /// The address, relative to the root; its last key may be an expression over `each`.
    pub to: Expr,
    /// The provider's id of the object.
    pub id: Expr,
    /// `for_each`
    pub for_each: Option<Expr>,
    /// `provider`
    pub provider: Option<ProviderRef>,
}

/// An address written in configuration, relative to its module: of a module, a resource, or an
/// instance of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The module calls with keys.
    pub module: Vec<(Str, Option<InstanceKey>)>,
    /// The resource and its instance key, if it is not the module itself.
    pub resource: Option<(ResourceKey, Option<InstanceKey>)>,
    /// Where it is written.
    pub span: Span,
}

/// All `terraform` blocks of a module.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// `required_version` constraints.
    pub required_version: Vec<(Str, Span)>,
    /// `required_providers`: local name to source address and version constraint.
    pub required_providers: IndexMap<Str, RequiredProvider>,
    /// Where `required_providers` stands.
    pub required_providers_span: Option<Span>,
    /// `backend`: type and arguments.
    pub backend: Option<(Str, Body, Span)>,
    /// `encryption`: arguments and blocks in it.
    pub encryption: Option<(Body, Span)>,
    /// `cloud` block of Terraform's (refused).
    pub cloud: Option<Span>,
}

/// An entry of `required_providers`.
#[derive(Clone, Debug, Default)]
pub struct RequiredProvider {
    /// `source`, as written (`hashicorp/aws`).
    pub source: Option<Str>,
    /// `version` constraint.
    pub version: Option<Str>,
    /// `configuration_aliases`
    pub aliases: Vec<ProviderRef>,
}

/// Something in the module that an expression refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// What.
    pub subject: Subject,
    /// The whole traversal.
    pub span: Span,
    /// Attribute and constant index steps behind the subject.
    pub rest: Vec<skyform_value::Step>,
    /// The places of these steps.
    pub places: Vec<Span>,
}

/// What a reference may refer to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// `var.NAME`
    Variable(Str),
    /// `local.NAME`
    Local(Str),
    /// A resource block, and the instance if its key is constant.
    Resource(ResourceKey, Option<InstanceKey>),
    /// `module.NAME`, and one instance, and one output, where they are constant.
    Module(Str, Option<InstanceKey>, Option<Str>),
    /// `path.NAME`
    Path(Str),
    /// `terraform.NAME`
    Terraform(Str),
    /// `each.key`, `each.value`
    Each(Str),
    /// `count.index`
    CountIndex,
    /// `self`
    SelfObject,
}
