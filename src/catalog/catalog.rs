//! What a catalogue holds.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

/// Offers with where they come from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Catalog {
    /// The day that prices were taken (`2026-11-24`), if it is said.
    pub date: Option<String>,
    /// Where they were taken from, if it is said.
    pub source: Option<String>,
    /// In the order of the rows.
    pub offers: Vec<CatalogOffer>,
}

/// One offer in one region.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CatalogOffer {
    /// The cloud's name for it.
    pub name: String,
    /// The region.
    pub region: String,
    /// USD a unit and hour.
    pub price: Decimal,
    /// USD a unit and hour where the cloud may take it back.
    pub spot_price: Option<Decimal>,
    /// What a unit has, by resource.
    pub provides: BTreeMap<String, Decimal>,
}

/// A form of catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// The project's own.
    Skyform,
    /// SkyPilot's.
    Skypilot,
}

/// A row that is not as it must be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("row {row}, column {column}: {expected} was expected, and there is \"{found}\"")]
pub struct RowError {
    /// The line of the file, from 1.
    pub row: u64,
    /// The column's name.
    pub column: String,
    /// What must stand there.
    pub expected: &'static str,
    /// What stands there.
    pub found: String,
}

/// What was read: good rows, and the others.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Read {
    /// The good rows.
    pub catalog: Catalog,
    /// The others.
    pub broken: Vec<RowError>,
}

impl Format {
    /// The format of a name.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "skyform" => Some(Format::Skyform),
            "skypilot" => Some(Format::Skypilot),
            _ => None,
        }
    }
}

/// Days from one day to another, both as `2026-11-24` (what follows is left out of account).
pub fn days_between(earlier: &str, later: &str) -> Option<i64> {
    Some(days(later)? - days(earlier)?)
}

/// Days since the beginning of a calendar that goes on forever in both directions.
fn days(date: &str) -> Option<i64> {
    let mut parts = date.get(..10)?.split('-');
    let year: i64 = parts.next()?.parse().ok()?;
    let month: i64 = parts.next()?.parse().ok()?;
    let day: i64 = parts.next()?.parse().ok()?;
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Years begin in March, so that the day that is sometimes there comes last.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    Some(365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_over_months_and_leap_years() {
        for (earlier, later, expected) in [
            ("2026-11-24", "2026-11-24", Some(0)),
            ("2026-02-28", "2026-03-01", Some(1)),
            ("2028-02-28", "2028-03-01", Some(2)),
            ("2025-12-31", "2026-01-01T10:00:00Z", Some(1)),
            ("2026-01-01", "2027-01-01", Some(365)),
            ("2026-13-01", "2027-01-01", None),
            ("yesterday", "2027-01-01", None),
        ] {
            assert_eq!(days_between(earlier, later), expected, "{earlier} {later}");
        }
    }
}
