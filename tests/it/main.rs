//! End-to-end tests: the program as a user runs it, in a folder of its own.

mod bad_input;
mod buckets;
mod cases;
mod clouds;
mod commands;
mod crash;
mod datasets;
mod differential;
mod disks;
mod documents;
mod fmt;
mod fraud;
mod lifecycle;
mod machine;
mod modules;
mod moving;
mod order;
mod placement;
mod policies;
mod random_stack;
mod serve;
mod shown;
mod signals;
mod stack;
mod state_exchange;
mod validate;
