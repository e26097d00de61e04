//! The `import` command: one object into the state, at once.

use std::sync::Arc;

use skyform_diag::{Diagnostic, Diagnostics, Location};
use skyform_lang::config::{ModuleId, Resource, ResourceKey};
use skyform_lang::{Evaluator, Scope};
use skyform_plan::PlanMode;
use skyform_provider_sdk::{ImportRequest, ReadRequest};
use skyform_state::journal::Change;
use skyform_value::{InstanceAddress, Value};

use crate::inspect::console_values;
use crate::objects::encode;
use crate::plan::{PlanOptions, PlanRequest, make_plan};
use crate::providers::Resolved;

/// What an import came to.
#[derive(Clone, Debug)]
pub struct ImportOutcome {
    /// The change of the state that takes the object in.
    pub change: Change,
    /// The object's value.
    pub value: Value,
}

/// Asks the provider for the object with an id, to be kept at an address that has configuration.
///
/// # Errors
/// If the address has no configuration or holds an object already, and what the provider says.
pub async fn import_object(
    request: &PlanRequest<'_>,
    address: &InstanceAddress,
    id: &str,
) -> Result<ImportOutcome, Diagnostics> {
    let text = address.to_string();
    let problem = |summary: &'static str, detail: String| {
        Diagnostic::error(Location::address(&text), summary, detail)
    };
    if request.state.object(address).is_some() {
        return Err(problem(
            "Resource already managed",
            format!("The state has an object at {text} already."),
        )
        .hint(format!("Drop that one from state first: skyform state rm '{text}'"))
        .into());
    }
    let Some(block) = declared(request, address) else {
        return Err(problem(
            "Resource address has no configuration",
            "An object is imported to a resource block, and there is none at this address.".into(),
        )
        .hint("Write the block first; its arguments may be empty.")
        .into());
    };
    let (module, block) = block;
    let resolved = request.providers.of_block(&request.config.modules[module.0], block)?;
    configure(request, &text).await;
    let (value, private) = fetch(&resolved, &text, &block.key.type_name, id).await?;
    let object = encode(&resolved, &value, private, Arc::from([]), false);
    let change = Change::Current {
        address: address.clone(),
        provider: resolved.config_address.clone(),
        object: Some(object),
    };
    Ok(ImportOutcome { change, value })
}

/// Has the blocks that providers are configured by evaluated, as a plan does it before it asks them.
/// What else is wrong while the object is not there yet does not matter here.
async fn configure(request: &PlanRequest<'_>, address: &str) {
    let options = PlanOptions {
        mode: PlanMode::RefreshOnly,
        refresh: false,
        targets: vec![address.to_owned()],
        ..request.options.clone()
    };
    let narrowed =
        PlanRequest { options: &options, events: Arc::clone(&request.events), ..*request };
    let _ = make_plan(&narrowed).await;
}

/// The object with an id, read again after it was found, with the provider's private bytes.
pub(super) async fn fetch(
    resolved: &Resolved,
    text: &str,
    type_name: &str,
    id: &str,
) -> Result<(Value, Vec<u8>), Diagnostics> {
    let place = Location::address(text);
    let failed = |problems: skyform_provider_sdk::Problems| {
        let problems = problems.into_iter();
        problems.map(|p| p.into_diagnostic(place.clone(), text)).collect::<Diagnostics>()
    };
    let request = ImportRequest { type_name, address: text, id };
    let found = resolved.provider.import(request).await.map_err(failed)?;
    let found = found.into_iter().next();
    let missing = || {
        Diagnostics::from(Diagnostic::error(
            Location::address(text),
            "Nothing to import",
            format!("There is no object with the id \"{id}\"."),
        ))
    };
    let Some(found) = found.filter(|found| !found.state.is_null()) else { return Err(missing()) };
    let request =
        ReadRequest { type_name, address: text, current: found.state, private: found.private };
    let read = resolved.provider.read(request).await.map_err(failed)?;
    if read.state.is_null() { Err(missing()) } else { Ok((read.state, read.private)) }
}

/// The block of an address, if it has that instance as far as can be told from what is stored.
fn declared<'a>(
    request: &PlanRequest<'a>,
    address: &InstanceAddress,
) -> Option<(ModuleId, &'a Resource)> {
    let resource = &address.resource;
    let path = resource.module.path();
    let module = request.config.modules.iter().position(|module| module.path == path)?;
    let key = ResourceKey {
        mode: resource.mode,
        type_name: resource.type_name.clone(),
        name: resource.name.clone(),
    };
    let block = request.config.modules[module].source.resources.get(&key)?;
    let values = console_values(request.config, request.providers, request.state);
    let world = request.world.while_planning();
    let evaluator = Evaluator::new(request.config, &values, request.inputs, world);
    let id = ModuleId(module);
    let exists = evaluator.module_instances(id).is_ok_and(|all| all.contains(&resource.module));
    let scope = Scope::new(id, resource.module.clone());
    let expansion = evaluator.expand(&block.count, &block.for_each, &scope).ok()?;
    (exists && expansion.keys().any(|key| key == address.key)).then_some((id, block))
}
