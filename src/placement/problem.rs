//! What is to be placed, and where it may be.

use std::collections::BTreeMap;
use std::time::Duration;

use rust_decimal::Decimal;

/// Hours in the month that monthly costs are about.
pub const HOURS_A_MONTH: Decimal = Decimal::from_parts(730, 0, 0, false, 0);

/// A placement to be decided.
#[derive(Clone, Debug, Default)]
pub struct Problem {
    /// The clouds, by name.
    pub clouds: BTreeMap<String, Cloud>,
    /// The tasks, by name.
    pub tasks: BTreeMap<String, Task>,
    /// Most that a month may cost, in USD.
    pub budget: Option<Decimal>,
    /// USD a month for each task that leaves a cloud where it runs now.
    pub switch_cost: Decimal,
    /// Where tasks run now: clouds by task; none if nothing has been placed yet.
    pub prior: Option<BTreeMap<String, Vec<String>>>,
}

/// A cloud with what it offers.
#[derive(Clone, Debug, Default)]
pub struct Cloud {
    /// Its region.
    pub region: String,
    /// USD a month, paid once if anything runs here.
    pub activation_cost: Decimal,
    /// Offers by name.
    pub offers: BTreeMap<String, Offer>,
}

/// Something that can be had any whole number of times.
#[derive(Clone, Debug, Default)]
pub struct Offer {
    /// The region, if it is not the cloud's.
    pub region: Option<String>,
    /// USD a unit and hour.
    pub price: Decimal,
    /// Most units; none: no limit.
    pub quota: Option<u64>,
    /// What a unit has, by resource.
    pub provides: BTreeMap<String, f64>,
    /// Demand that a unit covers, by task; for tasks not named the task's own throughput counts.
    pub serves: BTreeMap<String, f64>,
    /// Whether a unit counts for every task it serves at once.
    pub shared: bool,
}

/// A task with its demand.
#[derive(Clone, Debug)]
pub struct Task {
    /// Units a second to be covered.
    pub demand: f64,
    /// What a unit must have, by resource.
    pub requires: BTreeMap<String, f64>,
    /// What a unit covers where the offer does not say.
    pub throughput: Option<f64>,
    /// Least number of clouds.
    pub min_clouds: u64,
    /// Most of the covered demand that one cloud may carry, from 0 to 1.
    pub max_share: f64,
    /// Allowed clouds; none: all.
    pub clouds: Option<Vec<String>>,
    /// Allowed regions, `*` standing for any text; none: all.
    pub regions: Option<Vec<String>>,
    /// Data that it reads.
    pub data: Vec<Data>,
}

/// Data that a task reads from a bucket.
#[derive(Clone, Debug, Default)]
pub struct Data {
    /// The cloud where the bucket lies.
    pub cloud: String,
    /// GiB a month.
    pub gib_per_month: Decimal,
    /// USD a GiB that leaves that cloud.
    pub price_per_gib: Decimal,
}

/// When to stop.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Stop after this time.
    pub time_limit: Duration,
    /// Stop when proven within this part of the cost.
    pub max_gap: f64,
}

impl Default for Task {
    fn default() -> Self {
        Self {
            demand: 0.0,
            requires: BTreeMap::new(),
            throughput: None,
            min_clouds: 1,
            max_share: 1.0,
            clouds: None,
            regions: None,
            data: Vec::new(),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { time_limit: Duration::from_secs(30), max_gap: 0.0 }
    }
}

impl Task {
    /// USD a month for data that leaves other clouds, if it runs in `cloud`.
    pub(crate) fn egress(&self, cloud: &str) -> Decimal {
        let leaving = self.data.iter().filter(|data| data.cloud != cloud);
        leaving.map(|data| data.gib_per_month * data.price_per_gib).sum()
    }
}
