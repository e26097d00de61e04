//! `state push` and `state replace-provider`

use std::io::Read as _;
use std::path::Path;

use skyform_diag::{Diagnostic, Diagnostics, Location};
use skyform_state::codec::state_from_json;
use skyform_state::journal::Change;
use skyform_state::{Ledger, Seal, State, StateError, is_of_journal};

use super::state::record;
use crate::cli::arguments::LockArgs;
use crate::cli::context::Context;
use crate::cli::project::{self, is_true};

/// Replaces the state by that of a file, if that one came from it and is not older.
pub(super) fn push(
    context: &Context,
    file: &Path,
    force: bool,
    lock: &LockArgs,
) -> Result<String, Diagnostics> {
    let given = read(context, file)?;
    let mut store = context.store()?;
    let failed = |error: StateError| Diagnostics::from(project::state_problem(&error));
    if is_true(&lock.lock) {
        store.lock(&context.lock_info("state-push", store.place())).map_err(failed)?;
    }
    let refused = |summary: &'static str, detail: String| {
        Diagnostics::from(
            Diagnostic::error(Location::input(file.display()), summary, detail)
                .hint("Look at both with care; -force replaces the state all the same."),
        )
    };
    let has_journal = store.journal_path().exists();
    if has_journal && !is_of_journal(&*store, &given).map_err(failed)? {
        return Err(Diagnostic::error(
            Location::input(store.journal_path().display()),
            "State has a journal",
            "The last run did not end properly, and what it did is not in the state file yet.",
        )
        .hint("Settle that first: skyform recover")
        .into());
    }
    let stored = store.read().map_err(failed)?;
    if let Some(stored) = stored.filter(|stored| !force && !stored.lineage.is_empty()) {
        if stored.lineage != given.lineage {
            return Err(refused(
                "State of another lineage",
                format!(
                    "It has the lineage {}, and the one here {}.",
                    given.lineage, stored.lineage
                ),
            ));
        }
        if stored.serial > given.serial {
            return Err(refused(
                "State is older",
                format!(
                    "Its serial is {}, and the one here has come to {}.",
                    given.serial, stored.serial
                ),
            ));
        }
        if stored.serial == given.serial && stored != given {
            return Err(refused(
                "States of the same serial differ",
                format!("Both have the serial {}, and not the same content.", given.serial),
            ));
        }
    }
    store.write(&given).map_err(failed)?;
    store.unlock().map_err(failed)?;
    Ok(String::new())
}

fn read(context: &Context, file: &Path) -> Result<State, Diagnostics> {
    let place = || Location::input(file.display());
    let text = if file == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().lock().read_to_string(&mut text).map(|_| text)
    } else {
        std::fs::read_to_string(file)
    };
    let text = text.map_err(|error| {
        Diagnostics::from(Diagnostic::error(place(), "Unreadable file", format!("{error}.")))
    })?;
    let text = match context.seals()?.state {
        Some(seal) if !is_plain(&text) => opened(file, &*seal, &text)?,
        _ => text,
    };
    state_from_json(&text).map_err(|error| {
        let error = match error {
            skyform_state::codec::NotAState::TooNew(version) => {
                StateError::TooNew { path: file.to_owned(), version }
            }
            skyform_state::codec::NotAState::Invalid(reason) => {
                StateError::Invalid { path: file.to_owned(), reason }
            }
        };
        project::state_problem(&error).into()
    })
}

/// Whether a text is a state as it is pulled, which is not encrypted.
fn is_plain(text: &str) -> bool {
    !text.contains("\"encrypted_data\"")
}

fn opened(file: &Path, seal: &dyn Seal, text: &str) -> Result<String, Diagnostics> {
    let opened = seal.open(text.as_bytes()).map_err(|problem| {
        let error = StateError::Sealed { place: file.to_owned(), problem };
        Diagnostics::from(project::state_problem(&error))
    })?;
    Ok(String::from_utf8_lossy(&opened).into_owned())
}

/// Resources whose provider would change, and their new provider address.
pub(super) fn affected(
    state: &State,
    from: &str,
    to: &str,
) -> Result<Vec<(String, String)>, Diagnostics> {
    let (from, to) = (source(from)?, source(to)?);
    let old = format!("[\"{from}\"]");
    let new = format!("[\"{to}\"]");
    let resources = state.resources.iter().filter(|(_, resource)| resource.provider.contains(&old));
    Ok(resources
        .map(|(address, resource)| {
            let text = address.instance(None).to_string();
            (text, resource.provider.replace(&old, &new).to_string())
        })
        .collect())
}

/// Changes the provider of all resources that have `from`.
pub(super) fn replace_provider(
    ledger: &mut Ledger,
    from: &str,
    to: &str,
) -> Result<String, Diagnostics> {
    let found = affected(ledger.state(), from, to)?;
    if found.is_empty() {
        return Ok("No matching resources found.\n".to_owned());
    }
    let state = ledger.state().clone();
    for (address, instance) in state.instances() {
        let text = address.resource.instance(None).to_string();
        let Some((_, provider)) = found.iter().find(|(known, _)| *known == text) else { continue };
        for (key, object) in &instance.deposed {
            let change = Change::Deposed {
                address: address.clone(),
                key: key.clone(),
                provider: provider.as_str().into(),
                object: Some(object.clone()),
            };
            record(ledger, change)?;
        }
        if let Some(object) = &instance.current {
            let change = Change::Current {
                address: address.clone(),
                provider: provider.as_str().into(),
                object: Some(object.clone()),
            };
            record(ledger, change)?;
        }
    }
    Ok(format!("Replaced the provider of {} resource(s).\n", found.len()))
}

/// A provider's full source address.
fn source(text: &str) -> Result<String, Diagnostics> {
    let parts: Vec<&str> = text.split('/').collect();
    let plain = |part: &&str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
    };
    if !parts.iter().all(plain) || parts.len() > 3 {
        return Err(Diagnostic::error(
            Location::input(text),
            "Invalid provider source",
            "A provider is named by [HOST/]NAMESPACE/TYPE.",
        )
        .into());
    }
    Ok(match parts.len() {
        1 => format!("registry.terraform.io/hashicorp/{text}"),
        2 => format!("registry.terraform.io/{text}"),
        _ => text.to_owned(),
    })
}
