//! The bound raised to the most that prices can prove: the best mixture of the plans met so far gives
//! prices (a linear program), these give better plans, until there are none.

use std::time::Instant;

use highs::{Col, ColProblem, HighsModelStatus, Model, Row, Sense, SolvedModel};

use super::Split;
use super::cuts::{Cut, at};
use super::knapsack::Beyond;
use super::plans::{Pool, Taken, counted, offers};
use super::relaxed::{Fate, Node, Point, evaluate};

/// Most rounds.
const ROUNDS: usize = 120;

/// Until when, and what is enough.
#[derive(Clone, Copy)]
pub(super) struct Enough {
    pub deadline: Instant,
    /// A bound from here on is as good as any.
    pub target: f64,
    /// How near the bound has to come to the mixture's cost, as a part of it.
    pub close: f64,
}

/// Raises a node's bound; plans that are met go to the pool. Whether it came to an end. The master of
/// the node before is used again where it can be.
pub(super) fn converge(
    split: &Split,
    node: &mut Node,
    pool: &mut Pool,
    kept: &mut Option<Master>,
    enough: Enough,
) -> bool {
    let Some(mut master) = master_of(split, &node.fates, pool, kept) else { return false };
    let is_settled = raise(split, node, pool, &mut master, enough);
    *kept = Some(master);
    is_settled
}

/// The program for these fates, made out of the one before where it can be.
pub(super) fn master_of(
    split: &Split,
    fates: &[Fate],
    pool: &Pool,
    kept: &mut Option<Master>,
) -> Option<Master> {
    let again = kept.take().and_then(|master| master.again(split, fates, pool));
    again.or_else(|| Master::new(split, fates, pool))
}

/// Raises a node's bound with the plans and cuts that its program has, and new plans.
pub(super) fn raise(
    split: &Split,
    node: &mut Node,
    pool: &mut Pool,
    master: &mut Master,
    enough: Enough,
) -> bool {
    let mut weight = 0.7;
    for _ in 0..ROUNDS {
        let Some(mixture) = master.solve(&pool.cuts, enough.deadline) else { return false };
        let is_enough = node.bound >= enough.target
            || mixture.cost - node.bound <= enough.close * mixture.cost.abs();
        if is_enough {
            return true;
        }
        let point = between(&node.point, &mixture.prices, weight);
        let answer = evaluate(split, &node.fates, &point);
        if answer.bound == f64::INFINITY {
            node.bound = f64::INFINITY;
            return true;
        }
        if answer.bound > node.bound {
            node.bound = answer.bound;
            node.point = point;
        }
        let before = pool.plans.len();
        for (task, chosen) in answer.plans.iter().enumerate() {
            pool.add(split, task, counted(split, task, chosen));
        }
        let mut is_better = false;
        for plan in &pool.plans[before..] {
            is_better |= mixture.saves(split, plan);
            master.add(split, plan, &pool.cuts);
        }
        if Instant::now() >= enough.deadline {
            return false;
        }
        if !is_better {
            if weight == 0.0 {
                // No plan is better at the mixture's own prices: its cost is the bound.
                return true;
            }
            weight = if weight > 0.2 { weight * 0.5 } else { 0.0 };
        }
    }
    false
}

/// Prices between two points.
fn between(from: &Point, to: &Point, weight: f64) -> Point {
    let one = |from: f64, to: f64| weight * from + (1.0 - weight) * to;
    let mix = |from: &[f64], to: &[f64]| -> Vec<f64> {
        from.iter().zip(to).map(|(from, to)| one(*from, *to)).collect()
    };
    let mix_beyond = |(from, to): (&Beyond, &Beyond)| -> Beyond {
        let offers = from.keys().chain(to.keys().filter(|offer| !from.contains_key(offer)));
        let of = |beyond: &Beyond, offer: usize| beyond.get(&offer).cloned().unwrap_or_default();
        let mixed = offers.map(|offer| {
            let (from, to) = (of(from, *offer), of(to, *offer));
            let counts = 0..from.len().max(to.len());
            (*offer, counts.map(|count| one(at(&from, count), at(&to, count))).collect())
        });
        mixed.collect()
    };
    let clouds = from.clouds.iter().zip(&to.clouds).map(|(from, to)| mix(from, to));
    Point {
        quotas: mix(&from.quotas, &to.quotas),
        clouds: clouds.collect(),
        beyond: from.beyond.iter().zip(&to.beyond).map(mix_beyond).collect(),
        let_through: one(from.let_through, to.let_through),
    }
}

