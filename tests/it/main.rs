//! End-to-end tests: the program as a user runs it, in a folder of its own.

mod bad_input;
mod buckets;
mod cases;
mod crash;
mod datasets;
mod differential;
mod fraud;
mod fmt;
mod lifecycle;
mod modules;
mod placement;
mod serve;
mod stack;
mod validate;
