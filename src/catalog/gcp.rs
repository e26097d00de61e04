//! The GCP Cloud Billing Catalog API: pages of `skus`, each a price for cores, memory or accelerators of
//! a family, out of which a machine's price is put together.
//!
//! Source: <https://cloud.google.com/billing/docs/reference/rest/v1/services.skus/list>. It needs a key.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::Value as Json;

use crate::azure::wrong;
use crate::{CatalogOffer, RowError};

/// The number that the service of virtual machines has.
const COMPUTE_ENGINE: &str = "6F81-5844-456A";

/// The address of a page.
pub fn gcp_address(base: &str, key: &str, page: Option<&str>) -> String {
    let page = page.map(|page| format!("&pageToken={page}")).unwrap_or_default();
    format!("{base}/v1/services/{COMPUTE_ENGINE}/skus?currencyCode=USD&key={key}{page}")
}

/// A machine type by its parts.
struct Machine {
    name: &'static str,
    /// What the family's SKUs are called.
    family: &'static str,
    vcpu: i64,
    memory_gib: i64,
    /// What the accelerator's SKU is called, and how many there are.
    gpu: Option<(&'static str, i64)>,
}

const fn machine(
    name: &'static str,
    family: &'static str,
    vcpu: i64,
    memory_gib: i64,
    gpu: Option<(&'static str, i64)>,
) -> Machine {
    Machine { name, family, vcpu, memory_gib, gpu }
}

/// Machine types whose parts are priced apart.
/// Source: <https://cloud.google.com/compute/docs/machine-resource>.
const MACHINES: [Machine; 9] = [
    machine("e2-standard-2", "E2 Instance", 2, 8, None),
    machine("e2-standard-4", "E2 Instance", 4, 16, None),
    machine("e2-standard-8", "E2 Instance", 8, 32, None),
    machine("n2-standard-4", "N2 Instance", 4, 16, None),
    machine("n2-standard-8", "N2 Instance", 8, 32, None),
    machine("g2-standard-4", "G2 Instance", 4, 16, Some(("Nvidia L4 GPU", 1))),
    machine("g2-standard-8", "G2 Instance", 8, 32, Some(("Nvidia L4 GPU", 1))),
    machine("g2-standard-24", "G2 Instance", 24, 96, Some(("Nvidia L4 GPU", 2))),
    machine("a2-highgpu-1g", "A2 Instance", 12, 85, Some(("Nvidia Tesla A100 GPU", 1))),
];

/// Prices gathered from pages.
#[derive(Clone, Debug, Default)]
pub struct GcpPrices {
    /// By region, what it is a price of, and whether it can be taken back.
    parts: BTreeMap<(String, String, bool), Decimal>,
}

impl GcpPrices {
    /// Takes a page in; the token of the next.
    ///
    /// # Errors
    /// What is not as the format says.
    pub fn add(&mut self, text: &str) -> Result<Option<String>, RowError> {
        let page: Json =
            serde_json::from_str(text).map_err(|error| wrong(0, "-", "JSON", &error))?;
        let skus = page["skus"].as_array();
        let skus = skus.ok_or_else(|| wrong(0, "skus", "a list", &page["skus"]))?;
        for (row, sku) in (1..).zip(skus) {
            let description = sku["description"].as_str().unwrap_or_default();
            let usage = sku["category"]["usageType"].as_str().unwrap_or_default();
            if sku["category"]["resourceFamily"] != "Compute"
                || !matches!(usage, "OnDemand" | "Preemptible")
            {
                continue;
            }
            let expression = &sku["pricingInfo"][0]["pricingExpression"];
            let rates = expression["tieredRates"].as_array();
            let Some(price) = rates.and_then(|rates| rates.last()).and_then(unit_price) else {
                return Err(wrong(row, "pricingInfo", "a price", &description));
            };
            // "Spot Preemptible N2 Instance Core running in Americas": what it is, before the place.
            let part = description.split(" running in ").next().unwrap_or(description);
            let part = part.trim_start_matches("Spot Preemptible ").to_owned();
            for region in sku["serviceRegions"].as_array().into_iter().flatten() {
                let region = region.as_str().unwrap_or_default().to_owned();
                self.parts.insert((region, part.clone(), usage == "Preemptible"), price);
            }
        }
        let next = page["nextPageToken"].as_str().filter(|token| !token.is_empty());
        Ok(next.map(str::to_owned))
    }

    /// Machines of a region whose parts all have a price.
    pub fn offers(&self, region: &str) -> Vec<CatalogOffer> {
        let offers = MACHINES.iter().filter_map(|machine| {
            let price = self.price(region, machine, false)?;
            let mut provides = BTreeMap::from([
                ("vcpu".to_owned(), Decimal::from(machine.vcpu)),
                ("memory_gib".to_owned(), Decimal::from(machine.memory_gib)),
            ]);
            if let Some((_, count)) = machine.gpu {
                provides.insert("gpu".to_owned(), Decimal::from(count));
            }
            Some(CatalogOffer {
                name: machine.name.to_owned(),
                region: region.to_owned(),
                price,
                spot_price: self.price(region, machine, true),
                provides,
            })
        });
        offers.collect()
    }

    fn price(&self, region: &str, machine: &Machine, spot: bool) -> Option<Decimal> {
        let part = |name: String| self.parts.get(&(region.to_owned(), name, spot)).copied();
        let core = part(format!("{} Core", machine.family))?;
        let memory = part(format!("{} Ram", machine.family))?;
        let gpu = match machine.gpu {
            Some((name, count)) => part(name.to_owned())? * Decimal::from(count),
            None => Decimal::ZERO,
        };
        let sum =
            core * Decimal::from(machine.vcpu) + memory * Decimal::from(machine.memory_gib) + gpu;
        Some(sum.normalize())
    }
}

/// `units` and `nanos` as one number.
fn unit_price(rate: &Json) -> Option<Decimal> {
    let price = &rate["unitPrice"];
    let units: i64 = match &price["units"] {
        Json::String(text) => text.parse().ok()?,
        other => other.as_i64().unwrap_or(0),
    };
    Some(Decimal::from(units) + Decimal::new(price["nanos"].as_i64().unwrap_or(0), 9))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sku(description: &str, usage: &str, nanos: i64) -> String {
        format!(
            r#"{{"description": "{description}", "serviceRegions": ["us-central1"],
            "category": {{"resourceFamily": "Compute", "usageType": "{usage}"}},
            "pricingInfo": [{{"pricingExpression": {{"usageUnit": "h", "tieredRates": [
              {{"startUsageAmount": 0, "unitPrice": {{"currencyCode": "USD", "units": "0", "nanos": {nanos}}}}}]}}}}]}}"#
        )
    }

