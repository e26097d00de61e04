//! Which provider stands behind a resource type.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use skyform_diag::{Diagnostic, Diagnostics};
use skyform_lang::config::{Config, Module, ModuleSource, Resource, ResourceKey};
use skyform_provider_sdk::schema::Schema;
use skyform_provider_sdk::{Provider, Traits};
use skyform_value::{Mode, Str};

use crate::guard::{Deadlines, Guarded};

/// Source address of the portable blocks' provider.
pub const PORTABLE: &str = "skyform.dev/builtin/portable";
/// Source address of the provider of `terraform_data`.
pub const TERRAFORM: &str = "terraform.io/builtin/terraform";

/// What stands behind each type of one provider.
type Types = HashMap<(Mode, Str), Resolved>;

/// All providers that a run may use, by source address.
#[derive(Clone, Default)]
pub struct Providers {
    by_source: BTreeMap<Str, Arc<dyn Provider>>,
    /// What stands behind each type, by source address.
    types: BTreeMap<Str, Arc<Types>>,
    deadlines: Deadlines,
}

/// The provider of a resource, with what the engine needs to know of the resource's type.
#[derive(Clone)]
pub(crate) struct Resolved {
    /// Source address.
    pub source: Str,
    /// The provider's configuration address as stored in state.
    pub config_address: Str,
    pub provider: Arc<dyn Provider>,
    pub schema: Arc<Schema>,
    pub traits: Traits,
}

impl Providers {
    /// None yet, with how long those that are added may take.
    pub fn within(deadlines: Deadlines) -> Self {
        Self { deadlines, ..Self::default() }
    }

    /// Adds a provider under its source address (`terraform.io/builtin/terraform`).
    #[must_use]
    pub fn with(mut self, source: &str, provider: Arc<dyn Provider>) -> Self {
        let guarded = Guarded::new(provider, source.into(), self.deadlines);
        let provider: Arc<dyn Provider> = Arc::new(guarded);
        self.types.insert(source.into(), Arc::new(types_of(source, &provider)));
        self.by_source.insert(source.into(), provider);
        self
    }

    /// Resource types that may be written in short spelling.
    pub fn short_types(&self) -> Vec<Str> {
        let portable = self.by_source.get(PORTABLE).into_iter();
        let types = portable.flat_map(|provider| &provider.schema().resources);
        types.filter(|(_, ty)| ty.traits.short).map(|(name, _)| name.clone()).collect()
    }

    /// The provider with this source address.
    pub fn get(&self, source: &str) -> Option<&Arc<dyn Provider>> {
        self.by_source.get(source)
    }

    /// All providers by source address.
    pub fn iter(&self) -> impl Iterator<Item = (&Str, &Arc<dyn Provider>)> {
        self.by_source.iter()
    }

    /// The source address of the provider that a module calls by a local name.
    pub fn source_by_name(&self, module: &ModuleSource, local: &str) -> Str {
        let required = module.settings.required_providers.get(local);
        match required.and_then(|required| required.source.as_deref()) {
            Some(source) => full_source(source),
            None if local == "terraform" => TERRAFORM.into(),
            None if local == "skyform" => PORTABLE.into(),
            None => full_source(&format!("hashicorp/{local}")),
        }
    }

    /// Whether applying the configuration makes anything outside of the state, as far as is known
    /// of its resource types.
    pub fn makes_things(&self, config: &Config) -> bool {
        let blocks = config
            .modules
            .iter()
            .flat_map(|module| module.source.resources.values().map(move |block| (module, block)));
        let managed = |block: &Resource| block.key.mode == Mode::Managed;
        blocks.into_iter().any(|(module, block)| {
            !block.provisioners.is_empty()
                || managed(block)
                    && self
                        .of_block(module, block)
                        .is_ok_and(|found| !found.traits.pure && !found.traits.evaluated)
        })
    }

