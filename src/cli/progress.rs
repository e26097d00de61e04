//! What happens during plan and apply, line by line.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use skyform_engine::{Event, Events};
use skyform_plan::ChangeAction;
use skyform_provider_sdk::ProgressEvent;
use skyform_render::Style;

/// Prints events as lines.
pub(crate) struct Lines {
    style: Style,
    started: Mutex<BTreeMap<String, Instant>>,
}

impl Lines {
    pub(crate) fn new(style: Style) -> Self {
        Self { style, started: Mutex::default() }
    }

    fn line(&self, address: &str, text: &str) {
        let mut stdout = std::io::stdout().lock();
        let _ = writeln!(stdout, "{}: {text}", self.style.bold(address));
    }

    fn seconds(&self, address: &str) -> u64 {
        let mut started = self.started.lock().unwrap_or_else(PoisonError::into_inner);
        started.remove(address).map_or(0, |start| start.elapsed().as_secs())
    }
}

impl Events for Lines {
    fn event(&self, event: Event) {
        let with_id = |id: Option<String>| id.map_or_else(String::new, |id| format!(" [id={id}]"));
        match event {
            Event::RefreshStarted { address, id } => {
                self.line(&address, &format!("Refreshing state...{}", with_id(id)));
            }
            Event::Started { address, action, id } => {
                let verb = match action {
                    ChangeAction::Create => "Creating...",
                    ChangeAction::Update => "Modifying...",
                    ChangeAction::Delete => "Destroying...",
                    _ => "Reading...",
                };
                self.line(&address, &format!("{verb}{}", with_id(id)));
                let mut started = self.started.lock().unwrap_or_else(PoisonError::into_inner);
                started.insert(address, Instant::now());
            }
            Event::Progress { address, event } => match event {
                ProgressEvent::Step(text) => self.line(&address, &text),
                ProgressEvent::Amount { done, total, unit } => {
                    let total = total.map_or_else(String::new, |total| format!(" of {total}"));
                    self.line(&address, &format!("{done}{total} {unit}"));
                }
            },
            Event::Finished { address, action, id } => {
                let verb = match action {
                    ChangeAction::Create => "Creation complete",
                    ChangeAction::Update => "Modifications complete",
                    ChangeAction::Delete => "Destruction complete",
                    _ => "Read complete",
                };
                let seconds = self.seconds(&address);
                self.line(&address, &format!("{verb} after {seconds}s{}", with_id(id)));
            }
            Event::Failed { address, .. } => {
                self.seconds(&address);
                self.line(&address, &self.style.red("Failed"));
            }
            Event::Output { address, provisioner, line } => {
                self.line(&address, &format!("({provisioner}): {line}"));
            }
        }
    }
}
