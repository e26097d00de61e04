//! Values of variables, locals and outputs: computed when first asked for, and kept.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use skyform_diag::{Diagnostics, Span, error_at};
use skyform_value::{InstanceKey, Marks, ModuleInstance, Str, Type, Value, convert};

use super::Scope;
use super::expand::Expansion;
use crate::Files;
use crate::config::{
    Config, Module, ModuleId, ResourceKey, Variable, VariableValue, apply_defaults,
};

/// Gives the values of resources.
pub trait ValueSource {
    /// The value of a block in a module instance: an object, or a tuple or object of them for
    /// `count` and `for_each`. Unknown where nothing is known of it.
    fn resource(&self, module: &ModuleInstance, key: &ResourceKey) -> Value;

    /// The value of one instance, where it is known; so that a constant key costs no time.
    fn instance(
        &self,
        module: &ModuleInstance,
        key: &ResourceKey,
        instance: &InstanceKey,
    ) -> Option<Value>;
}

/// What evaluation needs of the world.
pub struct Environment<'a> {
    /// Reads files for functions.
    pub files: &'a dyn Files,
    /// `path.cwd`
    pub working_dir: &'a Path,
    /// `path.root`
    pub root_dir: &'a Path,
    /// `terraform.workspace`
    pub workspace: &'a str,
    /// When the plan was made, in RFC 3339: `plantimestamp()`.
    pub plan_timestamp: Option<&'a str>,
    /// The time now, in RFC 3339: `timestamp()`. None while planning: known only after apply.
    pub now: Option<&'a str>,
    /// Fills bytes with random ones: `uuid()`, `bcrypt()`.
    pub random: &'a dyn Fn(&mut [u8]),
}

type Memo<T> = RefCell<HashMap<(ModuleInstance, Str), Result<T, ()>>>;

/// Evaluates a configuration. Each value is computed once; a problem is reported once, and what
/// depends on it fails without a message of its own.
pub struct Evaluator<'a> {
    pub(super) config: &'a Config,
    pub(super) source: &'a dyn ValueSource,
    pub(super) environment: Environment<'a>,
    inputs: &'a BTreeMap<Str, VariableValue>,
    variables: Memo<Value>,
    locals: Memo<Value>,
    outputs: Memo<Value>,
    calls: Memo<Expansion>,
    /// Whether modules are looked at each by itself.
    pub(super) is_alone: bool,
    pub(super) depth: Cell<usize>,
}

impl<'a> Evaluator<'a> {
    /// An evaluator for a configuration and the values given for its root variables.
    pub fn new(
        config: &'a Config,
        source: &'a dyn ValueSource,
        inputs: &'a BTreeMap<Str, VariableValue>,
        environment: Environment<'a>,
    ) -> Self {
        Self {
            config,
            source,
            environment,
            inputs,
            variables: RefCell::default(),
            locals: RefCell::default(),
            outputs: RefCell::default(),
            calls: RefCell::default(),
            is_alone: false,
            depth: Cell::new(0),
        }
    }

    /// Looks at each module by itself: variables, and outputs of modules, are known only later.
    #[must_use]
    pub fn alone(self) -> Self {
        Self { is_alone: true, ..self }
    }

