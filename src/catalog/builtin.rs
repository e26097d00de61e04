//! Small catalogues that come with the program, so that a first try needs none.

use crate::{Catalog, Format, read};

/// By cloud. Each says its source and day.
const TEXTS: [(&str, &str); 3] = [
    ("aws", include_str!("builtin/aws.csv")),
    ("azure", include_str!("builtin/azure.csv")),
    ("gcp", include_str!("builtin/gcp.csv")),
];

/// Clouds that have a built-in catalogue, sorted.
pub fn builtin_names() -> impl Iterator<Item = &'static str> {
    TEXTS.iter().map(|(name, _)| *name)
}

/// The built-in catalogue of a cloud, with its source and day.
pub fn builtin(cloud: &str) -> Option<Catalog> {
    let (_, text) = TEXTS.iter().find(|(name, _)| *name == cloud)?;
    Some(read(text, Format::Skyform).catalog)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_row_is_good_and_says_where_it_comes_from() {
        for (name, text) in TEXTS {
            let found = read(text, Format::Skyform);
            assert_eq!(found.broken, [], "{name}");
            let offers = &found.catalog.offers;
            assert!(offers.len() > 20, "{name}");
            assert!(found.catalog.date.is_some() && found.catalog.source.is_some(), "{name}");
            let keys: BTreeSet<_> = offers.iter().map(|o| (&o.name, &o.region)).collect();
            assert_eq!(keys.len(), offers.len(), "{name}: a row stands there twice");
            for offer in offers {
                assert!(offer.provides.contains_key("vcpu"), "{name}: {}", offer.name);
                let spot = offer.spot_price.unwrap_or_default();
                assert!(spot <= offer.price, "{name}: {}", offer.name);
            }
        }
        assert_eq!(builtin("nowhere"), None);
    }

    #[test]
    fn sizes_of_azure_agree_with_what_their_names_say() {
        for offer in builtin("azure").expect("one").offers {
            let named = crate::azure_provides(&offer.name);
            assert_eq!(named, offer.provides, "{}", offer.name);
        }
    }
}
