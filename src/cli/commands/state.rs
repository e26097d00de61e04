//! `state list|show|mv|rm|pull`, `taint` and `untaint`

use std::io::BufRead as _;

use skyform_diag::{Diagnostic, Diagnostics, Location};
use skyform_render::state_text;
use skyform_state::journal::Change;
use skyform_state::{Ledger, Object, ObjectStatus, State};
use skyform_value::{InstanceAddress, ModuleInstance, ResourceAddress};

use super::plan::decoder;
use super::state_transfer;
use crate::cli::arguments::{AddressArgs, LockArgs, StateCommand, VariableArgs};
use crate::cli::context::Context;
use crate::cli::project;
use crate::cli::{EXIT_ERROR, EXIT_OK};

pub(crate) fn run(context: &Context, command: &StateCommand) -> u8 {
    let result = match command {
        StateCommand::List { addresses } => list(context, addresses),
        StateCommand::Show { address } => show(context, address),
        StateCommand::Mv { from, to, dry_run, lock } => {
            change(context, lock, |ledger| move_all(ledger, from, to, *dry_run))
        }
        StateCommand::Rm { addresses, dry_run, lock } => {
            change(context, lock, |ledger| remove(ledger, addresses, *dry_run))
        }
        StateCommand::Push { file, force, lock } => {
            state_transfer::push(context, file, *force, lock)
        }
        StateCommand::ReplaceProvider { from, to, auto_approve, lock } => {
            change(context, lock, |ledger| {
                let found = state_transfer::affected(ledger.state(), from, to)?;
                let list: String = found.iter().map(|(text, _)| format!("  {text}\n")).collect();
                if !found.is_empty() && !auto_approve && !approved(context, &list) {
                    return Ok("Nothing has been changed.\n".to_owned());
                }
                state_transfer::replace_provider(ledger, from, to)
            })
        }
        StateCommand::Pull => project::read_state(context)
            .map(|ledger| skyform_state::codec::state_to_json(ledger.state())),
    };
    match result {
        Ok(text) => {
            context.print(&text);
            EXIT_OK
        }
        Err(problems) => {
            context.report(&problems, &project::no_sources(), false);
            EXIT_ERROR
        }
    }
}

/// Instances at an address: the instance itself, all of a resource, or all in a module.
fn matching(state: &State, text: &str) -> Result<Vec<InstanceAddress>, Diagnostics> {
    let all = state.instances().map(|(address, _)| address);
    if let Ok(module) = text.parse::<ModuleInstance>()
        && !module.is_root()
    {
        return Ok(all.filter(|address| is_in(&address.resource.module, &module)).collect());
    }
    let wanted: InstanceAddress = parse(text)?;
    Ok(all
        .filter(|address| {
            address.resource == wanted.resource
                && (wanted.key.is_none() || address.key == wanted.key)
        })
        .collect())
}

/// Whether a module instance is another one or in it; a call without a key stands for all of its
/// instances.
fn is_in(module: &ModuleInstance, outer: &ModuleInstance) -> bool {
    module.0.len() >= outer.0.len()
        && module.0.iter().zip(outer.0.iter()).all(|((name, key), (wanted, wanted_key))| {
            name == wanted && (wanted_key.is_none() || key == wanted_key)
        })
}

fn parse(text: &str) -> Result<InstanceAddress, Diagnostics> {
    text.parse().map_err(|error| {
        Diagnostic::error(Location::input(text), "Invalid address", format!("{error}.")).into()
    })
}

fn missing(state: &State, text: &str) -> Diagnostics {
    let known: Vec<String> = state.instances().map(|(address, _)| address.to_string()).collect();
    Diagnostic::error(
        Location::input(text),
        "No such instance",
        "The state has nothing at this address.",
    )
    .did_you_mean(text, known.iter().map(String::as_str))
    .into()
}

fn list(context: &Context, addresses: &[String]) -> Result<String, Diagnostics> {
    let ledger = project::read_state(context)?;
    let state = ledger.state();
    let mut found = Vec::new();
    if addresses.is_empty() {
        found.extend(state.instances().map(|(address, _)| address));
    }
    for text in addresses {
        let some = matching(state, text)?;
        if some.is_empty() {
            return Err(missing(state, text));
        }
        found.extend(some);
    }
    Ok(found.iter().map(|address| format!("{address}\n")).collect())
}

fn show(context: &Context, text: &str) -> Result<String, Diagnostics> {
    let ledger = project::read_state(context)?;
    let address = parse(text)?;
    let Some(instance) = ledger.state().instance(&address) else {
        return Err(missing(ledger.state(), text));
    };
    let (project, _) = project::open(context, &VariableArgs::default());
    let mut only = State::default();
    let provider = ledger.state().resources.get(&address.resource);
    let provider = provider.map(|resource| resource.provider.clone()).unwrap_or_default();
    *only.instance_mut(&address, &provider) = instance.clone();
    Ok(state_text(&only, context.style(false), decoder(&project)))
}

