//! Ephemeral resources while a plan is applied: opened again, since nothing of them was kept.

use skyform_diag::{Diagnostics, error_at};
use skyform_lang::Scope;
use skyform_lang::config::{ModuleId, Resource, ResourceKey};
use skyform_value::{InstanceAddress, Value};

use super::Tried;
use super::walk::Apply;
use crate::plan::at_line;

impl Apply<'_> {
    pub(super) async fn open(&self, address: &InstanceAddress) -> bool {
        let text = address.to_string();
        match self.try_open(address, &text).await {
            Ok(()) => true,
            Err(errors) => {
                self.report(&text, errors);
                self.fail(&text, Tried::Open);
                false
            }
        }
    }

    async fn try_open(&self, address: &InstanceAddress, text: &str) -> Result<(), Diagnostics> {
        // Without a block there is nobody to use it.
        let Some((id, block)) = self.ephemeral_block(address) else { return Ok(()) };
        let module = &self.request.config.modules[id.0];
        let resolved = self.request.providers.of_block(module, block)?;
        let instance = &address.resource.module;
        let scope = Scope::new(id, instance.clone());
        let expansion = self.evaluator.expand(&block.count, &block.for_each, &scope)?;
        let each = address.key.as_ref().and_then(|key| expansion.value(key));
        let scope = scope.with_key(address.key.as_ref(), each);
        let (before, after) = (&block.lifecycle.preconditions, &block.lifecycle.postconditions);
        self.check_rules(before, &scope, text, "Resource precondition failed")?;
        let config = self.evaluator.decode(&block.body, &resolved.schema.block, &scope)?;
        if !config.is_wholly_known() {
            return Err(error_at!(
                block.span,
                "Configuration still not known",
                "Something in this block is not known although everything that it needs is done."
            )
            .into());
        }
        let problems = resolved.provider.validate(&block.key.type_name, &config.unmarked()).await;
        let problems = problems.into_iter().map(|problem| at_line(problem, block, text));
        problems.collect::<Diagnostics>().into_result(())?;
        let value = self.open.open(&resolved, block, address, &config).await?;
        self.values.set(instance, &block.key, address.key.clone(), Value::clone(&value));
        self.check_rules(after, &scope.with_self(value), text, "Resource postcondition failed")
    }

    /// What goes wrong with closing is said, and hinders nothing.
    pub(super) async fn close(&self, address: &InstanceAddress) -> bool {
        let problems = self.open.close(address).await;
        self.report(&address.to_string(), problems);
        true
    }

    fn ephemeral_block(&self, address: &InstanceAddress) -> Option<(ModuleId, &Resource)> {
        let resource = &address.resource;
        let id = self.request.config.module_of(&resource.module)?;
        let key = ResourceKey {
            mode: resource.mode,
            type_name: resource.type_name.clone(),
            name: resource.name.clone(),
        };
        Some((id, self.request.config.modules[id.0].source.resources.get(&key)?))
    }
}
