//! Changes done to the state in memory.

use std::collections::BTreeMap;

use skyform_value::InstanceAddress;

use super::{Change, Intent, Record};
use crate::{Object, State};

/// Does a change.
pub fn apply_change(state: &mut State, change: &Change) {
    match change {
        Change::Current { address, provider, object } => {
            state.instance_mut(address, provider).current.clone_from(object);
            state.prune(address);
        }
        Change::Deposed { address, key, provider, object } => {
            let instance = state.instance_mut(address, provider);
            match object {
                Some(object) => instance.deposed.insert(key.clone(), object.clone()),
                None => instance.deposed.remove(key),
            };
            state.prune(address);
        }
        Change::Moved { from, to } => {
            let Some(resource) = state.resources.get_mut(&from.resource) else { return };
            let provider = resource.provider.clone();
            if let Some(instance) = resource.instances.remove(&from.key) {
                if resource.instances.is_empty() {
                    state.resources.remove(&from.resource);
                }
                *state.instance_mut(to, &provider) = instance;
            }
        }
        Change::Output { name, value } => {
            match value {
                Some(value) => state.outputs.insert(name.clone(), value.clone()),
                None => state.outputs.remove(name),
            };
        }
        Change::Placement { address, decision } => {
            match decision {
                Some(decision) => state.placements.insert(address.clone(), decision.clone()),
                None => state.placements.remove(address),
            };
        }
        Change::Checks(text) => state.checks.clone_from(text),
    }
}

/// What comes of a move: the instance at its new address, and nothing at the old one.
pub fn moved(state: &State, from: &InstanceAddress, to: &InstanceAddress) -> Vec<Change> {
    if from == to {
        return Vec::new();
    }
    let Some(resource) = state.resources.get(&from.resource) else { return Vec::new() };
    let Some(instance) = resource.instances.get(&from.key) else { return Vec::new() };
    let replaced = state.instance(to).into_iter();
    let replaced = replaced.flat_map(|instance| instance.deposed.keys());
    let gone = replaced.filter(|key| !instance.deposed.contains_key(key));
    let gone = gone.map(|key| (to, key.clone(), None));
    let come = instance.deposed.iter().map(|(key, object)| (to, key.clone(), Some(object.clone())));
    let left = instance.deposed.keys().map(|key| (from, key.clone(), None));
    let provider = || resource.provider.clone();
    let current = |address: &InstanceAddress, object: Option<&Object>| Change::Current {
        address: address.clone(),
        provider: provider(),
        object: object.cloned(),
    };
    let deposed = gone.chain(come).chain(left).map(|(address, key, object)| {
        let (address, provider) = (address.clone(), provider());
        Change::Deposed { address, key, provider, object }
    });
    deposed.chain([current(to, instance.current.as_ref()), current(from, None)]).collect()
}

/// Does all changes of a journal, and returns the intents that have no outcome, in order.
pub fn replay(state: &mut State, records: &[Record]) -> Vec<Intent> {
    let mut in_doubt = BTreeMap::new();
    for record in records {
        match record {
            Record::Begin { .. } | Record::Saving { .. } => {}
            Record::Intent(intent) => {
                in_doubt.insert(intent.id, intent.clone());
            }
            Record::Outcome(outcome) => {
                in_doubt.remove(&outcome.intent);
                outcome.changes.iter().for_each(|change| apply_change(state, change));
            }
            Record::Changes(changes) => {
                changes.iter().for_each(|change| apply_change(state, change));
            }
        }
    }
    in_doubt.into_values().collect()
}

#[cfg(test)]
mod tests;
