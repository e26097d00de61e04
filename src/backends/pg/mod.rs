//! `backend "pg"`: states as rows of a PostgreSQL table.
//!
//! Table and locks are Terraform's: `SCHEMA.states` with a row for each workspace, and advisory locks
//! on the row's id, or on -1 while there is no row yet.

mod arguments;
mod client;
mod place;
mod row;

pub(crate) use arguments::ARGUMENTS;
pub(crate) use place::connect;
