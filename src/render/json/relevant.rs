//! Attributes of resources that the plan's changes come from, found by following references.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};
use skyform_lang::config::{Config, ModuleId, Reference, ResourceKey, Subject};
use skyform_plan::{ChangeAction, Plan, PlanMode, ResourceChange};
use skyform_value::{InstanceKey, ModuleInstance, Step, Str};

use super::plan::path_json;

/// `relevant_attributes`; empty if nothing was found.
pub(super) fn relevant_attributes(plan: &Plan, config: &Config) -> Vec<Json> {
    let mut search = Search { config, found: BTreeMap::new(), seen: BTreeSet::new() };
    let root = &config.modules[0].source;
    for (name, change) in &plan.outputs {
        if change.is_change()
            && let Some(output) = root.outputs.get(name)
        {
            search.all(ModuleId(0), &ModuleInstance::root(), &output.value.references());
        }
    }
    for instance in evaluated_modules(plan) {
        let Some(id) = search.module_of(&instance) else { continue };
        for output in config.modules[id.0].source.outputs.values() {
            search.all(id, &instance, &output.value.references());
        }
    }
    let changes = plan.changes.iter();
    for change in changes.filter(|c| !matches!(c.action, ChangeAction::NoOp | ChangeAction::Forget))
    {
        let resource = &change.address.resource;
        let Some(id) = search.module_of(&resource.module) else { continue };
        let key = ResourceKey {
            mode: resource.mode,
            type_name: resource.type_name.clone(),
            name: resource.name.clone(),
        };
        let Some(block) = config.modules[id.0].source.resources.get(&key) else { continue };
        let references = block.body.references();
        search.all(id, &resource.module, &references);
        let is_each = |reference: &Reference| {
            matches!(reference.subject, Subject::Each(_) | Subject::CountIndex)
        };
        if references.iter().any(is_each) {
            for repetition in block.count.iter().chain(&block.for_each) {
                search.all(id, &resource.module, &repetition.references());
            }
        }
    }
    search.found.into_values().collect()
}

/// Instances of modules, but for the root, whose outputs the plan has evaluated as a whole.
fn evaluated_modules(plan: &Plan) -> BTreeSet<ModuleInstance> {
    let mut instances = BTreeSet::new();
    if plan.mode == PlanMode::Destroy {
        return instances;
    }
    let targets: Vec<ModuleInstance> =
        plan.targets.iter().filter_map(|target| target.parse().ok()).collect();
    let goes = |change: &ResourceChange| {
        matches!(change.action, ChangeAction::Delete | ChangeAction::Forget)
    };
    let stays = plan.changes.iter().filter(|change| !goes(change)).map(|change| &change.address);
    for address in stays.chain(plan.known.keys()) {
        let mut at = Some(address.resource.module.clone());
        while let Some(module) = at.filter(|module| !module.is_root()) {
            let is_meant = targets.iter().any(|target| module.0.starts_with(&target.0));
            at = module.parent();
            if plan.targets.is_empty() || is_meant {
                instances.insert(module);
            }
        }
    }
    instances
}

struct Search<'a> {
    config: &'a Config,
    found: BTreeMap<(String, String), Json>,
    /// Locals, variables and outputs that have been followed.
    seen: BTreeSet<(ModuleInstance, String)>,
}

impl Search<'_> {
    fn module_of(&self, instance: &ModuleInstance) -> Option<ModuleId> {
        let path = instance.path();
        self.config.modules.iter().position(|module| module.path == path).map(ModuleId)
    }

    fn all(&mut self, id: ModuleId, instance: &ModuleInstance, references: &[Reference]) {
        references.iter().for_each(|reference| self.follow(id, instance, reference));
    }

    fn is_new(&mut self, instance: &ModuleInstance, what: String) -> bool {
        self.seen.insert((instance.clone(), what))
    }

    fn follow(&mut self, id: ModuleId, instance: &ModuleInstance, reference: &Reference) {
        let module = &self.config.modules[id.0];
        match &reference.subject {
            Subject::Resource(key, at) => self.add(instance, key, at.as_ref(), &reference.rest),
            Subject::Local(name) if self.is_new(instance, format!("local.{name}")) => {
                if let Some(local) = module.source.locals.get(name) {
                    self.all(id, instance, &local.value.references());
                }
            }
            Subject::Variable(name) if self.is_new(instance, format!("var.{name}")) => {
                let Some((parent, above)) = module.parent.zip(instance.parent()) else { return };
                let Some((call, _)) = instance.0.last() else { return };
                let calls = &self.config.modules[parent.0].source.calls;
                let argument = calls.get(call).and_then(|call| call.arguments.attributes.get(name));
                if let Some(argument) = argument {
                    self.all(parent, &above, &argument.expr.references());
                }
            }
            Subject::Module(call, key, output) => {
                let Some(child) = module.children.get(call).copied() else { return };
                let inside = instance.child(call, key.clone());
                self.outputs(child, &inside, output.as_ref());
            }
            _ => {}
        }
    }

    fn outputs(&mut self, id: ModuleId, instance: &ModuleInstance, only: Option<&Str>) {
        let source = &self.config.modules[id.0].source;
        for output in source.outputs.values() {
            if only.is_none_or(|only| *only == output.name)
                && self.is_new(instance, format!("output.{}", output.name))
            {
                self.all(id, instance, &output.value.references());
            }
        }
    }

    fn add(
        &mut self,
        instance: &ModuleInstance,
        key: &ResourceKey,
        at: Option<&InstanceKey>,
        rest: &[Step],
    ) {
        let resource = skyform_value::ResourceAddress {
            module: instance.clone(),
            mode: key.mode,
            type_name: key.type_name.clone(),
            name: key.name.clone(),
        };
        let address = std::sync::Arc::new(resource).instance(at.cloned()).to_string();
        let attribute = path_json(rest);
        let entry = json!({"resource": address, "attribute": attribute});
        self.found.insert((address, attribute.to_string()), entry);
    }
}
