//! Looking without planning: stored values, values for the console, and validation.

use std::collections::BTreeMap;
use std::sync::Arc;

use skyform_diag::{Diagnostics, Location, error_at};
use skyform_lang::config::{Config, IgnoreChanges, Module, ModuleId, Resource, VariableValue};
use skyform_lang::eval::Outcome;
use skyform_lang::{Evaluator, Expansion, Scope, ValueSource};
use skyform_state::{Object, State};
use skyform_value::schema::Schema;
use skyform_value::{
    InstanceAddress, InstanceKey, Marks, Mode, ModuleInstance, Step, Str, Type, Value, json,
};

use crate::graph::{BlockRole, Graph};
use crate::objects::{mark, sensitive_paths};
use crate::persisted::{check_persisted, check_root_outputs};
use crate::providers::Providers;
use crate::provisioners::check_provisioners;
use crate::references::check_references;
use crate::values::{Repetition, Values};
use crate::world::World;

/// Values of stored objects, for evaluating expressions.
pub type ConsoleValues = Values;

/// The value of a stored object by its provider's schema; as its JSON says where there is none.
pub fn stored_value(providers: &Providers, address: &InstanceAddress, object: &Object) -> Value {
    let resource = &address.resource;
    let found = providers.by_type(resource.mode, &resource.type_name);
    let typed = found.and_then(|resolved| {
        let ty = resolved.schema.block.implied_type();
        let value = json::from_typed(&object.attributes, &ty).ok()?;
        Some((value, sensitive_paths(&resolved.schema.block)))
    });
    let (value, mut paths) = typed.unwrap_or_else(|| {
        (json::from_plain(&object.attributes).unwrap_or_else(|_| Value::null()), Vec::new())
    });
    paths.extend(object.sensitive.iter().map(|path| (path.clone(), Marks::SENSITIVE)));
    mark(&value, &paths)
}

/// The provider of a resource block and its schema; none if it is not available.
pub fn block_schema(
    providers: &Providers,
    module: &Module,
    block: &Resource,
) -> Option<(Str, Arc<Schema>)> {
    let resolved = providers.of_block(module, block).ok()?;
    Some((resolved.source, resolved.schema))
}

/// The schema version of a stored resource type, by its provider's address in state.
pub fn schema_version(providers: &Providers, provider: &str, mode: Mode, type_name: &str) -> u64 {
    providers.of_stored(provider, mode, type_name).map_or(0, |resolved| resolved.schema.version)
}

/// Values of everything that is stored, for the console.
pub fn console_values(config: &Config, providers: &Providers, state: &State) -> ConsoleValues {
    let values = Values::default();
    for (address, resource) in &state.resources {
        let key = skyform_lang::config::ResourceKey {
            mode: address.mode,
            type_name: address.type_name.clone(),
            name: address.name.clone(),
        };
        let repetition = Repetition::of_stored(&resource.instances);
        values.declare(&address.module, &key, repetition);
    }
    set_stored(&values, providers, state);
    let _ = config;
    values
}

/// Puts what is stored in the place of what was planned for it.
pub fn set_stored(values: &ConsoleValues, providers: &Providers, state: &State) {
    for (address, resource) in &state.resources {
        let key = skyform_lang::config::ResourceKey {
            mode: address.mode,
            type_name: address.type_name.clone(),
            name: address.name.clone(),
        };
        for (instance_key, instance) in &resource.instances {
            let Some(object) = &instance.current else { continue };
            let value = stored_value(providers, &address.instance(instance_key.clone()), object);
            values.set(&address.module, &key, instance_key.clone(), value);
        }
    }
}

/// What validation knows of resources: their types at most.
struct Shapes<'a> {
    config: &'a Config,
    providers: &'a Providers,
}

impl ValueSource for Shapes<'_> {
    fn resource(&self, module: &ModuleInstance, key: &skyform_lang::config::ResourceKey) -> Value {
        let path = module.path();
        let module = self.config.modules.iter().find(|module| module.path == path);
        let block = module.and_then(|module| Some((module, module.source.resources.get(key)?)));
        let Some((module, block)) = block else { return Value::unknown(Type::Any) };
        let Ok(resolved) = self.providers.of_block(module, block) else {
            return Value::unknown(Type::Any);
        };
        if resolved.traits.evaluated {
            return Value::unknown(Type::Any);
        }
        let object = resolved.schema.block.implied_type();
        let value = match (&block.count, &block.for_each) {
            (None, None) => Value::unknown(object),
            (Some(_), _) => Value::unknown(Type::list(object)),
            (None, Some(_)) => Value::unknown(Type::map(object)),
        };
        if key.mode == Mode::Ephemeral { value.with_marks(Marks::EPHEMERAL) } else { value }
    }

    fn instance(
        &self,
        _: &ModuleInstance,
        _: &skyform_lang::config::ResourceKey,
        _: &InstanceKey,
    ) -> Option<Value> {
        None
    }
}

