//! A `cloud` block's value as a cloud with offers.

use std::collections::BTreeMap;

use skyform_diag::{Diagnostics, error_at};
use skyform_placement::{Cloud, Offer};
use skyform_value::Value;

use super::filter::offers_from;
use super::places::Places;
use super::problem::not_known;
use super::values::{amount, amounts, count, text};

/// Why offers of a catalogue are not what is expected.
const NOT_OFFERS: &str = "offers must be a map of offers by name, such as catalog.NAME.offers.";

/// The cloud. Warnings are added to `warnings`.
///
/// # Errors
/// What is not known while planning, or not as it must be.
pub(super) fn cloud(
    name: &str,
    value: &Value,
    places: &Places,
    warnings: &mut Diagnostics,
) -> Result<Cloud, Diagnostics> {
    if !value.is_wholly_known() {
        return Err(not_known(places.header, "cloud").into());
    }
    let mut diagnostics = Diagnostics::new();
    let mut cloud = Cloud {
        region: text(value, "region").unwrap_or_else(|| name.to_owned()),
        residency: text(value, "residency"),
        activation_cost: amount(value, "activation_cost").unwrap_or_default(),
        quotas: amounts(value, "quotas"),
        latency_ms: amounts(value, "latency_ms"),
        offers: BTreeMap::new(),
    };
    if let Some(offers) = value.get("offers").filter(|offers| !offers.is_null()) {
        match offers.as_table() {
            Some(table) => {
                for (offer_name, own) in table {
                    add(&mut cloud, offer_name, own, places, &mut diagnostics);
                }
            }
            None => diagnostics.push(error_at!(
                places.argument("offers"),
                "Offers of another form",
                "{NOT_OFFERS}"
            )),
        }
    }
    for filter in value.get("offers_from").and_then(Value::as_slice).into_iter().flatten() {
        let quota = match count(filter, "quota", places.argument("offers_from")) {
            Ok(quota) => quota,
            Err(found) => {
                diagnostics.push(found);
                None
            }
        };
        let region = Some(cloud.region.as_str()).filter(|_| places.has("region"));
        match offers_from(filter, region, places.argument("offers_from"), warnings) {
            Ok(offers) => {
                for (offer_name, own) in offers {
                    add(&mut cloud, offer_name, own, places, &mut diagnostics);
                    if let Some(offer) = cloud.offers.get_mut(offer_name.as_str()) {
                        offer.quota = quota;
                    }
                }
            }
            Err(found) => diagnostics.push(found),
        }
    }
    for (offer_name, own) in value.get("offer").and_then(Value::as_table).into_iter().flatten() {
        add(&mut cloud, offer_name, own, places, &mut diagnostics);
    }
    if value.get("capacity").is_some_and(|capacity| !capacity.is_null()) {
        let offer = Offer {
            quota: Some(1),
            shared: true,
            serves: amounts(value, "capacity"),
            ..Offer::default()
        };
        cloud.offers.insert("capacity".to_owned(), offer);
    }
    diagnostics.into_result(cloud)
}

fn add(
    cloud: &mut Cloud,
    name: &str,
    value: &Value,
    places: &Places,
    diagnostics: &mut Diagnostics,
) {
    let whole = |argument: &str, diagnostics: &mut Diagnostics| match count(
        value,
        argument,
        places.of_offer(name, argument),
    ) {
        Ok(count) => count,
        Err(found) => {
            diagnostics.push(found);
            None
        }
    };
    let Some(price) = amount(value, "price") else {
        diagnostics.push(error_at!(
            places.of_offer(name, "price"),
            "Offers of another form",
            "The offer \"{name}\" has no price. {NOT_OFFERS}"
        ));
        return;
    };
    let interruption_rate = amount(value, "interruption_rate").unwrap_or_default();
    let is_spot = value.get("spot").and_then(Value::as_bool);
    let offer = Offer {
        region: text(value, "region"),
        residency: text(value, "residency"),
        price,
        quota: whole("quota", diagnostics),
        reserved: whole("reserved", diagnostics).unwrap_or_default(),
        spot: is_spot.unwrap_or(!interruption_rate.is_zero()),
        interruption_rate,
        provides: amounts(value, "provides"),
        serves: amounts(value, "serves"),
        shared: value.get("shared").and_then(Value::as_bool).unwrap_or(false),
        latency_ms: amounts(value, "latency_ms"),
        barred: Default::default(),
    };
    cloud.offers.insert(name.to_owned(), offer);
}
