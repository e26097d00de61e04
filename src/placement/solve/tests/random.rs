//! Random small programs, the same in every run, and their equality with trying everything.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use super::oracle::{combinations, least_cost};
use crate::conflict::conflicts;
use crate::mip::Budget;
use crate::solve::{Decision, decide};
use crate::{Cloud, Data, Limits, Offer, Placed, Problem, Task, Tier};

/// A small generator of numbers, the same in every run.
pub(super) struct Numbers(pub u64);

impl Numbers {
    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn one_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    fn amount(&mut self, below: u64, places: u32) -> Decimal {
        Decimal::new(i64::try_from(self.below(below)).expect("small"), places)
    }

    fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        let index = usize::try_from(self.below(of.len() as u64)).expect("small");
        of[index].clone()
    }
}

const CLOUDS: [&str; 3] = ["a", "b", "c"];
const TASKS: [&str; 3] = ["t0", "t1", "t2"];
const REGIONS: [&str; 2] = ["east", "west"];

/// Which parts of the model a family of programs has beside the plain ones.
#[derive(Clone, Copy, Default)]
struct Family {
    shared: bool,
    sharing_out: bool,
    eligibility: bool,
    spot: bool,
    reserved: bool,
    growth: bool,
    needs: bool,
    quotas: bool,
    egress: bool,
    prior: bool,
    company: bool,
    budget: bool,
    /// Whether they are bounded by Lagrangian relaxation first, small as they are.
    relaxed: bool,
}

const EVERYTHING: Family = Family {
    shared: true,
    sharing_out: true,
    eligibility: true,
    spot: true,
    reserved: true,
    growth: true,
    needs: true,
    quotas: true,
    egress: true,
    prior: true,
    company: true,
    budget: true,
    relaxed: false,
};

fn resource(numbers: &mut Numbers, below: u64) -> BTreeMap<String, Decimal> {
    [("gpu".to_owned(), numbers.amount(below, 0))].into()
}

fn offer(numbers: &mut Numbers, family: Family) -> Offer {
    let quota = 1 + numbers.below(2);
    let mut serves = BTreeMap::new();
    for task in TASKS {
        if !numbers.one_in(4) {
            serves.insert(task.to_owned(), numbers.amount(500, 2));
        }
    }
    let spot = family.spot && numbers.one_in(3);
    Offer {
        region: (family.eligibility && numbers.one_in(3))
            .then(|| numbers.pick(&REGIONS).to_owned()),
        residency: (family.eligibility && numbers.one_in(4)).then(|| "us".to_owned()),
        price: numbers.amount(50, 2),
        quota: Some(quota),
        reserved: if family.reserved { numbers.below(quota + 1) } else { 0 },
        spot,
        interruption_rate: if spot { numbers.amount(30, 2) } else { Decimal::ZERO },
        provides: resource(numbers, 4),
        serves,
        shared: family.shared && numbers.one_in(2),
        ..Offer::default()
    }
}

fn task(numbers: &mut Numbers, name: &str, family: Family) -> Task {
    let mut task = Task { demand: numbers.amount(700, 2), ..Task::default() };
    task.min_clouds = if numbers.one_in(3) { 2 } else { 1 };
    if family.sharing_out && numbers.one_in(2) {
        task.max_share = numbers.pick(&[Decimal::new(75, 2), Decimal::new(5, 1)]);
    }
    if family.eligibility {
        task.throughput = numbers.one_in(3).then(|| numbers.amount(400, 2));
        task.clouds = numbers.one_in(4).then(|| vec!["a".to_owned(), "b".to_owned()]);
        task.regions = numbers.one_in(4).then(|| vec![numbers.pick(&REGIONS).to_owned()]);
        task.residency = numbers.one_in(5).then(|| vec!["eu".to_owned()]);
        if numbers.one_in(3) {
            task.requires = resource(numbers, 3);
        }
        if numbers.one_in(4) {
            task.from = Some(numbers.pick(&REGIONS).to_owned());
            task.max_latency_ms = Some(numbers.amount(60, 0));
        }
    }
    if family.spot {
        task.max_interruption = numbers.amount(30, 2);
        task.min_on_demand = numbers.pick(&[Decimal::ZERO, Decimal::new(5, 1)]);
    }
    if family.growth && numbers.one_in(2) {
        task.max_demand = Some(task.demand + numbers.amount(300, 2));
        task.headroom = numbers.amount(101, 2);
    }
    if family.needs && numbers.one_in(2) {
        task.needs = resource(numbers, 6);
    }
    if family.egress && numbers.one_in(2) {
        task.data = vec![Data {
            cloud: numbers.pick(&["a", "b", "z"]).to_owned(),
            gib_per_month: numbers.amount(500, 0),
            price_per_gib: numbers.one_in(3).then(|| numbers.amount(20, 2)),
        }];
    }
    if family.company && name != TASKS[0] && numbers.one_in(2) {
        let other = vec![TASKS[0].to_owned()];
        if numbers.one_in(2) { task.apart_from = other } else { task.together_with = other }
    }
    task
}

