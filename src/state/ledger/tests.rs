//! Killed at any moment, nothing is lost.

use std::sync::Arc;

use skyform_value::InstanceAddress;

use super::*;
use crate::journal::IntentAction;
use crate::{Object, ObjectStatus};

const PROVIDER: &str = "provider[\"terraform.io/builtin/terraform\"]";

pub(super) fn address(name: &str) -> InstanceAddress {
    format!("terraform_data.{name}").parse().expect("an address")
}

fn object(id: &str) -> Object {
    Object {
        schema_version: 0,
        attributes: format!("{{\"id\":\"{id}\"}}").into(),
        sensitive: Vec::new(),
        private: Arc::from([]),
        status: ObjectStatus::Ready,
        dependencies: Arc::from([]),
        create_before_destroy: false,
        identity: None,
    }
}

pub(super) fn made(name: &str) -> Change {
    Change::Current {
        address: address(name),
        provider: PROVIDER.into(),
        object: Some(object(name)),
    }
}

pub(super) fn intent(ledger: &mut Ledger, name: &str) -> Intent {
    Intent {
        id: ledger.next_intent(),
        address: address(name),
        deposed: None,
        action: IntentAction::Create,
        provider: PROVIDER.into(),
        prior: None,
        planned: None,
        private: Arc::from(&b"p"[..]),
        token: name.to_owned(),
    }
}

fn open(path: &Path) -> (Ledger, Recovered) {
    let info = LockInfo { id: "test".to_owned(), ..LockInfo::default() };
    Ledger::open(path, Some(&info), "lineage".to_owned()).expect("it opens")
}

#[test]
fn a_run_that_is_cut_off_is_known_to_the_next() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("terraform.tfstate");
    let (mut ledger, recovered) = open(&path);
    assert!(recovered.is_empty());
    let first = intent(&mut ledger, "a");
    ledger.intent(first.clone()).expect("written");
    let done = Outcome { intent: first.id, changes: vec![made("a")], error: None };
    ledger.outcome(done).expect("written");
    let second = intent(&mut ledger, "b");
    ledger.intent(second.clone()).expect("written").wait().expect("durable");
    // As a kill would: neither finished nor unlocked properly, but the process is gone.
    drop(ledger);

    let (ledger, recovered) = open(&path);
    assert_eq!((recovered.records, &recovered.in_doubt[..]), (1, &[second.clone()][..]));
    assert!(ledger.state().object(&address("a")).is_some());
    let state = ledger.finish().expect("written");
    assert_eq!((state.serial, state.lineage.as_str()), (1, "lineage"));

    // The open intent outlives that run too, and ends with its outcome.
    let (mut ledger, recovered) = open(&path);
    assert_eq!((recovered.records, &recovered.in_doubt[..]), (0, &[second.clone()][..]));
    let done = Outcome { intent: second.id, changes: vec![made("b")], error: None };
    ledger.outcome(done).expect("written");
    ledger.finish().expect("written");
    let (ledger, recovered) = open(&path);
    assert!(recovered.is_empty());
    assert_eq!(ledger.state().instances().count(), 2);
    assert!(!ledger.store.journal_path().exists());
}

#[test]
fn what_a_first_run_left_in_the_journal_outlives_a_second_one_that_is_cut_off_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("terraform.tfstate");
    for (round, name) in (0..).zip(["a", "b", "c"]) {
        let (mut ledger, recovered) = open(&path);
        assert_eq!(ledger.state().instances().count(), round, "{recovered:?}");
        let next = intent(&mut ledger, name);
        ledger.intent(next.clone()).expect("written");
        let done = Outcome { intent: next.id, changes: vec![made(name)], error: None };
        ledger.outcome(done).expect("written").wait().expect("durable");
    }
    let (ledger, _) = open(&path);
    assert_eq!(ledger.state().instances().count(), 3);
}

#[test]
fn a_journal_that_was_folded_already_does_no_harm() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("terraform.tfstate");
    let (mut ledger, _) = open(&path);
    ledger.change(made("a")).expect("written").wait().expect("durable");
    let journal = std::fs::read(ledger.store.journal_path()).expect("there");
    ledger.finish().expect("written");
    let (mut ledger, _) = open(&path);
    let gone = Change::Current { address: address("a"), provider: PROVIDER.into(), object: None };
    ledger.change(gone).expect("written");
    let state = ledger.finish().expect("written");
    // As if the first run had been killed between writing the state and removing its journal.
    std::fs::write(folder.path().join("terraform.tfstate.journal"), journal).expect("written");
    let (ledger, recovered) = open(&path);
    assert!(recovered.is_empty());
    assert_eq!(*ledger.state(), state);
}

