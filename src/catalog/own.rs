//! The project's own format: `offer,region,price,spot_price` and a column for each resource.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::read::Row;
use crate::{Catalog, CatalogOffer, RowError};

/// Columns that must be there.
pub(crate) const COLUMNS: &[&str] = &["offer", "region", "price"];

/// Columns that are no resources.
const KNOWN: [&str; 4] = ["offer", "region", "price", "spot_price"];

pub(crate) fn offer(row: &Row<'_>) -> Result<Option<CatalogOffer>, RowError> {
    let mut offer = CatalogOffer {
        name: row.some_text("offer")?,
        region: row.some_text("region")?,
        price: row.number("price")?.ok_or_else(|| row.error("price", "a number from 0 on"))?,
        spot_price: row.number("spot_price")?,
        ..CatalogOffer::default()
    };
    for column in row.columns.iter().filter(|column| !KNOWN.contains(&column.as_str())) {
        if let Some(amount) = row.number(column)? {
            offer.provides.insert(column.clone(), amount);
        }
    }
    Ok(Some(offer))
}

/// A catalogue as text.
pub fn write(catalog: &Catalog) -> String {
    let mut text = String::new();
    for (name, value) in [("date", &catalog.date), ("source", &catalog.source)] {
        if let Some(value) = value {
            let _ = writeln!(text, "# {name}: {value}");
        }
    }
    let resources: BTreeSet<&String> =
        catalog.offers.iter().flat_map(|offer| offer.provides.keys()).collect();
    let mut writer = csv::Writer::from_writer(Vec::new());
    let header = KNOWN.into_iter().chain(resources.iter().map(|name| name.as_str()));
    // Writing to memory does not fail.
    let _ = writer.write_record(header);
    for offer in &catalog.offers {
        let spot = offer.spot_price.map(|price| price.normalize().to_string()).unwrap_or_default();
        let known =
            [offer.name.clone(), offer.region.clone(), offer.price.normalize().to_string(), spot];
        let amounts = resources.iter().map(|name| {
            let amount = offer.provides.get(*name);
            amount.map(|amount| amount.normalize().to_string()).unwrap_or_default()
        });
        let _ = writer.write_record(known.into_iter().chain(amounts));
    }
    let table = writer.into_inner().unwrap_or_default();
    text.push_str(&String::from_utf8_lossy(&table));
    text
}
