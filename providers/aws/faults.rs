//! Faults of the services: what may pass is tried again, what does not is told, and nothing is left over.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use skyform_emulators::{Asked, Fault, Faulty, Server};
use skyform_provider_s3::Limits;
use skyform_provider_sdk::{MachinesSpec, Problem, ProblemKind, Silent};

use crate::machines::{Machines, ids};
use crate::testing;

/// An error as EC2 has it.
fn refusal(status: u16, code: &str) -> Fault {
    let body = format!(
        "<Response><Errors><Error><Code>{code}</Code><Message>as asked for</Message></Error></Errors>\
         <RequestID>r-1</RequestID></Response>"
    );
    let headers = ["Content-Type: text/xml", "x-amzn-requestid: r-1"].map(str::to_owned).to_vec();
    Fault::Answer { status, headers, body }
}

fn action(asked: &Asked) -> String {
    let body = String::from_utf8_lossy(&asked.body).into_owned();
    let action = body.split('&').find_map(|part| part.strip_prefix("Action="));
    action.unwrap_or_default().to_owned()
}

fn machines(url: &str, attempts: u32) -> Machines {
    let settle = Duration::from_secs(2);
    testing::machines(url, Limits { attempts, settle, ..Limits::default() })
}

fn spec(name: &str) -> MachinesSpec {
    MachinesSpec {
        name: name.to_owned(),
        image: "ami-12c6146b".to_owned(),
        machine_type: "t3.small".to_owned(),
        size: 2,
        owner: format!("machines.{name}"),
        token: "one".to_owned(),
        attempt: "one".to_owned(),
        ..MachinesSpec::default()
    }
}

async fn living(server: &Server, name: &str) -> Vec<String> {
    let group = machines(server.url(), 2).group(name).await.expect("a group");
    ids(&group.living)
}

