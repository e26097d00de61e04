//! What happens during plan and apply: lines, and below them, on a terminal, what is going on.

use std::io::Write as _;
use std::sync::Arc;
use std::time::Instant;

use skyform_engine::{Event, Events};
use skyform_plan::ChangeAction;
use skyform_provider_sdk::ProgressEvent;
use skyform_render::Style;

use super::bars::Bars;
use super::running::{Running, Still, Ticker};

/// Prints events as lines.
pub(crate) struct Lines {
    printer: Arc<Printer>,
    running: Arc<Running>,
    /// Ephemeral resources to which something is being done.
    opening: Running,
    /// Tells again of what goes on for long, where nothing on the screen shows it.
    _ticker: Option<Ticker>,
}

/// Writes a line where it belongs: above the bars, if there are some.
struct Printer {
    style: Style,
    bars: Option<Bars>,
}

impl Lines {
    /// Lines for standard output; `live` if it is a terminal where lines can be drawn anew.
    pub(crate) fn new(style: Style, live: bool) -> Self {
        let printer = Arc::new(Printer { style, bars: live.then(Bars::new) });
        let running = Arc::new(Running::default());
        let ticker = (!live).then(|| {
            let (printer, running) = (Arc::clone(&printer), Arc::clone(&running));
            Ticker::start(move || {
                for still in running.due(Instant::now()) {
                    printer.line(&still.address, &still_text(&still));
                }
            })
        });
        Self { printer, running, opening: Running::default(), _ticker: ticker }
    }

    /// From here on, this many actions are carried out.
    pub(crate) fn begin_apply(&self, actions: usize) {
        if let Some(bars) = &self.printer.bars {
            bars.begin(actions);
        }
    }

    /// Nothing is going on any more.
    pub(crate) fn end_apply(&self) {
        if let Some(bars) = &self.printer.bars {
            bars.end();
        }
    }

    /// Shows text of several lines without disturbing what is drawn.
    pub(crate) fn say(&self, text: &str) {
        self.printer.text(text);
    }

    fn progress(&self, address: &str, event: ProgressEvent) {
        if let Some(bars) = &self.printer.bars {
            return bars.progress(address, &event);
        }
        match event {
            ProgressEvent::Step(text) => self.printer.line(address, &text),
            ProgressEvent::Amount { done, total, unit } => {
                self.printer.line(address, &amount(done, total, unit));
            }
        }
    }

    fn ended(&self, address: &str) -> u64 {
        if let Some(bars) = &self.printer.bars {
            bars.finish(address);
        }
        self.running.end(address, Instant::now())
    }
}

/// `424.0 MiB of 600.0 MiB`, `3 of 10 files`
fn amount(done: u64, total: Option<u64>, unit: &str) -> String {
    let number = |number: u64| match unit {
        "bytes" => crate::cli::copying::bytes(number),
        _ => number.to_string(),
    };
    let total = total.map_or_else(String::new, |total| format!(" of {}", number(total)));
    let unit = if unit == "bytes" { String::new() } else { format!(" {unit}") };
    format!("{}{total}{unit}", number(done))
}

