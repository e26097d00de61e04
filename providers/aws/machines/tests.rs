//! Groups of machines on an emulator of the service.

use skyform_emulators::Server;
use skyform_provider_s3::Limits;
use skyform_provider_sdk::Silent;

use super::*;
use crate::testing;

const IMAGE: &str = "ami-12c6146b";

fn machines(server: &Server) -> Machines {
    at(server.url())
}

fn at(url: &str) -> Machines {
    testing::machines(url, Limits::default())
}

fn spec(size: usize) -> MachinesSpec {
    MachinesSpec {
        name: "workers".to_owned(),
        image: IMAGE.to_owned(),
        machine_type: "t3.small".to_owned(),
        size,
        user_data: Some("#!/bin/sh\n".to_owned()),
        tags: [("team".to_owned(), "fraud".to_owned())].into(),
        owner: "machines.workers[\"a\"]".to_owned(),
        token: "one".to_owned(),
        attempt: "one".to_owned(),
        ..MachinesSpec::default()
    }
}

fn names(info: &MachinesInfo) -> Vec<&str> {
    info.machines.iter().map(|machine| machine.id.as_str()).collect()
}

#[tokio::test]
async fn a_group_is_made_found_resized_and_ended() {
    let Some(server) = skyform_emulators::moto() else { return };
    let machines = machines(&server);
    assert_eq!(machines.read("workers").await.expect("read"), None);
    let made = machines.create(&spec(2), &Silent).await.expect("made");
    assert_eq!((made.machines.len(), made.token.as_str()), (2, "one"));
    assert_eq!(made.tags, spec(2).tags);
    assert!(made.machines.iter().all(|machine| machine.private_address.is_some()));
    let again = machines.create(&spec(2), &Silent).await.expect("found");
    assert_eq!(names(&again), names(&made), "the same intent finds what it has made");
    let other = MachinesSpec { token: "two".to_owned(), ..spec(2) };
    let taken = machines.create(&other, &Silent).await.expect_err("it belongs to another");
    assert_eq!(taken.kind, ProblemKind::AlreadyExists);
    assert!(taken.detail.contains("machines.workers/a"), "{}", taken.detail);

    let tags = [("team".to_owned(), "risk".to_owned())].into();
    let more = MachinesSpec { tags, attempt: "three".to_owned(), ..spec(4) };
    let grown = machines.update(&more, &Silent).await.expect("grown");
    assert_eq!(grown.machines.len(), 4);
    assert_eq!(grown.tags, more.tags, "those from before have the tags of now too");
    let stay = names(&made).iter().all(|name| names(&grown).contains(name));
    assert!(stay, "those from before stay: {made:?}, {grown:?}");
    let fewer = MachinesSpec { attempt: "four".to_owned(), ..spec(1) };
    let shrunk = machines.update(&fewer, &Silent).await.expect("shrunk");
    assert!(shrunk.machines.len() == 1 && names(&grown).contains(&names(&shrunk)[0]));

    machines.delete("workers").await.expect("ended");
    machines.delete("workers").await.expect("ended already");
    assert_eq!(machines.read("workers").await.expect("read"), None);
}

#[tokio::test]
async fn one_that_was_ended_or_stopped_by_hand_is_replaced() {
    let Some(server) = skyform_emulators::moto() else { return };
    let machines = machines(&server);
    let made = machines.create(&spec(3), &Silent).await.expect("made");
    let client = machines.client().await.expect("a client");
    let id = |at: usize| made.machines[at].id.clone();
    client.terminate_instances().instance_ids(id(0)).send().await.expect("ended");
    client.stop_instances().instance_ids(id(1)).send().await.expect("stopped");
    let left = machines.read("workers").await.expect("read").expect("one lives");
    assert_eq!(names(&left), [id(2)]);
    let attempt = MachinesSpec { attempt: "two".to_owned(), ..spec(3) };
    let whole = machines.update(&attempt, &Silent).await.expect("brought back");
    assert_eq!(whole.machines.len(), 3);
    assert!(!names(&whole).contains(&id(1).as_str()), "the stopped one is not kept");
    assert!(names(&whole).contains(&id(2).as_str()), "the one that lives is");

    // With all of them stopped the group is still there, and still this block's.
    let all = whole.machines.iter().map(|machine| machine.id.clone()).collect();
    client.stop_instances().set_instance_ids(Some(all)).send().await.expect("stopped");
    let none = machines.read("workers").await.expect("read").expect("it is there");
    assert_eq!((none.machines.len(), none.token.as_str()), (0, "one"));
    let attempt = MachinesSpec { attempt: "three".to_owned(), ..spec(3) };
    let back = machines.update(&attempt, &Silent).await.expect("brought back");
    assert_eq!(back.machines.len(), 3);
}

#[tokio::test]
async fn what_the_service_refuses_leaves_nothing_behind() {
    let Some(server) = skyform_emulators::moto() else { return };
    let machines = machines(&server);
    let nowhere = MachinesSpec { subnet: Some("subnet-nowhere".to_owned()), ..spec(1) };
    let refused = machines.create(&nowhere, &Silent).await.expect_err("no such network");
    assert!(refused.detail.contains("subnet-nowhere"), "{}", refused.detail);
    assert_eq!(machines.read("workers").await.expect("read"), None);
}