/// The emulator, where the first requests for each of these actions fail so.
fn failing_first(server: &Server, actions: &[&str], times: usize, fault: Fault) -> Faulty {
    let actions: Vec<String> = actions.iter().map(|action| (*action).to_owned()).collect();
    let counts: Vec<AtomicUsize> = actions.iter().map(|_| AtomicUsize::new(0)).collect();
    Faulty::before(server, move |asked| {
        let at = actions.iter().position(|wanted| *wanted == action(asked))?;
        (counts[at].fetch_add(1, Ordering::Relaxed) < times).then(|| fault.clone())
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_throttled_is_tried_again() {
    let Some(server) = skyform_emulators::moto() else { return };
    let all = ["RunInstances", "DescribeInstances", "TerminateInstances"];
    let front = failing_first(&server, &all, 2, refusal(503, "RequestLimitExceeded"));
    let machines = machines(front.url(), 6);
    let made = machines.create(&spec("workers"), &Silent).await.expect("made in the end");
    assert_eq!(made.machines.len(), 2);
    machines.delete("workers").await.expect("ended in the end");
    assert_eq!(living(&server, "workers").await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stays_throttled_is_told_and_leaves_nothing() {
    let Some(server) = skyform_emulators::moto() else { return };
    let fault = refusal(503, "RequestLimitExceeded");
    let front = failing_first(&server, &["RunInstances"], usize::MAX, fault);
    let told = machines(front.url(), 2).create(&spec("workers"), &Silent).await;
    let told = told.expect_err("it never works");
    assert_eq!(told.kind, ProblemKind::Throttled, "{}", told.detail);
    assert!(told.hint.is_some_and(|hint| hint.contains("-parallelism")));
    assert_eq!(living(&server, "workers").await, [""; 0]);
}

/// Another server of the service may not know yet what was just made; it then refuses all.
#[tokio::test(flavor = "multi_thread")]
async fn machines_that_are_not_known_everywhere_yet_are_ended_nevertheless() {
    let Some(server) = skyform_emulators::moto() else { return };
    let fault = refusal(400, "InvalidInstanceID.NotFound");
    let front = failing_first(&server, &["TerminateInstances"], 3, fault);
    let machines = machines(front.url(), 2);
    machines.create(&spec("workers"), &Silent).await.expect("made");
    machines.delete("workers").await.expect("ended in the end");
    assert_eq!(living(&server, "workers").await, [""; 0]);
}

/// The answers show nothing of a group at first.
#[tokio::test(flavor = "multi_thread")]
async fn machines_that_are_not_shown_yet_are_waited_for_and_not_made_twice() {
    let Some(server) = skyform_emulators::moto() else { return };
    let started = Arc::new(AtomicUsize::new(0));
    let (seen, shown) = (started.clone(), AtomicUsize::new(0));
    let front = Faulty::before(&server, move |asked| {
        let action = action(asked);
        if action == "RunInstances" {
            seen.fetch_add(1, Ordering::Relaxed);
        }
        let is_early = seen.load(Ordering::Relaxed) > 0 && action == "DescribeInstances";
        let body = "<DescribeInstancesResponse><requestId>r-1</requestId><reservationSet/>\
                    </DescribeInstancesResponse>";
        let headers = vec!["Content-Type: text/xml".to_owned()];
        let empty = Fault::Answer { status: 200, headers, body: body.to_owned() };
        (is_early && shown.fetch_add(1, Ordering::Relaxed) < 3).then_some(empty)
    });
    let made = machines(front.url(), 2).create(&spec("workers"), &Silent).await.expect("made");
    assert_eq!((made.machines.len(), started.load(Ordering::Relaxed)), (2, 1));
    assert_eq!(living(&server, "workers").await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_denied_does_not_keep_the_others() {
    let Some(server) = skyform_emulators::moto() else { return };
    let front = Faulty::before(&server, |asked| {
        let body = String::from_utf8_lossy(&asked.body).into_owned();
        let is_it = action(asked) == "RunInstances" && body.contains("=second");
        is_it.then(|| refusal(403, "UnauthorizedOperation"))
    });
    let machines = machines(front.url(), 2);
    let (first, second, third) = (spec("first"), spec("second"), spec("third"));
    let all = tokio::join!(
        machines.create(&first, &Silent),
        machines.create(&second, &Silent),
        machines.create(&third, &Silent),
    );
    let denied = all.1.expect_err("denied");
    assert_eq!(denied.kind, ProblemKind::Denied);
    for part in ["Starting 2 machines of \"second\"", "UnauthorizedOperation", "r-1"] {
        assert!(denied.detail.contains(part), "{part} in {}", denied.detail);
    }
    assert!(all.0.is_ok() && all.2.is_ok());
    assert_eq!(living(&server, "second").await, [""; 0]);
}

/// Keys that end in the middle of a run: what was made stays known, and new keys go on.
#[tokio::test(flavor = "multi_thread")]
async fn keys_that_expire_on_the_way_are_told_and_new_ones_go_on() {
    let Some(server) = skyform_emulators::moto() else { return };
    let expired = Arc::new(Mutex::new(false));
    let now = expired.clone();
    let front = Faulty::before(&server, move |asked| {
        let mut expired = now.lock().expect("whole");
        let was = *expired;
        *expired |= action(asked) == "RunInstances";
        was.then(|| refusal(400, "RequestExpired"))
    });
    let machines = machines(front.url(), 2);
    let told: Problem =
        machines.create(&spec("workers"), &Silent).await.expect_err("the keys expire");
    // They run and could not be ended, so the next run has to look.
    assert_eq!(told.kind, ProblemKind::InDoubt, "{}", told.detail);
    assert!(told.hint.as_deref().is_some_and(|hint| hint.contains("have expired")), "{told:?}");
    *expired.lock().expect("whole") = false;
    let found = machines.read("workers").await.expect("with new keys").expect("they run");
    assert_eq!((found.token.as_str(), found.machines.len()), ("one", 2));
    machines.delete("workers").await.expect("ended");
    assert_eq!(living(&server, "workers").await, [""; 0]);
}
