//! Which mocks and overrides are in force in a run.

use std::collections::HashMap;
use std::sync::Arc;

use indexmap::IndexMap;
use skyform_diag::{Diagnostic, Diagnostics, error_at};
use skyform_engine::{Providers, block_schema};
use skyform_lang::config::{
    Config, During, MockProvider, MockType, ModuleId, Override, OverrideKind, ProviderRef,
    Resource, ResourceKey, Run, Target, TestFile,
};
use skyform_value::{InstanceAddress, ModulePath, Str, Value};

use crate::mocked::{Given, MadeUp, Mock, Mocked};

/// The mocks of a file, as one run sees them.
pub(crate) struct Mocks<'a> {
    file: &'a TestFile,
    run: Option<&'a Run>,
}

impl<'a> Mocks<'a> {
    /// Those of runs that pass no providers of their own.
    pub(crate) fn of_file(file: &'a TestFile) -> Self {
        Self { file, run: None }
    }

    /// Those of one run.
    pub(crate) fn of_run(file: &'a TestFile, run: &'a Run) -> Self {
        Self { file, run: Some(run) }
    }

    /// Whether every resource has a mock.
    pub(crate) fn cover(&self, config: &Config, providers: &Providers) -> bool {
        let modules = (0..).map(ModuleId).zip(&config.modules);
        let mut blocks = modules.flat_map(|(id, module)| {
            module.source.resources.values().map(move |block| (id, block))
        });
        blocks.all(|(id, block)| {
            block.provisioners.is_empty() && self.of_block(config, providers, id, block).is_some()
        })
    }

    /// The mock of a block's provider, by index in the file.
    fn of_block(
        &self,
        config: &Config,
        providers: &Providers,
        id: ModuleId,
        block: &Resource,
    ) -> Option<usize> {
        let (source, _) = block_schema(providers, &config.modules[id.0], block)?;
        let alias = alias_in_root(config, providers, id, block, &source)?;
        let root = &config.modules[0].source;
        let named = |name: &str| providers.source_by_name(root, name) == source;
        let passed = self.run.map_or(&[][..], |run| &run.providers);
        let alias = if passed.is_empty() {
            alias
        } else {
            let mut pairs = passed.iter();
            let is_it = |inside: &ProviderRef| named(&inside.name) && inside.alias == alias;
            pairs.find(|(inside, _)| is_it(inside)).map(|(_, here)| here.alias.clone())?
        };
        self.file.mocks.iter().position(|mock| named(&mock.name) && mock.alias == alias)
    }

    /// What `providers` of the run names must be in the file.
    fn check(&self) -> Diagnostics {
        let mut diagnostics = Diagnostics::new();
        for (_, here) in self.run.iter().flat_map(|run| &run.providers) {
            let real = self.file.providers.iter().map(|p| (&p.name, &p.alias));
            let mocked = self.file.mocks.iter().map(|p| (&p.name, &p.alias));
            let known: Vec<_> = real.chain(mocked).collect();
            if known.contains(&(&here.name, &here.alias)) || here.alias.is_none() {
                continue;
            }
            let shown = |name: &Str, alias: &Option<Str>| match alias {
                Some(alias) => format!("{name}.{alias}"),
                None => name.to_string(),
            };
            let name = shown(&here.name, &here.alias);
            let names: Vec<String> = known.iter().map(|(name, alias)| shown(name, alias)).collect();
            diagnostics.push(
                error_at!(
                    here.span,
                    "Missing provider definition",
                    "There is no provider {name} in this test file: neither a \"provider\" nor a \"mock_provider\" block."
                )
                .did_you_mean(&name, names.iter().map(String::as_str)),
            );
        }
        diagnostics
    }

    /// The providers of a run: where something is mocked or overridden, a stand-in. `evaluate` gives
    /// the value of an expression of the test file.
    pub(crate) fn providers(
        &self,
        config: &Config,
        real: &Providers,
        random: fn(&mut [u8]),
        evaluate: &dyn Fn(&skyform_lang::syntax::Expr) -> Result<Value, Diagnostics>,
    ) -> (Providers, Diagnostics) {
        let mut diagnostics = self.check();
        let mut overrides = Vec::new();
        for (level, found) in self.overrides() {
            if found.kind == OverrideKind::Module {
                continue;
            }
            diagnostics.extend(missing_target(config, &found.target));
            let values = found.values.as_ref().map_or_else(|| Ok(Value::null()), evaluate);
            if let Some(values) = diagnostics.take(values) {
                overrides.push(Given {
                    level,
                    target: found.target.clone(),
                    made_up: MadeUp { values, during: found.during.unwrap_or_default() },
                });
            }
        }
        let mut mocks: Vec<Arc<Mock>> = Vec::with_capacity(self.file.mocks.len());
        for mock in &self.file.mocks {
            let mut types = |types: &IndexMap<Str, MockType>| {
                let mut found = HashMap::new();
                for (name, ty) in types {
                    let values = ty.defaults.as_ref().map_or_else(|| Ok(Value::null()), evaluate);
                    if let Some(values) = diagnostics.take(values) {
                        found.insert(name.clone(), MadeUp { values, during: ty.during });
                    }
                }
                found
            };
            let (resources, data) = (types(&mock.resources), types(&mock.data));
            mocks.push(Arc::new(Mock { resources, data, during: mock.during }));
        }
        if mocks.is_empty() && overrides.is_empty() {
            return (real.clone(), diagnostics);
        }
        let mut by_block: HashMap<(ModulePath, ResourceKey), Arc<Mock>> = HashMap::new();
        for (id, module) in (0..).map(ModuleId).zip(&config.modules) {
            for (key, block) in &module.source.resources {
                if let Some(mock) = self.of_block(config, real, id, block) {
                    by_block.insert((module.path.clone(), key.clone()), Arc::clone(&mocks[mock]));
                }
            }
        }
        let (by_block, overrides) = (Arc::new(by_block), Arc::new(overrides));
        let mut providers = real.clone();
        for (source, provider) in real.iter() {
            let root = &config.modules[0].source;
            let default = self.file.mocks.iter().position(|mock: &MockProvider| {
                mock.alias.is_none() && real.source_by_name(root, &mock.name) == *source
            });
            let stand_in = Mocked {
                provider: Arc::clone(provider),
                default: default.map(|mock| Arc::clone(&mocks[mock])),
                by_block: Arc::clone(&by_block),
                overrides: Arc::clone(&overrides),
                random,
            };
            providers = providers.with(source, Arc::new(stand_in));
        }
        (providers, diagnostics)
    }

