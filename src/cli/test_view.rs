//! How tests are shown while they run: as text, or as a stream of JSON messages; and what is kept
//! of them for a report.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use skyform_diag::{Diagnostics, SourceMap};
use skyform_render::json::{self, TestProgress, TestSubject};
use skyform_render::{
    JunitCase, JunitOutcome, JunitSuite, Style, diagnostics_text, plan_text, state_text,
    test_status,
};
use skyform_testing::{Event, Shown, Status, Suite, Watcher};

use super::context::Context;
use super::stream::write;

/// Shows tests. Lines of a file stay together: those of one that runs beside the one that is being
/// shown wait for their turn.
pub(crate) struct TestView<'a> {
    pub context: &'a Context,
    pub suite: &'a Suite,
    pub sources: &'a SourceMap,
    pub style: Style,
    pub no_color: bool,
    pub json: bool,
    pub verbose: bool,
    files: Mutex<Files>,
}

struct Files {
    /// The file that is being shown.
    current: usize,
    waiting: Vec<Waiting>,
    suites: Vec<JunitSuite>,
    started: Vec<Option<(Instant, String)>>,
}

#[derive(Default)]
struct Waiting {
    pieces: Vec<Piece>,
    is_over: bool,
}

/// Something to be written.
enum Piece {
    Out(String),
    Problems(Diagnostics),
}

impl<'a> TestView<'a> {
    pub(crate) fn new(
        context: &'a Context,
        suite: &'a Suite,
        sources: &'a SourceMap,
        args: &super::arguments::TestArgs,
    ) -> Self {
        let suites = suite.files.iter();
        let suites = suites.map(|file| JunitSuite { name: file.name.clone(), cases: Vec::new() });
        let files = Files {
            current: 0,
            waiting: suite.files.iter().map(|_| Waiting::default()).collect(),
            suites: suites.collect(),
            started: vec![None; suite.files.len()],
        };
        Self {
            context,
            suite,
            sources,
            style: context.style(args.no_color),
            no_color: args.no_color,
            json: args.json,
            verbose: args.verbose,
            files: Mutex::new(files),
        }
    }

    /// What is kept of the tests.
    pub(crate) fn suites(&self) -> Vec<JunitSuite> {
        self.lock().suites.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Files> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn subject(&self, file: usize, run: Option<usize>) -> TestSubject<'_> {
        let file = &self.suite.files[file];
        TestSubject { file: &file.name, run: run.map(|run| file.runs[run].name.as_str()) }
    }

    fn write(&self, piece: Piece) {
        match piece {
            Piece::Out(text) => self.context.print(&text),
            Piece::Problems(found) => {
                self.context.report(&found, self.sources, self.no_color);
            }
        }
    }

    fn show(&self, file: usize, pieces: Vec<Piece>, is_over: bool) {
        let mut files = self.lock();
        files.waiting[file].pieces.extend(pieces);
        files.waiting[file].is_over |= is_over;
        while let Some(waiting) = {
            let current = files.current;
            files.waiting.get_mut(current)
        } {
            let pieces = std::mem::take(&mut waiting.pieces);
            let is_over = waiting.is_over;
            pieces.into_iter().for_each(|piece| self.write(piece));
            if !is_over {
                break;
            }
            files.current += 1;
        }
    }

    fn as_text(&self, file: usize, event: &Event) -> Vec<Piece> {
        let name = &self.suite.files[file].name;
        let out = |text: String| vec![Piece::Out(text)];
        match event {
            Event::FileStarted => out(format!("{name}... {}\n", self.style.dim("in progress"))),
            Event::RunStarted { .. } | Event::RunTearDown { .. } => Vec::new(),
            Event::RunFinished { run, status, diagnostics, shown, .. } => {
                let run = &self.suite.files[file].runs[*run].name;
                let word = test_status(status.word(), self.style);
                let mut pieces = out(format!("  run \"{run}\"... {word}\n"));
                if let Some(shown) = shown.as_ref().filter(|_| self.verbose) {
                    pieces.push(Piece::Out(format!("\n{}\n", self.shown(file, shown))));
                }
                if !diagnostics.is_empty() {
                    pieces.push(Piece::Problems(diagnostics.clone()));
                }
                pieces
            }
            Event::TearDown => out(format!("{name}... {}\n", self.style.dim("tearing down"))),
            Event::LeftBehind { run, diagnostics, left } => {
                let run = &self.suite.files[file].runs[*run].name;
                let mut pieces = vec![Piece::Problems(diagnostics.clone())];
                if !left.is_empty() {
                    let list: Vec<String> =
                        left.iter().map(|address| format!("  - {address}\n")).collect();
                    let title = self.style.red("Left behind");
                    pieces.push(Piece::Out(format!(
                        "{title} after {name}/{run}; to be removed by hand:\n{}",
                        list.concat()
                    )));
                }
                pieces
            }
            Event::FileFinished { status } => {
                out(format!("{name}... {}\n", test_status(status.word(), self.style)))
            }
        }
    }

