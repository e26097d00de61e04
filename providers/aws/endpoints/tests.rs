//! Endpoints on an emulator of the service. It knows no `UpdateEndpoint`: the test answers that, and
//! what is seen of it afterwards, itself.

use std::sync::Mutex;

use skyform_emulators::{Asked, Fault, Faulty, Server};
use skyform_provider_s3::Limits;
use skyform_provider_sdk::{Autoscaling, Silent, VariantSpec};
use skyform_value::{Path, Step};

use super::*;
use crate::testing;

fn endpoints(url: &str) -> Endpoints {
    let session = testing::session(Some(url), Limits::default());
    let scaling = Scaling { session: session.clone(), client: OnceCell::new() };
    Endpoints { session, client: OnceCell::new(), scaling }
}

fn spec(sha256: &str) -> EndpointSpec {
    EndpointSpec {
        name: "fraud".to_owned(),
        model: testing::model(sha256),
        replicas: 2,
        offer: "ml.m5.large".to_owned(),
        image: Some("1.dkr.ecr.us-east-1.amazonaws.com/serve:1".to_owned()),
        role: Some("arn:aws:iam::123456789012:role/serve".to_owned()),
        owner: "endpoint.fraud".to_owned(),
        token: "one".to_owned(),
        ..EndpointSpec::default()
    }
}

fn variant(name: &str, weight: u64) -> VariantSpec {
    VariantSpec {
        name: name.to_owned(),
        model: spec("cc").model,
        weight,
        replicas: 1,
        offer: "ml.m5.large".to_owned(),
        autoscaling: None,
    }
}

/// An endpoint with two models.
fn two() -> EndpointSpec {
    EndpointSpec { weight: Some(9), variants: vec![variant("next", 1)], ..spec("aa") }
}

async fn revisions(endpoints: &Endpoints) -> Vec<String> {
    let client = endpoints.client().await.expect("a client");
    let listed = client.list_models().send().await.expect("listed");
    let names = listed.models().iter().filter_map(|model| model.model_name());
    names.map(str::to_owned).collect()
}

#[tokio::test]
async fn an_endpoint_is_made_found_and_ended() {
    let Some(server) = skyform_emulators::moto() else { return };
    let endpoints = endpoints(server.url());
    assert_eq!(endpoints.read("fraud").await.expect("read"), None);
    let range = Autoscaling { min: 1, max: 4, requests_per_minute: 600 };
    let wanted = EndpointSpec { autoscaling: Some(range), ..spec("aa") };
    let made = endpoints.create(&wanted, &Silent).await.expect("made");
    assert_eq!((made.replicas, &made.model, made.token.as_str()), (2, &wanted.model, "one"));
    assert!(made.url.ends_with("/endpoints/fraud"), "{}", made.url);
    assert_eq!(endpoints.read("fraud").await.expect("read"), Some(made.clone()));
    let again = endpoints.create(&wanted, &Silent).await.expect("found");
    assert_eq!(again, made, "the same intent finds what it has made");
    let other = EndpointSpec { token: "two".to_owned(), ..wanted };
    let refused = endpoints.create(&other, &Silent).await.expect_err("another's");
    assert_eq!(refused.kind, ProblemKind::AlreadyExists);
    assert_eq!(revisions(&endpoints).await, [revision(&spec("aa"))]);
    endpoints.delete("fraud").await.expect("ended");
    endpoints.delete("fraud").await.expect("ended already");
    assert_eq!(endpoints.read("fraud").await.expect("read"), None);
    assert_eq!(revisions(&endpoints).await, [""; 0]);
}