    /// The provider of a resource block.
    pub(crate) fn of_block(
        &self,
        module: &Module,
        block: &Resource,
    ) -> Result<Resolved, Diagnostics> {
        let source = self.source_of(module, block);
        let type_name = &block.key.type_name;
        let Some(provider) = self.by_source.get(&source) else {
            let known: Vec<_> = self.by_source.keys().map(Str::as_str).collect();
            return Err(Diagnostic::error(
                block.span,
                "Provider not available",
                format!("The resource type \"{type_name}\" belongs to the provider {source}, which is not available here."),
            )
            .hint(format!("Available: {}.", known.join(", ")))
            .into());
        };
        self.resolve(&source, block.key.mode, type_name).ok_or_else(|| {
            let schema = provider.schema();
            let known: Vec<&str> = match block.key.mode {
                Mode::Managed => schema.resources.keys().map(Str::as_str).collect(),
                Mode::Data => schema.data_sources.keys().map(Str::as_str).collect(),
                Mode::Ephemeral => schema.ephemeral.keys().map(Str::as_str).collect(),
            };
            Diagnostic::error(
                block.span,
                "Invalid resource type",
                format!("The provider {source} does not support the type \"{type_name}\"."),
            )
            .did_you_mean(type_name, known)
            .into()
        })
    }

    /// The provider of a stored object, by the provider address in state.
    pub(crate) fn of_stored(&self, address: &str, mode: Mode, type_name: &str) -> Option<Resolved> {
        let source = address.split_once("provider[\"")?.1.split('"').next()?;
        let mut resolved = self.resolve(source, mode, type_name)?;
        resolved.config_address = address.into();
        Some(resolved)
    }

    /// Whichever provider has a type of this name.
    pub(crate) fn by_type(&self, mode: Mode, type_name: &str) -> Option<Resolved> {
        self.by_source.keys().find_map(|source| self.resolve(source, mode, type_name))
    }

    fn resolve(&self, source: &str, mode: Mode, type_name: &str) -> Option<Resolved> {
        self.types.get(source)?.get(&(mode, type_name.into())).cloned()
    }

    /// Source address by the block's `provider` argument, else by the resource type's prefix.
    fn source_of(&self, module: &Module, block: &Resource) -> Str {
        if block.short || (block.provider.is_none() && self.is_short(&block.key)) {
            return PORTABLE.into();
        }
        let prefix = block.key.type_name.split('_').next().unwrap_or_default();
        let local = block.provider.as_ref().map_or(prefix, |provider| provider.name.as_str());
        self.source_by_name(&module.source, local)
    }

    /// Whether a type needs no prefix that says whose it is.
    fn is_short(&self, key: &ResourceKey) -> bool {
        let Some(portable) = self.by_source.get(PORTABLE) else { return false };
        let offered = portable.schema();
        match key.mode {
            Mode::Ephemeral => offered.ephemeral.contains_key(&key.type_name),
            _ => offered.resources.get(&key.type_name).is_some_and(|ty| ty.traits.short),
        }
    }
}

/// What stands behind each type of a provider. Schemas are big, so they are taken over once.
fn types_of(source: &str, provider: &Arc<dyn Provider>) -> Types {
    let offered = provider.schema();
    let config_address: Str = format!("provider[\"{source}\"]").into();
    let resolved = |schema: &Schema, traits: Traits| Resolved {
        source: source.into(),
        config_address: config_address.clone(),
        provider: Arc::clone(provider),
        schema: Arc::new(schema.clone()),
        traits,
    };
    let managed = offered
        .resources
        .iter()
        .map(|(name, ty)| ((Mode::Managed, name.clone()), resolved(&ty.schema, ty.traits)));
    let plain = |mode: Mode, (name, schema): (&Str, &Schema)| {
        ((mode, name.clone()), resolved(schema, Traits::default()))
    };
    let data = offered.data_sources.iter().map(|found| plain(Mode::Data, found));
    let ephemeral = offered.ephemeral.iter().map(|found| plain(Mode::Ephemeral, found));
    managed.chain(data).chain(ephemeral).collect()
}

/// `hashicorp/aws` with the registry's host in front.
fn full_source(source: &str) -> Str {
    match source.split('/').count() {
        1 => format!("registry.terraform.io/hashicorp/{source}").into(),
        2 => format!("registry.terraform.io/{source}").into(),
        _ => source.into(),
    }
}
