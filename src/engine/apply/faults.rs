//! Providers that hang, crash, fail and answer nonsense; stops; journals that cannot be written:
//! nothing that was made is lost, and what has nothing to do with it is done.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use skyform_state::disk::{Content, Disk, DiskFile, RealDisk};
use skyform_state::{ObjectStatus, State};
use tokio_util::sync::CancellationToken;

use self::stack::{Stack, summaries};
use super::{Skipped, Why};
use crate::{Event, Events};

mod faulty;
mod stack;

const SOON: Duration = Duration::from_millis(60);
const LATE: Duration = Duration::from_secs(600);

fn addresses(state: &State) -> Vec<String> {
    state.instances().map(|(address, _)| address.to_string()).collect()
}

#[test]
fn a_provider_that_hangs_or_crashes_leaves_its_object_in_doubt_and_the_next_run_finds_it() {
    let hung = "Provider did not answer in time";
    for (name, summary, is_made) in [
        ("hangs", hung, false),
        ("is made and hangs", hung, true),
        ("panics", "Provider crashed", false),
        ("is made and panics", "Provider crashed", true),
    ] {
        let stack = Stack::of(&[name, "good"], SOON);
        let outcome = stack.apply();
        assert_eq!(summaries(&outcome), [summary], "{name}");
        assert_eq!(outcome.failures.len(), 1);
        assert_eq!(addresses(&outcome.state), ["faulty_thing.r1"], "{name}");
        let (ledger, recovered) = stack.open();
        let in_doubt: Vec<String> =
            recovered.in_doubt.iter().map(|intent| intent.address.to_string()).collect();
        assert_eq!(in_doubt, ["faulty_thing.r0"], "{name}");
        drop(ledger);
        // Once it has been looked up, what was made is known, and is not made again.
        let outcome = stack.apply();
        assert_eq!(outcome.failures.is_empty(), is_made, "{name}: {:?}", outcome.diagnostics);
        let expected: &[&str] = if is_made { &["good", name] } else { &["good"] };
        assert_eq!(stack.faulty.made(), expected);
    }
}

#[test]
fn what_cannot_be_looked_up_stays_in_doubt_and_is_an_error_each_time() {
    let stack = Stack::of(&["is made and hangs for ever"], SOON);
    stack.apply();
    for _ in 0..2 {
        let (mut ledger, _) = stack.open();
        let said = stack.settle(&mut ledger);
        let found: Vec<_> = said.iter().map(|said| (&*said.summary, said.is_error())).collect();
        assert_eq!(found, [("Object in doubt", true)]);
        assert_eq!(ledger.in_doubt().len(), 1);
        ledger.finish().expect("written");
    }
}

#[test]
fn nonsense_is_told_and_what_was_made_is_kept_as_tainted() {
    let shape = "Provider gave an answer of the wrong shape";
    let changed = "Provider produced an inconsistent result";
    for (name, summary) in [
        ("wrong type", shape),
        ("unknown", shape),
        ("missing", shape),
        ("nonsense", shape),
        ("changed", changed),
    ] {
        let stack = Stack::of(&[name, "good"], LATE);
        let outcome = stack.apply();
        assert_eq!(summaries(&outcome), [summary], "{name}: {:?}", outcome.diagnostics);
        assert_eq!(stack.faulty.made(), {
            let mut all = ["good", name];
            all.sort();
            all
        });
        let (_, kept) = outcome.state.instances().next().expect("it is kept");
        let kept = kept.current.as_ref().expect("it is kept");
        assert_eq!(kept.status, ObjectStatus::Tainted, "{name}");
        let (ledger, recovered) = stack.open();
        assert!(recovered.is_empty() && *ledger.state() == outcome.state, "{name}");
    }
}