#[tokio::test]
async fn variants_have_models_sizes_and_weights_of_their_own() {
    let Some(server) = skyform_emulators::moto() else { return };
    let endpoints = endpoints(server.url());
    let range = Autoscaling { min: 1, max: 3, requests_per_minute: 60 };
    let mut wanted = two();
    wanted.variants[0].autoscaling = Some(range.clone());
    let made = endpoints.create(&wanted, &Silent).await.expect("made");
    let next = VariantInfo {
        name: "next".to_owned(),
        weight: 1,
        replicas: 1,
        autoscaling: Some(range.clone()),
    };
    assert_eq!((made.replicas, made.weight, &made.variants), (2, Some(9), &vec![next]));
    assert_eq!(made.autoscaling, None);
    assert_eq!(revisions(&endpoints).await.len(), 2, "a model each");

    // Sizes, weights and ranges change in place: this server knows no UpdateEndpoint.
    wanted.replicas = 3;
    wanted.weight = Some(1);
    let wider = Autoscaling { max: 5, ..range };
    wanted.variants[0].autoscaling = Some(wider.clone());
    let changed = endpoints.update(&wanted, &Silent).await.expect("changed");
    assert_eq!((changed.replicas, changed.weight), (3, Some(1)));
    assert_eq!(changed.variants[0].autoscaling, Some(wider));
    assert_eq!(endpoints.read("fraud").await.expect("read"), Some(changed.clone()));

    // What somebody else has changed is seen, and brought back.
    let client = endpoints.client().await.expect("a client");
    let by_hand = aws_sdk_sagemaker::types::DesiredWeightAndCapacity::builder()
        .variant_name("next")
        .desired_weight(7.0)
        .desired_instance_count(1);
    let order = client.update_endpoint_weights_and_capacities().endpoint_name("fraud");
    order.desired_weights_and_capacities(by_hand.build()).send().await.expect("by hand");
    let seen = endpoints.read("fraud").await.expect("read").expect("it is there");
    assert_eq!(seen.variants[0].weight, 7);
    endpoints.scaling.remove("fraud", &["next".to_owned()]).await.expect("by hand");
    let seen = endpoints.read("fraud").await.expect("read").expect("it is there");
    assert_eq!(seen.variants[0].autoscaling, None);
    assert_eq!(endpoints.update(&wanted, &Silent).await.expect("brought back"), changed);
    endpoints.delete("fraud").await.expect("ended");
    assert_eq!(revisions(&endpoints).await, [""; 0], "the models of all variants");
}

/// The emulator with updates: what the endpoint goes over to is `after` the update.
fn updating(server: &Server, after: impl Fn(&str) -> String + Send + Sync + 'static) -> Faulty {
    let updated: Mutex<Option<String>> = Mutex::new(None);
    let json = |body: String| {
        let headers = vec!["Content-Type: application/x-amz-json-1.1".to_owned()];
        Some(Fault::Answer { status: 200, headers, body })
    };
    Faulty::before(server, move |asked: &Asked| {
        let mut updated = updated.lock().expect("not poisoned");
        if asked.head.contains("SageMaker.UpdateEndpoint\r") {
            let body = String::from_utf8_lossy(&asked.body);
            let name = body.split("\"EndpointConfigName\":\"").nth(1)?.split('"').next()?;
            *updated = Some(name.to_owned());
            return json(
                "{\"EndpointArn\":\"arn:aws:sagemaker:us-east-1:1:endpoint/fraud\"}".into(),
            );
        }
        let about = updated.as_ref()?;
        asked.head.contains("SageMaker.DescribeEndpoint\r").then(|| json(after(about)))?
    })
}

fn about(revision: &str, status: &str, reason: &str) -> String {
    let arn = "arn:aws:sagemaker:us-east-1:123456789012:endpoint/fraud";
    format!(
        "{{\"EndpointName\":\"fraud\",\"EndpointArn\":\"{arn}\",\"EndpointConfigName\":\"{revision}\",\
         \"EndpointStatus\":\"{status}\",\"FailureReason\":\"{reason}\",\
         \"CreationTime\":1.0,\"LastModifiedTime\":2.0}}"
    )
}

#[tokio::test]
async fn another_model_takes_over_and_the_old_one_goes() {
    let Some(server) = skyform_emulators::moto() else { return };
    let front = updating(&server, |revision| about(revision, "InService", ""));
    let endpoints = endpoints(front.url());
    endpoints.create(&spec("aa"), &Silent).await.expect("made");
    let later = EndpointSpec { token: "two".to_owned(), ..spec("bb") };
    let now = endpoints.update(&later, &Silent).await.expect("updated");
    assert_eq!(now.model, later.model);
    assert_eq!(now.token, "one", "the token stays that of the intent that made it");
    assert_eq!(revisions(&endpoints).await, [revision(&spec("bb"))]);
}

