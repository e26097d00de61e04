//! The lines at the bottom of a terminal: what runs, how far it is, how much is done in all.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use skyform_provider_sdk::ProgressEvent;

/// More running actions than that are only counted.
const MOST_SHOWN: usize = 12;

/// All lines; drawn only while a plan is applied.
pub(crate) struct Bars {
    all: MultiProgress,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    /// Of all actions; none while nothing is applied.
    sum: Option<ProgressBar>,
    running: BTreeMap<String, Option<ProgressBar>>,
}

impl Bars {
    pub(crate) fn new() -> Self {
        let all = MultiProgress::with_draw_target(ProgressDrawTarget::stdout_with_hz(10));
        Self { all, inner: Mutex::default() }
    }

    /// Begins to show so many actions.
    pub(crate) fn begin(&self, actions: usize) {
        if actions == 0 {
            return;
        }
        let sum = self.all.add(ProgressBar::new(actions as u64));
        sum.set_style(style("[{bar:24}] {pos}/{len} done, {elapsed}{msg}"));
        sum.enable_steady_tick(Duration::from_millis(200));
        self.lock().sum = Some(sum);
    }

    /// Takes everything off the screen.
    pub(crate) fn end(&self) {
        let mut inner = self.lock();
        for bar in std::mem::take(&mut inner.running).into_values().flatten() {
            bar.finish_and_clear();
        }
        if let Some(sum) = inner.sum.take() {
            sum.finish_and_clear();
        }
        let _ = self.all.clear();
    }

    /// An action has begun.
    pub(crate) fn start(&self, address: &str, going_on: &str) {
        let mut inner = self.lock();
        let Some(sum) = &inner.sum else { return };
        let shown = inner.running.values().flatten().count();
        let bar = (shown < MOST_SHOWN).then(|| {
            let bar = self.all.insert_before(sum, ProgressBar::new_spinner());
            bar.set_style(style("{spinner} {elapsed:>4} {wide_msg}"));
            bar.set_message(format!("{address}: {}", going_on.to_lowercase()));
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        });
        inner.running.insert(address.to_owned(), bar);
        inner.count_hidden();
    }

    /// An action tells how far it is.
    pub(crate) fn progress(&self, address: &str, event: &ProgressEvent) {
        let inner = self.lock();
        let Some(Some(bar)) = inner.running.get(address) else { return };
        match event {
            ProgressEvent::Step(text) => bar.set_message(format!("{address}: {text}")),
            ProgressEvent::Amount { done, total, unit } => {
                if bar.length() != *total || bar.length().is_none() {
                    let is_bytes = *unit == "bytes";
                    bar.set_style(style(amount_template(is_bytes, total.is_some())));
                    match total {
                        Some(total) => bar.set_length(*total),
                        None => bar.unset_length(),
                    }
                    bar.set_message(format!("{address}, {unit}"));
                }
                bar.set_position(*done);
            }
        }
    }

    /// An action has ended.
    pub(crate) fn finish(&self, address: &str) {
        let mut inner = self.lock();
        let Some(bar) = inner.running.remove(address) else { return };
        if let Some(bar) = bar {
            bar.finish_and_clear();
            self.all.remove(&bar);
        }
        if let Some(sum) = &inner.sum {
            sum.inc(1);
        }
        inner.count_hidden();
    }

