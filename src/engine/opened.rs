//! Ephemeral resources that are open: renewed when that is due, closed when nobody needs them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use skyform_diag::{Diagnostics, Span};
use skyform_lang::config::Resource;
use skyform_provider_sdk::{Lease, Problems, Provider};
use skyform_value::{InstanceAddress, Marks, Str, Value};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::events::EphemeralStep;
use crate::objects::{mark, sensitive_paths};
use crate::plan::at_line;
use crate::providers::Resolved;
use crate::{Event, Events};

/// All ephemeral resources that are open in a run.
pub(crate) struct OpenResources {
    entries: RefCell<BTreeMap<InstanceAddress, Entry>>,
    events: Arc<dyn Events>,
}

struct Entry {
    keeper: Arc<Keeper>,
    /// Where its block stands.
    span: Span,
    closing: CancellationToken,
    /// Keeps it open until it is to be closed; then its last lease, and what went wrong.
    task: JoinHandle<(Lease, Problems)>,
}

/// What is needed to keep a resource open.
struct Keeper {
    provider: Arc<dyn Provider>,
    type_name: Str,
    address: String,
    events: Arc<dyn Events>,
}

impl OpenResources {
    /// None yet.
    pub(crate) fn new(events: Arc<dyn Events>) -> Self {
        Self { entries: RefCell::default(), events }
    }

    /// Opens a resource with a known configuration; its value, which is marked ephemeral.
    pub(crate) async fn open(
        &self,
        resolved: &Resolved,
        block: &Resource,
        address: &InstanceAddress,
        config: &Value,
    ) -> Result<Value, Diagnostics> {
        let text = address.to_string();
        let step = EphemeralStep::Open;
        self.events.event(Event::EphemeralStarted { address: text.clone(), step });
        let (bare, mut marks) = config.unmark();
        let found = resolved.provider.open(&block.key.type_name, bare).await;
        let opened = found.map_err(|problems| {
            self.events.event(Event::EphemeralFailed { address: text.clone(), step });
            let problems = problems.into_iter().map(|problem| at_line(problem, block, &text));
            problems.collect::<Diagnostics>()
        })?;
        self.events.event(Event::EphemeralFinished { address: text.clone(), step });
        let keeper = Arc::new(Keeper {
            provider: Arc::clone(&resolved.provider),
            type_name: block.key.type_name.clone(),
            address: text,
            events: Arc::clone(&self.events),
        });
        let closing = CancellationToken::new();
        let kept = Arc::clone(&keeper);
        let (lease, problems, asked) = (opened.lease, opened.problems, closing.clone());
        let task = tokio::spawn(async move { kept.keep(lease, problems, asked).await });
        let entry = Entry { keeper, span: block.span, closing, task };
        self.entries.borrow_mut().insert(address.clone(), entry);
        marks.extend(sensitive_paths(&resolved.schema.block));
        Ok(mark(&opened.value, &marks).with_marks(Marks::EPHEMERAL))
    }

    /// Closes a resource, if it is open.
    pub(crate) async fn close(&self, address: &InstanceAddress) -> Diagnostics {
        let Some(entry) = self.entries.borrow_mut().remove(address) else {
            return Diagnostics::new();
        };
        let Entry { keeper, span, closing, task } = entry;
        closing.cancel();
        let mut problems = match task.await {
            Ok((lease, mut problems)) => {
                problems.extend(keeper.close(lease).await);
                problems
            }
            // The task neither panics by itself nor is it ended by anybody.
            Err(_) => Problems::new(),
        };
        let text = &keeper.address;
        problems.drain(..).map(|problem| problem.into_diagnostic(span.into(), text)).collect()
    }
}

impl Keeper {
    fn event(&self, event: fn(String, EphemeralStep) -> Event, step: EphemeralStep) {
        self.events.event(event(self.address.clone(), step));
    }

    /// Renews the lease whenever that is due, until it is to be closed.
    async fn keep(
        &self,
        mut lease: Lease,
        mut problems: Problems,
        closing: CancellationToken,
    ) -> (Lease, Problems) {
        while let Some(due) = lease.renew_in {
            tokio::select! {
                () = closing.cancelled() => return (lease, problems),
                () = tokio::time::sleep(due) => {}
            }
            let step = EphemeralStep::Renew;
            self.event(|address, step| Event::EphemeralStarted { address, step }, step);
            match self.provider.renew(&self.type_name, lease.private.clone()).await {
                Ok(renewed) => {
                    self.event(|address, step| Event::EphemeralFinished { address, step }, step);
                    lease = renewed;
                }
                Err(found) => {
                    self.event(|address, step| Event::EphemeralFailed { address, step }, step);
                    problems.extend(found);
                    lease.renew_in = None;
                }
            }
        }
        closing.cancelled().await;
        (lease, problems)
    }

    async fn close(&self, lease: Lease) -> Problems {
        let step = EphemeralStep::Close;
        self.event(|address, step| Event::EphemeralStarted { address, step }, step);
        let problems = self.provider.close(&self.type_name, lease.private).await;
        if problems.iter().any(skyform_provider_sdk::Problem::is_error) {
            self.event(|address, step| Event::EphemeralFailed { address, step }, step);
        } else {
            self.event(|address, step| Event::EphemeralFinished { address, step }, step);
        }
        problems
    }
}

#[cfg(test)]
mod tests;
