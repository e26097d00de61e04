//! Changes done to the state in memory.

use std::collections::BTreeMap;

use super::{Change, Intent, Record};
use crate::State;

/// Does a change. Doing it twice is the same as once.
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

/// Does all changes of a journal, and returns the intents that have no outcome, in order.
pub fn replay(state: &mut State, records: &[Record]) -> Vec<Intent> {
    let mut in_doubt = BTreeMap::new();
    for record in records {
        match record {
            Record::Begin { .. } => {}
            Record::Intent(intent) => {
                in_doubt.insert(intent.id, intent.clone());
            }
            Record::Outcome(outcome) => {
                in_doubt.remove(&outcome.intent);
                outcome.changes.iter().for_each(|change| apply_change(state, change));
            }
            Record::Change(change) => apply_change(state, change),
        }
    }
    in_doubt.into_values().collect()
}
