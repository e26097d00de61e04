//! Metrics of a classifier, defined as scikit-learn defines them.
//!
//! Pure: labels in, numbers out. What can't be computed is an error or is reported; it is never a
//! silent zero.

mod classification;
mod confusion;
mod decide;
mod error;
mod label;

pub use classification::{Average, Metric, Scores, Undefined, classification};
pub use confusion::Confusion;
pub use decide::{most_likely, threshold};
pub use error::MetricsError;
pub use label::Label;
