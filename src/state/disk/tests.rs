//! Files replaced as a whole: at every fault either the old or the new content is there.

use super::simulated::{Dice, Fault, SimulatedDisk};
use super::*;

const PATH: &str = "folder/file";

fn with_old() -> SimulatedDisk {
    let disk = SimulatedDisk::new();
    replace(&disk, Path::new(PATH), b"old").expect("it works");
    disk
}

fn content(disk: &SimulatedDisk) -> Vec<u8> {
    disk.read(Path::new(PATH)).expect("readable").expect("there")
}

#[test]
fn power_lost_at_any_step_leaves_the_old_or_the_new() {
    let disk = with_old();
    let before = disk.steps();
    replace(&disk, Path::new(PATH), b"new").expect("it works");
    let steps = disk.steps() - before;
    assert!(steps >= 4, "a file is made, written, synced, renamed, and its name synced");
    for at in 0..=steps {
        for seed in 0..50 {
            let disk = with_old();
            disk.set_fault(Fault::PowerLoss(at));
            let done = replace(&disk, Path::new(PATH), b"new").is_ok();
            let found = content(&disk.after_power_loss(&mut Dice(seed)));
            assert!(found == b"new" || found == b"old" && !done, "step {at}: {found:?}");
        }
    }
}

#[test]
fn without_room_the_old_one_stays_and_nothing_lies_about() {
    for fault in [Fault::Full(0), Fault::Full(2), Fault::ReadOnly] {
        let disk = with_old();
        disk.set_fault(fault);
        assert!(replace(&disk, Path::new(PATH), b"new").is_err());
        assert_eq!(content(&disk), b"old");
        assert_eq!(disk.names(), [Path::new(PATH)], "{fault:?}");
    }
}

#[test]
fn the_real_disk_does_what_the_simulated_one_does() {
    let folder = tempfile::tempdir().expect("a folder");
    let simulated = SimulatedDisk::new();
    let (path, other) = (folder.path().join("a"), folder.path().join("b"));
    for disk in [&RealDisk as &dyn Disk, &simulated] {
        assert_eq!(disk.read(&path).expect("readable"), None);
        disk.remove(&path).expect("what is not there is removed");
        let mut file = disk.open(&path, Content::Kept).expect("made");
        assert!(file.is_empty().expect("known"));
        assert!(file.try_lock().expect("locks work"));
        file.append(b"one").expect("written");
        file.append(b"two").expect("written");
        assert_eq!(file.read().expect("readable"), b"onetwo");
        file.append(b"!").expect("written at the end");
        file.sync().expect("synced");
        assert!(file.is_at(&path).expect("known"));
        disk.rename(&path, &other).expect("renamed");
        disk.sync_names(&path).expect("synced");
        assert!(!file.is_at(&path).expect("known") && file.is_at(&other).expect("known"));
        assert_eq!(disk.read(&other).expect("readable").expect("there"), b"onetwo!");
        let mut again = disk.open(&other, Content::Dropped).expect("opened");
        assert_eq!(again.read().expect("readable"), b"");
        disk.remove(&other).expect("removed");
    }
}
