//! The Azure Retail Prices API: pages of `Items` with `retailPrice`, `armRegionName`, `armSkuName`, `type`,
//! `unitOfMeasure` and `meterName`, and the address of the next page.
//!
//! Source: <https://learn.microsoft.com/rest/api/cost-management/retail-prices/azure-retail-prices>. Sizes
//! of machines are not in it, so offers of it provide what their names say.

mod sizes;

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::Value as Json;

pub use sizes::azure_provides;

use crate::{CatalogOffer, RowError};

/// The first page's address: virtual machines of a region by the hour.
pub fn azure_address(base: &str, region: &str) -> String {
    let filter = format!(
        "serviceName eq 'Virtual Machines' and armRegionName eq '{region}' and priceType eq 'Consumption'"
    );
    format!("{base}/api/retail/prices?$filter={}", filter.replace(' ', "%20").replace('\'', "%27"))
}

/// Offers of a page, and the address of the next.
///
/// # Errors
/// What is not as the format says.
pub fn azure_offers(text: &str) -> Result<(Vec<CatalogOffer>, Option<String>), RowError> {
    let page: Json = serde_json::from_str(text).map_err(|error| wrong(0, "-", "JSON", &error))?;
    let items = page["Items"].as_array();
    let items = items.ok_or_else(|| wrong(0, "Items", "a list", &page["Items"]))?;
    let mut offers: BTreeMap<(String, String), (Option<Decimal>, Option<Decimal>)> =
        BTreeMap::new();
    for (row, item) in (1..).zip(items) {
        let text = |name: &str| item[name].as_str().unwrap_or_default();
        let is_hourly = text("type") == "Consumption" && text("unitOfMeasure") == "1 Hour";
        // Windows and Low Priority are other products under the same name.
        let is_other =
            text("productName").contains("Windows") || text("meterName").contains("Low Priority");
        if !is_hourly || is_other || text("armSkuName").is_empty() {
            continue;
        }
        let price = price_of(&item["retailPrice"])
            .ok_or_else(|| wrong(row, "retailPrice", "a number from 0 on", &item["retailPrice"]))?;
        let key = (text("armSkuName").to_owned(), text("armRegionName").to_owned());
        let entry = offers.entry(key).or_default();
        let slot = if text("meterName").ends_with("Spot") { &mut entry.1 } else { &mut entry.0 };
        *slot = Some(slot.map_or(price, |known| known.min(price)));
    }
    let offers = offers.into_iter().filter_map(|((name, region), (price, spot_price))| {
        let provides = azure_provides(&name);
        Some(CatalogOffer { name, region, price: price?, spot_price, provides })
    });
    let next = page["NextPageLink"].as_str().filter(|link| !link.is_empty());
    Ok((offers.collect(), next.map(str::to_owned)))
}

/// An exact price out of a JSON number or text.
pub(crate) fn price_of(json: &Json) -> Option<Decimal> {
    let text = json.as_str().map_or_else(|| json.to_string(), str::to_owned);
    let price: Decimal = text.parse().or_else(|_| Decimal::from_scientific(&text)).ok()?;
    (price >= Decimal::ZERO).then_some(price)
}

pub(crate) fn wrong(
    row: u64,
    column: &str,
    expected: &'static str,
    found: &dyn std::fmt::Display,
) -> RowError {
    let found: String = found.to_string().chars().take(80).collect();
    RowError { row, column: column.to_owned(), expected, found }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = r#"{
      "BillingCurrency": "USD",
      "Items": [
        {"retailPrice": 0.526, "armRegionName": "eastus", "armSkuName": "Standard_NC4as_T4_v3",
         "productName": "Virtual Machines NCasT4 v3 Series", "meterName": "NC4as T4 v3",
         "unitOfMeasure": "1 Hour", "type": "Consumption", "currencyCode": "USD"},
        {"retailPrice": 0.0789, "armRegionName": "eastus", "armSkuName": "Standard_NC4as_T4_v3",
         "productName": "Virtual Machines NCasT4 v3 Series", "meterName": "NC4as T4 v3 Spot",
         "unitOfMeasure": "1 Hour", "type": "Consumption", "currencyCode": "USD"},
        {"retailPrice": 0.71, "armRegionName": "eastus", "armSkuName": "Standard_NC4as_T4_v3",
         "productName": "Virtual Machines NCasT4 v3 Series Windows", "meterName": "NC4as T4 v3",
         "unitOfMeasure": "1 Hour", "type": "Consumption", "currencyCode": "USD"},
        {"retailPrice": 2500.0, "armRegionName": "eastus", "armSkuName": "Standard_NC4as_T4_v3",
         "productName": "Virtual Machines NCasT4 v3 Series", "meterName": "NC4as T4 v3",
         "unitOfMeasure": "1 Hour", "type": "Reservation", "currencyCode": "USD"}
      ],
      "NextPageLink": "https://prices.example/api/retail/prices?$skip=100",
      "Count": 4
    }"#;

    #[test]
    fn machines_have_a_price_by_the_hour_and_a_spot_price() {
        let (offers, next) = azure_offers(PAGE).expect("a page");
        assert_eq!(offers.len(), 1);
        assert_eq!(offers[0].price.to_string(), "0.526");
        assert_eq!(offers[0].provides["gpu_t4"], Decimal::ONE);
        assert_eq!(offers[0].spot_price.map(|price| price.to_string()), Some("0.0789".to_owned()));
        assert_eq!(next.as_deref(), Some("https://prices.example/api/retail/prices?$skip=100"));
        let last = PAGE.replace("\"https://prices.example/api/retail/prices?$skip=100\"", "null");
        assert_eq!(azure_offers(&last).expect("a page").1, None);
    }

    #[test]
    fn what_is_no_page_is_said() {
        for (text, expected) in [
            ("<html>", "row 0, column -: JSON was expected"),
            ("{\"Items\": 3}", "row 0, column Items: a list was expected, and there is \"3\""),
            (
                "{\"Items\":[{\"type\":\"Consumption\",\"unitOfMeasure\":\"1 Hour\",\"armSkuName\":\"x\",\"retailPrice\":-1}]}",
                "row 1, column retailPrice: a number from 0 on was expected, and there is \"-1\"",
            ),
        ] {
            let error = azure_offers(text).expect_err("no page").to_string();
            assert!(error.starts_with(expected), "{error}");
        }
    }

    #[test]
    fn addresses_hold_the_filter() {
        assert_eq!(
            azure_address("https://prices.azure.com", "eastus"),
            "https://prices.azure.com/api/retail/prices?$filter=serviceName%20eq%20%27Virtual%20Machines%27%20and%20armRegionName%20eq%20%27eastus%27%20and%20priceType%20eq%20%27Consumption%27"
        );
    }
}