    /// All overrides with how near they are to the run: later ones win.
    pub(crate) fn overrides(&self) -> impl Iterator<Item = (usize, &'a Override)> {
        let mocks = self.file.mocks.iter().flat_map(|mock| &mock.overrides);
        let own = self.run.into_iter().flat_map(|run| &run.overrides);
        let file = self.file.overrides.iter().map(|found| (1, found));
        mocks.map(|found| (0, found)).chain(file).chain(own.map(|found| (2, found)))
    }
}

/// The alias that a block's provider has in the root module; none if it is configured elsewhere.
fn alias_in_root(
    config: &Config,
    providers: &Providers,
    id: ModuleId,
    block: &Resource,
    source: &str,
) -> Option<Option<Str>> {
    let mut reference = block.provider.clone();
    let mut at = id;
    while let Some(parent) = config.modules[at.0].parent {
        let module = &config.modules[at.0];
        let call = module
            .path
            .0
            .last()
            .and_then(|name| config.modules[parent.0].source.calls.get(name))?;
        let is_it = |inside: &ProviderRef| match &reference {
            Some(reference) => inside.name == reference.name && inside.alias == reference.alias,
            None => {
                inside.alias.is_none()
                    && providers.source_by_name(&module.source, &inside.name) == source
            }
        };
        match call.providers.iter().find(|(inside, _)| is_it(inside)) {
            Some((_, here)) => reference = Some(here.clone()),
            None if reference.as_ref().is_some_and(|r| r.alias.is_some()) => return None,
            None => reference = None,
        }
        at = parent;
    }
    Some(reference.and_then(|reference| reference.alias))
}

/// A warning where there is nothing to override.
fn missing_target(config: &Config, target: &Target) -> Option<Diagnostic> {
    let module = config.module_at(target.module.iter().map(|(name, _)| name));
    let is_there = module.is_some_and(|id| match &target.resource {
        Some((key, _)) => config.modules[id.0].source.resources.contains_key(key),
        None => true,
    });
    // What an overridden module has inside is overridden with it.
    let is_inside = (1..=target.module.len()).any(|depth| {
        let outer = config.module_at(target.module[..depth].iter().map(|(name, _)| name));
        outer.is_some_and(|id| !config.modules[id.0].given.is_empty())
    });
    (!is_there && !is_inside).then(|| no_target(target))
}

/// The warning about an override of nothing.
pub(crate) fn no_target(target: &Target) -> Diagnostic {
    Diagnostic::warning(
        target.span,
        "Invalid override target",
        "There is nothing at this address in the configuration under test, so nothing is overridden.",
    )
    .hint("Is the address misspelt? If not, the block can go.")
}

/// Whether an instance is what a target means. Where the resource has no key, all instances are
/// meant; a module without one is the only instance of its call.
pub(crate) fn covers(target: &Target, address: &InstanceAddress) -> bool {
    let Some((key, instance)) = &target.resource else { return false };
    let resource = &address.resource;
    target.module[..] == resource.module.0[..]
        && key.mode == resource.mode
        && key.type_name == resource.type_name
        && key.name == resource.name
        && (instance.is_none() || *instance == address.key)
}

/// Whether a target means one instance.
pub(crate) fn is_specific(target: &Target) -> bool {
    target.resource.as_ref().is_some_and(|(_, key)| key.is_some())
}

impl Mock {
    /// What is made up for objects of a type.
    pub(crate) fn of_type(&self, is_data: bool, type_name: &str) -> MadeUp {
        let types = if is_data { &self.data } else { &self.resources };
        types
            .get(type_name)
            .cloned()
            .unwrap_or(MadeUp { values: Value::null(), during: self.during })
    }
}

/// Whether values are there in a plan already.
pub(crate) fn in_plan(during: During) -> bool {
    during == During::Plan
}
