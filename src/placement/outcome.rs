//! What came out.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

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
    /// What each cloud in use costs.
    pub clouds: BTreeMap<String, CloudCost>,
}

/// Units of an offer for a task.
#[derive(Clone, Debug, PartialEq)]
pub struct Assignment {
    /// How many.
    pub units: u64,
    /// Demand that they cover.
    pub covers: f64,
    /// USD a month for them.
    pub monthly_cost: Decimal,
}

/// What a cloud costs a month, in USD.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CloudCost {
    /// For being in use.
    pub activation: Decimal,
    /// For units.
    pub compute: Decimal,
    /// For data that leaves other clouds.
    pub egress: Decimal,
}

/// Requirements that cannot be had together.
#[derive(Clone, Debug, PartialEq)]
pub struct Conflict {
    /// The task; none for the whole placement.
    pub task: Option<String>,
    /// What kind of requirement.
    pub kind: ConflictKind,
    /// What is asked for.
    pub asked: f64,
    /// What can be had.
    pub available: f64,
    /// In a user's words.
    pub message: String,
    /// What would mend it.
    pub remedies: Vec<String>,
}

/// Kinds of requirements.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConflictKind {
    /// All eligible offers together cover too little.
    Demand,
    /// No offer has what the task requires.
    Requires,
    /// Too few clouds are eligible.
    MinClouds,
    /// No cloud may carry as much as one has to.
    MaxShare,
    /// Tasks compete for the same units.
    Quota,
    /// Everything can be covered, but not for that money.
    Budget,
}

impl ConflictKind {
    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            ConflictKind::Demand => "demand",
            ConflictKind::Requires => "requires",
            ConflictKind::MinClouds => "min_clouds",
            ConflictKind::MaxShare => "max_share",
            ConflictKind::Quota => "quota",
            ConflictKind::Budget => "budget",
        }
    }
}