/// HiGHS' numbers of its simplex methods: the primal one is quicker where plans were added, since what
/// was best is a solution still; the dual one where bounds were changed, since prices are right still.
const DUAL: i32 = 1;
const PRIMAL: i32 = 4;

/// The linear program over plans.
pub(super) struct Master {
    model: Option<Model>,
    /// By plan of the pool; none where it cannot be had.
    columns: Vec<Option<Col>>,
    /// By task, by offer, and by task and its clouds: none where there is no row.
    tasks: Vec<Line>,
    quotas: Vec<Option<Line>>,
    uses: Vec<Vec<Option<Line>>>,
    /// By cut of the pool.
    cuts: Vec<Line>,
    /// By cloud, the part of it that is in use: none where that was settled when the program was made.
    clouds: Vec<Option<Col>>,
    fates: Vec<Fate>,
    constant: f64,
    /// Whether bounds have been changed since the last run.
    is_bound: bool,
    /// Seconds that the solver has run: its limit is about all of its runs.
    spent: f64,
}

/// A row with its number.
#[derive(Clone, Copy)]
struct Line {
    row: Row,
    number: usize,
}

/// The best mixture of plans.
pub(super) struct Mixture {
    pub cost: f64,
    pub prices: Point,
    /// By task: what its plan costs at these prices.
    costs: Vec<f64>,
    /// By the program's column.
    values: Vec<f64>,
    /// By cut of the pool: whether the mixture would be cheaper without it.
    pub has_a_say: Vec<bool>,
}

impl Master {
    pub(super) fn new(split: &Split, fates: &[Fate], pool: &Pool) -> Option<Self> {
        let mut problem = ColProblem::default();
        let tasks: Vec<Line> = split.tasks.iter().map(|_| line(&mut problem, 1.0, 1.0)).collect();
        let quotas: Vec<Option<Line>> = split
            .quotas
            .iter()
            .map(|quota| quota.is_finite().then(|| line(&mut problem, f64::NEG_INFINITY, *quota)))
            .collect();
        let is_open = |cloud: usize| fates[cloud] == Fate::Open && split.activation[cloud] > 0.0;
        let mut uses: Vec<Vec<Option<Line>>> = Vec::with_capacity(split.tasks.len());
        let mut by_cloud: Vec<Vec<(Row, f64)>> = vec![Vec::new(); fates.len()];
        for work in &split.tasks {
            let mut own = Vec::with_capacity(work.clouds.len());
            for carrier in &work.clouds {
                let use_of =
                    is_open(carrier.cloud).then(|| line(&mut problem, f64::NEG_INFINITY, 0.0));
                by_cloud[carrier.cloud].extend(use_of.map(|line| (line.row, -1.0)));
                own.push(use_of);
            }
            uses.push(own);
        }
        // What cannot be mixed yet is missing at a price that no plan has.
        let dear = 10.0 * pool.plans.iter().map(|plan| plan.cost.abs()).fold(1.0, f64::max);
        for line in &tasks {
            problem.add_column(dear, 0.0..=1.0, [(line.row, 1.0)]);
        }
        let paid = fates.iter().zip(&split.activation).filter(|(fate, _)| **fate == Fate::In);
        // What is settled later is paid by its column.
        let constant = split.constant + paid.map(|(_, cost)| cost).sum::<f64>();
        let mut model = problem.try_optimise(Sense::Minimise).ok()?;
        model.make_quiet();
        model.set_option("threads", 1);
        model.set_option("random_seed", 1);
        model.set_option("presolve", "off");
        model.set_option("solver", "simplex");
        let mut clouds: Vec<Option<Col>> = vec![None; fates.len()];
        for (cloud, rows) in by_cloud.into_iter().enumerate().filter(|(cloud, _)| is_open(*cloud)) {
            let part = model.try_add_column(split.activation[cloud], in_use(Fate::Open), rows);
            clouds[cloud] = Some(part.ok()?);
        }
        let mut master = Self {
            model: Some(model),
            columns: Vec::with_capacity(pool.plans.len()),
            tasks,
            quotas,
            uses,
            cuts: Vec::with_capacity(pool.cuts.len()),
            clouds,
            fates: fates.to_vec(),
            constant,
            is_bound: true,
            spent: 0.0,
        };
        for cut in &pool.cuts {
            master.add_cut(split, cut, &[]);
        }
        for plan in &pool.plans {
            master.add(split, plan, &pool.cuts);
        }
        Some(master)
    }

