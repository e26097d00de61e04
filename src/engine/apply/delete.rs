//! Deleting an object, and putting one aside while its successor is made.

use std::sync::Arc;

use skyform_diag::{Diagnostics, Location};
use skyform_plan::{ChangeAction, ChangeId};
use skyform_provider_sdk::ApplyRequest as ProviderApply;
use skyform_state::journal::{Change, IntentAction};
use skyform_state::{DeposedKey, Object};
use skyform_value::Value;

use super::Tried;
use super::action::{Step, Subject};
use super::walk::Apply;
use crate::Event;
use crate::events::ProgressOf;
use crate::objects;

impl Apply<'_> {
    pub(super) async fn create_first(&self, id: ChangeId) -> bool {
        let change = self.request.plan.change(id);
        let (address, provider) = (change.address.clone(), change.provider.clone());
        let before = self.ledger.borrow().state().object(&address).cloned();
        let key = DeposedKey(self.request.world.token(4).into());
        let depose = |object: Option<Object>| Change::Deposed {
            address: address.clone(),
            key: key.clone(),
            provider: provider.clone(),
            object,
        };
        let current = |object: Option<Object>| Change::Current {
            address: address.clone(),
            provider: provider.clone(),
            object,
        };
        // The old object is noted in its new place before it leaves the old one.
        if !(self.record(depose(before.clone())) && self.record(current(None))) {
            return false;
        }
        self.deposed.borrow_mut().insert(id, key.clone());
        let good = self.change_object(id, Step::Create).await;
        let nothing_made = self.ledger.borrow().state().object(&address).is_none();
        // What may have been made still has its place: the old object stays in the other one.
        let mut in_doubt = self.ledger.borrow().in_doubt().to_vec().into_iter();
        if !good && nothing_made && !in_doubt.any(|intent| intent.address == address) {
            self.record(current(before));
            self.record(depose(None));
            self.deposed.borrow_mut().remove(&id);
        }
        good
    }

    pub(super) async fn delete(&self, id: ChangeId) -> bool {
        let subject = match self.subject(id) {
            Ok(subject) => subject,
            Err(errors) => {
                self.report("", errors);
                return false;
            }
        };
        let action = ChangeAction::Delete;
        self.started(&subject.text, action, objects::shown_id(&subject.change.before));
        match self.try_delete(id, &subject).await {
            Ok(()) => {
                self.finished(&subject.text, action, None);
                self.outcome.borrow_mut().destroyed += 1;
                true
            }
            Err(errors) => {
                self.report(&subject.text, errors);
                self.fail(&subject.text, Tried::Action(action));
                self.request.events.event(Event::Failed { address: subject.text.clone(), action });
                false
            }
        }
    }

    async fn try_delete(&self, id: ChangeId, subject: &Subject<'_>) -> Result<(), Diagnostics> {
        let change = subject.change;
        let deposed = self.deposed.borrow().get(&id).cloned().or_else(|| change.deposed.clone());
        if deposed.is_none() {
            self.provision_destroy(subject).await?;
        }
        let prior = change.before.unmarked();
        let none = Value::null_of(subject.resolved.schema.block.implied_type());
        let token = self.request.world.token(16);
        let before = match &deposed {
            Some(key) => {
                let ledger = self.ledger.borrow();
                ledger.state().instance(&change.address).and_then(|i| i.deposed.get(key)).cloned()
            }
            None => self.current_object(subject),
        };
        let private = before.as_ref().map(|object| object.private.to_vec()).unwrap_or_default();
        let intent = self
            .begin(subject, IntentAction::Delete, &none, &private, &token, deposed.as_ref())
            .await?;
        let answer = subject
            .resolved
            .provider
            .apply(ProviderApply {
                type_name: &change.address.resource.type_name,
                address: &subject.text,
                config: none.clone(),
                prior,
                planned: none,
                private,
                token: &token,
                progress: Arc::new(ProgressOf {
                    address: subject.text.clone(),
                    events: Arc::clone(&self.request.events),
                }),
            })
            .await;
        self.stays_open(subject, intent, &answer.problems)?;
        let place =
            subject.block.map_or_else(|| Location::address(&subject.text), |(_, b)| b.span.into());
        let problems = answer.problems.into_iter();
        let found: Diagnostics =
            problems.map(|problem| problem.into_diagnostic(place.clone(), &subject.text)).collect();
        let failed = found.has_errors();
        self.end(subject, intent, if failed { before } else { None }, deposed.as_ref(), &found)?;
        if failed {
            return Err(found);
        }
        self.report(&subject.text, found);
        Ok(())
    }

    pub(super) fn forget(&self, id: ChangeId) -> bool {
        let change = self.request.plan.change(id);
        self.outcome.borrow_mut().forgotten += 1;
        let (address, provider) = (change.address.clone(), change.provider.clone());
        self.record(match &change.deposed {
            Some(key) => Change::Deposed { address, key: key.clone(), provider, object: None },
            None => Change::Current { address, provider, object: None },
        })
    }
}
