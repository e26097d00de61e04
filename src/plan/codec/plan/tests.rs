//! Plans and their files: there and back, and damaged ones.

use serde_json::Value as Json;
use skyform_diag::{SourceId, Span};
use skyform_state::DeposedKey;
use skyform_value::{Marks, Mode, Path, Step, Type, Value};

use super::*;
use crate::{
    Action, ActionId, ActionKind, ChangeAction, ChangeId, CheckKind, CheckResult, CheckStatus,
    CloudCost, Deferred, DeferredReason, OfferReport, PlacementReport, PlacementStatus, Reason,
    ResourceChange, TaskReport,
};

/// A plan with something in each of its fields.
fn full() -> Plan {
    let span = Some(Span { source: SourceId(0), start: 1, end: 5 });
    let secret = Value::from("s").with_marks(Marks::SENSITIVE);
    let before = Value::object([("secret", secret), ("id", Value::unknown(Type::String))]);
    let change = ResourceChange {
        address: "terraform_data.a[0]".parse().unwrap(),
        previous_address: Some("terraform_data.b".parse().unwrap()),
        deposed: Some(DeposedKey("00ff".into())),
        provider: "provider[\"terraform.io/builtin/terraform\"]".into(),
        action: ChangeAction::DeleteThenCreate,
        reason: Some(Reason::CannotUpdate),
        before,
        after: Value::object([("list", Value::list(Type::Bool, vec![Value::from(true)]))]),
        config: Some(Value::object([("n", Value::from(1_i64))])),
        requires_replace: vec![Path(vec![Step::Attribute("id".into()), Step::Index(1)])],
        private: vec![1, 255],
        notes: vec!["note".to_owned()],
        importing: Some("id".to_owned()),
        span,
    };
    let offer = OfferReport {
        cloud: "aws".to_owned(),
        region: "eu".to_owned(),
        offer: "small".to_owned(),
        price: "0.1".to_owned(),
        quota: Some(3),
        serves: 1.5,
        units: 2,
        covers: 3.0,
        monthly_cost: "146".to_owned(),
        previous_units: Some(1),
        ruled_out: Some("quota".to_owned()),
        headroom_units: 1,
    };
    let cost = CloudCost {
        cloud: "aws".to_owned(),
        activation: "1".to_owned(),
        compute: "2".to_owned(),
        egress: "3".to_owned(),
        switching: "4".to_owned(),
        total: "10".to_owned(),
    };
    let placement = PlacementReport {
        address: "placement.main".to_owned(),
        name: "main".to_owned(),
        span,
        status: PlacementStatus::Optimal,
        cost: "10".to_owned(),
        bound: "10".to_owned(),
        gap: 0.0,
        clouds: vec!["aws".to_owned()],
        tasks: vec![TaskReport { name: "t".to_owned(), demand: 2.0, offers: vec![offer] }],
        costs: vec![cost],
        previous_cost: Some("11".to_owned()),
        conflicts: Vec::new(),
        explanation: None,
        notes: vec!["built-in catalogue".to_owned()],
    };
    let deferred = Deferred {
        module: "module.m".to_owned(),
        mode: Mode::Data,
        type_name: "t".into(),
        name: "n".into(),
        is_repeated: true,
        provider: "p".into(),
        reason: DeferredReason::DeferredPrerequisite,
        after: Value::unknown(Type::Any),
        exists: true,
        span: None,
    };
    let check = CheckResult {
        kind: CheckKind::Output,
        block: "output.o".to_owned(),
        address: "output.o".to_owned(),
        status: CheckStatus::Fail,
        failures: vec!["too small".to_owned()],
        span,
    };
    let output = OutputChange {
        before: Value::null(),
        after: Value::from("x"),
        sensitive: true,
        action: ChangeAction::Create,
    };
    Plan {
        mode: PlanMode::Destroy,
        timestamp: "2026-01-01T00:00:00Z".to_owned(),
        lineage: "l".to_owned(),
        serial: 7,
        prior_changed: true,
        changes: vec![change.clone()],
        drift: vec![change],
        deferred: vec![deferred],
        known: [("local.a".parse().unwrap(), Value::from("k"))].into(),
        outputs: [("o".into(), output)].into(),
        actions: vec![
            Action { kind: ActionKind::Delete(ChangeId(0)), after: Vec::new() },
            Action { kind: ActionKind::Create(ChangeId(0)), after: vec![ActionId(0)] },
            Action { kind: ActionKind::Output("o".into()), after: vec![ActionId(1)] },
        ],
        dependencies: [(
            block_address("terraform_data.a").unwrap(),
            vec![block_address("terraform_data.b").unwrap()].into(),
        )]
        .into(),
        placements: vec![placement],
        variables: [("v".into(), Value::from(true))].into(),
        ephemeral_variables: vec!["e".to_owned()],
        checks: vec![check],
        targets: vec!["terraform_data.a".to_owned()],
        snapshot: Snapshot { files: [("main.tf".to_owned(), String::new())].into() },
        ..Plan::default()
    }
}

