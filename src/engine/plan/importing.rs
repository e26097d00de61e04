//! `import` blocks: objects that exist already, taken over by an instance.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use skyform_diag::{Diagnostics, Location, Span, error_at};
use skyform_lang::config::{Config, Import, ModuleId, Resource, ResourceKey, Target, target_with};
use skyform_lang::syntax::Expr;
use skyform_lang::{Expansion, Scope};
use skyform_provider_sdk::ImportRequest;
use skyform_state::journal::{Change, apply_change};
use skyform_state::{BlockAddress, Object};
use skyform_value::{
    InstanceAddress, InstanceKey, Marks, ModuleInstance, ModulePath, ResourceAddress, Value,
};

use super::walk::Walk;
use crate::objects;
use crate::providers::Resolved;

/// What an `import` block says of one instance.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub id: String,
    pub span: Span,
}

/// The `import` blocks that are about each resource block, by number.
pub(super) fn imports_by_block(config: &Config) -> HashMap<BlockAddress, Vec<usize>> {
    let mut found: HashMap<BlockAddress, Vec<usize>> = HashMap::new();
    for (index, import) in config.modules[0].source.imports.iter().enumerate() {
        if let Some(block) = block_of(import) {
            found.entry(block).or_default().push(index);
        }
    }
    found
}

/// The resource block that an import is about, whatever its keys turn out to be.
pub(crate) fn block_of(import: &Import) -> Option<BlockAddress> {
    let any = |_: &Expr| Ok::<_, Diagnostics>(InstanceKey::Index(0));
    let target = target_with(&import.to, any).ok()?;
    let (key, _) = target.resource?;
    Some(BlockAddress {
        module: ModulePath(target.module.into_iter().map(|(name, _)| name).collect()),
        mode: key.mode,
        type_name: key.type_name,
        name: key.name,
    })
}