    /// The same program for other fates and with the plans met since, if it can be had by bounds alone.
    fn again(mut self, split: &Split, fates: &[Fate], pool: &Pool) -> Option<Self> {
        let model = self.model.as_mut()?;
        for (cloud, fate) in fates.iter().enumerate() {
            match self.clouds[cloud] {
                None if self.fates[cloud] != *fate => return None,
                None => (),
                Some(column) => model.change_column_bounds(column, in_use(*fate)),
            }
        }
        self.is_bound = true;
        for cut in &pool.cuts[self.cuts.len()..] {
            self.add_cut(split, cut, &pool.plans);
        }
        for plan in &pool.plans[self.columns.len()..] {
            self.add(split, plan, &pool.cuts);
        }
        Some(self)
    }

    /// The rows that a plan has a part in; none if it uses a cloud that is out.
    fn rows(&self, split: &Split, plan: &Taken, cuts: &[Cut]) -> Option<Vec<(Row, f64)>> {
        let clouds = &split.tasks[plan.task].clouds;
        let mut rows = vec![(self.tasks[plan.task].row, 1.0)];
        for (column, count) in &plan.units {
            let place = split.places[*column];
            let item = &clouds[place.carrier].items[place.item];
            let cloud = clouds[place.carrier].cloud;
            if self.clouds[cloud].is_none() && self.fates[cloud] == Fate::Out {
                return None;
            }
            rows.extend(self.quotas[item.offer].map(|line| (line.row, *count as f64)));
        }
        let used = split.carriers(&plan.units);
        rows.extend(used.iter().filter_map(|used| Some((self.uses[plan.task][*used]?.row, 1.0))));
        let weights = self.cuts.iter().zip(cuts).map(|(line, cut)| (line, cut.weight(split, plan)));
        rows.extend(weights.filter(|(_, weight)| *weight > 0.0).map(|(line, of)| (line.row, of)));
        Some(rows)
    }

    /// Adds the next cut of the pool; its plans are those that have been added.
    pub(super) fn add_cut(&mut self, split: &Split, cut: &Cut, plans: &[Taken]) {
        let Some(model) = self.model.as_mut() else { return };
        let columns = plans.iter().zip(&self.columns).filter_map(|(plan, column)| {
            let weight = cut.weight(split, plan);
            column.filter(|_| weight > 0.0).map(|column| (column, weight))
        });
        let number = model.num_rows();
        // The solver takes any row of columns that it has.
        if let Ok(row) = model.try_add_row(..=cut.most, columns) {
            self.cuts.push(Line { row, number });
        }
        self.is_bound = true;
    }

    /// Adds the next plan of the pool.
    pub(super) fn add(&mut self, split: &Split, plan: &Taken, cuts: &[Cut]) {
        let column = self.rows(split, plan, cuts).and_then(|rows| {
            let model = self.model.as_mut()?;
            model.try_add_column(plan.cost, 0.0..=f64::INFINITY, rows).ok()
        });
        self.columns.push(column);
    }

    /// The part that a plan of the pool has in a mixture.
    pub(super) fn part(&self, mixture: &Mixture, plan: usize) -> f64 {
        // What was added since has none.
        let part = |column: Col| mixture.values.get(column.index()).copied();
        self.columns[plan].and_then(part).unwrap_or(0.0)
    }

