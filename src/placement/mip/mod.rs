//! The mixed-integer program as rows and columns of HiGHS, and what it answers.

mod build;
mod egress;
mod run;
mod solve;

pub(crate) use build::{Goal, build};
pub(crate) use egress::linear_egress;
pub(crate) use run::{End, Matrix, Settings, run};
pub(crate) use solve::{Answer, Budget, Found, solve, whole};