impl Walk<'_> {
    /// Evaluates the `import` blocks that are about a resource block.
    pub(super) fn evaluate_imports(&self, block: &BlockAddress) -> Result<(), Diagnostics> {
        let mut errors = Diagnostics::new();
        for index in self.imports.get(block).into_iter().flatten() {
            let import = &self.request.config.modules[0].source.imports[*index];
            if let Err(problems) = self.evaluate_import(import) {
                errors.extend(problems);
            }
        }
        errors.into_result(())
    }

    fn evaluate_import(&self, import: &Import) -> Result<(), Diagnostics> {
        let scope = Scope::new(ModuleId(0), ModuleInstance::root());
        let expansion = self.evaluator.expand(&None, &import.for_each, &scope)?;
        if let Expansion::Unknown(span) = expansion {
            return Err(error_at!(
                span,
                "Invalid for_each argument",
                "The value depends on what is known only after apply, so it is not known what is to be imported.";
                hint: "Use keys that are known while planning."
            )
            .into());
        }
        for key in expansion.keys() {
            let value = key.as_ref().and_then(|key| expansion.value(key));
            let scope = scope.clone().with_key(key.as_ref(), value);
            let address = self.import_address(import, &scope)?;
            let id = self.import_id(import, &scope)?;
            let wanted = Wanted { id, span: import.span };
            let before = self.wanted.borrow_mut().insert(address.clone(), wanted);
            if let Some(before) = before {
                return Err(error_at!(
                    import.to.span,
                    "Duplicate import configuration",
                    "There are several import blocks for {address}. A resource can have only one."
                )
                .related(before.span, "the other one")
                .into());
            }
        }
        Ok(())
    }

    fn import_address(
        &self,
        import: &Import,
        scope: &Scope,
    ) -> Result<InstanceAddress, Diagnostics> {
        let target: Target = target_with(&import.to, |key| {
            let value = self.evaluator.evaluate(key, scope)?;
            InstanceKey::from_value(&value).filter(|_| value.is_wholly_known()).ok_or_else(|| {
                Diagnostics::from(error_at!(
                    key.span,
                    "Invalid import \"to\" expression",
                    "The key of an instance must be a string or a whole number that is known while planning."
                ))
            })
        })?;
        let Some((key, instance)) = target.resource else {
            return Err(error_at!(
                import.to.span,
                "Invalid import address",
                "Only a resource can be imported, not a whole module."
            )
            .into());
        };
        Ok(instance_of(target.module, key, instance))
    }

    fn import_id(&self, import: &Import, scope: &Scope) -> Result<String, Diagnostics> {
        let id = self.evaluator.evaluate(&import.id, scope)?;
        let invalid = |detail: &str| {
            Err(error_at!(import.id.span, "Invalid import id argument", "{detail}").into())
        };
        if id.has_mark(Marks::EPHEMERAL) {
            return invalid("The id is ephemeral, so it would differ from run to run.");
        }
        if !id.is_known() {
            return invalid("The id depends on what is known only after apply.");
        }
        let text = skyform_value::convert(&id.unmarked(), &skyform_value::Type::String);
        match text.as_ref().ok().and_then(Value::as_str) {
            Some("") => invalid("The id is an empty text."),
            Some(text) => Ok(text.to_owned()),
            None => invalid("The id must be a string."),
        }
    }

    /// The object that an `import` block names for an instance, taken over by its provider.
    pub(super) async fn import(
        &self,
        block: &Resource,
        resolved: &Resolved,
        address: &InstanceAddress,
        text: &str,
    ) -> Result<Option<(Object, String)>, Diagnostics> {
        let Some(Wanted { id, span }) = self.wanted.borrow_mut().remove(address) else {
            return Ok(None);
        };
        let request = ImportRequest { type_name: &block.key.type_name, address: text, id: &id };
        let found = resolved.provider.import(request).await.map_err(|problems| {
            let place = Location::Span(span);
            let problems = problems.into_iter();
            problems.map(|p| p.into_diagnostic(place.clone(), text)).collect::<Diagnostics>()
        })?;
        let Some(found) = found.into_iter().next() else {
            return Err(error_at!(
                span,
                "Nothing to import",
                "There is no object with the id \"{id}\"."
            )
            .into());
        };
        let object = objects::encode(resolved, &found.state, found.private, Arc::from([]), false);
        let change = Change::Current {
            address: address.clone(),
            provider: resolved.config_address.clone(),
            object: Some(object.clone()),
        };
        apply_change(&mut self.found.borrow_mut().prior, &change);
        Ok(Some((object, id)))
    }

    /// Imports whose targets have no configuration.
    pub(super) fn check_imports(&self) {
        if self.is_destroy() {
            return;
        }
        for import in &self.request.config.modules[0].source.imports {
            let declared = block_of(import).is_some_and(|block| self.is_declared(&block));
            if !declared {
                self.report([error_at!(
                    import.to.span,
                    "Configuration for import target does not exist",
                    "There is no resource block at this address.";
                    hint: "Write one, or have it written: skyform plan -generate-config-out=generated.tf"
                )]);
            }
        }
        let left: BTreeMap<InstanceAddress, Wanted> =
            std::mem::take(&mut *self.wanted.borrow_mut());
        let failed = self.found.borrow().diagnostics.has_errors();
        for (address, wanted) in left {
            let planned = self.seen.borrow().contains(&address);
            if !planned && !failed && self.targets.includes_stored(&address) {
                self.report([error_at!(
                    wanted.span,
                    "Configuration for import target does not exist",
                    "The configuration has no instance {address}, so nothing can be imported there."
                )]);
            }
        }
    }

    fn is_declared(&self, block: &BlockAddress) -> bool {
        let key = ResourceKey {
            mode: block.mode,
            type_name: block.type_name.clone(),
            name: block.name.clone(),
        };
        let mut modules = self.request.config.modules.iter();
        modules
            .find(|module| module.path == block.module)
            .is_some_and(|module| module.source.resources.contains_key(&key))
    }
}

/// The address that a target with evaluated keys stands for.
fn instance_of(
    module: Vec<(skyform_value::Str, Option<InstanceKey>)>,
    key: ResourceKey,
    instance: Option<InstanceKey>,
) -> InstanceAddress {
    let resource = ResourceAddress {
        module: ModuleInstance(module.into()),
        mode: key.mode,
        type_name: key.type_name,
        name: key.name,
    };
    Arc::new(resource).instance(instance)
}
