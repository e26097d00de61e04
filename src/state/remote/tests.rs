//! What is stored elsewhere: never overwritten unread, and kept here when it cannot be saved.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use super::*;
use crate::disk::Disk as _;
use crate::disk::simulated::SimulatedDisk;
use crate::journal::{Change, Intent, IntentAction, Outcome};
use crate::{
    Here, Ledger, LockInfo, Object, ObjectStatus, Opening, Recovered, State, StateError, Store,
};

/// A place in memory that can be told to fail.
#[derive(Debug, Default)]
struct Place {
    stored: Mutex<(Option<Vec<u8>>, u64)>,
    lock: Mutex<Option<LockInfo>>,
    is_down: Mutex<bool>,
}

impl Place {
    fn answers(&self) -> Result<(), RemoteError> {
        match *self.is_down.lock().unwrap_or_else(PoisonError::into_inner) {
            true => Err(RemoteError::new(RemoteErrorKind::Unreachable, "no answer")),
            false => Ok(()),
        }
    }

    fn set_down(&self, is_down: bool) {
        *self.is_down.lock().unwrap_or_else(PoisonError::into_inner) = is_down;
    }
}

impl Remote for Place {
    fn place(&self) -> String {
        "memory://state".to_owned()
    }

    fn read(&self) -> Result<Option<(Vec<u8>, Version)>, RemoteError> {
        self.answers()?;
        let stored = self.stored.lock().unwrap_or_else(PoisonError::into_inner);
        let (bytes, version) = &*stored;
        Ok(bytes.clone().map(|bytes| (bytes, Version(version.to_string()))))
    }

    fn write(&self, bytes: &[u8], expected: Option<&Version>) -> Result<Version, RemoteError> {
        self.answers()?;
        let mut stored = self.stored.lock().unwrap_or_else(PoisonError::into_inner);
        let there = stored.0.is_some().then(|| Version(stored.1.to_string()));
        if there.as_ref() != expected {
            return Err(RemoteError::changed());
        }
        *stored = (Some(bytes.to_vec()), stored.1 + 1);
        Ok(Version(stored.1.to_string()))
    }

    fn lock(&self, info: &LockInfo) -> Result<String, RemoteError> {
        self.answers()?;
        let mut lock = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        match &*lock {
            Some(holder) => Err(RemoteError::locked(holder.clone())),
            None => {
                *lock = Some(info.clone());
                Ok(info.id.clone())
            }
        }
    }

    fn unlock(&self, id: &str) -> Result<(), RemoteError> {
        self.answers()?;
        let mut lock = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        match &*lock {
            None => Err(RemoteError::not_locked()),
            Some(holder) if holder.id != id => Err(RemoteError::other_lock(holder.clone())),
            Some(_) => {
                *lock = None;
                Ok(())
            }
        }
    }
}

/// A folder on a machine.
struct Folder {
    disk: SimulatedDisk,
    owner: &'static str,
}

impl Folder {
    fn new(owner: &'static str) -> Self {
        Self { disk: SimulatedDisk::new(), owner }
    }

    fn store(&self, place: &Arc<Place>) -> Box<dyn Store> {
        let here = Here {
            disk: Arc::new(self.disk.clone()),
            journals: "states".into(),
            rescue: "errored.tfstate".into(),
            owner: self.owner.to_owned(),
            seal: None,
        };
        Box::new(RemoteStore::new(Arc::clone(place) as Arc<dyn Remote>, "default", &here))
    }

    fn open(&self, place: &Arc<Place>, id: &str) -> Result<(Ledger, Recovered), StateError> {
        self.open_as(place, id, false)
    }

    fn open_as(
        &self,
        place: &Arc<Place>,
        id: &str,
        onto_newer: bool,
    ) -> Result<(Ledger, Recovered), StateError> {
        let info = LockInfo { id: id.to_owned(), ..LockInfo::default() };
        let new_lineage = "lineage".to_owned();
        let opening = Opening { lock: Some(info), new_lineage, onto_newer };
        Ledger::open_store(self.store(place), &opening)
    }
}