#[test]
fn faults_while_planning_are_errors_at_the_block() {
    for (name, summary) in [
        ("plan wrong", "Provider gave an answer of the wrong shape"),
        ("plan hangs", "Provider did not answer in time"),
        ("plan panics", "Provider crashed"),
    ] {
        let stack = Stack::of(&["good", name], SOON);
        let (plan, problems) = stack.plan(&State::default());
        assert!(plan.is_none());
        let found: Vec<_> = problems.iter().map(|problem| &*problem.summary).collect();
        assert_eq!(found, [summary], "{name}");
    }
}

#[test]
fn faults_while_reading_are_errors_and_leave_the_state_as_it_is() {
    for (name, summary) in [
        ("read wrong", "Provider gave an answer of the wrong shape"),
        ("read hangs", "Provider did not answer in time"),
        ("read panics", "Provider crashed"),
    ] {
        let stack = Stack::of(&["good", name], SOON);
        let state = stack.apply().state;
        let (plan, problems) = stack.plan(&state);
        assert!(plan.is_none());
        let found: Vec<_> = problems.iter().map(|problem| &*problem.summary).collect();
        assert_eq!(found, [summary], "{name}");
        assert_eq!(*stack.open().0.state(), state);
    }
}

#[test]
fn errors_on_every_second_call_are_worked_off_run_by_run() {
    let names: Vec<String> = (0..20).map(|index| format!("second {index}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let stack = Stack::of(&names, LATE);
    let mut left = 20;
    for _ in 0..10 {
        let outcome = stack.apply();
        let failed = outcome.failures.len();
        assert!(failed == left / 2 || failed == left.div_ceil(2), "{failed} of {left} fail");
        assert_eq!(outcome.added, left - failed);
        assert!(outcome.skipped.is_empty());
        left = failed;
        assert_eq!(addresses(&outcome.state).len(), 20 - left);
        assert_eq!(stack.faulty.made().len(), 20 - left, "nothing is made twice");
        if left == 0 {
            return;
        }
    }
    panic!("{left} are left");
}

#[test]
fn what_depends_on_a_failure_is_skipped_and_says_on_which() {
    let text = r#"
resource "faulty_thing" "bad" {
  name = "panics"
}
resource "faulty_thing" "after" {
  name = "after ${faulty_thing.bad.id}"
}
resource "faulty_thing" "later" {
  count = 2
  name  = "later ${faulty_thing.after.id} ${faulty_thing.free.id}"
}
resource "faulty_thing" "free" {
  name = "free"
}
output "later" {
  value = faulty_thing.later[0].id
}
output "free" {
  value = faulty_thing.free.name
}
"#;
    let outcome = Stack::new(text, LATE).apply();
    let because = |address: &str| Skipped {
        address: address.to_owned(),
        why: Why::Failed("faulty_thing.bad".to_owned()),
    };
    let mut skipped = outcome.skipped.clone();
    skipped.sort_by(|left, right| left.address.cmp(&right.address));
    let expected =
        ["faulty_thing.after", "faulty_thing.later[0]", "faulty_thing.later[1]", "output.later"];
    assert_eq!(skipped, expected.map(because));
    assert_eq!((outcome.added, outcome.failures.len()), (1, 1));
    assert_eq!(addresses(&outcome.state), ["faulty_thing.free"]);
    assert!(outcome.state.outputs.contains_key("free"));
}

/// Cancels something as soon as an action begins.
struct OnStart(Vec<CancellationToken>);

impl Events for OnStart {
    fn event(&self, event: Event) {
        if matches!(event, Event::Started { .. }) {
            self.0.iter().for_each(CancellationToken::cancel);
        }
    }
}

#[test]
fn a_stop_finishes_what_runs_and_begins_nothing_new() {
    let mut stack = Stack::of(&["a", "b", "c", "d", "e"], LATE);
    stack.parallelism = 2;
    stack.events = Arc::new(OnStart(vec![stack.stop.clone()]));
    let outcome = stack.apply();
    assert!(outcome.stopped && outcome.given_up.is_empty());
    // Both that had a place were begun before either was heard of.
    assert_eq!(outcome.added, 2);
    assert_eq!(outcome.skipped.len(), 3);
    assert!(outcome.skipped.iter().all(|skipped| skipped.why == Why::Stopped));
    assert_eq!(addresses(&stack.open().0.state().clone()).len(), stack.faulty.made().len());
}

#[test]
fn giving_up_leaves_what_runs_in_doubt_and_the_journal_whole() {
    let mut stack = Stack::of(&["good", "is made and hangs", "hangs"], LATE);
    let tokens = vec![stack.stop.clone(), stack.abort.clone()];
    stack.events = Arc::new(OnStart(tokens));
    let outcome = stack.apply();
    assert!(outcome.stopped);
    let (ledger, recovered) = stack.open();
    let known = ledger.state().instances().count() + recovered.in_doubt.len();
    assert_eq!(outcome.given_up.len(), recovered.in_doubt.len());
    assert_eq!(known, 3, "{recovered:?}");
    assert!(stack.faulty.made().len() <= known);
}

/// A disk on which journals find no more room after so many bytes.
#[derive(Debug)]
struct FullForJournals(usize);

#[derive(Debug)]
struct FullFile(Box<dyn DiskFile>, usize);

impl Disk for FullForJournals {
    fn open(&self, path: &Path, content: Content) -> std::io::Result<Box<dyn DiskFile>> {
        let file = RealDisk.open(path, content)?;
        let is_journal = path.to_string_lossy().contains(".journal");
        Ok(if is_journal { Box::new(FullFile(file, self.0)) } else { file })
    }

    fn read(&self, path: &Path) -> std::io::Result<Option<Vec<u8>>> {
        RealDisk.read(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> std::io::Result<()> {
        RealDisk.rename(from, to)
    }

    fn remove(&self, path: &Path) -> std::io::Result<()> {
        RealDisk.remove(path)
    }

    fn sync_names(&self, path: &Path) -> std::io::Result<()> {
        RealDisk.sync_names(path)
    }
}

impl DiskFile for FullFile {
    fn read(&mut self) -> std::io::Result<Vec<u8>> {
        self.0.read()
    }

    fn append(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        match self.1.checked_sub(bytes.len()) {
            Some(left) => {
                self.1 = left;
                self.0.append(bytes)
            }
            None => {
                self.0.append(&bytes[..self.1])?;
                self.1 = 0;
                Err(std::io::ErrorKind::StorageFull.into())
            }
        }
    }

    fn sync(&mut self) -> std::io::Result<()> {
        self.0.sync()
    }

    fn try_lock(&mut self) -> std::io::Result<bool> {
        self.0.try_lock()
    }

    fn is_empty(&self) -> std::io::Result<bool> {
        self.0.is_empty()
    }

    fn is_at(&self, path: &Path) -> std::io::Result<bool> {
        self.0.is_at(path)
    }
}

#[test]
fn without_room_for_the_journal_nothing_new_is_made() {
    let names: Vec<String> = (0..30).map(|index| format!("n{index:02}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut worst = 0;
    for room in (0..9000).step_by(400) {
        let mut stack = Stack::of(&names, LATE);
        stack.disk = Arc::new(FullForJournals(room));
        stack.parallelism = 3;
        let outcome = stack.apply();
        assert!(outcome.diagnostics.has_errors(), "room for {room}");
        let stopped = outcome.skipped.iter().filter(|skipped| skipped.why == Why::NoJournal);
        worst = worst.max(stopped.count());
        // The state file could still be written, so everything that was made is in it.
        stack.disk = Arc::new(RealDisk);
        let (ledger, recovered) = stack.open();
        let known = ledger.state().instances().count() + recovered.in_doubt.len();
        assert!(known >= stack.faulty.made().len(), "room for {room}: {:?}", stack.faulty.made());
        drop(ledger);
        stack.apply();
        assert_eq!(stack.faulty.made(), names, "room for {room}");
    }
    assert!(worst > 20, "only {worst} were held back");
}
