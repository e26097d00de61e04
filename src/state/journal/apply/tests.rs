//! Replaying is the same however often it is done.

use std::sync::Arc;

use super::*;
use crate::disk::simulated::Dice;
use crate::{DeposedKey, ObjectStatus, OutputState};

const PROVIDER: &str = "provider[\"terraform.io/builtin/terraform\"]";

fn address(dice: &mut Dice) -> InstanceAddress {
    let texts = ["terraform_data.a", "terraform_data.b[0]", "module.m.terraform_data.c[\"k\"]"];
    texts[dice.below(texts.len())].parse().expect("an address")
}

fn object(dice: &mut Dice) -> Option<Object> {
    let id = dice.below(1000);
    (!id.is_multiple_of(4)).then(|| Object {
        schema_version: 0,
        attributes: format!("{{\"id\":\"{id}\"}}").into(),
        sensitive: Vec::new(),
        private: Arc::from([]),
        status: ObjectStatus::Ready,
        dependencies: Arc::from([]),
        create_before_destroy: false,
        identity: None,
    })
}

fn change(dice: &mut Dice) -> Change {
    let provider = PROVIDER.into();
    match dice.below(5) {
        0 => {
            let value = skyform_value::Value::from(format!("{}", dice.below(9)));
            let value = (dice.below(3) > 0).then_some(OutputState { value, sensitive: false });
            Change::Output { name: "o".into(), value }
        }
        1 => {
            let key = DeposedKey(format!("0000000{}", dice.below(3)).into());
            Change::Deposed { address: address(dice), key, provider, object: object(dice) }
        }
        2 => Change::Moved { from: address(dice), to: address(dice) },
        _ => Change::Current { address: address(dice), provider, object: object(dice) },
    }
}

/// A journal as the ledger writes it, and the state that it leads to.
fn journal(dice: &mut Dice) -> (Vec<Record>, State) {
    let mut state = State::default();
    let records = (0..dice.below(30)).map(|_| {
        let change = change(dice);
        let written = match &change {
            Change::Moved { from, to } => moved(&state, from, to),
            _ => vec![change.clone()],
        };
        apply_change(&mut state, &change);
        Record::Changes(written)
    });
    (records.collect(), state)
}

#[test]
fn replaying_leads_to_the_same_state_from_any_point_of_it() {
    for seed in 0..400 {
        let (records, expected) = journal(&mut Dice(seed));
        let mut once = State::default();
        replay(&mut once, &records);
        assert!(once.has_content_of(&expected), "seed {seed}: {records:#?}");
        // A state that holds a part of it already, or all of it.
        for held in 0..=records.len() {
            let mut state = State::default();
            replay(&mut state, &records[..held]);
            replay(&mut state, &records);
            assert!(state.has_content_of(&expected), "seed {seed}, {held} held");
        }
    }
}