    #[test]
    fn machines_are_put_together_from_their_parts() {
        let page = format!(
            r#"{{"skus": [{}, {}, {}, {}], "nextPageToken": "more"}}"#,
            sku("E2 Instance Core running in Americas", "OnDemand", 21_811_590),
            sku("E2 Instance Ram running in Americas", "OnDemand", 2_923_530),
            sku("Spot Preemptible E2 Instance Core running in Americas", "Preemptible", 6_543_000),
            sku("E2 Instance Core running in Americas", "Commit1Yr", 13_000_000),
        );
        let mut prices = GcpPrices::default();
        assert_eq!(prices.add(&page), Ok(Some("more".to_owned())));
        let offers = prices.offers("us-central1");
        let names: Vec<&str> = offers.iter().map(|offer| offer.name.as_str()).collect();
        assert_eq!(names, ["e2-standard-2", "e2-standard-4", "e2-standard-8"]);
        // 2 x 0.02181159 + 8 x 0.00292353
        assert_eq!(offers[0].price.to_string(), "0.06701142");
        assert_eq!(offers[0].spot_price, None);
        assert!(prices.offers("nowhere").is_empty());
    }

    #[test]
    fn what_is_no_page_is_said() {
        let no_price =
            format!(r#"{{"skus": [{}]}}"#, sku("x", "OnDemand", 1)).replace("tieredRates", "other");
        for (text, expected) in [
            ("?", "row 0, column -: JSON was expected"),
            ("{}", "row 0, column skus: a list was expected"),
            (no_price.as_str(), "row 1, column pricingInfo: a price was expected"),
        ] {
            let error = GcpPrices::default().add(text).expect_err("no page").to_string();
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
