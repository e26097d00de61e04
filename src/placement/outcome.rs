//! What came out.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

pub use crate::conflict::{Conflict, ConflictKind, Remedy, Requirement};

/// What came out of a placement.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// Everything is covered.
    Placed(Placed),
    /// Not everything can be covered; why.
    Infeasible(Vec<Conflict>),
    /// Nothing was found within the time limit; no solution costs less than the bound.
    Unsolved {
        /// USD a month.
        bound: Decimal,
    },
}

/// A decision.
#[derive(Clone, Debug)]
pub struct Placed {
    /// Whether it is proven that nothing costs less.
    pub optimal: bool,
    /// USD a month.
    pub cost: Decimal,
    /// Proven: no solution costs less. USD a month.
    pub bound: Decimal,
    /// `(cost - bound) / cost`
    pub gap: f64,
    /// Chosen units by task, and cloud and offer.
    pub assignments: BTreeMap<String, BTreeMap<(String, String), Assignment>>,
    /// What each cloud costs that is in use, that tasks leave, or that data leaves.
    pub clouds: BTreeMap<String, CloudCost>,
}

/// Units of an offer for a task.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Assignment {
    /// How many.
    pub units: u64,
    /// How many more are kept for the task to grow.
    pub headroom_units: u64,
    /// Demand that `units` cover.
    pub covers: Decimal,
    /// USD a month for them.
    pub monthly_cost: Decimal,
}

/// What a cloud costs a month, in USD.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CloudCost {
    /// Whether anything runs there.
    pub in_use: bool,
    /// For being in use.
    pub activation: Decimal,
    /// For units.
    pub compute: Decimal,
    /// For data that leaves it.
    pub egress: Decimal,
    /// For tasks that leave it.
    pub switching: Decimal,
}

impl CloudCost {
    /// All of it.
    pub fn total(&self) -> Decimal {
        self.activation + self.compute + self.egress + self.switching
    }
}

impl Placed {
    /// Names of the clouds in use, sorted.
    pub fn clouds_in_use(&self) -> Vec<&str> {
        let used = self.clouds.iter().filter(|(_, cost)| cost.in_use);
        used.map(|(name, _)| name.as_str()).collect()
    }
}
