//! The built-in provider `terraform.io/builtin/terraform`: `terraform_data` and `terraform_remote_state`.
//!
//! `terraform_data` stores what it is given and makes nothing in the world, so nothing about it can be in doubt.
//! Behaviour: as Terraform 1.11 plans and applies it, seen in its plan JSON.

mod provider;
mod remote_state;
mod terraform_data;

pub use provider::BuiltinProvider;
pub use remote_state::RemoteStates;
