//! The bound raised to the most that prices can prove: the best mixture of the plans met so far gives
//! prices (a linear program), these give better plans, until there are none.

use std::time::Instant;

use highs::{Col, ColProblem, HighsModelStatus, Model, Row, Sense, SolvedModel};

use super::Split;
use super::plans::{Pool, Taken, counted};
use super::relaxed::{Fate, Node, Point, evaluate};

/// How near the bound comes to the mixture's cost.
pub(super) const CLOSE: f64 = 2e-5;

/// Most rounds.
const ROUNDS: usize = 120;

/// Until when, and what is enough.
#[derive(Clone, Copy)]
pub(super) struct Enough {
    pub deadline: Instant,
    /// A bound from here on is as good as any.
    pub target: f64,
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
    let again = kept.take().and_then(|master| master.again(split, &node.fates, pool));
    let mut master = match again.or_else(|| Master::new(split, &node.fates, pool)) {
        Some(master) => master,
        None => return false,
    };
    let is_settled = raise(split, node, pool, &mut master, enough);
    *kept = Some(master);
    is_settled
}

fn raise(
    split: &Split,
    node: &mut Node,
    pool: &mut Pool,
    master: &mut Master,
    enough: Enough,
) -> bool {
    let mut weight = 0.7;
    for _ in 0..ROUNDS {
        let Some(mixture) = master.solve(enough.deadline) else { return false };
        let is_enough =
            node.bound >= enough.target || mixture.cost - node.bound <= CLOSE * mixture.cost.abs();
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
            master.add(split, plan);
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
    let mix = |from: &[f64], to: &[f64]| -> Vec<f64> {
        from.iter().zip(to).map(|(from, to)| weight * from + (1.0 - weight) * to).collect()
    };
    let clouds = from.clouds.iter().zip(&to.clouds).map(|(from, to)| mix(from, to));
    Point { quotas: mix(&from.quotas, &to.quotas), clouds: clouds.collect() }
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
    cost: f64,
    pub prices: Point,
    /// By task: what its plan costs at these prices.
    costs: Vec<f64>,
    /// By the program's column.
    values: Vec<f64>,
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
            clouds,
            fates: fates.to_vec(),
            constant,
            is_bound: true,
            spent: 0.0,
        };
        for plan in &pool.plans {
            master.add(split, plan);
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
        for plan in &pool.plans[self.columns.len()..] {
            self.add(split, plan);
        }
        Some(self)
    }

    /// The rows that a plan has a part in; none if it uses a cloud that is out.
    fn rows(&self, split: &Split, plan: &Taken) -> Option<Vec<(Row, f64)>> {
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
        Some(rows)
    }

    /// Adds the next plan of the pool.
    pub(super) fn add(&mut self, split: &Split, plan: &Taken) {
        let column = self.rows(split, plan).and_then(|rows| {
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
    pub(super) fn solve(&mut self, deadline: Instant) -> Option<Mixture> {
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
        let mixture = Mixture {
            cost: solved.objective_value() + self.constant,
            prices: Point {
                quotas: self.quotas.iter().map(price).collect(),
                clouds: uses.collect(),
            },
            costs: self.tasks.iter().map(|line| duals[line.number]).collect(),
            values: solution.columns().to_vec(),
        };
        self.model = Some(solved.into());
        Some(mixture)
    }
}

impl Mixture {
    /// Whether a plan makes the mixture cheaper.
    pub(super) fn saves(&self, split: &Split, plan: &Taken) -> bool {
        let clouds = &split.tasks[plan.task].clouds;
        let units = plan.units.iter().map(|(column, count)| {
            let place = split.places[*column];
            self.prices.quotas[clouds[place.carrier].items[place.item].offer] * *count as f64
        });
        let used = split.carriers(&plan.units);
        let uses = used.iter().map(|used| self.prices.clouds[plan.task][*used]);
        let cost = plan.cost + units.sum::<f64>() + uses.sum::<f64>();
        cost < self.costs[plan.task] - 1e-7 * plan.cost.abs().max(1.0)
    }
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