    /// Writes text above the bars; false if there are none.
    pub(crate) fn print(&self, text: &str) -> bool {
        self.lock().sum.is_some() && self.all.println(text).is_ok()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Says how many run that there is no line for.
    fn count_hidden(&self) {
        let hidden = self.running.values().filter(|bar| bar.is_none()).count();
        if let Some(sum) = &self.sum {
            let more = if hidden > 0 { format!(", {hidden} more running") } else { String::new() };
            sum.set_message(more);
        }
    }
}

/// How an amount is shown: human units, rate, and the time left where the whole is known.
fn amount_template(is_bytes: bool, has_total: bool) -> &'static str {
    match (is_bytes, has_total) {
        (true, true) => {
            "{spinner} {elapsed:>4} [{bar:16}] {binary_bytes}/{binary_total_bytes} {binary_bytes_per_sec} {eta} left {wide_msg}"
        }
        (true, false) => "{spinner} {elapsed:>4} {binary_bytes} {binary_bytes_per_sec} {wide_msg}",
        (false, true) => {
            "{spinner} {elapsed:>4} [{bar:16}] {human_pos}/{human_len} {per_sec} {eta} left {wide_msg}"
        }
        (false, false) => "{spinner} {elapsed:>4} {human_pos} {per_sec} {wide_msg}",
    }
}

/// Plain characters without colours: legible everywhere.
pub(super) fn style(template: &str) -> ProgressStyle {
    let style = ProgressStyle::with_template(template);
    let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
    style.progress_chars("=> ").tick_chars("|/-\\ ")
}

#[cfg(test)]
mod tests {
    use indicatif::TermLike;

    use super::*;

    /// What is on a screen of some size, as lines.
    fn screen(width: u16, work: impl Fn(&Bars)) -> String {
        let term = indicatif::InMemoryTerm::new(20, width);
        let target = ProgressDrawTarget::term_like(Box::new(term.clone()));
        let bars = Bars { all: MultiProgress::with_draw_target(target), inner: Mutex::default() };
        work(&bars);
        assert!(term.width() == width);
        term.contents()
    }

    #[test]
    fn templates_are_sound() {
        for is_bytes in [true, false] {
            for has_total in [true, false] {
                let template = amount_template(is_bytes, has_total);
                assert!(ProgressStyle::with_template(template).is_ok(), "{template}");
            }
        }
    }

    #[test]
    fn running_actions_stand_above_the_sum_and_finished_ones_are_gone() {
        let shown = screen(60, |bars| {
            bars.begin(3);
            bars.start("terraform_data.a", "Creating");
            bars.start("terraform_data.b", "Destroying");
            bars.finish("terraform_data.a");
            assert!(bars.print("terraform_data.a: Creation complete after 0s"));
            bars.progress("terraform_data.b", &ProgressEvent::Step("copying".to_owned()));
            bars.lock().sum.iter().for_each(ProgressBar::tick);
        });
        let lines: Vec<&str> = shown.lines().collect();
        assert_eq!(lines[0], "terraform_data.a: Creation complete after 0s");
        assert!(lines[1].ends_with("terraform_data.b: copying"), "{shown}");
        assert!(lines[2].contains("] 1/3 done"), "{shown}");
        assert_eq!(lines.len(), 3, "{shown}");
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        let shown = screen(40, |bars| {
            bars.begin(1);
            bars.start("module.a.terraform_data.with_a_very_long_name_indeed", "Creating");
            let amount = ProgressEvent::Amount { done: 512, total: Some(2048), unit: "rows" };
            bars.progress("module.a.terraform_data.with_a_very_long_name_indeed", &amount);
        });
        assert!(shown.lines().all(|line| line.chars().count() <= 40), "{shown}");
    }

    #[test]
    fn what_does_not_fit_is_counted() {
        let shown = screen(60, |bars| {
            bars.begin(20);
            (0..15).for_each(|number| bars.start(&format!("a.b[{number}]"), "Creating"));
            bars.lock().sum.iter().for_each(ProgressBar::tick);
        });
        assert!(shown.contains("3 more running"), "{shown}");
    }

    #[test]
    fn nothing_is_drawn_before_and_after_an_apply() {
        let shown = screen(60, |bars| {
            bars.start("a.b", "Creating");
            assert!(!bars.print("line"));
            bars.begin(1);
            bars.start("a.b", "Creating");
            bars.end();
            assert!(!bars.print("line"));
        });
        assert_eq!(shown, "");
    }
}