    /// The configuration.
    pub fn config(&self) -> &'a Config {
        self.config
    }

    /// A module.
    pub fn module(&self, id: ModuleId) -> &'a Module {
        &self.config.modules[id.0]
    }

    /// The value of a variable.
    ///
    /// # Errors
    /// What is wrong with it, the first time; nothing if that has been said already.
    pub fn variable(
        &self,
        id: ModuleId,
        instance: &ModuleInstance,
        name: &str,
    ) -> Result<Value, Diagnostics> {
        remember(&self.variables, instance, name, || match self.is_alone {
            true => self.later_variable(id, name),
            false => self.compute_variable(id, instance, name),
        })
    }

    /// The value of a local.
    ///
    /// # Errors
    /// As for [`Evaluator::variable`].
    pub fn local(
        &self,
        id: ModuleId,
        instance: &ModuleInstance,
        name: &str,
    ) -> Result<Value, Diagnostics> {
        remember(&self.locals, instance, name, || {
            let Some(local) = self.module(id).source.locals.get(name) else {
                return Err(Diagnostics::new());
            };
            self.evaluate(&local.value, &Scope::new(id, instance.clone()))
        })
    }

    /// The value of an output, marked sensitive if it is declared so.
    ///
    /// # Errors
    /// As for [`Evaluator::variable`].
    pub fn output(
        &self,
        id: ModuleId,
        instance: &ModuleInstance,
        name: &str,
    ) -> Result<Value, Diagnostics> {
        remember(&self.outputs, instance, name, || {
            let Some(output) = self.module(id).source.outputs.get(name) else {
                return Err(Diagnostics::new());
            };
            let mut value = match self.module(id).given_outputs(instance) {
                Some(given) => given.get(name).cloned().unwrap_or_else(Value::null),
                None => self.evaluate(&output.value, &Scope::new(id, instance.clone()))?,
            };
            if value.has_mark(Marks::EPHEMERAL) && !output.ephemeral {
                return Err(error_at!(
                    output.value.span,
                    "Ephemeral value not allowed",
                    "This output is not declared as returning an ephemeral value, so it cannot come from one.";
                    hint: "Say ephemeral = true in the output block of a child module, or use ephemeralasnull(...)."
                )
                .into());
            }
            if output.sensitive {
                value = value.with_marks(Marks::SENSITIVE);
            }
            if output.ephemeral {
                value = value.with_marks(Marks::EPHEMERAL);
            }
            Ok(value)
        })
    }

    /// The instances of a module call.
    ///
    /// # Errors
    /// As for [`Evaluator::variable`].
    pub fn call_expansion(
        &self,
        id: ModuleId,
        instance: &ModuleInstance,
        name: &str,
    ) -> Result<Expansion, Diagnostics> {
        remember(&self.calls, instance, name, || {
            let Some(call) = self.module(id).source.calls.get(name) else {
                return Err(Diagnostics::new());
            };
            self.expand(&call.count, &call.for_each, &Scope::new(id, instance.clone()))
        })
    }

    /// All instances of a module, without those whose outputs are given and what is inside of them.
    ///
    /// # Errors
    /// Of the calls that lead to it.
    pub fn module_instances(&self, id: ModuleId) -> Result<Vec<ModuleInstance>, Diagnostics> {
        let module = self.module(id);
        let (Some(parent), Some(name)) = (module.parent, module.path.0.last()) else {
            return Ok(vec![ModuleInstance::root()]);
        };
        let mut instances = Vec::new();
        for above in self.module_instances(parent)? {
            let expansion = self.call_expansion(parent, &above, name)?;
            let called = expansion.keys().map(|key| above.child(name, key));
            instances.extend(called.filter(|called| module.given_outputs(called).is_none()));
        }
        Ok(instances)
    }

    /// The surroundings of a module call's arguments in one instance of the called module.
    fn call_scope(&self, id: ModuleId, instance: &ModuleInstance) -> Result<Scope, Diagnostics> {
        let parent = self.module(id).parent.unwrap_or(ModuleId(0));
        let above = instance.parent().unwrap_or_default();
        let Some((name, key)) = instance.0.last() else {
            return Ok(Scope::new(parent, above));
        };
        let expansion = self.call_expansion(parent, &above, name)?;
        let value = key.as_ref().and_then(|key| expansion.value(key));
        let mut scope = Scope::new(parent, above).with_key(key.as_ref(), value);
        if key.is_none()
            && let Some(call) = self.module(parent).source.calls.get(name)
        {
            // Which instances there are is not known; any of them is meant.
            scope.count_index = call.count.as_ref().map(|_| Value::unknown(Type::Number));
            scope.each = call
                .for_each
                .as_ref()
                .map(|_| (Value::unknown(Type::String), Value::unknown(Type::Any)));
        }
        Ok(scope)
    }

    /// A variable of which only the type is known.
    fn later_variable(&self, id: ModuleId, name: &str) -> Result<Value, Diagnostics> {
        let variable = self.module(id).source.variables.get(name).ok_or_else(Diagnostics::new)?;
        let marks =
            [(variable.sensitive, Marks::SENSITIVE), (variable.ephemeral, Marks::EPHEMERAL)];
        let marks = marks.into_iter().filter(|(is_so, _)| *is_so);
        let value = Value::unknown(variable.constraint.ty.without_optional());
        Ok(marks.fold(value, |value, (_, mark)| value.with_marks(mark)))
    }

    fn compute_variable(
        &self,
        id: ModuleId,
        instance: &ModuleInstance,
        name: &str,
    ) -> Result<Value, Diagnostics> {
        let module = self.module(id);
        let Some(variable) = module.source.variables.get(name) else {
            return Err(Diagnostics::new());
        };
        let (given, location) = match module.parent {
            None => match self.inputs.get(name) {
                Some(input) => (Some(input.value.clone()), Some(input.location.clone())),
                None => (None, None),
            },
            Some(parent) => {
                let call_name = module.path.0.last().cloned().unwrap_or_default();
                let call = self.module(parent).source.calls.get(&call_name);
                match call.and_then(|call| call.arguments.attributes.get(name)) {
                    Some(argument) => {
                        let scope = self.call_scope(id, instance)?;
                        let value = self.evaluate(&argument.expr, &scope)?;
                        if value.has_mark(Marks::EPHEMERAL) && !variable.ephemeral {
                            return Err(error_at!(
                                argument.expr.span,
                                "Ephemeral value not allowed",
                                "The variable \"{name}\" is not declared as accepting ephemeral values.";
                                hint: "Say ephemeral = true in the module's variable block."
                            )
                            .related(variable.span, "the module's variable")
                            .into());
                        }
                        (Some(value), Some(argument.expr.span.into()))
                    }
                    None => {
                        let place = call.map(|call| call.span.into());
                        (None, place)
                    }
                }
            }
        };
        let location = location.unwrap_or_else(|| variable.span.into());
        let value = match given {
            Some(value) if !value.is_null() || variable.nullable => Some(value),
            // Where null is not allowed, it stands for "not given".
            _ => variable.default.clone(),
        };
        let Some(value) = value else {
            let diagnostic = if module.parent.is_none() {
                error_at!(
                    variable.span,
                    "No value for required variable",
                    "The root input variable \"{name}\" is not set, and has no default.";
                    hint: "Set it with -var {name}=VALUE, in a *.tfvars file, or in the environment as TF_VAR_{name}."
                )
            } else {
                let diagnostic = skyform_diag::Diagnostic::error(
                    location,
                    "Missing required argument",
                    format!("The argument \"{name}\" is required, but no definition was found."),
                );
                diagnostic.related(variable.span, "the module's variable")
            };
            return Err(diagnostic.into());
        };
        let filled = match &variable.constraint.defaults {
            Some(defaults) => apply_defaults(&value, defaults),
            None => value,
        };
        let mut value = convert(&filled, &variable.constraint.ty).map_err(|error| {
            let mut diagnostic = skyform_diag::Diagnostic::error(
                location.clone(),
                "Invalid value for input variable",
                format!("The given value is not suitable for var.{name}: {error}."),
            )
            .related(variable.span, format!("declared as {}", variable.constraint.ty.friendly()));
            if !filled.has_mark(Marks::SENSITIVE) && !variable.sensitive {
                diagnostic =
                    diagnostic.value(format!("var.{name}"), skyform_value::to_console(&filled));
            }
            Diagnostics::from(diagnostic)
        })?;
        if variable.sensitive {
            value = value.with_marks(Marks::SENSITIVE);
        }
        if variable.ephemeral {
            value = value.with_marks(Marks::EPHEMERAL);
        }
        Ok(value)
    }

    /// Checks a variable's validation rules: how each came out, and what is to be said. Apart from [`Evaluator::variable`], since the rules may
    /// refer to other objects.
    pub fn validate_variable(
        &self,
        id: ModuleId,
        instance: &ModuleInstance,
        name: &str,
    ) -> (Vec<super::Outcome>, Diagnostics) {
        let Some(variable) = self.module(id).source.variables.get(name) else {
            return (Vec::new(), Diagnostics::new());
        };
        let input = self.inputs.get(name).filter(|_| instance.is_root());
        let given_at = input.and_then(|input| match input.location {
            skyform_diag::Location::Span(span) => Some(span),
            _ => None,
        });
        let scope = Scope::new(id, instance.clone());
        self.judge(variable, &scope, given_at, || self.variable(id, instance, name).ok())
    }

    /// Checks a variable's validation rules against what its module's call gives it, or its default,
    /// as far as that is certain for all instances; for an evaluator that looks at modules
    /// [alone](Evaluator::alone). What is wrong with the value itself is left to
    /// [`Evaluator::variable`].
    pub fn validate_argument(&self, id: ModuleId, name: &str) -> Diagnostics {
        let module = self.module(id);
        let Some(variable) = module.source.variables.get(name) else { return Diagnostics::new() };
        if variable.validations.is_empty() {
            return Diagnostics::new();
        }
        let calls = module.path.0.iter().map(|name| (name.clone(), None));
        let instance = ModuleInstance(calls.collect());
        let Ok(value) = self.compute_variable(id, &instance, name) else {
            return Diagnostics::new();
        };
        let others = module.source.variables.keys().filter(|other| *other != name);
        let others =
            others.filter_map(|other| Some((other.clone(), self.later_variable(id, other).ok()?)));
        let all = Value::object(others.chain([(Str::from(name), value.clone())]));
        let call = module.parent.zip(module.path.0.last()).and_then(|(parent, call)| {
            let call = self.module(parent).source.calls.get(call)?;
            Some(call.arguments.attributes.get(name).map_or(call.span, |given| given.expr.span))
        });
        let scope = Scope::new(id, instance).with_name("var", all);
        self.judge(variable, &scope, call, || Some(value.clone())).1
    }

    fn judge(
        &self,
        variable: &Variable,
        scope: &Scope,
        given_at: Option<Span>,
        value: impl Fn() -> Option<Value>,
    ) -> (Vec<super::Outcome>, Diagnostics) {
        let name = &variable.name;
        let mut diagnostics = Diagnostics::new();
        let mut outcomes = Vec::with_capacity(variable.validations.len());
        for rule in &variable.validations {
            let outcome = self.check(rule, scope);
            outcomes.push(outcome.clone());
            match outcome {
                super::Outcome::Fail(message) => {
                    let mut diagnostic =
                        error_at!(rule.condition.span, "Invalid value for variable", "{message}")
                            .label(format!("this validation rule of var.{name} is not met"));
                    if let Some(span) = given_at {
                        diagnostic = diagnostic.related(span, "the value was given here");
                    }
                    if let Some(value) = value() {
                        diagnostic = diagnostic.value(format!("var.{name}"), brief(&value));
                    }
                    diagnostics.push(diagnostic);
                }
                super::Outcome::Error(errors) => diagnostics.extend(errors),
                super::Outcome::Pass | super::Outcome::Unknown => {}
            }
        }
        (outcomes, diagnostics)
    }

    /// An error about arguments of a module call that the module has no variable for.
    pub fn check_call_arguments(&self, id: ModuleId) -> Diagnostics {
        let module = self.module(id);
        let mut diagnostics = Diagnostics::new();
        for call in module.source.calls.values() {
            let Some(child) = module.children.get(&call.name) else { continue };
            let variables = &self.module(*child).source.variables;
            for attribute in call.arguments.attributes.values() {
                if !variables.contains_key(&attribute.name) {
                    diagnostics.push(
                        error_at!(
                            attribute.name_span,
                            "Unsupported argument",
                            "The module has no variable named \"{}\".",
                            attribute.name
                        )
                        .did_you_mean(&attribute.name, variables.keys().map(Str::as_str)),
                    );
                }
            }
            let missing = variables.values().filter(|variable| {
                variable.default.is_none()
                    && !call.arguments.attributes.contains_key(&variable.name)
            });
            for variable in missing {
                diagnostics.push(
                    error_at!(
                        call.span,
                        "Missing required argument",
                        "The argument \"{}\" is required, but no definition was found.",
                        variable.name
                    )
                    .related(variable.span, "the module's variable"),
                );
            }
        }
        diagnostics
    }

    /// An error where evaluation goes deeper than it can.
    pub(super) fn too_deep(span: Span) -> Diagnostics {
        error_at!(
            span,
            "Expression nested too deeply",
            "Evaluating this would need more levels of expressions inside one another than are allowed."
        )
        .into()
    }
}

/// A short form of a value for a message.
pub(super) fn brief(value: &Value) -> String {
    let text = skyform_value::to_console(value);
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default();
    if lines.next().is_none() && first.chars().count() <= 60 {
        return first.to_owned();
    }
    match value.ty() {
        Type::String => format!("a string of {} characters", text.chars().count()),
        ty => format!("{} with {} elements", ty.friendly(), value.children().count()),
    }
}

fn remember<T: Clone>(
    memo: &Memo<T>,
    instance: &ModuleInstance,
    name: &str,
    compute: impl FnOnce() -> Result<T, Diagnostics>,
) -> Result<T, Diagnostics> {
    let key = (instance.clone(), Str::from(name));
    if let Some(known) = memo.borrow().get(&key) {
        return known.clone().map_err(|()| Diagnostics::new());
    }
    let computed = compute();
    memo.borrow_mut().insert(key, computed.clone().map_err(|_| ()));
    computed
}
