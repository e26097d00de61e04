//! What a placement considered, chose and found wrong; amounts of money as exact decimal text.

use skyform_diag::Span;

/// How sure the answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlacementStatus {
    /// Nothing cheaper exists.
    Optimal,
    /// The demand is covered; something cheaper may exist, but not below the bound.
    Feasible,
    /// The demand cannot be covered.
    Infeasible,
    /// Nothing was found within the limit.
    Unsolved,
}

/// One placement's decision.
#[derive(Clone, Debug, PartialEq)]
pub struct PlacementReport {
    /// Its address (`placement.main`).
    pub address: String,
    /// Its name.
    pub name: String,
    /// The block's header.
    pub span: Option<Span>,
    /// How sure the answer is.
    pub status: PlacementStatus,
    /// USD a month; empty without a solution.
    pub cost: String,
    /// No solution costs less; USD a month.
    pub bound: String,
    /// `(cost - bound) / cost`
    pub gap: f64,
    /// Clouds in use, sorted.
    pub clouds: Vec<String>,
    /// Each task with the offers considered for it, by name.
    pub tasks: Vec<TaskReport>,
    /// Costs of each cloud in use, by name.
    pub costs: Vec<CloudCost>,
    /// What a month cost by the decision before, if there was one.
    pub previous_cost: Option<String>,
    /// What can't be had together, without a solution.
    pub conflicts: Vec<ConflictReport>,
}

/// One task.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskReport {
    /// Its name.
    pub name: String,
    /// Units a second that it asks for.
    pub demand: f64,
    /// Every offer with its fate, by cloud and name.
    pub offers: Vec<OfferReport>,
}

/// One offer, as seen by one task.
#[derive(Clone, Debug, PartialEq)]
pub struct OfferReport {
    /// The cloud.
    pub cloud: String,
    /// The region.
    pub region: String,
    /// The offer.
    pub offer: String,
    /// USD a unit and hour.
    pub price: String,
    /// Most units; none: no limit.
    pub quota: Option<u64>,
    /// Demand that one unit covers.
    pub serves: f64,
    /// Units chosen.
    pub units: u64,
    /// Demand that the chosen units cover.
    pub covers: f64,
    /// USD a month for the chosen units.
    pub monthly_cost: String,
    /// Units chosen by the decision before.
    pub previous_units: Option<u64>,
    /// Why it could not be chosen.
    pub ruled_out: Option<String>,
}

/// What a cloud costs.
#[derive(Clone, Debug, PartialEq)]
pub struct CloudCost {
    /// The cloud.
    pub cloud: String,
    /// USD a month for being in use.
    pub activation: String,
    /// USD a month for units.
    pub compute: String,
    /// USD a month for data that leaves buckets elsewhere.
    pub egress: String,
    /// USD a month for tasks that left it.
    pub switching: String,
    /// All of it.
    pub total: String,
}

/// Requirements that can't be had together.
#[derive(Clone, Debug, PartialEq)]
pub struct ConflictReport {
    /// The task; empty for the whole placement's.
    pub task: String,
    /// `demand`, `requires`, `clouds`, `min_clouds`, `max_share`, `quota` or `budget`.
    pub kind: String,
    /// What is asked for.
    pub asked: f64,
    /// What can be had.
    pub available: f64,
    /// The difference.
    pub shortfall: f64,
    /// In a user's words.
    pub message: String,
    /// What would mend it.
    pub remedies: Vec<String>,
}
