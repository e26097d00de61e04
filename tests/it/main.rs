//! End-to-end tests: the program as a user runs it, in a folder of its own.

mod bad_input;
mod buckets;
mod cases;
mod commands;
mod crash;
mod differential;
mod lifecycle;
mod order;
mod placement;
mod random_stack;
mod stack;
mod state_exchange;