/// Checks a configuration without looking at anything outside: names, types, arguments, cycles.
pub fn validate(
    config: &Config,
    providers: &Providers,
    given: &BTreeMap<Str, VariableValue>,
    world: World<'_>,
) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    if let Err(cycles) = Graph::build(config, |_, _| BlockRole::default()) {
        diagnostics.extend(cycles);
        return diagnostics;
    }
    let mut inputs = given.clone();
    for (name, variable) in &config.modules[0].source.variables {
        let unknown = || VariableValue {
            value: Value::unknown(variable.constraint.ty.without_optional()),
            location: Location::Span(variable.span),
        };
        inputs.entry(name.clone()).or_insert_with(unknown);
    }
    diagnostics.extend(check_root_outputs(config));
    let shapes = Shapes { config, providers };
    let evaluator = Evaluator::new(config, &shapes, &inputs, world.while_planning());
    for (id, module) in (0..).map(ModuleId).zip(&config.modules) {
        diagnostics.extend(evaluator.check_call_arguments(id));
        let instance = some_instance(&evaluator, id);
        let source = &module.source;
        for name in source.variables.keys() {
            diagnostics.take(evaluator.variable(id, &instance, name));
        }
        for name in source.locals.keys() {
            diagnostics.take(evaluator.local(id, &instance, name));
        }
        for (name, output) in &source.outputs {
            let value = diagnostics.take(evaluator.output(id, &instance, name));
            let shows = value.is_some_and(|value| value.has_mark(Marks::SENSITIVE));
            if shows && !output.sensitive && module.parent.is_none() {
                diagnostics.push(error_at!(
                    output.value.span,
                    "Output refers to sensitive values",
                    "The value of this output comes from sensitive values, so it would show them.";
                    hint: "Say that this is meant with sensitive = true in the output block."
                ));
            }
        }
        for name in source.calls.keys() {
            diagnostics.take(evaluator.call_expansion(id, &instance, name));
        }
        for check in source.checks.values() {
            let scope = Scope::new(id, instance.clone()).within_check(&check.name);
            for rule in &check.asserts {
                if let Outcome::Error(problems) = evaluator.check(rule, &scope) {
                    diagnostics.extend(problems);
                }
            }
        }
        for block in source.resources.values() {
            match providers.of_block(module, block) {
                Ok(resolved) => {
                    let scope = Scope::new(id, instance.clone());
                    let schema = &resolved.schema.block;
                    diagnostics.extend(validate_block(&evaluator, block, schema, scope));
                }
                Err(problems) => diagnostics.extend(problems),
            }
        }
    }
    add_new(&mut diagnostics, check_references(config, providers));
    // Each module by itself, since a call may turn out to have no instances.
    let alone = Evaluator::new(config, &shapes, &inputs, world.while_planning()).alone();
    for (id, module) in (0..).map(ModuleId).zip(&config.modules) {
        for name in module.source.variables.keys() {
            add_new(&mut diagnostics, alone.validate_argument(id, name));
        }
    }
    diagnostics.sort();
    diagnostics
}

/// Adds what nothing has been said of at its place.
fn add_new(diagnostics: &mut Diagnostics, more: Diagnostics) {
    for problem in more {
        let is_same = |known: &skyform_diag::Diagnostic| {
            let (Some(said), Some(place)) = (known.span(), problem.span()) else { return false };
            let is_around =
                said.source == place.source && said.start <= place.start && place.end <= said.end;
            known.is_error() && (said == place || is_around && known.summary == problem.summary)
        };
        if !diagnostics.iter().any(is_same) {
            diagnostics.push(problem);
        }
    }
}

/// An instance of a module to evaluate in, whether or not it is known how many there are.
fn some_instance(evaluator: &Evaluator<'_>, id: ModuleId) -> ModuleInstance {
    if let Ok(instances) = evaluator.module_instances(id)
        && let Some(first) = instances.into_iter().next()
    {
        return first;
    }
    let path = &evaluator.module(id).path;
    ModuleInstance(path.0.iter().map(|name| (name.clone(), None)).collect())
}

fn validate_block(
    evaluator: &Evaluator<'_>,
    block: &Resource,
    schema: &skyform_value::schema::Block,
    scope: Scope,
) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let expansion = diagnostics.take(evaluator.expand(&block.count, &block.for_each, &scope));
    let mut scope = scope;
    match expansion {
        Some(Expansion::ForEach(items)) => {
            let (key, value) = items.into_iter().next().map_or_else(
                || (Value::unknown(Type::String), Value::unknown(Type::Any)),
                |(key, value)| (Value::from(key), value),
            );
            scope.each = Some((key, value));
        }
        Some(Expansion::Count(_)) => scope.count_index = Some(Value::unknown(Type::Number)),
        Some(Expansion::Unknown(_)) | None => {
            scope.count_index = block.count.as_ref().map(|_| Value::unknown(Type::Number));
            scope.each = block
                .for_each
                .as_ref()
                .map(|_| (Value::unknown(Type::String), Value::unknown(Type::Any)));
        }
        Some(Expansion::Single) => {}
    }
    match evaluator.decode(&block.body, schema, &scope) {
        Ok(config) if block.key.mode != Mode::Ephemeral => {
            if let Err(problems) = check_persisted(block, schema, &config) {
                diagnostics.extend(problems);
            }
        }
        Ok(_) => {}
        Err(problems) => diagnostics.extend(problems),
    }
    diagnostics.extend(check_provisioners(block));
    diagnostics.extend(ignored_attributes(block, schema));
    diagnostics
}

/// What `ignore_changes` names must be there.
fn ignored_attributes(block: &Resource, schema: &skyform_value::schema::Block) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let IgnoreChanges::Paths(paths) = &block.lifecycle.ignore_changes else { return diagnostics };
    let Type::Object(object) = schema.implied_type() else { return diagnostics };
    for (path, span) in paths {
        if let Some(Step::Attribute(name)) = path.0.first()
            && !object.attributes.contains_key(name)
        {
            diagnostics.push(
                error_at!(
                    *span,
                    "Unsupported attribute",
                    "There is no attribute \"{name}\" to ignore."
                )
                .did_you_mean(name, object.attributes.keys().map(Str::as_str)),
            );
        }
    }
    diagnostics
}
