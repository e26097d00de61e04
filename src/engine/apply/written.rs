//! Written ahead: intents before, outcomes after.

use std::sync::Arc;

use skyform_diag::{Diagnostic, Diagnostics, Location};
use skyform_state::journal::{Change, Intent, IntentAction, Outcome};
use skyform_state::{DeposedKey, Object};
use skyform_value::{Value, json};

use super::action::Subject;
use super::walk::{Apply, state_problem};

impl Apply<'_> {
    /// Writes an intent ahead, and waits until that is durable. Where nothing can come into doubt
    /// there is none.
    pub(super) async fn begin(
        &self,
        subject: &Subject<'_>,
        action: IntentAction,
        planned: &Value,
        private: &[u8],
        token: &str,
        deposed: Option<&DeposedKey>,
    ) -> Result<Option<u64>, Diagnostics> {
        if subject.resolved.traits.pure && action != IntentAction::Provision {
            return Ok(None);
        }
        let ticket = {
            let mut ledger = self.ledger.borrow_mut();
            let id = ledger.next_intent();
            let intent = Intent {
                id,
                address: subject.change.address.clone(),
                deposed: deposed.cloned(),
                action,
                provider: subject.change.provider.clone(),
                prior: None,
                planned: (!planned.is_null()).then(|| {
                    let ty = subject.resolved.schema.block.implied_type();
                    Arc::from(json::to_typed(&planned.unmarked(), &ty))
                }),
                private: private.into(),
                token: token.to_owned(),
            };
            let ticket = ledger.intent(intent).map_err(|error| state_problem(&error))?;
            (id, ticket)
        };
        let (id, ticket) = ticket;
        ticket.durable().await.map_err(|error| {
            Diagnostic::error(
                Location::address(&subject.text),
                "Journal could not be written",
                format!("{error}. Nothing has been done to this resource."),
            )
        })?;
        Ok(Some(id))
    }

    /// Writes the outcome down.
    pub(super) fn end(
        &self,
        subject: &Subject<'_>,
        intent: Option<u64>,
        object: Option<Object>,
        deposed: Option<&DeposedKey>,
        errors: &Diagnostics,
    ) -> Result<(), Diagnostics> {
        let (address, provider) = (subject.change.address.clone(), subject.change.provider.clone());
        let change = match deposed {
            Some(key) => Change::Deposed { address, key: key.clone(), provider, object },
            None => Change::Current { address, provider, object },
        };
        let mut ledger = self.ledger.borrow_mut();
        let written = match intent {
            Some(intent) => {
                let error = errors.iter().find(|error| error.is_error());
                let error = error.map(|error| format!("{}: {}", error.summary, error.detail));
                ledger.outcome(Outcome { intent, changes: vec![change], error })
            }
            None => ledger.change(change),
        };
        written.map(drop).map_err(|error| state_problem(&error).into())
    }
}
