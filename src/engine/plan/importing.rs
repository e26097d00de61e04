//! `import` blocks: objects that exist already, taken over by an instance.

use std::sync::Arc;

use skyform_diag::{Diagnostics, Location, error_at};
use skyform_lang::Scope;
use skyform_lang::config::{ModuleId, Resource};
use skyform_provider_sdk::ImportRequest;
use skyform_state::Object;
use skyform_state::journal::{Change, apply_change};
use skyform_value::{InstanceAddress, ModuleInstance};

use super::walk::Walk;
use crate::objects;
use crate::providers::Resolved;

impl Walk<'_> {
    /// The object that an `import` block names for an instance, taken over by its provider.
    pub(super) async fn import(
        &self,
        block: &Resource,
        resolved: &Resolved,
        address: &InstanceAddress,
        text: &str,
    ) -> Result<Option<(Object, String)>, Diagnostics> {
        let imports = &self.request.config.modules[0].source.imports;
        let named = imports.iter().find(|import| {
            let target = import.to.as_reference();
            let target = target.map(|_| self.request.config.sources.text(import.to.span));
            target.and_then(|target| target.parse().ok()).as_ref() == Some(address)
        });
        let Some(import) = named else { return Ok(None) };
        if let Some(for_each) = &import.for_each {
            return Err(error_at!(
                for_each.span,
                "Import with for_each is not supported",
                "Write an import block for each instance."
            )
            .into());
        }
        let scope = Scope::new(ModuleId(0), ModuleInstance::root());
        let id = self.evaluator.evaluate(&import.id, &scope)?;
        let Some(id) = id.as_str().filter(|id| !id.is_empty()).map(str::to_owned) else {
            return Err(error_at!(
                import.id.span,
                "Invalid import id",
                "The id must be known while planning, and text that is not empty."
            )
            .into());
        };
        let request = ImportRequest { type_name: &block.key.type_name, address: text, id: &id };
        let found = resolved.provider.import(request).await.map_err(|problems| {
            let place = Location::Span(import.span);
            problems
                .into_iter()
                .map(|p| p.into_diagnostic(place.clone(), text))
                .collect::<Diagnostics>()
        })?;
        let Some(found) = found.into_iter().next() else {
            return Err(error_at!(
                import.span,
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
}
