//! Locks broken by force, kills, servers that die, credentials that expire.

use super::place::{GATED, Place, all, http};

/// The lock's id, as a refused run says it.
fn lock_id(refused: &str) -> String {
    let (_, rest) = refused.split_once("lock ID ").expect("it is named");
    let end = rest.find(['.', '\n']).expect("it ends");
    rest[..end].to_owned()
}

const OTHER: &str = r#"
resource "terraform_data" "other" {
  input = "other"
}
"#;

/// The lock is broken, and someone else writes: what the first run did is not lost, nor is theirs.
fn survives_a_broken_lock(place: &Place) {
    let kind = place.kind;
    let (kept, other) = (place.stack("broken", GATED), place.stack("broken", OTHER));
    let child = kept.begin_apply();
    let id = lock_id(&other.bad("plan"));
    assert!(other.bad("force-unlock -force 12345").contains("Lock has another ID"), "{kind}");
    other.good(&format!("force-unlock -force {id}"));
    other.good("apply -auto-approve");
    kept.open_gate();
    let done = child.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert_eq!(done.status.code(), Some(1), "{kind}: {said}");
    assert!(kept.stack.read("errored.tfstate").contains("\"gated\""), "{kind}: {said}");
    assert_eq!(other.good("state list"), "terraform_data.other\n", "{kind}: {said}");
    let told = kept.bad("plan");
    assert!(told.contains("State has gone on without this journal"), "{kind}: {told}");
    assert!(told.contains("terraform_data.gated"), "{kind}: {told}");
    kept.good("recover -onto-newer");
    let all = "terraform_data.first\nterraform_data.gated\nterraform_data.other\n";
    assert_eq!(other.good("state list"), all, "{kind}");
}

/// Killed in the middle: the next run here knows all, and the lock is nobody's.
fn survives_a_kill(place: &Place) {
    let kind = place.kind;
    let (kept, other) = (place.stack("killed", GATED), place.stack("killed", GATED));
    let mut child = kept.begin_apply();
    child.kill().expect("killed");
    child.wait().expect("it ends");
    kept.open_gate();
    if kind != "pg" {
        // A database sees that its client is gone; elsewhere the lock stays, for everyone else.
        assert!(other.bad("plan").contains("State is locked"), "{kind}");
    }
    let next = kept.good("apply -auto-approve");
    assert!(next.contains("1 added, 0 changed, 1 destroyed"), "{kind}: {next}");
    kept.ends("plan -detailed-exitcode", 0);
    other.ends("plan -detailed-exitcode", 0);
}

#[test]
fn a_lock_that_is_broken_by_force_loses_nothing() {
    all().iter().for_each(survives_a_broken_lock);
}

#[test]
fn a_killed_run_is_taken_up_by_the_next_one() {
    all().iter().for_each(survives_a_kill);
}

/// No server at the end of an apply: all is kept here, and said how to bring it there.
fn survives_a_lost_line(place: &Place) {
    let (kind, Some(line)) = (place.kind, &place.line) else { return };
    let kept = place.stack("lost", GATED);
    let child = kept.begin_apply();
    line.cut();
    kept.open_gate();
    let done = child.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert_eq!(done.status.code(), Some(1), "{kind}: {said}");
    assert!(said.contains("skyform state push errored.tfstate"), "{kind}: {said}");
    assert!(kept.stack.read("errored.tfstate").contains("\"gated\""), "{kind}: {said}");
    let away = kept.bad("plan");
    assert!(!away.contains("will be created"), "{kind}: {away}");
    line.mend();
    // The next run here takes it up by itself, and the lock that the first one could not give back.
    let planned = kept.ends("plan -detailed-exitcode", 0);
    assert!(
        planned.stderr.contains("State recovered from the journal"),
        "{kind}: {}",
        planned.stderr
    );
    kept.good("state push errored.tfstate");
    let planned = kept.ends("plan -detailed-exitcode", 0);
    assert!(!planned.stderr.contains("recovered"), "{kind}: {}", planned.stderr);
    place.stack("lost", GATED).ends("plan -detailed-exitcode", 0);
}

#[test]
fn a_line_that_is_lost_at_the_end_of_apply_loses_nothing() {
    let places = all().into_iter().map(Place::over_a_line);
    places.for_each(|place| survives_a_lost_line(&place));
}

#[test]
fn a_server_that_dies_at_the_end_of_apply_loses_nothing() {
    let place = http();
    let server = place.http.as_ref().expect("it is one");
    let kept = place.stack("dying", GATED);
    let child = kept.begin_apply();
    server.set_read_only(true);
    kept.open_gate();
    let done = child.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert_eq!(done.status.code(), Some(1), "{said}");
    assert!(said.contains("skyform state push errored.tfstate"), "{said}");
    assert_eq!(server.writes(), 0);
    // The next run here takes it up by itself.
    server.set_read_only(false);
    let planned = kept.ends("plan -detailed-exitcode", 0);
    assert!(planned.stderr.contains("State recovered from the journal"), "{}", planned.stderr);
    // Or it is pushed, from here or from anywhere.
    kept.good("state push errored.tfstate");
    let planned = kept.ends("plan -detailed-exitcode", 0);
    assert!(!planned.stderr.contains("recovered"), "{}", planned.stderr);
    let other = place.stack("dying", GATED);
    other.ends("plan -detailed-exitcode", 0);
}

#[test]
fn credentials_that_expire_meanwhile_lose_nothing() {
    let place = http();
    let server = place.http.as_ref().expect("it is one");
    let kept = place.stack("expired", GATED);
    let child = kept.begin_apply();
    server.set_denying(true);
    kept.open_gate();
    let done = child.wait_with_output().expect("it ends");
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(said.contains("the token has expired"), "{said}");
    let refused = kept.bad("plan");
    assert!(refused.contains("Backend refused access"), "{refused}");
    server.set_denying(false);
    kept.good("apply -auto-approve");
    kept.ends("plan -detailed-exitcode", 0);
}