#[tokio::test]
async fn an_update_that_fails_leaves_what_was_there() {
    let Some(server) = skyform_emulators::moto() else { return };
    let old = revision(&spec("aa"));
    let front = updating(&server, move |_| about(&old, "InService", "the container did not pass"));
    let endpoints = endpoints(front.url());
    endpoints.create(&spec("aa"), &Silent).await.expect("made");
    let told = endpoints.update(&spec("bb"), &Silent).await.expect_err("it failed");
    assert!(told.detail.contains("the container did not pass"), "{}", told.detail);
    assert_eq!(revisions(&endpoints).await, [revision(&spec("aa"))]);
}

/// The endpoint has gone over, and only its scaling is refused: what it serves is not taken from it.
#[tokio::test]
async fn what_serves_is_kept_when_something_after_it_fails() {
    let Some(server) = skyform_emulators::moto() else { return };
    let front = updating(&server, |revision| about(revision, "InService", ""));
    let refusing = {
        let inner = front.url().trim_start_matches("http://").to_owned();
        Faulty::at(&inner, |asked| {
            let is_it = asked.head.contains(".RegisterScalableTarget\r");
            is_it.then(|| refusal("InternalFailure", "as asked for"))
        })
    };
    let endpoints = endpoints(refusing.url());
    endpoints.create(&spec("aa"), &Silent).await.expect("made");
    let range = Autoscaling { min: 1, max: 4, requests_per_minute: 600 };
    let scaled = EndpointSpec { autoscaling: Some(range), ..spec("bb") };
    endpoints.update(&scaled, &Silent).await.expect_err("its scaling is refused");
    let there = revisions(&endpoints).await;
    assert!(there.contains(&revision(&spec("bb"))), "{there:?}");
}

#[tokio::test]
async fn an_endpoint_that_fails_is_told_with_its_reason_and_cleaned_up() {
    let Some(server) = skyform_emulators::moto() else { return };
    let seen = std::sync::atomic::AtomicUsize::new(0);
    let failed = revision(&spec("aa"));
    let front = Faulty::before(&server, move |asked| {
        if !asked.head.contains("SageMaker.DescribeEndpoint\r") {
            return None;
        }
        // The first look finds none; then it is being made; then it has failed.
        let status = match seen.fetch_add(1, std::sync::atomic::Ordering::Relaxed) {
            0 => return None,
            1 => "Creating",
            _ => "Failed",
        };
        let body = about(&failed, status, "the image cannot be pulled");
        let headers = vec!["Content-Type: application/x-amz-json-1.1".to_owned()];
        Some(Fault::Answer { status: 200, headers, body })
    });
    let endpoints = endpoints(front.url());
    let told = endpoints.create(&spec("aa"), &Silent).await.expect_err("it failed");
    assert_eq!(told.summary, "Endpoint failed");
    assert!(told.detail.contains("the image cannot be pulled"), "{}", told.detail);
    assert_eq!(revisions(&endpoints).await, [""; 0]);
    let plain = super::tests::endpoints(server.url());
    assert_eq!(plain.read("fraud").await.expect("read"), None);
}

#[test]
fn what_is_missing_is_said_at_its_attribute() {
    assert_eq!(check(&spec("aa")), Ok(()));
    assert_eq!(check(&two()), Ok(()));
    let none = EndpointSpec { weight: Some(0), ..spec("aa") };
    for (attribute, wrong) in [
        ("weight", none),
        ("subnet", EndpointSpec { subnet: Some("subnet-1".to_owned()), ..spec("aa") }),
        ("image", EndpointSpec { image: None, ..spec("aa") }),
        ("role", EndpointSpec { role: None, ..spec("aa") }),
        ("offer", EndpointSpec { offer: "m5.large".to_owned(), ..spec("aa") }),
    ] {
        let problem = check(&wrong).expect_err(attribute);
        assert_eq!(problem.attribute, Some(Path::attribute(attribute)));
        assert!(problem.hint.is_some());
    }
    for name in ["main", "a b", ""] {
        let wrong = EndpointSpec { variants: vec![variant(name, 1)], ..spec("aa") };
        let place = Path::attribute("variant").then(Step::Key(name.into()));
        assert_eq!(check(&wrong).expect_err(name).attribute, Some(place));
    }
}

