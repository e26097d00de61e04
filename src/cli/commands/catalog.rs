//! `catalog refresh`: prices out of a cloud's price list into a file.

use std::time::Duration;

use skyform_catalog::{
    Catalog, CatalogOffer, GcpPrices, RowError, aws_address, aws_offers, azure_address,
    azure_offers, gcp_address, write,
};
use skyform_diag::{Diagnostic, Location, SourceMap};

use crate::cli::arguments::{PriceList, RefreshCatalogArgs};
use crate::cli::context::Context;
use crate::cli::{EXIT_ERROR, EXIT_OK};

/// The environment variable with the key that GCP's price list asks for.
const GCP_KEY: &str = "GOOGLE_API_KEY";

/// An answer that is larger is not read: AWS's files of large regions are the largest.
const MOST_BYTES: u64 = 1 << 30;

/// More pages than that are taken for a loop.
const MOST_PAGES: usize = 2000;

/// Asking longer than that is given up.
const DEADLINE: Duration = Duration::from_secs(600);

pub(crate) fn refresh(context: &Context, args: &RefreshCatalogArgs) -> u8 {
    let made = offers(context, args).and_then(|offers| {
        let day = context.world().now.get(..10).map(str::to_owned);
        let catalog = Catalog { date: day, source: Some(base(args)), offers };
        if catalog.offers.is_empty() {
            return Err(format!("The price list has no machines in region \"{}\".", args.region));
        }
        let count = catalog.offers.len();
        skyform_state::write_atomically(&args.out, write(&catalog).as_bytes())
            .map_err(|error| format!("{error}."))?;
        Ok(count)
    });
    match made {
        Ok(count) => {
            let (path, region) = (args.out.display(), &args.region);
            context.print(&format!("Wrote {count} offers in {region} to {path}.\n"));
            EXIT_OK
        }
        Err(detail) => {
            let place = Location::input(base(args));
            let problem = Diagnostic::error(place, "Catalogue could not be refreshed", detail);
            context.report(&problem.into(), &SourceMap::default(), args.shown.no_color);
            EXIT_ERROR
        }
    }
}

/// Where the price list is asked for.
fn base(args: &RefreshCatalogArgs) -> String {
    let usual = match args.cloud {
        PriceList::Aws => "https://pricing.us-east-1.amazonaws.com",
        PriceList::Azure => "https://prices.azure.com",
        PriceList::Gcp => "https://cloudbilling.googleapis.com",
    };
    let given = args.endpoint.as_deref().unwrap_or(usual);
    given.trim_end_matches('/').to_owned()
}

fn offers(context: &Context, args: &RefreshCatalogArgs) -> Result<Vec<CatalogOffer>, String> {
    let said =
        |error: RowError| format!("The answer is not as the price list's format says: {error}.");
    let base = base(args);
    match args.cloud {
        PriceList::Aws => aws_offers(&get(&aws_address(&base, &args.region))?).map_err(said),
        PriceList::Azure => {
            let mut offers = Vec::new();
            let mut next = Some(azure_address(&base, &args.region));
            for _ in 0..MOST_PAGES {
                let Some(address) = next.take() else { break };
                let (own, following) = azure_offers(&get(&address)?).map_err(said)?;
                offers.extend(own);
                next = following;
            }
            Ok(offers)
        }
        PriceList::Gcp => {
            let key = context.variable(GCP_KEY).ok_or_else(|| {
                format!("GCP's price list asks for a key. Set {GCP_KEY} to one of a project with the Cloud Billing API.")
            })?;
            let mut prices = GcpPrices::default();
            let mut token = None;
            for _ in 0..MOST_PAGES {
                let address = gcp_address(&base, key, token.as_deref());
                token = prices
                    .add(&get(&address).map_err(|error| error.replace(key, "KEY"))?)
                    .map_err(said)?;
                if token.is_none() {
                    break;
                }
            }
            Ok(prices.offers(&args.region))
        }
    }
}

fn get(address: &str) -> Result<String, String> {
    let agent: ureq::Agent =
        ureq::Agent::config_builder().timeout_global(Some(DEADLINE)).build().into();
    let mut answer = agent.get(address).call().map_err(|error| format!("{error}."))?;
    let body = answer.body_mut().with_config().limit(MOST_BYTES);
    body.read_to_string().map_err(|error| format!("{error}."))
}
