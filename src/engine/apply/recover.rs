//! Intents whose outcome is not known: each is looked up, and adopted or proved to have made nothing.

use std::sync::Arc;

use skyform_diag::{Diagnostic, Diagnostics, Location};
use skyform_provider_sdk::{LookupAnswer, LookupRequest};
use skyform_state::journal::{Change, Intent, IntentAction, Outcome};
use skyform_state::{Ledger, Object, ObjectStatus, StateError};
use skyform_value::json;

use crate::objects;
use crate::providers::Providers;

/// Settles all open intents that can be settled, and says what was found out about each.
///
/// # Errors
/// If the journal cannot be written.
pub async fn settle(ledger: &mut Ledger, providers: &Providers) -> Result<Diagnostics, StateError> {
    let mut said = Diagnostics::new();
    for intent in ledger.in_doubt().to_vec() {
        let (message, change) = find_out(ledger, providers, &intent).await;
        said.push(message);
        if let Some(changes) = change {
            ledger.outcome(Outcome { intent: intent.id, changes, error: None })?;
        }
    }
    Ok(said)
}

async fn find_out(
    ledger: &Ledger,
    providers: &Providers,
    intent: &Intent,
) -> (Diagnostic, Option<Vec<Change>>) {
    let text = intent.address.to_string();
    let resource = &intent.address.resource;
    let place = || Location::address(&text);
    let warn =
        |summary: &'static str, detail: String| Diagnostic::warning(place(), summary, detail);
    let known = ledger.state().object(&intent.address).cloned();
    match intent.action {
        IntentAction::Provision => {
            let detail = format!(
                "The last run ended while provisioners of {text} ran. It is marked as tainted, and will be replaced."
            );
            let object = known.map(|object| Object { status: ObjectStatus::Tainted, ..object });
            let change = Change::Current {
                address: intent.address.clone(),
                provider: intent.provider.clone(),
                object,
            };
            (warn("Interrupted provisioner", detail), Some(vec![change]))
        }
        IntentAction::Update | IntentAction::Delete => {
            let verb = if intent.action == IntentAction::Update { "changed" } else { "deleted" };
            let detail = format!(
                "The last run ended while {text} was being {verb}. It is read again now, and the plan starts from what it is."
            );
            (warn("Interrupted change", detail), Some(Vec::new()))
        }
        IntentAction::Create => {
            let Some(resolved) =
                providers.of_stored(&intent.provider, resource.mode, &resource.type_name)
            else {
                let detail = format!(
                    "The last run ended while {text} was being made, and its provider {} is not available to find out whether it was.",
                    intent.provider
                );
                return (Diagnostic::error(place(), "Object in doubt", detail), None);
            };
            let ty = resolved.schema.block.implied_type();
            let planned =
                intent.planned.as_deref().and_then(|text| json::from_typed(text, &ty).ok());
            let answer = resolved
                .provider
                .lookup(LookupRequest {
                    type_name: &resource.type_name,
                    address: &text,
                    planned: planned.unwrap_or_else(|| skyform_value::Value::null_of(ty)),
                    private: intent.private.to_vec(),
                    token: &intent.token,
                })
                .await;
            match answer {
                LookupAnswer::Found(value, private) => {
                    let object = objects::encode(&resolved, &value, private, Arc::from([]), false);
                    let change = Change::Current {
                        address: intent.address.clone(),
                        provider: intent.provider.clone(),
                        object: Some(object),
                    };
                    let detail = format!(
                        "The last run ended while {text} was being made. It was found, and is in the state now."
                    );
                    (warn("Interrupted create was found", detail), Some(vec![change]))
                }
                LookupAnswer::Absent => {
                    let detail = format!(
                        "The last run ended while {text} was being made. It was looked for, and does not exist."
                    );
                    (warn("Interrupted create made nothing", detail), Some(Vec::new()))
                }
                LookupAnswer::Unknown => {
                    let detail = format!(
                        "The last run ended while {text} was being made, and its provider cannot tell whether it was."
                    );
                    let error = Diagnostic::error(place(), "Object in doubt", detail).hint(format!(
                        "Look for it yourself. If it does not exist: skyform recover -absent='{text}'"
                    ));
                    (error, None)
                }
            }
        }
    }
}
