//! The routes, and what each answers.

mod answer;
mod infer;
mod router;

pub(crate) use router::router;