/// Asks whether to go ahead.
fn approved(context: &Context, list: &str) -> bool {
    context.print(&format!(
        "Resources whose provider changes:\n{list}Go ahead? Only \"yes\" is taken as such: "
    ));
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer);
    read.is_ok() && answer.trim() == "yes"
}

fn change(
    context: &Context,
    lock: &LockArgs,
    work: impl FnOnce(&mut Ledger) -> Result<String, Diagnostics>,
) -> Result<String, Diagnostics> {
    let (mut ledger, _) = project::open_state(context, lock, "state change")?;
    let text = work(&mut ledger)?;
    ledger.finish().map_err(|error| project::state_problem(&error))?;
    Ok(text)
}

pub(super) fn record(ledger: &mut Ledger, change: Change) -> Result<(), Diagnostics> {
    ledger.change(change).map(drop).map_err(|error| project::state_problem(&error).into())
}

fn move_all(
    ledger: &mut Ledger,
    from: &str,
    to: &str,
    dry_run: bool,
) -> Result<String, Diagnostics> {
    let mut found = matching(ledger.state(), from)?;
    if let Ok(module) = from.parse::<ModuleInstance>() {
        // Only that instance moves; where the others would go is not said.
        found.retain(|address| address.resource.module.0.starts_with(&module.0));
    }
    if found.is_empty() {
        return Err(missing(ledger.state(), from));
    }
    let (from_module, to_module) = (from.parse::<ModuleInstance>(), to.parse::<ModuleInstance>());
    let mut moves = Vec::new();
    for address in found {
        let target = match (&from_module, &to_module) {
            (Ok(from_module), Ok(to_module)) => {
                let rest = &address.resource.module.0[from_module.0.len()..];
                let module = ModuleInstance([&to_module.0[..], rest].concat().into());
                let resource = ResourceAddress { module, ..(*address.resource).clone() };
                std::sync::Arc::new(resource).instance(address.key.clone())
            }
            _ => {
                let (source, target) = (parse(from)?, parse(to)?);
                let key = match (&source.key, &target.key) {
                    (None, None) => address.key.clone(),
                    (_, key) => key.clone(),
                };
                target.resource.instance(key)
            }
        };
        if ledger.state().instance(&target).is_some() {
            return Err(Diagnostic::error(
                Location::input(to),
                "Target address is taken",
                format!("There is already something at {target}."),
            )
            .into());
        }
        moves.push((address, target));
    }
    let mut text = String::new();
    for (from, to) in &moves {
        if dry_run {
            text.push_str(&format!("Would move {from} to {to}\n"));
            continue;
        }
        text.push_str(&format!("Moved {from} to {to}\n"));
        record(ledger, Change::Moved { from: from.clone(), to: to.clone() })?;
    }
    Ok(text)
}

fn remove(ledger: &mut Ledger, addresses: &[String], dry_run: bool) -> Result<String, Diagnostics> {
    let mut text = String::new();
    for wanted in addresses {
        let found = matching(ledger.state(), wanted)?;
        if found.is_empty() {
            return Err(missing(ledger.state(), wanted));
        }
        for address in found {
            if dry_run {
                text.push_str(&format!("Would remove {address}\n"));
                continue;
            }
            text.push_str(&format!("Removed {address}\n"));
            let instance = ledger.state().instance(&address).cloned().unwrap_or_default();
            let provider = ledger.state().resources.get(&address.resource);
            let provider = provider.map(|resource| resource.provider.clone()).unwrap_or_default();
            for key in instance.deposed.into_keys() {
                let (address, provider) = (address.clone(), provider.clone());
                record(ledger, Change::Deposed { address, key, provider, object: None })?;
            }
            record(ledger, Change::Current { address, provider, object: None })?;
        }
    }
    Ok(text)
}

/// Marks an instance as tainted, or takes the mark off.
pub(crate) fn taint(context: &Context, args: &AddressArgs, tainted: bool) -> u8 {
    let work = |ledger: &mut Ledger| {
        let address = parse(&args.address)?;
        let Some(object) = ledger.state().object(&address).cloned() else {
            if args.allow_missing {
                return Ok(String::new());
            }
            return Err(missing(ledger.state(), &args.address));
        };
        if !tainted && object.status != ObjectStatus::Tainted {
            return Err(Diagnostic::error(
                Location::input(&args.address),
                "Not tainted",
                "The instance is not marked as tainted, so there is no mark to take off.",
            )
            .into());
        }
        let provider = ledger.state().resources.get(&address.resource);
        let provider = provider.map(|resource| resource.provider.clone()).unwrap_or_default();
        let status = if tainted { ObjectStatus::Tainted } else { ObjectStatus::Ready };
        let object = Some(Object { status, ..object });
        record(ledger, Change::Current { address: address.clone(), provider, object })?;
        let said = if tainted { "marked as tainted" } else { "no longer marked as tainted" };
        Ok(format!("Resource instance {address} is {said}.\n"))
    };
    match change(context, &args.lock, work) {
        Ok(text) => {
            context.print(&text);
            EXIT_OK
        }
        Err(problems) => {
            context.report(&problems, &project::no_sources(), false);
            EXIT_ERROR
        }
    }
}