    /// Settles the part of a plan of the pool.
    pub(super) fn hold(&mut self, plan: usize, part: f64) {
        if let (Some(column), Some(model)) = (self.columns[plan], self.model.as_mut()) {
            model.change_column_bounds(column, part..=part);
            self.is_bound = true;
        }
    }

    /// The best mixture; none if there is none in time.
    pub(super) fn solve(&mut self, cuts: &[Cut], deadline: Instant) -> Option<Mixture> {
        let mut model = self.model.take()?;
        let begun = Instant::now();
        let left = deadline.saturating_duration_since(begun).as_secs_f64();
        if left <= 0.0 {
            return None;
        }
        model.set_option("time_limit", self.spent + left);
        let method = if std::mem::take(&mut self.is_bound) { DUAL } else { PRIMAL };
        model.set_option("simplex_strategy", method);
        let solved: SolvedModel = model.try_solve().ok()?;
        self.spent += begun.elapsed().as_secs_f64();
        if solved.status() != HighsModelStatus::Optimal {
            return None;
        }
        let solution = solved.get_solution();
        let duals = solution.dual_rows();
        let price = |line: &Option<Line>| line.map_or(0.0, |line| (-duals[line.number]).max(0.0));
        let uses = self.uses.iter().map(|own| own.iter().map(price).collect());
        let of_cuts: Vec<f64> = self.cuts.iter().map(|line| price(&Some(*line))).collect();
        let (beyond, let_through) = beyond(self.tasks.len(), cuts, &of_cuts);
        let mixture = Mixture {
            cost: solved.objective_value() + self.constant,
            prices: Point {
                quotas: self.quotas.iter().map(price).collect(),
                clouds: uses.collect(),
                beyond,
                let_through,
            },
            costs: self.tasks.iter().map(|line| duals[line.number]).collect(),
            values: solution.columns().to_vec(),
            has_a_say: of_cuts.into_iter().map(|price| price > 0.0).collect(),
        };
        self.model = Some(solved.into());
        Some(mixture)
    }
}

impl Mixture {
    /// Whether a plan makes the mixture cheaper.
    pub(super) fn saves(&self, split: &Split, plan: &Taken) -> bool {
        let beyond = &self.prices.beyond[plan.task];
        let units = offers(split, plan).map(|(offer, count)| {
            let beyond = beyond.get(&offer).map_or(0.0, |beyond| at(beyond, count as usize));
            self.prices.quotas[offer] * count as f64 + beyond
        });
        let used = split.carriers(&plan.units);
        let uses = used.iter().map(|used| self.prices.clouds[plan.task][*used]);
        let cost = plan.cost + units.sum::<f64>() + uses.sum::<f64>();
        cost < self.costs[plan.task] - 1e-7 * plan.cost.abs().max(1.0)
    }
}

/// By task, what cuts at these prices make units cost beyond theirs; and what they let through.
fn beyond(tasks: usize, cuts: &[Cut], prices: &[f64]) -> (Vec<Beyond>, f64) {
    let mut beyond = vec![Beyond::new(); tasks];
    let mut let_through = 0.0;
    for (cut, price) in cuts.iter().zip(prices).filter(|(_, price)| **price > 0.0) {
        let_through += price * cut.most;
        for (task, weights) in &cut.weights {
            let own = beyond[*task].entry(cut.offer).or_insert_with(|| vec![0.0; weights.len()]);
            for (cost, weight) in own.iter_mut().zip(weights) {
                *cost += price * weight;
            }
        }
    }
    (beyond, let_through)
}

/// The part of a cloud that is in use.
fn in_use(fate: Fate) -> std::ops::RangeInclusive<f64> {
    match fate {
        Fate::Open => 0.0..=1.0,
        Fate::In => 1.0..=1.0,
        Fate::Out => 0.0..=0.0,
    }
}

fn line(problem: &mut ColProblem, least: f64, most: f64) -> Line {
    let number = problem.num_rows();
    Line { row: problem.add_row(least..=most), number }
}
