//! Changes of a configuration for a run: modules that are overridden, and providers of the file.

use std::sync::Arc;

use indexmap::IndexMap;
use skyform_diag::Diagnostics;
use skyform_lang::config::{
    Config, GivenOutputs, Module, ModuleId, ModuleSource, Output, OverrideKind, Target, TestFile,
};
use skyform_lang::syntax::Expr;
use skyform_value::{ModuleInstance, Str, Value};

use crate::mocks::{Mocks, no_target};

/// The configuration with overridden modules: their outputs have the given values, or null, and
/// nothing else of them is looked at. A module that is overridden in all its instances has its
/// variables and outputs only, so that no provider of it is needed.
pub(crate) fn with_overrides(
    config: &Config,
    mocks: &Mocks<'_>,
    evaluate: &dyn Fn(&Expr) -> Result<Value, Diagnostics>,
) -> (Config, Diagnostics) {
    let mut config = config.clone();
    let mut diagnostics = Diagnostics::new();
    let mut replaced = Vec::new();
    for (_, found) in mocks.overrides().filter(|(_, found)| found.kind == OverrideKind::Module) {
        let target = &found.target;
        let module = config.module_at(target.module.iter().map(|(name, _)| name));
        let Some(id) = module.filter(|id| id.0 != 0) else {
            diagnostics.push(no_target(target));
            continue;
        };
        let values = found.values.as_ref().map_or_else(|| Ok(Value::null()), evaluate);
        let Some(values) = diagnostics.take(values) else { continue };
        if is_about_all(&config, target) {
            replaced.push(id);
        }
        let instance = ModuleInstance(target.module.as_slice().into());
        config.modules[id.0].given.push(GivenOutputs { instance, outputs: values });
    }
    for id in replaced {
        config.modules[id.0].source = Arc::new(only_outputs(&config.modules[id.0].source));
        config.modules[id.0].children = IndexMap::new();
    }
    without_orphans(&mut config);
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

/// Whether an override without keys is about all instances that there are: none of the calls that
/// lead to the one that calls the module has instances with keys.
fn is_about_all(config: &Config, target: &Target) -> bool {
    let names = || target.module.iter().map(|(name, _)| name);
    let outer = target.module.len().saturating_sub(1);
    let is_single = |depth: usize| {
        let call = config
            .module_at(names().take(depth))
            .and_then(|id| config.modules[id.0].source.calls.get(&target.module[depth].0));
        call.is_some_and(|call| call.count.is_none() && call.for_each.is_none())
    };
    target.module.iter().all(|(_, key)| key.is_none()) && (0..outer).all(is_single)
}

fn only_outputs(source: &ModuleSource) -> ModuleSource {
    let outputs = source.outputs.iter().map(|(name, output)| {
        let output = Output {
            value: Expr::literal(Value::null(), output.value.span),
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
