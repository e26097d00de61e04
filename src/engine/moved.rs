//! `moved` blocks: objects of the state take their new addresses before anything is planned.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use skyform_diag::Diagnostics;
use skyform_lang::config::{Config, Module, Target};
use skyform_state::journal::{Change, apply_change};
use skyform_state::{BlockAddress, State};
use skyform_value::{InstanceAddress, InstanceKey, ModuleInstance, ResourceAddress, Str};

/// What has moved: new address to former one.
pub(crate) type Moves = BTreeMap<InstanceAddress, InstanceAddress>;

type Calls = [(Str, Option<InstanceKey>)];

/// Does all moves that the configuration asks for, chains of them too.
pub(crate) fn apply_moves(config: &Config, state: &mut State) -> (Moves, Diagnostics) {
    let mut moves = Moves::new();
    let rules: Vec<(&Module, &Target, &Target)> = config
        .modules
        .iter()
        .flat_map(|module| module.source.moved.iter().map(move |m| (module, &m.from, &m.to)))
        .collect();
    // A chain is as long as there are rules at most.
    for _ in 0..=rules.len() {
        let mut changed = false;
        for (module, from, to) in &rules {
            let addresses: Vec<InstanceAddress> =
                state.instances().map(|(address, _)| address).collect();
            for address in addresses {
                let Some(new) = moved_to(module, from, to, &address) else { continue };
                if new == address || state.instance(&new).is_some() {
                    continue;
                }
                apply_change(state, &Change::Moved { from: address.clone(), to: new.clone() });
                let origin = moves.remove(&address).unwrap_or(address);
                moves.insert(new, origin);
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    // `count` that is set or taken away moves the first instance by itself.
    let mut stored: HashMap<BlockAddress, Vec<Arc<ResourceAddress>>> = HashMap::new();
    for address in state.resources.keys() {
        stored.entry(BlockAddress::from(&**address)).or_default().push(Arc::clone(address));
    }
    for module in &config.modules {
        for (key, block) in &module.source.resources {
            let address = BlockAddress {
                module: module.path.clone(),
                mode: key.mode,
                type_name: key.type_name.clone(),
                name: key.name.clone(),
            };
            let found = stored.get(&address).map(Vec::as_slice).unwrap_or_default();
            implied(found, block.count.is_some(), block.for_each.is_some(), state, &mut moves);
        }
    }
    (moves, Diagnostics::new())
}

/// `x` becomes `x[0]` where `count` appears, and `x[0]` becomes `x` where it goes.
fn implied(
    found: &[Arc<ResourceAddress>],
    has_count: bool,
    has_for_each: bool,
    state: &mut State,
    moves: &mut Moves,
) {
    for resource in found {
        let zero = resource.instance(Some(InstanceKey::Index(0)));
        let bare = resource.instance(None);
        let (from, to) = match (has_count, has_for_each) {
            (true, _) => (bare, zero),
            (false, false) => (zero, bare),
            (false, true) => continue,
        };
        if state.instance(&from).is_some() && state.instance(&to).is_none() {
            apply_change(state, &Change::Moved { from: from.clone(), to: to.clone() });
            let origin = moves.remove(&from).unwrap_or(from);
            moves.insert(to, origin);
        }
    }
}

/// Where an instance stands after a move, if the move is about it.
fn moved_to(
    module: &Module,
    from: &Target,
    to: &Target,
    address: &InstanceAddress,
) -> Option<InstanceAddress> {
    let calls = &address.resource.module.0;
    let depth = module.path.0.len();
    let (outer, inner) = calls.split_at_checked(depth)?;
    if !outer.iter().map(|(name, _)| name).eq(module.path.0.iter()) {
        return None;
    }
    match (&from.resource, &to.resource) {
        (Some((from_key, from_instance)), Some((to_key, to_instance))) => {
            let resource = &address.resource;
            let same = resource.mode == from_key.mode
                && resource.type_name == from_key.type_name
                && resource.name == from_key.name
                && matches_calls(inner, &from.module, true);
            if !same {
                return None;
            }
            let key = match (from_instance, to_instance) {
                // The whole resource moves with all its instances.
                (None, None) => address.key.clone(),
                (from, to) if *from == address.key => to.clone(),
                _ => return None,
            };
            let new = ResourceAddress {
                module: with_calls(outer, &to.module, &[]),
                mode: to_key.mode,
                type_name: to_key.type_name.clone(),
                name: to_key.name.clone(),
            };
            Some(Arc::new(new).instance(key))
        }
        (None, None) => {
            let (start, rest) = inner.split_at_checked(from.module.len())?;
            if !matches_calls(start, &from.module, false) {
                return None;
            }
            let mut replaced = to.module.clone();
            if let (Some(last), Some((_, key))) = (replaced.last_mut(), start.last())
                && from.module.last().is_some_and(|(_, key)| key.is_none())
                && last.1.is_none()
            {
                // A whole module call moves with all its instances.
                last.1.clone_from(key);
            }
            let new = ResourceAddress {
                module: with_calls(outer, &replaced, rest),
                ..(*address.resource).clone()
            };
            Some(Arc::new(new).instance(address.key.clone()))
        }
        _ => None,
    }
}

/// Whether calls are those of an address; one without a key stands for all instances, unless exact.
fn matches_calls(calls: &Calls, wanted: &Calls, exact: bool) -> bool {
    calls.len() == wanted.len()
        && calls.iter().zip(wanted).all(|((name, key), (wanted_name, wanted_key))| {
            name == wanted_name && (key == wanted_key || !exact && wanted_key.is_none())
        })
}

fn with_calls(outer: &Calls, middle: &Calls, rest: &Calls) -> ModuleInstance {
    ModuleInstance([outer, middle, rest].concat().into())
}