#[test]
fn the_broken_go_first_and_then_the_newest() {
    let instance = |id: &str| Instance::builder().instance_id(id).build();
    let group = Group { living: ["a", "b", "c", "d"].map(instance).to_vec(), stopped: Vec::new() };
    let broken = ["b".to_owned()];
    assert_eq!(surplus(&group, &broken, 1), ["b"]);
    assert_eq!(surplus(&group, &broken, 2), ["b", "d"]);
    assert_eq!(surplus(&group, &[], 3), ["b", "c", "d"]);
}

#[test]
fn another_order_has_another_token() {
    let a = ["a".to_owned()];
    let first = client_token(&spec(2), &[]);
    assert_eq!(first, client_token(&spec(2), &[]));
    assert_eq!(first.len(), 64, "no longer than the service takes");
    assert_ne!(first, client_token(&spec(2), &a));
    let later = MachinesSpec { attempt: "two".to_owned(), ..spec(2) };
    assert_ne!(first, client_token(&later, &[]));
}

#[tokio::test]
async fn an_image_may_be_the_newest_of_an_owners() {
    let Some(server) = skyform_emulators::moto() else { return };
    let machines = machines(&server);
    let of = |image: &'static str| machines.image(image);
    let ubuntu = "newest:099720109477/ubuntu/images/hvm-ssd/ubuntu-xenial-16.04-*";
    assert_eq!(of(ubuntu).await.as_deref(), Ok("ami-785db401"));
    assert_eq!(of("ami-1").await.as_deref(), Ok("ami-1"));
    let missing = of("newest:137112412989/ubuntu/*").await.expect_err("another's");
    assert_eq!(
        (missing.kind, missing.attribute),
        (ProblemKind::NotFound, Some(Path::attribute("image")))
    );
    let newest = MachinesSpec { image: ubuntu.to_owned(), ..spec(1) };
    let made = machines.create(&newest, &Silent).await.expect("made");
    assert_eq!(made.machines.len(), 1);
}

#[test]
fn what_is_wrong_is_said_at_its_attribute() {
    assert_eq!(check(&spec(1)), Ok(()));
    let text = |text: &str| Some(text.to_owned());
    for (attribute, wrong) in [
        ("image", MachinesSpec { image: "ubuntu".to_owned(), ..spec(1) }),
        ("image", MachinesSpec { image: "newest:ubuntu-*".to_owned(), ..spec(1) }),
        ("subnet", MachinesSpec { subnet: text("main"), ..spec(1) }),
        ("security_groups", MachinesSpec { security_groups: vec!["web".to_owned()], ..spec(1) }),
        ("role", MachinesSpec { role: text("arn:aws:iam::1:role/serve"), ..spec(1) }),
    ] {
        let problem = check(&wrong).expect_err(attribute);
        assert_eq!(problem.attribute, Some(Path::attribute(attribute)), "{}", problem.detail);
        assert!(problem.hint.is_some());
    }
}

#[tokio::test]
async fn everything_that_is_asked_for_is_in_the_order() {
    let Some(server) = skyform_emulators::moto() else { return };
    let orders = Arc::new(std::sync::Mutex::new(Vec::new()));
    let seen = orders.clone();
    let front = skyform_emulators::Faulty::before(&server, move |asked| {
        let body = String::from_utf8_lossy(&asked.body).into_owned();
        let is_order = body.starts_with("Action=RunInstances");
        if is_order {
            seen.lock().expect("whole").push(body);
        }
        // The emulator has none of what is asked for.
        is_order.then(|| skyform_emulators::Fault::error(400, "InvalidParameterValue"))
    });
    let machines = at(front.url());
    for (role, expected) in [
        ("serve", "IamInstanceProfile.Name=serve&"),
        (
            "arn:aws:iam::1:instance-profile/serve",
            "IamInstanceProfile.Arn=arn%3Aaws%3Aiam%3A%3A1%3Ainstance-profile%2Fserve&",
        ),
    ] {
        let wanted = MachinesSpec {
            // EC2 itself looks up which image the parameter names.
            image: "resolve:ssm:/images/serve".to_owned(),
            subnet: Some("subnet-1".to_owned()),
            security_groups: vec!["sg-1".to_owned(), "sg-2".to_owned()],
            role: Some(role.to_owned()),
            spot: true,
            ..spec(2)
        };
        machines.create(&wanted, &Silent).await.expect_err("refused");
        let order = orders.lock().expect("whole").pop().expect("one");
        for part in [
            expected,
            "ImageId=resolve%3Assm%3A%2Fimages%2Fserve&",
            "InstanceType=t3.small&",
            "MinCount=2&",
            "MaxCount=2&",
            "SubnetId=subnet-1&",
            "SecurityGroupId.1=sg-1&SecurityGroupId.2=sg-2&",
            "InstanceMarketOptions.MarketType=spot&",
            "UserData=IyEvYmluL3NoCg%3D%3D&",
            "Tag.1.Key=skyform-machines&",
        ] {
            assert!(format!("{order}&").contains(part), "{part} in {order}");
        }
    }
}
