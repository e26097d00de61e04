//! The routes, and what each answers.

mod answer;
mod infer;
mod router;
#[cfg(test)]
mod tests;

pub(crate) use router::router;
