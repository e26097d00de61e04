//! Endpoints on machines, on an emulator of the service and a played network.

mod played;

use skyform_emulators::{Fault, Faulty};
use skyform_provider_sdk::{Autoscaling, Silent};
use skyform_value::Path;

use super::*;
use crate::testing;
use played::Played;

fn spec(sha256: &str) -> EndpointSpec {
    EndpointSpec {
        name: "fraud".to_owned(),
        model: testing::model(sha256),
        replicas: 2,
        offer: "t3.small".to_owned(),
        runtime: Some(MACHINES.to_owned()),
        image: Some("ami-12c6146b".to_owned()),
        role: Some("serve".to_owned()),
        security_groups: vec!["sg-1".to_owned()],
        owner: "endpoint.fraud".to_owned(),
        token: "one".to_owned(),
        ..EndpointSpec::default()
    }
}

/// The same with another model.
fn later(spec: &EndpointSpec) -> EndpointSpec {
    let groups = spec.security_groups.clone();
    EndpointSpec { security_groups: groups, token: "two".to_owned(), ..self::spec("bb") }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_is_made_resized_replaced_and_ended() {
    let Some(server) = skyform_emulators::moto() else { return };
    let played = Played::at(server.url());
    let fleet = &played.fleet;
    assert_eq!(fleet.read("fraud").await.expect("read"), None);
    let wanted = played.wanted(&server).await;
    played.show(&wanted);
    let made = fleet.create(&wanted, &Silent).await.expect("made");
    assert_eq!((made.replicas, made.urls.len(), made.token.as_str()), (2, 2, "one"));
    assert_eq!((&made.model, made.runtime.as_str()), (&wanted.model, "machines"));
    assert!(made.urls.iter().all(|url| url.ends_with(":8080")) && made.url == made.urls[0]);
    assert_eq!(fleet.read("fraud").await.expect("read"), Some(made.clone()));
    let before = played.living().await;
    assert_eq!(fleet.create(&wanted, &Silent).await.expect("found"), made);
    assert_eq!(played.living().await, before, "the same intent finds what it has made");
    let other = EndpointSpec { token: "two".to_owned(), ..wanted.clone() };
    let taken = fleet.create(&other, &Silent).await.expect_err("it belongs to another");
    assert_eq!(taken.kind, ProblemKind::AlreadyExists);

    let more = EndpointSpec { replicas: 3, token: "three".to_owned(), ..wanted.clone() };
    let grown = fleet.update(&more, &Silent).await.expect("grown");
    assert_eq!((grown.replicas, grown.token.as_str()), (3, "one"), "the token stays");
    let now = played.living().await;
    assert!(before.iter().all(|id| now.contains(id)), "those from before serve on: {now:?}");
    played.show(&later(&wanted));
    let replaced = fleet.update(&later(&wanted), &Silent).await.expect("replaced");
    assert_eq!((&replaced.model, replaced.replicas), (&spec("bb").model, 2));
    let now = played.living().await;
    assert!(now.len() == 2 && now.iter().all(|id| !before.contains(id)), "{now:?}");

    fleet.delete("fraud").await.expect("ended");
    fleet.delete("fraud").await.expect("ended already");
    assert_eq!(fleet.read("fraud").await.expect("read"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn machines_that_do_not_answer_are_drift_and_are_replaced() {
    let Some(server) = skyform_emulators::moto() else { return };
    let played = Played::at(server.url());
    let wanted = played.wanted(&server).await;
    played.show(&wanted);
    let made = played.fleet.create(&wanted, &Silent).await.expect("made");
    let before = played.living().await;
    played.silence(&made.urls[0]);
    let seen = played.fleet.read("fraud").await.expect("read").expect("one answers");
    assert_eq!((seen.replicas, &seen.url), (1, &made.urls[1]));
    let whole = played.fleet.update(&wanted, &Silent).await.expect("brought back");
    assert_eq!(whole.replicas, 2);
    let now = played.living().await;
    assert!(now.len() == 2 && now.contains(&before[1]) && !now.contains(&before[0]), "{now:?}");

    // With all of them stopped it is still there, and still this block's.
    let client = played.fleet.machines.client().await.expect("a client");
    client.stop_instances().set_instance_ids(Some(now.clone())).send().await.expect("stopped");
    let none = played.fleet.read("fraud").await.expect("read").expect("it is there");
    assert_eq!((none.replicas, none.token.as_str()), (0, "one"));
    let back = played.fleet.update(&wanted, &Silent).await.expect("brought back");
    assert!(back.replicas == 2 && played.living().await.iter().all(|id| !now.contains(id)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_never_answers_leaves_nothing_behind() {
    let Some(server) = skyform_emulators::moto() else { return };
    let mut played = Played::at(server.url());
    played.fleet.patience = Duration::from_secs(1);
    let wanted = played.wanted(&server).await;
    // Something else answers at their addresses.
    let told = played.fleet.create(&wanted, &Silent).await.expect_err("it never serves");
    assert_eq!((told.summary.as_str(), told.kind), ("Endpoint failed", ProblemKind::Other));
    assert!(told.detail.contains("0 of 2 machines answer after 1 seconds"), "{}", told.detail);
    assert_eq!(played.living().await, [""; 0]);

    played.show(&wanted);
    played.fleet.create(&wanted, &Silent).await.expect("made");
    let before = played.living().await;
    // The update's machines show the old revision, which is not what is waited for.
    let told = played.fleet.update(&later(&wanted), &Silent).await.expect_err("it never serves");
    assert_eq!(told.kind, ProblemKind::Other);
    assert_eq!(played.living().await, before, "what was there serves on, the new ones are gone");
    let seen = played.fleet.read("fraud").await.expect("read").expect("it serves");
    assert_eq!((&seen.model, seen.replicas), (&wanted.model, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_was_cut_off_in_a_change_is_brought_in_order() {
    let Some(server) = skyform_emulators::moto() else { return };
    let played = Played::at(server.url());
    let wanted = played.wanted(&server).await;
    played.show(&wanted);
    played.fleet.create(&wanted, &Silent).await.expect("made");
    // The run before has started the machines of another revision, and no more.
    let other = later(&wanted);
    let attempt = played.fleet.attempt(&other, "one").expect("an attempt");
    let others = played.living().await;
    let started = played.fleet.machines.start(&attempt.wanted, &others, 2).await.expect("started");
    let seen = played.fleet.read("fraud").await.expect("read").expect("it is there");
    assert_eq!(seen.replicas, 0, "that is a difference");
    played.show(&later(&wanted));
    let again = EndpointSpec { token: "three".to_owned(), ..later(&wanted) };
    played.fleet.update(&again, &Silent).await.expect("brought in order");
    let mut now = played.living().await;
    now.sort();
    let mut expected = started;
    expected.sort();
    assert_eq!(now, expected, "what the run before has started is taken, the old ones are gone");
}

/// What could not be ended is ended by the next run; what serves by then is not touched.
#[tokio::test(flavor = "multi_thread")]
async fn old_machines_that_cannot_be_ended_do_not_take_the_new_ones_with_them() {
    let Some(server) = skyform_emulators::moto() else { return };
    let has_failed = std::sync::atomic::AtomicBool::new(false);
    let front = Faulty::before(&server, move |asked| {
        let is_end = String::from_utf8_lossy(&asked.body).contains("Action=TerminateInstances");
        let is_first = is_end && !has_failed.swap(true, std::sync::atomic::Ordering::Relaxed);
        is_first.then(|| Fault::error(403, "UnauthorizedOperation"))
    });
    let played = Played::at(front.url());
    let wanted = played.wanted(&server).await;
    played.show(&wanted);
    played.fleet.create(&wanted, &Silent).await.expect("made");
    let before = played.living().await;
    played.show(&later(&wanted));
    let told = played.fleet.update(&later(&wanted), &Silent).await.expect_err("it is denied");
    assert_eq!(told.kind, ProblemKind::Denied, "{}", told.detail);
    assert_eq!(played.living().await.len(), 4, "all of them serve");
    let seen = played.fleet.read("fraud").await.expect("read").expect("it is there");
    assert_eq!(seen.replicas, 0, "that is a difference");
    let again = EndpointSpec { token: "three".to_owned(), ..later(&wanted) };
    played.fleet.update(&again, &Silent).await.expect("brought in order");
    let now = played.living().await;
    assert!(now.len() == 2 && now.iter().all(|id| !before.contains(id)), "{now:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_without_an_answer_is_in_doubt_and_found_again() {
    let Some(server) = skyform_emulators::moto() else { return };
    let front = Faulty::before(&server, |asked| {
        let body = String::from_utf8_lossy(&asked.body).into_owned();
        body.contains("Action=RunInstances").then_some(Fault::BreakAfter)
    });
    let mut played = Played::at(front.url());
    played.fleet.patience = Duration::from_secs(5);
    let wanted = played.wanted(&server).await;
    played.show(&wanted);
    let doubtful = played.fleet.create(&wanted, &Silent).await.expect_err("no answer");
    assert_eq!(doubtful.kind, ProblemKind::InDoubt, "{}", doubtful.detail);
    let seen = played.fleet.read("fraud").await.expect("read").expect("they were started");
    assert_eq!(seen.token, "one", "they are known by the intent");
}

#[test]
fn what_is_missing_or_wrong_is_said_at_its_attribute() {
    assert_eq!(check(&spec("aa")), Ok(()));
    let text = |text: &str| Some(text.to_owned());
    let parameter = EndpointSpec { image: text("resolve:ssm:/images/serve"), ..spec("aa") };
    assert_eq!(check(&parameter), Ok(()));
    let range = Autoscaling { min: 1, max: 2, requests_per_minute: 60 };
    for (attribute, wrong) in [
        ("image", EndpointSpec { image: None, ..spec("aa") }),
        ("image", EndpointSpec { image: text("1.dkr.ecr/serve:1"), ..spec("aa") }),
        ("offer", EndpointSpec { offer: "ml.m5.large".to_owned(), ..spec("aa") }),
        ("offer", EndpointSpec { offer: String::new(), ..spec("aa") }),
        ("role", EndpointSpec { role: None, ..spec("aa") }),
        ("role", EndpointSpec { role: text("arn:aws:iam::1:role/serve"), ..spec("aa") }),
        ("subnet", EndpointSpec { subnet: text("main"), ..spec("aa") }),
        ("security_groups", EndpointSpec { security_groups: Vec::new(), ..spec("aa") }),
        ("security_groups", EndpointSpec { security_groups: vec!["web".to_owned()], ..spec("aa") }),
        ("autoscaling", EndpointSpec { autoscaling: Some(range), ..spec("aa") }),
    ] {
        let problem = check(&wrong).expect_err(attribute);
        assert_eq!(problem.attribute, Some(Path::attribute(attribute)), "{}", problem.detail);
        assert!(problem.hint.is_some());
    }
}

#[test]
fn every_change_is_another_revision_but_size_and_intent() {
    let place = Place { region: "us-east-1", endpoint: None };
    let of = |spec: &EndpointSpec| revision(spec, &place);
    let first = of(&spec("aa"));
    for same in [
        EndpointSpec { replicas: 7, ..spec("aa") },
        EndpointSpec { token: "two".to_owned(), ..spec("aa") },
    ] {
        assert_eq!(of(&same), first);
    }
    for other in [
        spec("bb"),
        EndpointSpec { offer: "t3.large".to_owned(), ..spec("aa") },
        EndpointSpec { public: true, ..spec("aa") },
        EndpointSpec { subnet: Some("subnet-1".to_owned()), ..spec("aa") },
    ] {
        assert_ne!(of(&other), first);
    }
}