fn problem(numbers: &mut Numbers, family: Family) -> Problem {
    let mut problem = Problem::default();
    let tasks = 1 + usize::try_from(numbers.below(2)).expect("small");
    for name in &TASKS[..tasks] {
        problem.tasks.insert((*name).to_owned(), task(numbers, name, family));
    }
    let clouds = 2 + usize::try_from(numbers.below(2)).expect("small");
    for name in &CLOUDS[..clouds] {
        let mut cloud = Cloud {
            region: numbers.pick(&REGIONS).to_owned(),
            activation_cost: if numbers.one_in(3) { Decimal::ZERO } else { numbers.amount(200, 0) },
            ..Cloud::default()
        };
        if family.eligibility {
            cloud.residency = numbers.one_in(2).then(|| "eu".to_owned());
            cloud.latency_ms = [("east".to_owned(), numbers.amount(80, 0))].into();
        }
        if family.quotas && numbers.one_in(2) {
            cloud.quotas.insert("gpu".to_owned(), numbers.amount(5, 0));
            cloud.quotas.insert("units".to_owned(), numbers.amount(4, 0));
        }
        for index in 0..1 + numbers.below(2) {
            let mut offer = offer(numbers, family);
            offer.serves.retain(|task, _| problem.tasks.contains_key(task));
            // Some offers differ in nothing but their names.
            if index > 0 && numbers.one_in(4) {
                offer = cloud.offers["o0"].clone();
            }
            cloud.offers.insert(format!("o{index}"), offer);
        }
        problem.clouds.insert((*name).to_owned(), cloud);
    }
    if family.egress {
        let tier = |end: Option<u64>, price: Decimal| Tier {
            up_to_gib: end.map(Decimal::from),
            price_per_gib: price,
        };
        for cloud in ["a", "z"] {
            let tiers = match numbers.below(3) {
                0 => vec![tier(None, numbers.amount(30, 2))],
                1 => vec![
                    tier(Some(100 + numbers.below(200)), numbers.amount(10, 2)),
                    tier(Some(400), numbers.amount(30, 2)),
                    tier(None, numbers.amount(20, 2)),
                ],
                _ => Vec::new(),
            };
            problem.egress.insert(cloud.to_owned(), tiers);
        }
    }
    if family.prior && numbers.one_in(2) {
        problem.switch_cost = numbers.amount(100, 0);
        let units = [((numbers.pick(&CLOUDS).to_owned(), "o0".to_owned()), 1)].into();
        problem.prior = Some([(TASKS[0].to_owned(), units)].into());
    }
    if family.budget && numbers.one_in(3) {
        problem.budget = Some(numbers.amount(900, 0));
    }
    problem
}

/// Solves random programs of a family, and compares with trying everything.
fn check(seed: u64, rounds: usize, family: Family) {
    let mut numbers = Numbers(seed);
    let limits = Limits { threads: 1, ..Limits::default() };
    let (mut solved, mut impossible, mut round) = (0, 0, 0);
    while round < rounds {
        let problem = problem(&mut numbers, family);
        if combinations(&problem) > 4000 {
            continue;
        }
        round += 1;
        crate::check(&problem).expect("a good problem");
        let mut budget = Budget::new(std::time::Instant::now() + limits.time_limit, 0.0);
        if family.relaxed {
            budget.large = 0;
        }
        let decision = decide(&problem, &limits, budget);
        match (decision, least_cost(&problem)) {
            (Decision::Found(decided), Some(best)) => {
                let cost = (decided.verified.cost * Decimal::from(10_000)).to_i64();
                assert_eq!(cost, Some(best), "round {round}: {problem:#?}");
                let placed = decided.placed();
                assert!(placed.optimal, "round {round}: {placed:?}");
                solved += 1;
            }
            (Decision::Infeasible | Decision::OverBudget(_), None) => {
                impossible += 1;
                if impossible % 40 == 0 {
                    minimal_conflicts(&problem, &limits);
                }
            }
            (decision, best) => {
                let said = match decision {
                    Decision::Found(decided) => format!("found {:?}", decided.verified),
                    Decision::Infeasible => "infeasible".to_owned(),
                    Decision::OverBudget(_) => "over budget".to_owned(),
                    Decision::Nothing { bound } => format!("nothing, bound {bound}"),
                };
                panic!("round {round}: {said}, but {best:?} for {problem:#?}");
            }
        }
    }
    assert!(solved * 20 > rounds && impossible * 50 > rounds, "{solved} and {impossible}");
}

/// What a conflict names cannot be had, and costs that remedies promise are found.
fn minimal_conflicts(problem: &Problem, limits: &Limits) {
    let budget = Budget::new(std::time::Instant::now() + limits.time_limit, 0.0);
    let decided = match decide(problem, limits, budget) {
        Decision::OverBudget(decided) => Some(decided.verified.cost),
        _ => None,
    };
    let found = conflicts(problem, limits, decided);
    assert!(!found.is_empty());
    for conflict in &found {
        assert!(!conflict.message.is_empty());
        assert!(!conflict.requirements.is_empty(), "{conflict:?} for {problem:#?}");
    }
}

