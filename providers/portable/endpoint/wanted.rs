//! The endpoint that an object describes, and the object that an endpoint is seen as.

use std::collections::BTreeMap;

use skyform_provider_sdk::{Autoscaling, EndpointInfo, EndpointSpec, ServedModel, VariantSpec};
use skyform_value::{Str, Type, Value};

use crate::object::{given, part, text, texts, truth, whole, with};

/// The endpoint that an object describes, but for its models.
pub(super) fn spec(planned: &Value, address: &str, token: &str) -> EndpointSpec {
    let optional = |name: &str| Some(text(planned, name)).filter(|text| !text.is_empty());
    EndpointSpec {
        name: text(planned, "name"),
        model: ServedModel::default(),
        replicas: whole(planned, "replicas").unwrap_or(1),
        offer: text(planned, "offer"),
        runtime: Some(text(planned, "runtime")),
        image: optional("image"),
        role: optional("role"),
        autoscaling: range(planned),
        weight: whole(planned, "weight"),
        variants: variants(planned).map(|(name, object)| variant(planned, name, object)).collect(),
        subnet: optional("subnet"),
        security_groups: texts(planned, "security_groups"),
        public: truth(planned, "public"),
        owner: address.to_owned(),
        token: token.to_owned(),
    }
}

/// Models beside the endpoint's own, by name.
pub(super) fn variants(object: &Value) -> impl Iterator<Item = (&Str, &Value)> {
    object.get("variant").and_then(Value::as_table).into_iter().flatten()
}

fn variant(endpoint: &Value, name: &Str, object: &Value) -> VariantSpec {
    let offer = Some(text(object, "offer")).filter(|offer| !offer.is_empty());
    VariantSpec {
        name: name.to_string(),
        model: ServedModel::default(),
        weight: whole(object, "weight").unwrap_or(1),
        replicas: whole(object, "replicas").unwrap_or(1),
        offer: offer.unwrap_or_else(|| text(endpoint, "offer")),
        autoscaling: range(object),
    }
}

fn range(object: &Value) -> Option<Autoscaling> {
    given(object, "autoscaling").map(|range| Autoscaling {
        min: whole(&range, "min").unwrap_or(1),
        max: whole(&range, "max").unwrap_or(1),
        requests_per_minute: whole(&range, "requests_per_minute").unwrap_or(1),
    })
}

/// An object as it was, with the sizes, weights and ranges that its endpoint is seen to have. What
/// was left to the default stays so while that is what is there.
pub(super) fn seen(object: &Value, info: &EndpointInfo) -> Value {
    let now = with(object, [("replicas", Value::from(info.replicas))]);
    let now = ranged(&weighed(&now, info.weight), info.autoscaling.as_ref());
    let Some(table) = object.get("variant").and_then(Value::as_table) else { return now };
    let mut seen: BTreeMap<Str, Value> = BTreeMap::new();
    for (name, variant) in table {
        // One that is not there any more is no part of the object.
        let Some(there) = info.variants.iter().find(|there| *there.name == **name) else {
            continue;
        };
        let is_default = there.replicas == 1 && given(variant, "replicas").is_none();
        let replicas =
            if is_default { part(variant, "replicas") } else { Value::from(there.replicas) };
        let variant = with(variant, [("replicas", replicas)]);
        let variant = ranged(&weighed(&variant, Some(there.weight)), there.autoscaling.as_ref());
        seen.insert(name.clone(), variant);
    }
    let element = object.get("variant").map(Value::ty);
    let element = match element {
        Some(Type::Map(element)) => (*element).clone(),
        _ => Type::Any,
    };
    with(&now, [("variant", Value::map(element, seen))])
}

fn weighed(object: &Value, weight: Option<u64>) -> Value {
    match weight {
        Some(weight) if weight != whole(object, "weight").unwrap_or(1) => {
            with(object, [("weight", Value::from(weight))])
        }
        _ => object.clone(),
    }
}

fn ranged(object: &Value, there: Option<&Autoscaling>) -> Value {
    if range(object).as_ref() == there {
        return object.clone();
    }
    let range = match there {
        Some(Autoscaling { min, max, requests_per_minute }) => Value::object([
            ("min", Value::from(*min)),
            ("max", Value::from(*max)),
            ("requests_per_minute", Value::from(*requests_per_minute)),
        ]),
        None => {
            let was = part(object, "autoscaling");
            Value::null_of(was.ty())
        }
    };
    with(object, [("autoscaling", range)])
}