    fn shown(&self, file: usize, shown: &Shown) -> String {
        let _ = file;
        match shown {
            Shown::Plan(plan) => plan_text(plan, self.style),
            Shown::State(state) => state_text(state, self.style, |address, object| {
                skyform_engine::stored_value(&self.suite.providers, address, object)
            }),
        }
    }

    fn as_messages(&self, file: usize, event: &Event) {
        match event {
            Event::FileStarted => {
                write(json::test_progress(self.subject(file, None), TestProgress::Starting));
            }
            Event::RunStarted { run } => {
                write(json::test_progress(self.subject(file, Some(*run)), TestProgress::Starting));
            }
            Event::RunFinished { run, status, diagnostics, shown, .. } => {
                let subject = self.subject(file, Some(*run));
                write(json::test_progress(subject, TestProgress::Complete(status.word())));
                if let Some(shown) = shown.as_ref().filter(|_| self.verbose) {
                    write(self.document(subject, shown));
                }
                self.messages(subject, diagnostics);
            }
            Event::TearDown => {
                write(json::test_progress(self.subject(file, None), TestProgress::Teardown));
            }
            Event::RunTearDown { run } => {
                write(json::test_progress(self.subject(file, Some(*run)), TestProgress::Teardown));
            }
            Event::LeftBehind { run, diagnostics, left } => {
                let subject = self.subject(file, Some(*run));
                if !left.is_empty() {
                    write(json::test_cleanup(subject, left));
                }
                self.messages(subject, diagnostics);
            }
            Event::FileFinished { status } => {
                let progress = TestProgress::Complete(status.word());
                write(json::test_progress(self.subject(file, None), progress));
            }
        }
    }

    fn messages(&self, subject: TestSubject<'_>, diagnostics: &Diagnostics) {
        let mut sorted = diagnostics.clone();
        sorted.sort();
        for diagnostic in &sorted {
            write(json::test_diagnostic(subject, diagnostic, self.sources));
        }
    }

    fn document(&self, subject: TestSubject<'_>, shown: &Shown) -> serde_json::Value {
        let providers = &self.suite.providers;
        let decode = |address: &skyform_value::InstanceAddress, object: &skyform_state::Object| {
            skyform_engine::stored_value(providers, address, object)
        };
        match shown {
            Shown::State(state) => json::test_state(subject, &json::state_json(state, &decode)),
            Shown::Plan(plan) => {
                let known = json::Known {
                    decode: &decode,
                    schema_version: &|provider, mode, type_name| {
                        skyform_engine::schema_version(providers, provider, mode, type_name)
                    },
                    configuration: serde_json::Value::Null,
                    config: None,
                };
                json::test_plan(subject, &json::plan_json(plan, &known))
            }
        }
    }

    /// Keeps how a run came out.
    fn keep(&self, file: usize, event: &Event) {
        let now = Instant::now();
        match event {
            Event::RunStarted { .. } => {
                let began = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
                self.lock().started[file] = Some((now, began));
            }
            Event::RunFinished { run, status, held, diagnostics, .. } => {
                let run = &self.suite.files[file].runs[*run];
                let mut files = self.lock();
                let time = files.started[file].take();
                let time = time.map(|(began, text)| {
                    (now.saturating_duration_since(began).as_secs_f64(), text)
                });
                let (errors, warnings): (Vec<_>, Vec<_>) =
                    diagnostics.iter().cloned().partition(skyform_diag::Diagnostic::is_error);
                let text = |found: Vec<_>| {
                    let found: Diagnostics = found.into_iter().collect();
                    diagnostics_text(&found, self.sources, Style::default())
                };
                let outcome = match status {
                    Status::Pass => JunitOutcome::Pass,
                    Status::Fail => {
                        let all = run.asserts.len();
                        let first = errors.first().map(|error| error.detail.as_str());
                        let message = format!(
                            "{} of {all} assertions failed: {}",
                            all - held,
                            first.unwrap_or_default()
                        );
                        JunitOutcome::Failure(message, text(errors))
                    }
                    Status::Error => {
                        JunitOutcome::Error("Encountered an error".to_owned(), text(errors))
                    }
                    Status::Skip => {
                        let cases = &files.suites[file].cases;
                        let is_error =
                            |case: &&JunitCase| matches!(case.outcome, JunitOutcome::Error(..));
                        let (message, why) = match cases.iter().rfind(is_error) {
                            Some(case) => (
                                "Skipped after an error",
                                format!(
                                    "The run \"{}\" ended in an error, so the runs behind it were not carried out.",
                                    case.name
                                ),
                            ),
                            None => ("Skipped after an interrupt", String::new()),
                        };
                        JunitOutcome::Skipped(message.to_owned(), why)
                    }
                };
                let name = run.name.to_string();
                let warnings = text(warnings);
                files.suites[file].cases.push(JunitCase { name, time, outcome, warnings });
            }
            _ => {}
        }
    }
}

impl Watcher for TestView<'_> {
    fn event(&self, file: usize, event: Event) {
        self.keep(file, &event);
        if self.json {
            self.as_messages(file, &event);
        } else {
            let is_over = matches!(event, Event::FileFinished { .. });
            self.show(file, self.as_text(file, &event), is_over);
        }
    }
}
