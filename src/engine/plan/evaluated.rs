//! Blocks that are evaluated while planning and not stored: `catalog`, `cloud`, `task`, `placement`.

use skyform_diag::{Diagnostics, error_at};
use skyform_lang::config::{ModuleId, Resource};
use skyform_lang::{Expansion, Scope};
use skyform_placement::Outcome;
use skyform_value::{ModuleInstance, Str, Value};

use super::walk::Walk;
use crate::persisted::check_persisted;
use crate::placement::{
    PlacementInput, Places, ReadProblem, catalog, conflicts, explained, invalid, read_problem,
    report, result_value,
};
use crate::providers::Resolved;

impl Walk<'_> {
    pub(super) fn evaluate_block(
        &self,
        module: ModuleId,
        instance: &ModuleInstance,
        block: &Resource,
        resolved: &Resolved,
        expansion: &Expansion,
    ) -> bool {
        let mut good = true;
        for key in expansion.keys() {
            let value = key.as_ref().and_then(|key| expansion.value(key));
            let scope = Scope::new(module, instance.clone()).with_key(key.as_ref(), value);
            let schema = &resolved.schema.block;
            let decoded = self.evaluator.decode(&block.body, schema, &scope);
            // Their values are part of the plan.
            let decoded =
                decoded.and_then(|value| check_persisted(block, schema, &value).map(|()| value));
            let decoded = match decoded {
                Ok(value) => value,
                Err(errors) => {
                    self.report(errors);
                    good = false;
                    continue;
                }
            };
            let name: Str = match &key {
                Some(skyform_value::InstanceKey::Name(part)) => {
                    format!("{}-{part}", block.key.name).into()
                }
                Some(skyform_value::InstanceKey::Index(part)) => {
                    format!("{}-{part}", block.key.name).into()
                }
                None => block.key.name.clone(),
            };
            let value = with_attribute(&decoded, "name", Value::from(name.clone()));
            let value = match block.key.type_name.as_str() {
                "cloud" if !instance.is_root() => {
                    self.report([error_at!(
                        block.span,
                        "Cloud block outside of the root module",
                        "Clouds are declared in the root module and handed to others by reference.";
                        hint: "Move this block to the root module, and give the module a variable for it."
                    )]);
                    good = false;
                    continue;
                }
                "cloud" => {
                    let value = with_defaults(&value, &name);
                    let places = Places::new(block.span, &block.body);
                    self.cloud_places.borrow_mut().insert(name.to_string(), places);
                    self.clouds.borrow_mut().insert(name, value.unmarked());
                    value
                }
                "catalog" => match self.read_catalog(block, &name, &value) {
                    Ok(value) => value,
                    Err(errors) => {
                        self.report(errors);
                        good = false;
                        continue;
                    }
                },
                "placement" => match self.decide(instance, block, &value) {
                    Ok(value) => value,
                    Err(errors) => {
                        self.report(errors);
                        good = false;
                        continue;
                    }
                },
                _ => {
                    let places = Places::new(block.span, &block.body);
                    let task = (name.to_string(), value.unmarked(), places);
                    self.tasks.borrow_mut().push((instance.clone(), task));
                    value
                }
            };
            self.note_known(instance, block, key.clone(), &value);
            self.values.set(instance, &block.key, key, value);
        }
        good
    }
}

impl Walk<'_> {
    /// Reads a catalogue: its block's value with the offers in it.
    fn read_catalog(
        &self,
        block: &Resource,
        name: &str,
        value: &Value,
    ) -> Result<Value, Diagnostics> {
        let places = Places::new(block.span, &block.body);
        let read = catalog(name, &value.unmarked(), &places, &self.request.world)?;
        self.report(read.warnings);
        self.catalog_notes.borrow_mut().push(read.note);
        let attributes = read.attributes.into_iter();
        Ok(attributes.fold(value.clone(), |value, (name, own)| with_attribute(&value, name, own)))
    }

    /// Solves a placement: its value with the decision in it.
    fn decide(
        &self,
        instance: &ModuleInstance,
        block: &Resource,
        config: &Value,
    ) -> Result<Value, Diagnostics> {
        let prefix = if instance.is_root() { String::new() } else { format!("{instance}.") };
        let address = format!("{prefix}placement.{}", block.key.name);
        let prior = self.request.state.placements.get(&address);
        let cloud_places = self.cloud_places.borrow();
        let clouds = self.clouds.borrow();
        let clouds = clouds.iter().filter_map(|(name, value)| {
            let places = cloud_places.get(name.as_str())?;
            Some((name.to_string(), value.clone(), places.clone()))
        });
        let tasks = self.tasks.borrow();
        let tasks = tasks.iter().filter(|(module, _)| module == instance);
        let input = PlacementInput {
            config: &config.unmarked(),
            places: &Places::new(block.span, &block.body),
            clouds: clouds.collect(),
            tasks: tasks.map(|(_, task)| task.clone()).collect(),
            prior,
        };
        let ReadProblem { problem, limits, warnings } = read_problem(&input)?;
        self.report(warnings);
        let outcome =
            skyform_placement::place(&problem, &limits).map_err(|error| invalid(&input, &error))?;
        let mut found = report(address, &block.key.name, &input, &problem, &outcome);
        if self.request.options.explain && matches!(outcome, Outcome::Placed(_)) {
            let why = skyform_placement::explain(&problem, &limits);
            found.explanation = why.map(|why| explained(&input, &why));
        }
        found.notes.clone_from(&self.catalog_notes.borrow());
        self.found.borrow_mut().placements.push(found);
        match &outcome {
            Outcome::Placed(placed) => Ok(result_value(&problem, placed)
                .into_iter()
                .fold(config.clone(), |value, (name, result)| {
                    with_attribute(&value, name, result)
                })),
            _ => Err(conflicts(&input, &outcome)),
        }
    }

    /// Keeps the value of an instance that apply does not touch.
    pub(super) fn note_known(
        &self,
        module: &ModuleInstance,
        block: &Resource,
        key: Option<skyform_value::InstanceKey>,
        value: &Value,
    ) {
        let address = skyform_value::ResourceAddress {
            module: module.clone(),
            mode: block.key.mode,
            type_name: block.key.type_name.clone(),
            name: block.key.name.clone(),
        };
        let address = std::sync::Arc::new(address).instance(key);
        self.found.borrow_mut().known.insert(address, value.clone());
    }
}

/// A cloud with its driver and region, which are called as it is unless said otherwise.
fn with_defaults(cloud: &Value, name: &str) -> Value {
    ["driver", "region"].into_iter().fold(cloud.clone(), |cloud, attribute| {
        match cloud.get(attribute) {
            Some(given) if !given.is_null() => cloud,
            _ => with_attribute(&cloud, attribute, Value::from(name)),
        }
    })
}

fn with_attribute(object: &Value, name: &str, value: Value) -> Value {
    let attributes = object.as_table().into_iter().flatten();
    let attributes = attributes.map(|(name, value)| (name.clone(), value.clone()));
    Value::object(attributes.chain([(Str::from(name), value)])).with_marks(object.marks())
}
