//! An `offers_from` block: the offers of a catalogue that pass its conditions.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use skyform_diag::{Diagnostic, Diagnostics, Span, error_at};
use skyform_placement::fits;
use skyform_value::{Str, Value};

use super::values::{amount, amounts, names, text};

/// What an offer must be to be taken over.
struct Filter {
    types: Option<Vec<String>>,
    regions: Option<Vec<String>>,
    requires: BTreeMap<String, Decimal>,
    max_price: Option<Decimal>,
    spot: Option<bool>,
}

/// The offers of the block's catalogue that pass, as the catalogue has them. `region` is taken where
/// the block names none. If none passes, a warning says what rules them out.
///
/// # Errors
/// If there is no catalogue.
pub(super) fn offers_from<'a>(
    block: &'a Value,
    region: Option<&str>,
    place: Span,
    warnings: &mut Diagnostics,
) -> Result<Vec<(&'a Str, &'a Value)>, Diagnostic> {
    let catalog = block.get("catalog");
    let offers = catalog.and_then(|catalog| catalog.get("offers")).and_then(Value::as_table);
    let Some(offers) = offers else {
        return Err(error_at!(
            place,
            "Not a catalogue",
            "offers_from takes its offers from a catalogue.";
            hint: "Refer to a catalog block: catalog = catalog.NAME."
        ));
    };
    let filter = Filter {
        types: names(block, "types"),
        regions: names(block, "regions").or_else(|| region.map(|region| vec![region.to_owned()])),
        requires: amounts(block, "requires"),
        max_price: amount(block, "max_price"),
        spot: block.get("spot").and_then(Value::as_bool),
    };
    let mut passed = Vec::new();
    let mut failed: BTreeMap<String, u64> = BTreeMap::new();
    let mut count = 0_u64;
    for (name, offer) in offers {
        count += 1;
        match filter.fails(offer) {
            None => passed.push((name, offer)),
            Some(why) => *failed.entry(why).or_default() += 1,
        }
    }
    if passed.is_empty() {
        let name = catalog.and_then(|catalog| text(catalog, "name")).unwrap_or_default();
        let mut reasons: Vec<(&String, &u64)> = failed.iter().collect();
        reasons.sort_by_key(|(why, count)| (std::cmp::Reverse(**count), (*why).clone()));
        let reasons = reasons.iter().map(|(why, count)| format!("{count}: {why}"));
        let reasons = reasons.collect::<Vec<_>>().join("; ");
        let detail = match count {
            0 => format!("Catalogue \"{name}\" has no offers."),
            _ => format!("Catalogue \"{name}\" has {count} offers, and none passes ({reasons})."),
        };
        warnings.push(Diagnostic::warning(place, "No offers of a catalogue pass", detail));
    }
    Ok(passed)
}

impl Filter {
    /// The first condition that an offer fails; none if it passes.
    fn fails(&self, offer: &Value) -> Option<String> {
        let is_any = |globs: &Option<Vec<String>>, text: &str| {
            globs.as_ref().is_none_or(|globs| globs.iter().any(|glob| fits(glob, text)))
        };
        if !is_any(&self.types, &text(offer, "type").unwrap_or_default()) {
            return Some("another type".to_owned());
        }
        if let Some(regions) = &self.regions
            && !is_any(&self.regions, &text(offer, "region").unwrap_or_default())
        {
            return Some(format!("not in region {}", regions.join(", ")));
        }
        let provides = amounts(offer, "provides");
        for (resource, asked) in &self.requires {
            if provides.get(resource).copied().unwrap_or_default() < *asked {
                return Some(format!("less than {} {resource}", asked.normalize()));
            }
        }
        let is_spot = offer.get("spot").and_then(Value::as_bool).unwrap_or(false);
        if self.spot.is_some_and(|wanted| wanted != is_spot) {
            let what = if is_spot { "may be taken back" } else { "on demand" };
            return Some(what.to_owned());
        }
        let price = amount(offer, "price").unwrap_or_default();
        let most = self.max_price.filter(|most| price > *most)?;
        Some(format!("dearer than {}", most.normalize()))
    }
}