#[test]
fn a_plan_comes_back_from_its_file() {
    let text = plan_to_json(&full());
    assert_eq!(plan_to_json(&plan_from_json(&text).unwrap()), text);
}

#[test]
fn a_field_that_is_missing_is_an_error() {
    let whole: Json = serde_json::from_str(&plan_to_json(&full())).unwrap();
    let mut may_be_missing = Vec::new();
    for pointer in pointers(&whole) {
        let mut damaged = whole.clone();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        if let Some(Json::Object(object)) = damaged.pointer_mut(parent) {
            object.remove(&name.replace("~1", "/"));
            if plan_from_json(&damaged.to_string()).is_ok() {
                may_be_missing.push(pointer);
            }
        }
    }
    // Entries of tables with names of the user's, and what earlier versions did not write.
    let expected = [
        "/changes/0/before/o/id",
        "/changes/0/before/o/id/r",
        "/changes/0/before/o/secret",
        "/changes/0/after/o/list",
        "/changes/0/config/o/n",
        "/deferred/0/after/r",
        "/dependencies/terraform_data.a",
        "/drift/0/after/o/list",
        "/drift/0/before/o/id",
        "/drift/0/before/o/id/r",
        "/drift/0/before/o/secret",
        "/drift/0/config/o/n",
        "/files/main.tf",
        "/known/local.a",
        "/outputs/o",
        "/variables/v",
    ];
    let mut expected = expected.map(str::to_owned).to_vec();
    expected.sort();
    may_be_missing.sort();
    assert_eq!(may_be_missing, expected);
}

#[test]
fn damage_anywhere_is_no_panic() {
    let whole: Json = serde_json::from_str(&plan_to_json(&full())).unwrap();
    let wrong = [
        Json::Null,
        Json::from(-7),
        Json::from(4_000_000_000_u32),
        Json::from("\u{e9}"),
        Json::Array(Vec::new()),
        Json::Object(serde_json::Map::new()),
        serde_json::json!({"v": "x"}),
    ];
    let mut refused = 0;
    for pointer in pointers(&whole) {
        for wrong in &wrong {
            let mut damaged = whole.clone();
            *damaged.pointer_mut(&pointer).unwrap() = wrong.clone();
            refused += usize::from(plan_from_json(&damaged.to_string()).is_err());
        }
    }
    assert!(refused > 700, "{refused}");
}

#[test]
fn actions_that_wait_for_each_other_are_refused() {
    let mut plan = full();
    plan.actions[0].after.push(ActionId(1));
    let error = plan_from_json(&plan_to_json(&plan)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "an action refers to something that is not in the plan, or not before it"
    );
}

/// The place of each value inside a document.
fn pointers(json: &Json) -> Vec<String> {
    let children: Vec<(String, &Json)> = match json {
        Json::Object(object) => {
            object.iter().map(|(name, child)| (name.replace('/', "~1"), child)).collect()
        }
        Json::Array(items) => {
            items.iter().enumerate().map(|(at, child)| (at.to_string(), child)).collect()
        }
        _ => Vec::new(),
    };
    let below = |(name, child): (String, &Json)| {
        let inner = pointers(child).into_iter().map(|rest| format!("/{name}{rest}"));
        std::iter::once(format!("/{name}")).chain(inner.collect::<Vec<_>>()).collect::<Vec<_>>()
    };
    children.into_iter().flat_map(below).collect()
}
