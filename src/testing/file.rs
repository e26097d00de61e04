//! One file: its runs one after the other, then everything that they have made is destroyed.

use indexmap::IndexMap;
use skyform_diag::Diagnostics;
use skyform_state::State;
use skyform_value::{Str, Value};

use crate::report::{Event, Status, Watcher};
use crate::run::{self, Prepared};
use crate::suite::{Suite, Summary};

/// A state that runs of a file work on.
#[derive(Default)]
struct Kept {
    state: State,
    /// The last run that worked on it, with everything that is needed to destroy it.
    last: Option<(usize, Prepared)>,
}

pub(crate) async fn carry_out(suite: &Suite, at: usize, watcher: &dyn Watcher) -> Summary {
    let file = &suite.files[at];
    let mut summary = Summary { status: Some(Status::Pass), ..Summary::default() };
    let mut states: IndexMap<String, Kept> = IndexMap::new();
    let mut outputs: IndexMap<Str, Value> = IndexMap::new();
    let mut is_over = false;
    watcher.event(at, Event::FileStarted);
    for (index, block) in file.runs.iter().enumerate() {
        if is_over || suite.stop.is_cancelled() {
            summary.count(Status::Skip);
            watcher.event(at, skipped(index));
            continue;
        }
        watcher.event(at, Event::RunStarted { run: index });
        let kept = states.entry(key_of(block)).or_default();
        let (prepared, problems) = run::prepare(suite, at, index, &outputs);
        let ended = match prepared {
            Some(prepared) => {
                let mut ended = run::carry_out(suite, at, index, &prepared, &kept.state).await;
                ended.diagnostics.extend(problems);
                if let Some(state) = ended.state.take() {
                    kept.state = state;
                    kept.last = Some((index, prepared));
                }
                ended
            }
            None => run::Ended::failed(problems),
        };
        let run::Ended { status, diagnostics, shown, held, outputs: found, .. } = ended;
        if let Some(found) = found {
            outputs.insert(block.name.clone(), found);
        }
        summary.count(status);
        summary.status = summary.status.max(Some(status));
        is_over = status == Status::Error;
        watcher.event(at, Event::RunFinished { run: index, status, held, diagnostics, shown });
    }
    watcher.event(at, Event::TearDown);
    if tear_down(suite, at, states, watcher).await {
        summary.status = Some(Status::Error);
    }
    let status = summary.status.unwrap_or(Status::Pass);
    watcher.event(at, Event::FileFinished { status });
    summary
}

fn skipped(run: usize) -> Event {
    let diagnostics = Diagnostics::new();
    Event::RunFinished { run, status: Status::Skip, held: 0, diagnostics, shown: None }
}

/// The state that a run works on: the one of its module, or one by name.
fn key_of(block: &skyform_lang::config::Run) -> String {
    match (&block.state_key, &block.module) {
        (Some(key), _) => format!("key {key}"),
        (None, Some(module)) => format!("module {}", module.source),
        (None, None) => String::new(),
    }
}

/// Destroys what is left, the latest first. True if something could not be.
async fn tear_down(
    suite: &Suite,
    at: usize,
    states: IndexMap<String, Kept>,
    watcher: &dyn Watcher,
) -> bool {
    let mut left: Vec<(usize, Prepared, State)> = states
        .into_values()
        .filter_map(|kept| kept.last.map(|(run, prepared)| (run, prepared, kept.state)))
        .filter(|(.., state)| !state.resources.is_empty())
        .collect();
    left.sort_by_key(|(run, ..)| std::cmp::Reverse(*run));
    let mut failed = false;
    for (run, prepared, state) in left {
        watcher.event(at, Event::RunTearDown { run });
        let (diagnostics, left) = run::destroy(suite, &prepared, &state).await;
        if !left.is_empty() || diagnostics.has_errors() {
            failed = true;
            watcher.event(at, Event::LeftBehind { run, diagnostics, left });
        }
    }
    failed
}
