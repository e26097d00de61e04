//! The AWS Price List bulk API: an offer file of EC2 for a region, with `products` and `terms` by SKU.
//!
//! Source: <https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/reading-service-price-list-file-for-services.html>.
//! It needs no account. Spot prices are not in it.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::Value as Json;

use crate::azure::{price_of, wrong};
use crate::{CatalogOffer, RowError};

/// The address of a region's offer file.
pub fn aws_address(base: &str, region: &str) -> String {
    format!("{base}/offers/v1.0/aws/AmazonEC2/current/{region}/index.json")
}

/// Linux machines on demand, shared tenancy, nothing installed.
///
/// # Errors
/// What is not as the format says.
pub fn aws_offers(text: &str) -> Result<Vec<CatalogOffer>, RowError> {
    let file: Json = serde_json::from_str(text).map_err(|error| wrong(0, "-", "JSON", &error))?;
    let products = file["products"].as_object();
    let products = products.ok_or_else(|| wrong(0, "products", "an object", &file["products"]))?;
    let mut offers: BTreeMap<(String, String), CatalogOffer> = BTreeMap::new();
    for (row, (sku, product)) in (1..).zip(products) {
        let attributes = &product["attributes"];
        let text = |name: &str| attributes[name].as_str().unwrap_or_default();
        let is_plain = text("operatingSystem") == "Linux"
            && text("tenancy") == "Shared"
            && text("capacitystatus") == "Used"
            && matches!(text("preInstalledSw"), "NA" | "");
        if !is_plain || text("instanceType").is_empty() {
            continue;
        }
        let Some(price) = on_demand(&file["terms"]["OnDemand"][sku]) else {
            return Err(wrong(row, "terms", "an hourly price in USD", &sku));
        };
        let mut provides = BTreeMap::new();
        for (name, resource) in [("vcpu", "vcpu"), ("memory", "memory_gib"), ("gpu", "gpu")] {
            if let Some(amount) = leading(text(name)) {
                provides.insert(resource.to_owned(), amount);
            }
        }
        let (name, region) = (text("instanceType").to_owned(), text("regionCode").to_owned());
        let offer = CatalogOffer { name, region, price, spot_price: None, provides };
        offers.insert((offer.name.clone(), offer.region.clone()), offer);
    }
    Ok(offers.into_values().collect())
}

/// The hourly price of a product's terms.
fn on_demand(terms: &Json) -> Option<Decimal> {
    let dimensions = terms.as_object()?.values().next()?["priceDimensions"].as_object()?;
    let hourly = dimensions.values().find(|dimension| dimension["unit"] == "Hrs")?;
    price_of(&hourly["pricePerUnit"]["USD"])
}

/// The number that a text begins with (`16 GiB`, `1,952 GiB`).
fn leading(text: &str) -> Option<Decimal> {
    text.split_whitespace().next()?.replace(',', "").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"{
      "formatVersion": "v1.0", "offerCode": "AmazonEC2",
      "products": {
        "AAA": {"sku": "AAA", "productFamily": "Compute Instance", "attributes": {
          "instanceType": "g4dn.xlarge", "regionCode": "us-east-1", "operatingSystem": "Linux",
          "tenancy": "Shared", "capacitystatus": "Used", "preInstalledSw": "NA", "vcpu": "4",
          "memory": "16 GiB", "gpu": "1"}},
        "BBB": {"sku": "BBB", "productFamily": "Compute Instance", "attributes": {
          "instanceType": "g4dn.xlarge", "regionCode": "us-east-1", "operatingSystem": "Windows",
          "tenancy": "Shared", "capacitystatus": "Used", "preInstalledSw": "NA"}}
      },
      "terms": {"OnDemand": {"AAA": {"AAA.JRT": {"sku": "AAA", "priceDimensions": {"AAA.JRT.6YS": {
        "unit": "Hrs", "beginRange": "0", "endRange": "Inf", "pricePerUnit": {"USD": "0.5260000000"}}}}}}}
    }"#;

    #[test]
    fn machines_on_demand_are_read() {
        let offers = aws_offers(FILE).expect("a file");
        assert_eq!(offers.len(), 1);
        assert_eq!(offers[0].price.normalize().to_string(), "0.526");
        let has = |name: &str| offers[0].provides.get(name).map(ToString::to_string);
        let expected = [Some("4".to_owned()), Some("16".to_owned()), Some("1".to_owned())];
        assert_eq!(["vcpu", "memory_gib", "gpu"].map(has), expected);
    }

    #[test]
    fn what_is_no_offer_file_is_said() {
        let no_price = FILE.replace("\"Hrs\"", "\"Quantity\"");
        for (text, expected) in [
            ("nothing", "row 0, column -: JSON was expected"),
            ("{}", "row 0, column products: an object was expected, and there is \"null\""),
            (no_price.as_str(), "row 1, column terms: an hourly price in USD was expected"),
        ] {
            let error = aws_offers(text).expect_err("no file").to_string();
            assert!(error.starts_with(expected), "{error}");
        }
    }

    #[test]
    fn amounts_are_read_without_their_units() {
        for (text, expected) in [("16 GiB", Some("16")), ("1,952 GiB", Some("1952")), ("NA", None)]
        {
            assert_eq!(leading(text).map(|n| n.to_string()).as_deref(), expected);
        }
    }
}
