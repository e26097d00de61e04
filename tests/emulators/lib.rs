//! Servers that speak clouds' protocols, started for a test on free ports of the loopback address.
//!
//! `scripts/emulators.sh` installs them. Where one is not installed, the test that asks for it says
//! so and has nothing to test; where `SKYFORM_REQUIRE_EMULATORS` is set, that is a failure.

mod faults;
mod gateway;
mod gcs;
mod install;
mod line;
mod server;
mod servers;

pub use faults::{Asked, Fault, Faulty};
pub use gateway::Gateway;
pub use gcs::{Gcs, gcs};
pub use line::Line;
pub use server::Server;
pub use servers::{AZURITE_ACCOUNT, AZURITE_KEY, azurite, fake_gcs, moto, postgresql};
