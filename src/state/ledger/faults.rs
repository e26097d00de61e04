//! Power lost at every step, a disk that is full at every byte, one that cannot be written.

use std::path::PathBuf;
use std::sync::Arc;

use super::tests::{address, intent, made};
use super::*;
use crate::disk::simulated::{Dice, Fault, SimulatedDisk};
use crate::journal::Change;

/// What a ledger knows: its objects, and what is in doubt.
type Known = (State, Vec<Intent>);

/// Rounds of these tests; more with `SKYFORM_CRASH_ROUNDS`.
fn rounds(few: u64) -> u64 {
    let given = std::env::var("SKYFORM_CRASH_ROUNDS").ok().and_then(|text| text.parse().ok());
    given.map_or(few, |given: u64| given.max(few))
}

fn path() -> PathBuf {
    PathBuf::from("folder/terraform.tfstate")
}

fn open(disk: &SimulatedDisk) -> Result<(Ledger, Recovered), StateError> {
    let info = LockInfo { id: "test".to_owned(), ..LockInfo::default() };
    Ledger::open_on(Arc::new(disk.clone()), &path(), Some(&info), "lineage".to_owned())
}

fn known(ledger: &Ledger) -> Known {
    let state = State { serial: 0, lineage: String::new(), ..ledger.state().clone() };
    let mut in_doubt = ledger.in_doubt().to_vec();
    in_doubt.sort_by_key(|intent| intent.id);
    (state, in_doubt)
}

/// What a run has said, and how far it was told that it is safe.
struct Log {
    /// What was known after each step; the first is what was there before.
    history: Vec<Known>,
    /// The last of those that was acknowledged.
    safe: usize,
}

impl Log {
    /// Fails unless what is found now was known at or after the last acknowledgement.
    fn check(&self, disk: &SimulatedDisk, what: &str) {
        let (ledger, _) = open(disk).unwrap_or_else(|error| panic!("{what}: {error}"));
        let found = known(&ledger);
        let after = &self.history[self.safe..];
        assert!(after.contains(&found), "{what}: found {found:#?}\nknown: {:#?}", after.last());
        // And it can go on from there.
        let state = ledger.finish().unwrap_or_else(|error| panic!("{what}: {error}"));
        let (ledger, _) = open(disk).unwrap_or_else(|error| panic!("{what}: {error}"));
        assert!(ledger.state().has_content_of(&state) && known(&ledger).1 == found.1, "{what}");
    }
}

/// Random runs one after another, each ended properly or as by a kill, until something fails.
fn work(disk: &SimulatedDisk, dice: &mut Dice, least_to_fold: usize) -> Log {
    let mut log = Log { history: vec![Known::default()], safe: 0 };
    for _ in 0..1 + dice.below(3) {
        let Ok((mut ledger, _)) = open(disk) else { return log };
        (ledger.fold_at, ledger.least_to_fold) = (least_to_fold, least_to_fold);
        for _ in 0..dice.below(7) {
            let ticket = random_step(&mut ledger, dice);
            log.history.push(known(&ledger));
            let is_durable = ticket.is_ok_and(|ticket| ticket.wait().is_ok());
            if !is_durable {
                // A run that cannot write stops what it does, and ends.
                if ledger.finish().is_ok() {
                    log.safe = log.history.len() - 1;
                }
                return log;
            }
            log.safe = log.history.len() - 1;
        }
        if dice.below(2) == 0 && ledger.finish().is_err() {
            return log;
        }
    }
    log
}