#[test]
fn a_run_without_changes_writes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("terraform.tfstate");
    let (ledger, _) = open(&path);
    ledger.finish().expect("nothing to do");
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 0);
}

#[test]
fn a_state_that_cannot_be_written_stays_in_the_journal() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("terraform.tfstate");
    let (mut ledger, _) = open(&path);
    ledger.change(made("a")).expect("written");
    ledger.finish().expect("written");
    let before = std::fs::read_to_string(&path).expect("there");
    let (mut ledger, _) = open(&path);
    ledger.change(made("b")).expect("written");
    // A folder where the new file would be staged: writing it fails, as on a full disk.
    std::fs::create_dir(folder.path().join("terraform.tfstate.new")).expect("made");
    assert!(ledger.finish().is_err());
    assert_eq!(std::fs::read_to_string(&path).expect("there"), before);
    std::fs::remove_dir(folder.path().join("terraform.tfstate.new")).expect("removed");
    let (ledger, recovered) = open(&path);
    assert_eq!(recovered.records, 1);
    assert!(ledger.state().object(&address("b")).is_some());
}

#[test]
fn a_damaged_record_costs_nothing_behind_it_and_is_kept_and_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("terraform.tfstate");
    let (mut ledger, _) = open(&path);
    for name in ["a", "b", "c"] {
        ledger.change(made(name)).expect("written").wait().expect("durable");
    }
    let journal = ledger.store.journal_path();
    drop(ledger);
    let mut bytes = std::fs::read(&journal).expect("there");
    let at = String::from_utf8_lossy(&bytes).find("terraform_data.b").expect("it is there");
    bytes[at] ^= 1;
    std::fs::write(&journal, &bytes).expect("written");
    let (ledger, recovered) = open(&path);
    assert!(recovered.damaged_bytes > 100 && recovered.records == 2, "{recovered:?}");
    ledger.finish().expect("written");
    let (ledger, recovered) = open(&path);
    assert!(recovered.is_empty());
    assert!(ledger.state().object(&address("c")).is_some());
    let kept = folder.path().join("terraform.tfstate.journal.damaged");
    assert_eq!(std::fs::read(kept).expect("there"), bytes);
}

/// Turns every byte round: what is stored so cannot be read, and not taken for anything else.
#[derive(Debug)]
struct Turned;

impl crate::Seal for Turned {
    fn seal(&self, text: &[u8]) -> Result<Vec<u8>, crate::SealError> {
        Ok(text.iter().map(|byte| !byte).collect())
    }

    fn open(&self, bytes: &[u8]) -> Result<Vec<u8>, crate::SealError> {
        if bytes.first() == Some(&b'{') {
            return Err(crate::SealError("it is not sealed".to_owned()));
        }
        self.seal(bytes)
    }
}

#[test]
fn a_sealed_state_leaves_nothing_readable_behind() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("terraform.tfstate");
    let open = || {
        let store = LocalStore::new(&path).sealed_with(Some(Arc::new(Turned)));
        let info = LockInfo { id: "test".to_owned(), ..LockInfo::default() };
        let new_lineage = "lineage".to_owned();
        let opening = Opening { lock: Some(info), new_lineage, onto_newer: false };
        Ledger::open_store(Box::new(store), &opening)
    };
    for name in ["first-secret", "second-secret"] {
        let (mut ledger, _) = open().expect("it opens");
        ledger.change(made(name)).expect("written").wait().expect("durable");
        // Killed, and taken up: what stood in the journal comes into the state.
        drop(ledger);
        let (ledger, recovered) = open().expect("it opens");
        assert_eq!(recovered.records, 1);
        let (mut ledger, intent) = {
            let mut ledger = ledger;
            let intent = intent(&mut ledger, "open-secret");
            (ledger, intent)
        };
        ledger.intent(intent).expect("written").wait().expect("durable");
        ledger.finish().expect("written");
    }
    let mut files = 0;
    for entry in std::fs::read_dir(folder.path()).expect("a folder") {
        let bytes = std::fs::read(entry.expect("an entry").path()).expect("readable");
        assert!(!bytes.windows(6).any(|window| window == b"secret"));
        files += 1;
    }
    // State, backup and journal.
    assert_eq!(files, 3);
    std::fs::write(&path, "{\"version\": 4, \"lineage\": \"lineage\"}").expect("written");
    assert!(matches!(open(), Err(StateError::Sealed { .. })));
}
