//! End-to-end tests: the program as a user runs it, in a folder of its own.

mod bad_input;
mod buckets;
mod cases;
mod commands;
mod crash;
mod datasets;
mod differential;
mod disks;
mod fmt;
mod fraud;
mod lifecycle;
mod modules;
mod order;
mod placement;
mod random_stack;
mod serve;
mod signals;
mod stack;
mod state_exchange;
mod validate;
