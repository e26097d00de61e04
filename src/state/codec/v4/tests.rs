//! Files of Terraform's are read wholly, and written back as they were.

use super::*;

const TERRAFORM: &str = include_str!("../../../../testdata/state/terraform-1.11.4.json");

#[test]
fn a_file_of_terraform_comes_back_the_same() {
    let state = state_from_json(TERRAFORM).expect("a state");
    let addresses: Vec<String> =
        state.instances().map(|(address, _)| address.to_string()).collect();
    assert_eq!(
        addresses,
        ["terraform_data.a[0]", "terraform_data.a[1]", "module.m.terraform_data.b[\"k\"]"]
    );
    let again = state_to_json(&state);
    let parse = |text: &str| -> Json { serde_json::from_str(text).expect("JSON") };
    assert_eq!(parse(&again), parse(TERRAFORM));
    assert_eq!(state_from_json(&again), Ok(state));
}

#[test]
fn placements_and_deposed_objects_come_back() {
    let mut state = state_from_json(TERRAFORM).expect("a state");
    let address = "terraform_data.a[0]".parse().expect("an address");
    let instance = state.instance_mut(&address, "provider[\"terraform.io/builtin/terraform\"]");
    let mut old = instance.current.clone().expect("it is there");
    old.status = crate::ObjectStatus::Tainted;
    old.private = Arc::from(&b"\x00\xffp"[..]);
    instance.deposed.insert(DeposedKey("0badcafe".into()), old);
    let units = [("fraud".to_owned(), [("east/cpu.small".to_owned(), 2)].into())].into();
    let decision = PlacementState { units, monthly_cost: "169.10".to_owned() };
    state.placements.insert("placement.main".to_owned(), decision);
    assert_eq!(state_from_json(&state_to_json(&state)), Ok(state));
}

#[test]
fn what_is_not_a_state_is_said() {
    for (text, expected) in [
        ("", "EOF"),
        ("{", "EOF"),
        ("[]", "invalid"),
        ("{\"version\": 3}", "old format 3"),
        ("{\"version\": 4, \"resources\": [{}]}", "missing field"),
    ] {
        match state_from_json(text) {
            Err(NotAState::Invalid(message)) => assert!(message.contains(expected), "{message}"),
            other => panic!("{text}: {other:?}"),
        }
    }
    assert_eq!(state_from_json("{\"version\": 5, \"x\": 1}"), Err(NotAState::TooNew(5)));
}