#[test]
fn every_change_but_of_size_and_weight_is_another_revision() {
    let first = revision(&spec("aa"));
    let long = EndpointSpec { name: "a".repeat(63), ..spec("aa") };
    assert_eq!(first, revision(&EndpointSpec { token: "two".to_owned(), ..spec("aa") }));
    for same in
        [EndpointSpec { replicas: 3, ..spec("aa") }, EndpointSpec { weight: Some(9), ..spec("aa") }]
    {
        assert_eq!(first, revision(&same));
    }
    for other in [
        spec("bb"),
        EndpointSpec { offer: "ml.m5.xlarge".to_owned(), ..spec("aa") },
        EndpointSpec { variants: vec![variant("next", 1)], ..spec("aa") },
    ] {
        assert_ne!(first, revision(&other));
    }
    assert_eq!(revision(&long).len(), 63);
    let two = EndpointSpec { variants: vec![variant("next", 1)], ..long };
    let models = [model_of(&two, "main"), model_of(&two, "next")];
    assert!(models[0] != models[1] && models[1].len() == 63, "{models:?}");
}

/// An error as SageMaker has it.
fn refusal(kind: &str, message: &str) -> Fault {
    let headers = vec!["Content-Type: application/x-amz-json-1.1".to_owned()];
    let body = format!("{{\"__type\":\"{kind}\",\"message\":\"{message}\"}}");
    Fault::Answer { status: 400, headers, body }
}

#[tokio::test]
async fn what_is_throttled_is_tried_again() {
    let Some(server) = skyform_emulators::moto() else { return };
    let left: Mutex<BTreeMap<&str, u32>> = Mutex::new(
        ["CreateModel", "CreateEndpointConfig", "CreateEndpoint", "DescribeEndpoint"]
            .map(|action| (action, 1))
            .into(),
    );
    let front = Faulty::before(&server, move |asked| {
        let mut left = left.lock().expect("not poisoned");
        let is_it = |action: &&str| asked.head.contains(&format!("SageMaker.{action}\r"));
        let action = left.keys().copied().find(|action| is_it(action))?;
        let count = left.get_mut(action)?;
        *count = count.checked_sub(1)?;
        Some(refusal("ThrottlingException", "Rate exceeded"))
    });
    let made = endpoints(front.url()).create(&spec("aa"), &Silent).await.expect("in the end");
    assert_eq!(made.replicas, 2);
}

/// The keys end between the configuration and the endpoint, so nothing can be cleaned up either.
#[tokio::test]
async fn keys_that_expire_on_the_way_leave_an_endpoint_in_doubt() {
    let Some(server) = skyform_emulators::moto() else { return };
    let has_expired = Mutex::new(false);
    let front = Faulty::before(&server, move |asked| {
        let mut has_expired = has_expired.lock().expect("not poisoned");
        *has_expired |= asked.head.contains("SageMaker.CreateEndpoint\r");
        let message = "The security token included in the request is expired";
        has_expired.then(|| refusal("ExpiredTokenException", message))
    });
    let told = endpoints(front.url()).create(&spec("aa"), &Silent).await.expect_err("expired");
    assert_eq!(told.kind, ProblemKind::InDoubt, "{}", told.detail);
    assert!(told.hint.is_some_and(|hint| hint.contains("have expired")));
    // New keys go on: what was made before is taken, and nothing is made twice.
    let endpoints = endpoints(server.url());
    endpoints.create(&spec("aa"), &Silent).await.expect("made");
    assert_eq!(revisions(&endpoints).await, [revision(&spec("aa"))]);
}
