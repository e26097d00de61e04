//! The `-json` stream: what happens as messages, one a line on standard output.

use std::io::Write as _;
use std::sync::Arc;
use std::time::Instant;

use serde_json::Value as Json;
use skyform_diag::{Diagnostics, SourceMap};
use skyform_engine::{Event, Events};
use skyform_plan::ChangeAction;
use skyform_provider_sdk::ProgressEvent;
use skyform_render::json::{Hook, diagnostic_message, hook, log, version_message};

use super::running::{Running, Ticker};

/// Writes messages.
pub(crate) struct Stream {
    running: Arc<Running>,
    /// Ephemeral resources to which something is being done.
    opening: Running,
    _ticker: Ticker,
}

impl Stream {
    /// Begins a stream.
    pub(crate) fn begin() -> Arc<Self> {
        write(version_message(env!("CARGO_PKG_VERSION")));
        let running = Arc::new(Running::default());
        let told = Arc::clone(&running);
        let ticker = Ticker::start(move || {
            for still in told.due(Instant::now()) {
                let id = still.id.as_deref();
                about(&still.address, Hook::ApplyProgress(still.action, id, still.seconds));
            }
        });
        Arc::new(Self { running, opening: Running::default(), _ticker: ticker })
    }

    /// Writes a message.
    pub(crate) fn message(&self, message: Json) {
        write(message);
    }

    /// Writes errors and warnings.
    pub(crate) fn report(&self, diagnostics: &Diagnostics, sources: &SourceMap) {
        let mut sorted = diagnostics.clone();
        sorted.sort();
        for diagnostic in &sorted {
            write(diagnostic_message(diagnostic, sources));
        }
    }
}

impl Events for Stream {
    fn event(&self, event: Event) {
        let now = Instant::now();
        match event {
            Event::RefreshStarted { address, id } => {
                about(&address, Hook::RefreshStart(id.as_deref()));
            }
            Event::RefreshFinished { address, id } => {
                about(&address, Hook::RefreshComplete(id.as_deref()));
            }
            Event::Started { address, action, id } => {
                about(&address, Hook::ApplyStart(action, id.as_deref()));
                self.running.begin(&address, action, id, now);
            }
            Event::Finished { address, action, id } => {
                let seconds = self.running.end(&address, now);
                about(&address, Hook::ApplyComplete(action, id.as_deref(), seconds));
            }
            Event::Failed { address, action } => {
                let seconds = self.running.end(&address, now);
                // Of a read that failed there is a diagnostic only.
                if action != ChangeAction::Read {
                    about(&address, Hook::ApplyErrored(action, None, seconds));
                }
            }
            Event::EphemeralStarted { address, step } => {
                about(&address, Hook::EphemeralStart(step.name(), step.words().0));
                self.opening.begin(&address, ChangeAction::Read, None, now);
            }
            Event::EphemeralFinished { address, step } => {
                let seconds = self.opening.end(&address, now);
                let (name, done) = (step.name(), step.words().1);
                about(&address, Hook::EphemeralComplete(name, done, seconds));
            }
            Event::EphemeralFailed { address, step } => {
                let seconds = self.opening.end(&address, now);
                let (name, done) = (step.name(), step.words().1);
                about(&address, Hook::EphemeralErrored(name, done, seconds));
            }
            Event::ProvisionStarted { address, provisioner } => {
                about(&address, Hook::ProvisionStart(&provisioner));
            }
            Event::ProvisionFinished { address, provisioner, good } => {
                let hook = if good { Hook::ProvisionComplete } else { Hook::ProvisionErrored };
                about(&address, hook(&provisioner));
            }
            Event::Output { address, provisioner, line } => {
                about(&address, Hook::ProvisionProgress(&provisioner, &line));
            }
            Event::Progress { address, event } => write(progress(&address, event)),
        }
    }
}

/// A provider's progress, which the format has no message of its own for.
fn progress(address: &str, event: ProgressEvent) -> Json {
    match event {
        ProgressEvent::Step(text) => log(&format!("{address}: {text}")),
        ProgressEvent::Amount { done, total, unit } => {
            let of = total.map_or_else(String::new, |total| format!(" of {total}"));
            let mut message = log(&format!("{address}: {done}{of} {unit}"));
            message["skyform"] = serde_json::json!({
                "address": address, "done": done, "total": total, "unit": unit.to_string(),
            });
            message
        }
    }
}

fn about(address: &str, what: Hook<'_>) {
    if let Ok(address) = address.parse() {
        write(hook(&address, what));
    }
}

pub(super) fn write(mut message: Json) {
    if let Some(fields) = message.as_object_mut() {
        let place = fields.keys().take_while(|name| name.starts_with('@')).count();
        let now = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string();
        // Behind the other fields about the message, where other programs have it.
        fields.shift_insert(place, "@timestamp".to_owned(), Json::from(now));
    }
    let mut stdout = std::io::stdout().lock();
    let _ = writeln!(stdout, "{message}");
    let _ = stdout.flush();
}