#[test]
fn plain_programs() {
    check(1, 2000, Family::default());
}

#[test]
fn plain_programs_bounded_first() {
    check(9, 1500, Family { relaxed: true, prior: true, ..Family::default() });
}

/// What is decided if the program is bounded by Lagrangian relaxation first, and if HiGHS solves all of it.
fn bounded_first_and_whole(problem: &Problem, settles_ties: bool) -> [Option<Placed>; 2] {
    let limits = Limits { threads: 1, ..Limits::default() };
    [0, usize::MAX].map(|large| {
        let budget = Budget::new(std::time::Instant::now() + limits.time_limit, 0.0);
        match decide(problem, &limits, Budget { large, settles_ties, ..budget }) {
            Decision::Found(decided) => Some(decided.placed()),
            _ => None,
        }
    })
}

/// Few prices and whole amounts, so that much costs the same: bounded first or not, the same of it is chosen.
#[test]
fn equal_costs_are_settled_alike() {
    let mut numbers = Numbers(10);
    let mut solved = 0;
    for round in 0..600 {
        let mut problem =
            problem(&mut numbers, Family { prior: round % 3 == 0, ..Family::default() });
        for cloud in problem.clouds.values_mut() {
            cloud.activation_cost = numbers.pick(&[Decimal::ZERO, Decimal::TEN]);
            for offer in cloud.offers.values_mut() {
                offer.price = numbers.pick(&[Decimal::ONE, Decimal::TWO]);
                offer.quota = Some(4);
                for serves in offer.serves.values_mut() {
                    *serves = numbers.pick(&[Decimal::ONE, Decimal::TWO]);
                }
            }
        }
        for task in problem.tasks.values_mut() {
            task.demand = numbers.pick(&[Decimal::ONE, Decimal::from(3), Decimal::from(4)]);
        }
        let chosen = bounded_first_and_whole(&problem, true)
            .map(|placed| placed.map(|placed| placed.assignments));
        solved += usize::from(chosen[0].is_some());
        assert_eq!(chosen[0], chosen[1], "round {round}: {problem:#?}");
    }
    assert!(solved > 300, "{solved}");
}

/// Five tasks that want more of most offers than there is, so that bounds need cuts.
fn crowded(numbers: &mut Numbers) -> Problem {
    let mut problem = Problem::default();
    let names = ["t0", "t1", "t2", "t3", "t4"];
    for name in names {
        let demand = Decimal::from(4 + numbers.below(9));
        let min_clouds = if numbers.one_in(4) { 2 } else { 1 };
        problem.tasks.insert(name.to_owned(), Task { demand, min_clouds, ..Task::default() });
    }
    for name in CLOUDS {
        let activation_cost = numbers.amount(300, 0);
        let mut cloud = Cloud { activation_cost, ..Cloud::default() };
        for index in 0..2 {
            let price = numbers.amount(100, 2) + Decimal::new(10, 2);
            let quota = Some(3 + numbers.below(5));
            let serves = names.map(|name| (name.to_owned(), Decimal::from(1 + numbers.below(4))));
            let offer = Offer { price, quota, serves: serves.into(), ..Offer::default() };
            cloud.offers.insert(format!("o{index}"), offer);
        }
        problem.clouds.insert(name.to_owned(), cloud);
    }
    problem
}

/// HiGHS on the whole program finds the same costs.
#[test]
fn crowded_programs_bounded_first() {
    let mut numbers = Numbers(11);
    let mut solved = 0;
    for round in 0..200 {
        let problem = crowded(&mut numbers);
        let costs = bounded_first_and_whole(&problem, false).map(|placed| {
            let placed = placed?;
            assert!(placed.optimal, "round {round}: {placed:?}");
            Some(placed.cost)
        });
        solved += usize::from(costs[0].is_some());
        assert_eq!(costs[0], costs[1], "round {round}: {problem:#?}");
    }
    assert!(solved > 150, "{solved}");
}

#[test]
fn shared_offers_and_shares() {
    check(2, 1000, Family { shared: true, sharing_out: true, ..Family::default() });
}

#[test]
fn what_is_eligible() {
    check(3, 1000, Family { eligibility: true, ..Family::default() });
}

#[test]
fn spot_and_reserved_units() {
    check(4, 1000, Family { spot: true, reserved: true, ..Family::default() });
}

#[test]
fn growth_and_needs() {
    check(5, 1000, Family { growth: true, needs: true, ..Family::default() });
}

#[test]
fn quotas_of_clouds_and_company() {
    check(6, 1000, Family { quotas: true, company: true, ..Family::default() });
}

#[test]
fn egress_switching_and_budget() {
    check(7, 1000, Family { egress: true, prior: true, budget: true, ..Family::default() });
}

#[test]
fn everything_at_once() {
    check(8, 2000, EVERYTHING);
}