fn random_step(ledger: &mut Ledger, dice: &mut Dice) -> Result<Ticket, StateError> {
    let name = ["a", "b", "c"][dice.below(3)];
    let changes = |id: usize| match made(name) {
        Change::Current { address, provider, object } if !id.is_multiple_of(3) => {
            let object = object.map(|object| crate::Object {
                attributes: format!("{{\"id\":\"{id}\"}}").into(),
                ..object
            });
            vec![Change::Current { address, provider, object }]
        }
        Change::Current { address, provider, .. } => {
            vec![Change::Current { address, provider, object: None }]
        }
        _ => Vec::new(),
    };
    let id = dice.below(100);
    match (dice.below(5), ledger.in_doubt().first().cloned()) {
        (0 | 1, Some(open)) => {
            ledger.outcome(Outcome { intent: open.id, changes: changes(id), error: None })
        }
        (0..=2, _) => {
            let intent = intent(ledger, name);
            ledger.intent(intent)
        }
        (3, _) => ledger.change(Change::Moved { from: address(name), to: address("c") }),
        _ => ledger.change(changes(id).remove(0)),
    }
}

#[test]
fn power_lost_at_any_step_loses_nothing_that_was_acknowledged() {
    let mut losses = 0;
    for seed in 0..rounds(30) {
        let least_to_fold = if seed % 2 == 0 { FOLD_AT } else { 400 };
        let whole = SimulatedDisk::new();
        work(&whole, &mut Dice(seed), least_to_fold).check(&whole, "without a fault");
        for at in 0..whole.steps() {
            let disk = SimulatedDisk::new();
            disk.set_fault(Fault::PowerLoss(at));
            let log = work(&disk, &mut Dice(seed), least_to_fold);
            for luck in 0..3 {
                let after = disk.after_power_loss(&mut Dice(seed ^ (luck << 32)));
                log.check(&after, &format!("seed {seed}, step {at}, luck {luck}"));
                losses += 1;
            }
        }
    }
    assert!(losses > 2000, "{losses} losses of power say little");
}

#[test]
fn a_disk_that_is_full_at_any_byte_keeps_what_was_acknowledged() {
    for seed in 0..rounds(6) {
        let mut room = 0;
        loop {
            let disk = SimulatedDisk::new();
            disk.set_fault(Fault::Full(room));
            let log = work(&disk, &mut Dice(seed), 600);
            let fits = room > 1 << 16;
            disk.set_fault(Fault::None);
            log.check(&disk, &format!("seed {seed}, room for {room}"));
            if fits {
                break;
            }
            room += if room < 6000 { 23 } else { 60_000 };
        }
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_told_and_left_as_it_is() {
    let disk = SimulatedDisk::new();
    let (mut ledger, _) = open(&disk).expect("it opens");
    ledger.change(made("a")).expect("written");
    let state = ledger.finish().expect("written");
    let (mut running, _) = open(&disk).expect("it opens");
    disk.set_fault(Fault::ReadOnly);
    assert!(matches!(running.change(made("b")), Err(StateError::Io { .. })));
    assert!(running.finish().is_err());
    assert!(matches!(open(&disk), Err(StateError::Io { .. })));
    // It can still be looked at.
    let unlocked = Ledger::open_on(Arc::new(disk), &path(), None, String::new());
    assert_eq!(*unlocked.expect("readable").0.state(), state);
}

#[test]
fn a_long_run_keeps_its_journal_short() {
    let disk = SimulatedDisk::new();
    let (mut ledger, _) = open(&disk).expect("it opens");
    (ledger.fold_at, ledger.least_to_fold) = (4000, 4000);
    let open_one = intent(&mut ledger, "open");
    ledger.intent(open_one.clone()).expect("written");
    let mut longest = 0;
    for round in 0..500 {
        let change = made(["a", "b", "c"][round % 3]);
        ledger.change(change).expect("written").wait().expect("durable");
        let journal = disk.read(&path().with_extension("tfstate.journal")).expect("readable");
        longest = longest.max(journal.expect("there").len());
    }
    assert!(longest < 6000, "{longest} bytes of journal");
    drop(ledger);
    let (ledger, recovered) = open(&disk).expect("it opens");
    assert_eq!((ledger.state().instances().count(), recovered.in_doubt), (3, vec![open_one]));
}