fn made(name: &str) -> Change {
    Change::Current {
        address: format!("terraform_data.{name}").parse().expect("an address"),
        provider: "provider[\"terraform.io/builtin/terraform\"]".into(),
        object: Some(Object {
            schema_version: 0,
            attributes: "{}".into(),
            sensitive: Vec::new(),
            private: Arc::from([]),
            status: ObjectStatus::Ready,
            dependencies: Arc::from([]),
            create_before_destroy: false,
            identity: None,
        }),
    }
}

fn intent(ledger: &mut Ledger, name: &str) -> Intent {
    Intent {
        id: ledger.next_intent(),
        address: format!("terraform_data.{name}").parse().expect("an address"),
        deposed: None,
        action: IntentAction::Create,
        provider: "p".into(),
        prior: None,
        planned: None,
        private: Arc::from([]),
        token: name.to_owned(),
    }
}

fn names(state: &State) -> Vec<String> {
    state.instances().map(|(address, _)| address.to_string()).collect()
}

/// Ends a ledger as a kill does: nothing is given up, nothing is written any more.
fn kill(ledger: Ledger, place: &Place) {
    place.set_down(true);
    drop(ledger);
    place.set_down(false);
}

#[test]
fn a_run_writes_once_at_its_end_and_gives_the_lock_up() {
    let (place, folder) = (Arc::new(Place::default()), Folder::new("a"));
    let (mut ledger, _) = folder.open(&place, "1").expect("opens");
    ledger.change(made("a")).expect("written").wait().expect("durable");
    assert!(place.read().expect("answers").is_none());
    ledger.finish().expect("saved");
    assert!(place.lock.lock().expect("whole").is_none());
    let (ledger, recovered) = folder.open(&place, "2").expect("opens");
    assert!(recovered.is_empty());
    assert_eq!((ledger.state().serial, names(ledger.state()).len()), (1, 1));
}

#[test]
fn the_holder_of_a_lock_is_named() {
    let place = Arc::new(Place::default());
    let (one, other) = (Folder::new("a"), Folder::new("b"));
    let _held = one.open(&place, "1").expect("opens");
    match other.open(&place, "2") {
        Err(StateError::Locked(holder)) => assert_eq!(holder.id, "1"),
        opened => panic!("{opened:?}"),
    }
}

#[test]
fn a_killed_run_is_taken_up_with_its_lock_and_its_journal() {
    let (place, folder) = (Arc::new(Place::default()), Folder::new("a"));
    let (mut ledger, _) = folder.open(&place, "1").expect("opens");
    let first = intent(&mut ledger, "a");
    ledger.intent(first.clone()).expect("written");
    let outcome = Outcome { intent: first.id, changes: vec![made("a")], error: None };
    ledger.outcome(outcome).expect("written").wait().expect("durable");
    let second = intent(&mut ledger, "b");
    ledger.intent(second.clone()).expect("written").wait().expect("durable");
    kill(ledger, &place);
    // Somewhere else the lock is respected, even in a copy of the folder.
    let copy = Folder::new("copy");
    let note = Path::new("states/default/terraform.tfstate.lock.json");
    let noted = folder.disk.read(note).expect("readable").expect("it is there");
    crate::disk::replace(&copy.disk, note, &noted).expect("written");
    assert!(matches!(copy.open(&place, "2"), Err(StateError::Locked(_))));
    let (ledger, recovered) = folder.open(&place, "3").expect("opens");
    assert_eq!((recovered.records, recovered.in_doubt), (1, vec![second]));
    assert_eq!(names(&ledger.finish().expect("saved")), ["terraform_data.a"]);
}

