//! A small catalogue that comes with the program, so that a first try needs none.

use crate::{Catalog, Format, read};

const TEXT: &str = include_str!("builtin.csv");

/// The built-in catalogue, with its source and date.
pub fn builtin() -> Catalog {
    read(TEXT, Format::Skyform).catalog
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_good_and_it_says_where_it_comes_from() {
        let found = read(TEXT, Format::Skyform);
        assert_eq!(found.broken, []);
        assert!(found.catalog.offers.len() > 20);
        assert!(found.catalog.date.is_some() && found.catalog.source.is_some());
        assert!(found.catalog.offers.iter().all(|offer| !offer.provides.is_empty()));
    }
}
