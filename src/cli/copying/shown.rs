//! How far a copy is: a bar on a terminal, else a line every few seconds.

use std::io::{IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget};
use skyform_data::copy::{CopyEvent, CopyEvents, Meter};

use super::amounts::{bytes, count, duration, rate};
use crate::cli::bars::style;
use crate::cli::running::Ticker;

/// Between two lines.
const EVERY: Duration = Duration::from_secs(5);

/// Shows a copy on standard error.
pub(crate) struct Shown {
    progress: Arc<Progress>,
    /// Draws, or writes lines.
    _ticker: Option<Ticker>,
}

#[derive(Debug)]
struct Progress {
    /// None before both sides are listed.
    planned: Mutex<Option<Planned>>,
    objects: AtomicU64,
    moved: AtomicU64,
    bar: Option<ProgressBar>,
}

#[derive(Clone, Copy, Debug)]
struct Planned {
    objects: u64,
    bytes: u64,
    at: Instant,
    told: Instant,
}

impl Shown {
    /// Shows bars if standard error is a terminal, lines if not; nothing if not `wanted`.
    pub(crate) fn new(wanted: bool, dumb: bool) -> Shown {
        let live = wanted && !dumb && std::io::stderr().is_terminal();
        let progress = Arc::new(Progress::new(live.then(new_bar)));
        let ticker = wanted.then(|| {
            let progress = Arc::clone(&progress);
            Ticker::start(move || progress.tick(Instant::now()))
        });
        Shown { progress, _ticker: ticker }
    }

    /// Takes the bar off the screen; how long bytes were moved for.
    pub(crate) fn end(&self) -> Duration {
        if let Some(bar) = &self.progress.bar {
            bar.finish_and_clear();
        }
        self.progress.planned().map_or(Duration::ZERO, |planned| planned.at.elapsed())
    }
}

impl CopyEvents for Shown {
    fn event(&self, event: CopyEvent<'_>) {
        self.progress.take(&event, Instant::now());
    }
}

impl Progress {
    fn new(bar: Option<ProgressBar>) -> Progress {
        let (objects, moved) = (AtomicU64::new(0), AtomicU64::new(0));
        Progress { planned: Mutex::default(), objects, moved, bar }
    }

    fn planned(&self) -> Option<Planned> {
        *self.planned.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, event: &CopyEvent<'_>, now: Instant) {
        match event {
            CopyEvent::Planned { objects, bytes } => {
                let planned = Planned { objects: *objects, bytes: *bytes, at: now, told: now };
                *self.planned.lock().unwrap_or_else(PoisonError::into_inner) = Some(planned);
                if let Some(bar) = &self.bar {
                    bar.set_length(*bytes);
                    bar.set_style(style(BAR));
                }
            }
            CopyEvent::Moved { bytes, .. } => {
                self.moved.fetch_add(*bytes, Ordering::Relaxed);
                if let Some(bar) = &self.bar {
                    bar.inc(*bytes);
                }
            }
            CopyEvent::Copied { .. } | CopyEvent::Failed { .. } => {
                self.objects.fetch_add(1, Ordering::Relaxed);
            }
            CopyEvent::Started { .. } | CopyEvent::Deleted { .. } => {}
        }
    }

    /// Something to show may have changed.
    fn tick(&self, now: Instant) {
        let Some(planned) = self.planned() else { return };
        if let Some(bar) = &self.bar {
            let done = self.objects.load(Ordering::Relaxed);
            bar.set_message(format!("{done}/{}", count(planned.objects, "object")));
            return;
        }
        if let Some(line) = self.line(now) {
            let _ = writeln!(std::io::stderr().lock(), "{line}");
        }
    }

    /// How far it is, if that was not told for a while.
    fn line(&self, now: Instant) -> Option<String> {
        let mut planned = self.planned.lock().unwrap_or_else(PoisonError::into_inner);
        let planned = planned.as_mut()?;
        if now.saturating_duration_since(planned.told) < EVERY {
            return None;
        }
        planned.told = now;
        let moved = self.moved.load(Ordering::Relaxed);
        let elapsed = now.saturating_duration_since(planned.at);
        let meter = Meter { total: planned.bytes, moved, elapsed };
        let left = meter.time_left();
        let left = left.map_or_else(String::new, |left| format!(", {} left", duration(left)));
        Some(format!(
            "{} of {}, {} of {}, {}{left}",
            bytes(moved),
            bytes(planned.bytes),
            self.objects.load(Ordering::Relaxed),
            count(planned.objects, "object"),
            rate(meter.rate()),
        ))
    }
}

/// While both sides are listed.
const LISTING: &str = "{spinner} {elapsed:>4} listing both sides";

const BAR: &str = "{spinner} {elapsed:>4} [{bar:24}] {binary_bytes}/{binary_total_bytes} \
                   {binary_bytes_per_sec} {eta} left {wide_msg}";

fn new_bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
    bar.set_style(style(LISTING));
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

#[cfg(test)]
mod tests {
    use indicatif::ProgressStyle;

    use super::*;

    #[test]
    fn templates_are_sound() {
        for template in [LISTING, BAR] {
            assert!(ProgressStyle::with_template(template).is_ok(), "{template}");
        }
    }

    #[test]
    fn a_line_every_few_seconds() {
        let progress = Progress::new(None);
        let start = Instant::now();
        let at = |seconds: u64| start + Duration::from_secs(seconds);
        assert_eq!(progress.line(at(9)), None);
        progress.take(&CopyEvent::Planned { objects: 1200, bytes: 10 << 20 }, start);
        progress.take(&CopyEvent::Moved { path: "a", bytes: 4 << 20 }, at(1));
        progress.take(&CopyEvent::Copied { path: "a" }, at(1));
        assert_eq!(progress.line(at(4)), None);
        let expected = "4.0 MiB of 10.0 MiB, 1 of 1,200 objects, 819.2 KiB/s, 7.5s left";
        assert_eq!(progress.line(at(5)).as_deref(), Some(expected));
        assert_eq!(progress.line(at(9)), None);
        assert!(progress.line(at(10)).is_some());
    }
}
