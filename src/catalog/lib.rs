//! Price catalogues: what clouds offer, and for how much.
//!
//! Text in, offers out: the project's own format, SkyPilot's, and what the clouds' price lists answer.
//! Knows no network, no files and no clock. Formats are defined in docs/reference/catalog.md.

mod aws;
mod azure;
mod builtin;
mod catalog;
mod gcp;
mod own;
mod read;
mod skypilot;

pub use aws::{aws_address, aws_offers};
pub use azure::{azure_address, azure_offers, azure_provides};
pub use builtin::{builtin, builtin_names};
pub use catalog::{Catalog, CatalogOffer, Format, Read, RowError, days_between};
pub use gcp::{GcpPrices, gcp_address};
pub use own::write;
pub use read::read;