#[test]
fn what_others_have_stored_meanwhile_is_not_overwritten() {
    let place = Arc::new(Place::default());
    let (one, other) = (Folder::new("a"), Folder::new("b"));
    let (mut ledger, _) = one.open(&place, "1").expect("opens");
    ledger.change(made("a")).expect("written").wait().expect("durable");
    // The lock is broken by force, and another run makes something.
    place.unlock("1").expect("broken");
    let (mut second, _) = other.open(&place, "2").expect("opens");
    second.change(made("b")).expect("written");
    second.finish().expect("saved");
    match ledger.finish() {
        Err(StateError::Rescued { path, source }) => {
            assert_eq!(path, Path::new("errored.tfstate"));
            assert!(matches!(*source, StateError::Remote { ref problem, .. }
                if problem.kind == RemoteErrorKind::Changed));
        }
        finished => panic!("{finished:?}"),
    }
    let (stored, _) = place.read().expect("answers").expect("stored");
    assert!(String::from_utf8_lossy(&stored).contains("\"b\""));
    // The next run does not mistake the other's state for its own.
    match one.open(&place, "3") {
        Err(StateError::Overtaken { serial, stored, addresses, .. }) => {
            assert_eq!((serial, stored), (0, 1));
            assert_eq!(addresses, ["terraform_data.a"]);
        }
        opened => panic!("{opened:?}"),
    }
    let (ledger, _) = one.open_as(&place, "4", true).expect("opens");
    let state = ledger.finish().expect("saved");
    assert_eq!(names(&state), ["terraform_data.a", "terraform_data.b"]);
    assert_eq!(state.serial, 2);
}

#[test]
fn what_cannot_be_saved_is_kept_and_taken_up() {
    let (place, folder) = (Arc::new(Place::default()), Folder::new("a"));
    let (mut ledger, _) = folder.open(&place, "1").expect("opens");
    ledger.change(made("a")).expect("written").wait().expect("durable");
    place.set_down(true);
    assert!(matches!(ledger.finish(), Err(StateError::Rescued { .. })));
    assert!(matches!(folder.open(&place, "2"), Err(StateError::Remote { .. })));
    place.set_down(false);
    let (ledger, recovered) = folder.open(&place, "3").expect("opens");
    assert_eq!(recovered.records, 1);
    assert_eq!(names(&ledger.finish().expect("saved")), ["terraform_data.a"]);
}

#[test]
fn a_pushed_rescued_state_ends_its_journal() {
    let (place, folder) = (Arc::new(Place::default()), Folder::new("a"));
    let (mut ledger, _) = folder.open(&place, "1").expect("opens");
    ledger.change(made("a")).expect("written").wait().expect("durable");
    place.set_down(true);
    assert!(ledger.finish().is_err());
    place.set_down(false);
    place.unlock("1").expect("broken");
    let rescued = folder.disk.read(Path::new("errored.tfstate"));
    let rescued = rescued.expect("readable").expect("there");
    let rescued = crate::local::state_from_bytes(Path::new("x"), &rescued).expect("a state");
    let mut store = folder.store(&place);
    assert!(crate::is_of_journal(&*store, &rescued).expect("readable"));
    store.read().and_then(|_| store.write(&rescued)).expect("pushed");
    drop(store);
    let (ledger, recovered) = folder.open(&place, "2").expect("opens");
    assert!(recovered.is_empty());
    let state = ledger.finish().expect("saved");
    assert_eq!((names(&state).len(), state.serial), (1, 1));
}

#[test]
fn a_write_whose_answer_was_lost_is_known_again() {
    let (place, folder) = (Arc::new(Place::default()), Folder::new("a"));
    let mut store = folder.store(&place);
    assert!(store.read().expect("answers").is_none());
    let state = State { serial: 1, lineage: "l".to_owned(), ..State::default() };
    store.write(&state).expect("stored");
    // As if the store had not heard of that, and tried again.
    let mut again = folder.store(&place);
    again.write(&state).expect("it is there already");
    let other = State { serial: 2, ..state };
    assert!(folder.store(&place).write(&other).is_err());
}
