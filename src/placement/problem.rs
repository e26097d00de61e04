//! What is to be placed, and where it may be. All amounts are exact decimals.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use rust_decimal::Decimal;

/// Hours in the month that monthly costs are about.
pub const HOURS_A_MONTH: Decimal = Decimal::from_parts(730, 0, 0, false, 0);

/// Units by cloud and offer.
pub type UnitsByOffer = BTreeMap<(String, String), u64>;

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
    /// Where tasks run now; none if nothing has been placed yet.
    pub prior: Option<BTreeMap<String, UnitsByOffer>>,
    /// What data costs that leaves a cloud, by that cloud; it need not be one to place on. A cloud
    /// that is not named asks nothing.
    pub egress: BTreeMap<String, Vec<Tier>>,
}

/// A cloud with what it offers.
#[derive(Clone, Debug, Default)]
pub struct Cloud {
    /// Its region.
    pub region: String,
    /// The jurisdiction that it keeps data in (`eu`).
    pub residency: Option<String>,
    /// USD a month, paid once if anything runs here.
    pub activation_cost: Decimal,
    /// Most of a resource that all units here have together; `units` counts the units themselves.
    pub quotas: BTreeMap<String, Decimal>,
    /// Round-trip times in milliseconds from where callers are.
    pub latency_ms: BTreeMap<String, Decimal>,
    /// Offers by name.
    pub offers: BTreeMap<String, Offer>,
}

/// Something that can be had any whole number of times.
#[derive(Clone, Debug, Default)]
pub struct Offer {
    /// The region, if it is not the cloud's.
    pub region: Option<String>,
    /// The jurisdiction, if it is not the cloud's.
    pub residency: Option<String>,
    /// USD a unit and hour.
    pub price: Decimal,
    /// Most units; none: no limit.
    pub quota: Option<u64>,
    /// Units that are paid already: they cost nothing more.
    pub reserved: u64,
    /// Whether the cloud may take units back.
    pub spot: bool,
    /// The part of units that is taken back in a month, from 0 to 1.
    pub interruption_rate: Decimal,
    /// What a unit has, by resource.
    pub provides: BTreeMap<String, Decimal>,
    /// Demand that a unit covers, by task; for tasks not named the task's own throughput counts.
    pub serves: BTreeMap<String, Decimal>,
    /// Whether a unit counts for every task it serves at once.
    pub shared: bool,
    /// Round-trip times, where they are not the cloud's.
    pub latency_ms: BTreeMap<String, Decimal>,
    /// Tasks that must not have it.
    pub barred: BTreeSet<String>,
}

/// A task with its demand.
#[derive(Clone, Debug)]
pub struct Task {
    /// Units a second to be covered.
    pub demand: Decimal,
    /// Units a second that it may grow to: units for the rest are kept within quotas as headroom.
    pub max_demand: Option<Decimal>,
    /// Part of the time that headroom runs, and of its price that is paid, from 0 to 1.
    pub headroom: Decimal,
    /// What a unit must have, by resource.
    pub requires: BTreeMap<String, Decimal>,
    /// What all its units together must have, by resource.
    pub needs: BTreeMap<String, Decimal>,
    /// What a unit covers where the offer does not say.
    pub throughput: Option<Decimal>,
    /// Least number of clouds.
    pub min_clouds: u64,
    /// Most of the covered demand that one cloud may carry, from 0 to 1.
    pub max_share: Decimal,
    /// Allowed clouds; none: all.
    pub clouds: Option<Vec<String>>,
    /// Allowed regions, `*` standing for any text; none: all.
    pub regions: Option<Vec<String>>,
    /// Allowed jurisdictions; none: all.
    pub residency: Option<Vec<String>>,
    /// Where its callers are.
    pub from: Option<String>,
    /// Longest round trip from there, in milliseconds.
    pub max_latency_ms: Option<Decimal>,
    /// Highest interruption rate that it bears.
    pub max_interruption: Decimal,
    /// Least part of the demand that units cover which no cloud takes back, from 0 to 1.
    pub min_on_demand: Decimal,
    /// Tasks that must not run in a cloud where it runs.
    pub apart_from: Vec<String>,
    /// Tasks that run in the same clouds as it.
    pub together_with: Vec<String>,
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
    /// USD a GiB that leaves that cloud, if it is not the cloud's price.
    pub price_per_gib: Option<Decimal>,
}

/// A price for a part of a month's volume.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tier {
    /// Where the tier ends, counted from the start of the month; none: never.
    pub up_to_gib: Option<Decimal>,
    /// USD a GiB within it.
    pub price_per_gib: Decimal,
}

/// When to stop.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Stop after this time.
    pub time_limit: Duration,
    /// Stop when proven within this part of the cost.
    pub max_gap: f64,
    /// Most threads.
    pub threads: usize,
}

impl Default for Task {
    fn default() -> Self {
        Self {
            demand: Decimal::ZERO,
            max_demand: None,
            headroom: Decimal::ONE,
            requires: BTreeMap::new(),
            needs: BTreeMap::new(),
            throughput: None,
            min_clouds: 1,
            max_share: Decimal::ONE,
            clouds: None,
            regions: None,
            residency: None,
            from: None,
            max_latency_ms: None,
            max_interruption: Decimal::ZERO,
            min_on_demand: Decimal::ZERO,
            apart_from: Vec::new(),
            together_with: Vec::new(),
            data: Vec::new(),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self { time_limit: Duration::from_secs(30), max_gap: 0.0, threads: 2 }
    }
}

impl Task {
    /// Whether anything has to run for it.
    pub fn is_demanding(&self) -> bool {
        self.most_demand() > Decimal::ZERO || self.needs.values().any(|need| *need > Decimal::ZERO)
    }

    /// The demand that it may grow to.
    pub fn most_demand(&self) -> Decimal {
        self.max_demand.map_or(self.demand, |most| most.max(self.demand))
    }
}

/// What a month's volume costs by tiers; what is beyond the last tier has its price.
pub(crate) fn tiered(tiers: &[Tier], volume: Decimal) -> Decimal {
    let mut cost = Decimal::ZERO;
    let mut start = Decimal::ZERO;
    for (index, tier) in tiers.iter().enumerate() {
        let is_last = index + 1 == tiers.len();
        let end = tier.up_to_gib.filter(|_| !is_last).unwrap_or(Decimal::MAX);
        if volume <= start {
            break;
        }
        cost += (volume.min(end) - start) * tier.price_per_gib;
        start = end;
    }
    cost
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiers_price_each_part_of_a_volume() {
        let tier = |end: Option<i64>, cents: i64| Tier {
            up_to_gib: end.map(Decimal::from),
            price_per_gib: Decimal::new(cents, 2),
        };
        let tiers = [tier(Some(100), 0), tier(Some(1000), 9), tier(None, 5)];
        for (volume, expected) in [(0, 0), (100, 0), (101, 9), (1000, 8100), (1010, 8150)] {
            assert_eq!(
                tiered(&tiers, Decimal::from(volume)),
                Decimal::new(expected, 2),
                "{volume}"
            );
        }
        assert_eq!(tiered(&[], Decimal::from(5)), Decimal::ZERO);
        assert_eq!(tiered(&[tier(Some(1), 2)], Decimal::from(5)), Decimal::new(10, 2));
    }
}
