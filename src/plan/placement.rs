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
    /// Why it is so, where that was asked for.
    pub explanation: Option<ExplanationReport>,
    /// Catalogues that offers come from, with what is to be said about their age.
    pub notes: Vec<String>,
}

/// Why a decision is as it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ExplanationReport {
    /// What each task costs, by name; what tasks pay together is shared out.
    pub costs: Vec<TaskCostReport>,
    /// What there is beside each choice.
    pub choices: Vec<ChoiceReport>,
    /// What binding constraints cost.
    pub shadows: Vec<ShadowReport>,
    /// Whether everything was found out within the time limit.
    pub complete: bool,
}

/// What a task costs a month, in USD.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskCostReport {
    /// The task.
    pub task: String,
    /// For units.
    pub compute: String,
    /// Its share of clouds being in use.
    pub activation: String,
    /// For data that leaves clouds.
    pub egress: String,
    /// For clouds that it leaves.
    pub switching: String,
    /// All of it.
    pub total: String,
}

/// What there is beside a choice.
#[derive(Clone, Debug, PartialEq)]
pub struct ChoiceReport {
    /// The task.
    pub task: String,
    /// The cloud.
    pub cloud: String,
    /// The offer.
    pub offer: String,
    /// What the task would have without it: `CLOUD/OFFER` and units; none if nothing else can be had.
    pub next_best: Option<Vec<(String, u64)>>,
    /// How much more a month would cost then, in USD.
    pub extra: String,
    /// USD a unit and hour from which on something else is cheaper.
    pub flips_at: Option<String>,
}

/// What a binding constraint costs.
#[derive(Clone, Debug, PartialEq)]
pub struct ShadowReport {
    /// The constraint.
    pub requirement: RequirementReport,
    /// How much more a month costs with one unit less of it, in USD; `impossible` if that cannot be
    /// had; none if it has no units.
    pub one_less_costs: Option<String>,
    /// How much less a month costs with one unit more, or without it.
    pub saves: String,
    /// Whether `saves` is about leaving it out.
    pub without: bool,
}

/// A requirement in a user's words.
#[derive(Clone, Debug, PartialEq)]
pub struct RequirementReport {
    /// The task that asks it.
    pub task: Option<String>,
    /// The cloud that sets it.
    pub cloud: Option<String>,
    /// The offer.
    pub offer: Option<String>,
    /// The argument.
    pub argument: String,
    /// What it says.
    pub text: String,
    /// Where it is written.
    pub span: Option<Span>,
}

/// A change that would make a placement possible.
#[derive(Clone, Debug, PartialEq)]
pub struct RemedyReport {
    /// What to do.
    pub change: String,
    /// What a month would cost then, where the rest can be had.
    pub cost: Option<String>,
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
    /// Units kept for the task to grow.
    pub headroom_units: u64,
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
    /// USD a month for data that leaves it.
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
    /// `demand`, `requires`, `min_clouds`, `max_share`, `quota`, `company` or `budget`.
    pub kind: String,
    /// What is asked for.
    pub asked: f64,
    /// What can be had.
    pub available: f64,
    /// The difference.
    pub shortfall: f64,
    /// In a user's words.
    pub message: String,
    /// The requirements: without any one of them the rest can be had.
    pub requirements: Vec<RequirementReport>,
    /// What would mend it, the cheapest first.
    pub remedies: Vec<RemedyReport>,
}
