//! Tables of comma-separated values, row by row: what is broken is noted, the rest is kept.

use std::collections::BTreeMap;

use csv::StringRecord;
use rust_decimal::Decimal;

use crate::{CatalogOffer, Format, Read, RowError, own, skypilot};

/// More rows than that are taken for a mistake.
const MOST_ROWS: usize = 5_000_000;

/// Reads a catalogue.
///
/// ```
/// use skyform_catalog::{Format, read};
///
/// let text = "# date: 2026-11-24\noffer,region,price,gpu\nbig,east,1.5,8\nbad,east,much,1\n";
/// let found = read(text, Format::Skyform);
/// assert_eq!(found.catalog.offers[0].name, "big");
/// assert_eq!(found.broken[0].to_string(),
///     "row 4, column price: a number from 0 on was expected, and there is \"much\"");
/// ```
pub fn read(text: &str, format: Format) -> Read {
    let mut found = Read::default();
    let mut skipped = 0;
    let mut rest = text;
    while rest.starts_with('#') {
        let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
        let said = line.trim_start_matches('#').trim();
        if let Some(date) = said.strip_prefix("date:") {
            found.catalog.date = Some(date.trim().to_owned());
        } else if let Some(source) = said.strip_prefix("source:") {
            found.catalog.source = Some(source.trim().to_owned());
        }
        (rest, skipped) = (after, skipped + 1);
    }
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(rest.as_bytes());
    let columns: Vec<String> = match reader.headers() {
        Ok(headers) => headers.iter().map(|name| name.trim().to_owned()).collect(),
        Err(_) => Vec::new(),
    };
    let wanted = match format {
        Format::Skyform => own::COLUMNS,
        Format::Skypilot => skypilot::COLUMNS,
    };
    for name in wanted.iter().filter(|name| !columns.iter().any(|column| column == *name)) {
        found.broken.push(RowError {
            row: skipped + 1,
            column: (*name).to_owned(),
            expected: "a column of this name",
            found: columns.join(","),
        });
    }
    if !found.broken.is_empty() {
        return found;
    }
    for record in reader.records().take(MOST_ROWS) {
        let row = match record {
            Ok(record) => Row {
                line: skipped + record.position().map_or(0, csv::Position::line),
                columns: &columns,
                record,
            },
            Err(error) => {
                found.broken.push(RowError {
                    row: skipped + error.position().map_or(0, csv::Position::line),
                    column: "-".to_owned(),
                    expected: "text in UTF-8",
                    found: error.to_string(),
                });
                continue;
            }
        };
        let offer = match format {
            Format::Skyform => own::offer(&row),
            Format::Skypilot => skypilot::offer(&row),
        };
        match offer {
            Ok(Some(offer)) => found.catalog.offers.push(offer),
            Ok(None) => (),
            Err(error) => found.broken.push(error),
        }
    }
    if format == Format::Skypilot {
        found.catalog.offers = cheapest(std::mem::take(&mut found.catalog.offers));
    }
    found
}

/// One offer for each name and region: zones differ in nothing that a placement sees but the price.
fn cheapest(offers: Vec<CatalogOffer>) -> Vec<CatalogOffer> {
    let mut kept: Vec<CatalogOffer> = Vec::new();
    let mut places: BTreeMap<(String, String), usize> = BTreeMap::new();
    for offer in offers {
        let key = (offer.name.clone(), offer.region.clone());
        match places.get(&key) {
            Some(index) => {
                let known = &mut kept[*index];
                known.price = known.price.min(offer.price);
                known.spot_price = match (known.spot_price, offer.spot_price) {
                    (Some(a), Some(b)) => Some(a.min(b)),
                    (a, b) => a.or(b),
                };
            }
            None => {
                places.insert(key, kept.len());
                kept.push(offer);
            }
        }
    }
    kept
}

/// A row with the columns' names.
pub(crate) struct Row<'a> {
    line: u64,
    pub columns: &'a [String],
    record: StringRecord,
}

impl Row<'_> {
    /// What stands in a column; empty if nothing does.
    pub(crate) fn text(&self, column: &str) -> &str {
        let index = self.columns.iter().position(|name| name == column);
        index.and_then(|index| self.record.get(index)).unwrap_or_default().trim()
    }

    pub(crate) fn some_text(&self, column: &str) -> Result<String, RowError> {
        match self.text(column) {
            "" => Err(self.error(column, "text")),
            text => Ok(text.to_owned()),
        }
    }

    /// A number that need not be there.
    pub(crate) fn number(&self, column: &str) -> Result<Option<Decimal>, RowError> {
        let text = self.text(column);
        if text.is_empty() {
            return Ok(None);
        }
        let number = text.parse().or_else(|_| Decimal::from_scientific(text));
        match number {
            Ok(number) if number >= Decimal::ZERO => Ok(Some(number)),
            _ => Err(self.error(column, "a number from 0 on")),
        }
    }

    pub(crate) fn error(&self, column: &str, expected: &'static str) -> RowError {
        RowError {
            row: self.line,
            column: column.to_owned(),
            expected,
            found: self.text(column).to_owned(),
        }
    }
}

#[cfg(test)]
mod tests;
