//! Changes of a configuration for a run: modules that are overridden, and providers of the file.

use std::sync::Arc;

use indexmap::IndexMap;
use skyform_diag::{Diagnostics, error_at};
use skyform_lang::config::{
    Config, Module, ModuleId, ModuleSource, Output, OverrideKind, TestFile,
};
use skyform_lang::syntax::Expr;
use skyform_value::{Str, Value};

use crate::mocks::{Mocks, is_specific, no_target};

/// The configuration with overridden modules: such a module has its variables and outputs only, and
/// the outputs have the given values, or null.
pub(crate) fn with_overrides(
    config: &Config,
    mocks: &Mocks<'_>,
    evaluate: &dyn Fn(&Expr) -> Result<Value, Diagnostics>,
) -> (Config, Diagnostics) {
    let mut config = config.clone();
    let mut diagnostics = Diagnostics::new();
    for (_, found) in mocks.overrides().filter(|(_, found)| found.kind == OverrideKind::Module) {
        let target = &found.target;
        let module = config.module_at(target.module.iter().map(|(name, _)| name));
        let Some(id) = module.filter(|id| id.0 != 0) else {
            diagnostics.push(no_target(target));
            continue;
        };
        if is_specific(target) {
            diagnostics.push(error_at!(
                target.span,
                "Override of one instance of a module",
                "A module is overridden as a whole, in all its instances.";
                hint: "Leave the instance's key out."
            ));
            continue;
        }
        let values = found.values.as_ref().map_or_else(|| Ok(Value::null()), evaluate);
        let Some(values) = diagnostics.take(values) else { continue };
        let source = Arc::new(only_outputs(&config.modules[id.0].source, &values));
        config.modules[id.0].source = source;
        config.modules[id.0].children = IndexMap::new();
        without_orphans(&mut config);
    }
    (config, diagnostics)
}

/// With the `provider` blocks of the file in place of those of the same name.
pub(crate) fn with_providers(mut config: Config, file: &TestFile) -> Config {
    if file.providers.is_empty() {
        return config;
    }
    let mut source = ModuleSource::clone(&config.modules[0].source);
    let is_replaced = |name: &Str, alias: &Option<Str>| {
        file.providers.iter().any(|own| own.name == *name && own.alias == *alias)
    };
    source.providers.retain(|provider| !is_replaced(&provider.name, &provider.alias));
    source.providers.extend(file.providers.iter().cloned());
    config.modules[0].source = Arc::new(source);
    config
}

fn only_outputs(source: &ModuleSource, values: &Value) -> ModuleSource {
    let outputs = source.outputs.iter().map(|(name, output)| {
        let value = values.get(name).cloned().unwrap_or_else(Value::null);
        let output = Output {
            value: Expr::literal(value, output.value.span),
            depends_on: Vec::new(),
            preconditions: Vec::new(),
            ..output.clone()
        };
        (name.clone(), output)
    });
    ModuleSource {
        dir: source.dir.clone(),
        variables: source.variables.clone(),
        outputs: outputs.collect(),
        settings: source.settings.clone(),
        ..ModuleSource::default()
    }
}

/// Takes out the modules that nothing leads to any more.
fn without_orphans(config: &mut Config) {
    let mut places: Vec<Option<ModuleId>> = Vec::with_capacity(config.modules.len());
    let mut kept: Vec<Module> = Vec::with_capacity(config.modules.len());
    for module in &config.modules {
        let is_called = match (module.parent, module.path.0.last()) {
            (Some(parent), Some(name)) => {
                places[parent.0].is_some() && config.modules[parent.0].children.contains_key(name)
            }
            _ => true,
        };
        places.push(is_called.then_some(ModuleId(kept.len())));
        if is_called {
            kept.push(module.clone());
        }
    }
    for module in &mut kept {
        module.parent = module.parent.and_then(|parent| places[parent.0]);
        for child in module.children.values_mut() {
            *child = places[child.0].unwrap_or(*child);
        }
    }
    config.modules = kept;
}
