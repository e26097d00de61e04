//! The routes, and what each answers.

mod answer;
mod infer;
mod invocations;
mod router;
#[cfg(test)]
mod tests;

pub(crate) use router::router;