impl Events for Lines {
    fn event(&self, event: Event) {
        match event {
            Event::RefreshStarted { address, id } => {
                self.printer.line(&address, &format!("Refreshing state...{}", with_id(id)));
            }
            Event::Started { address, action, id } => {
                let (going_on, _) = words(action);
                self.printer.line(&address, &format!("{going_on}...{}", with_id(id.clone())));
                if let Some(bars) = &self.printer.bars {
                    bars.start(&address, going_on);
                }
                self.running.begin(&address, action, id, Instant::now());
            }
            Event::Progress { address, event } => self.progress(&address, event),
            Event::Finished { address, action, id } => {
                let seconds = self.ended(&address);
                let (_, done) = words(action);
                let text = format!("{done} complete after {}{}", duration(seconds), with_id(id));
                self.printer.line(&address, &text);
            }
            Event::Failed { address, action } => {
                let seconds = self.ended(&address);
                let (_, done) = words(action);
                let text = format!("{done} failed after {}", duration(seconds));
                self.printer.line(&address, &self.printer.style.red(&text));
            }
            Event::EphemeralStarted { address, step } => {
                self.printer.line(&address, &format!("{}...", step.words().0));
                self.opening.begin(&address, ChangeAction::Read, None, Instant::now());
            }
            Event::EphemeralFinished { address, step } => {
                let seconds = self.opening.end(&address, Instant::now());
                let (_, done) = step.words();
                let text = format!("{done} complete after {}", duration(seconds));
                self.printer.line(&address, &text);
            }
            Event::EphemeralFailed { address, step } => {
                let seconds = self.opening.end(&address, Instant::now());
                let text = format!("{} failed after {}", step.words().1, duration(seconds));
                self.printer.line(&address, &self.printer.style.red(&text));
            }
            Event::ProvisionStarted { address, provisioner } => {
                self.printer.line(&address, &format!("Provisioning with '{provisioner}'..."));
            }
            Event::Output { address, provisioner, line } => {
                self.printer.line(&format!("{address} ({provisioner})"), &line);
            }
            Event::RefreshFinished { .. } | Event::ProvisionFinished { .. } => {}
        }
    }
}

impl Printer {
    fn line(&self, address: &str, text: &str) {
        self.text(&format!("{}: {text}", self.style.bold(address)));
    }

    fn text(&self, text: &str) {
        if let Some(bars) = &self.bars
            && bars.print(text)
        {
            return;
        }
        let mut stdout = std::io::stdout().lock();
        let _ = writeln!(stdout, "{text}");
    }
}

fn with_id(id: Option<String>) -> String {
    id.map_or_else(String::new, |id| format!(" [id={id}]"))
}

fn still_text(still: &Still) -> String {
    let (going_on, _) = words(still.action);
    let id = still.id.as_ref().map_or_else(String::new, |id| format!("id={id}, "));
    format!("Still {}... [{id}{} elapsed]", going_on.to_lowercase(), duration(still.seconds))
}

/// What is going on, and what it is called when it is over.
fn words(action: ChangeAction) -> (&'static str, &'static str) {
    match action {
        ChangeAction::Create => ("Creating", "Creation"),
        ChangeAction::Update => ("Modifying", "Modifications"),
        ChangeAction::Delete => ("Destroying", "Destruction"),
        _ => ("Reading", "Read"),
    }
}

/// Seconds as people say them: `8s`, `2m05s`, `1h00m12s`.
pub(crate) fn duration(seconds: u64) -> String {
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds}s"),
        (0, minutes, seconds) => format!("{minutes}m{seconds:02}s"),
        (hours, minutes, seconds) => format!("{hours}h{minutes:02}m{seconds:02}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_short() {
        let table = [(0, "0s"), (59, "59s"), (60, "1m00s"), (125, "2m05s"), (3612, "1h00m12s")];
        for (seconds, text) in table {
            assert_eq!(duration(seconds), text);
        }
    }

    #[test]
    fn amounts_of_bytes_are_short() {
        assert_eq!(amount(424 << 20, Some(600 << 20), "bytes"), "424.0 MiB of 600.0 MiB");
        assert_eq!(amount(3, Some(10), "files"), "3 of 10 files");
        assert_eq!(amount(3, None, "rows"), "3 rows");
    }

    #[test]
    fn what_goes_on_for_long_is_said_with_its_id() {
        let still = |id: Option<&str>, seconds| Still {
            address: "a.b".to_owned(),
            action: ChangeAction::Delete,
            id: id.map(str::to_owned),
            seconds,
        };
        assert_eq!(still_text(&still(None, 10)), "Still destroying... [10s elapsed]");
        assert_eq!(still_text(&still(Some("7"), 70)), "Still destroying... [id=7, 1m10s elapsed]");
    }
}
