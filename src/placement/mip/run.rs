//! HiGHS run on a program, and never waited for longer than there is time: it looks at its clock only
//! now and then, so it works on a thread of its own, and what comes too late is not waited for.

use std::sync::mpsc;
use std::time::{Duration, Instant};

use highs::{ColProblem, HighsModelStatus, RowProblem, Sense};

/// A program as HiGHS takes it.
pub(crate) enum Matrix {
    Rows(RowProblem),
    Columns(ColProblem),
}

/// How a run ends, besides with a proof.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    pub deadline: Instant,
    pub max_gap: f64,
    /// Solutions that do not cost less are of no use.
    pub cutoff: Option<f64>,
    /// Most nodes of the search.
    pub nodes: Option<i32>,
    /// Whether the linear relaxation is about as tight as can be: then probing finds little, and a
    /// search that starts anew is lost time.
    pub is_tight: bool,
}

/// What came of a run.
pub(crate) struct Ran {
    pub end: End,
    /// By the goal.
    pub objective: f64,
    pub bound: f64,
    pub values: Vec<f64>,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// With the best solution there is, within the gap.
    Best,
    /// With a solution.
    Some,
    /// It is proven that there is none (below the cutoff).
    None,
    /// Without a solution, or too late.
    Open,
}

/// Smaller programs are run where they are: HiGHS is back in time.
const SMALL: usize = 1_500;

/// What HiGHS says of a solution that keeps all rows.
const FEASIBLE: i64 = 2;

/// Rules of its presolve that find little in a tight program, for most of the time that it takes:
/// dominated columns (bit 5), probing (15) and enumeration (16).
const COSTLY: i32 = 1 << 5 | 1 << 15 | 1 << 16;

/// Kept back for what has to be done after a run that uses up its time.
const REST: f64 = 0.03;

/// Runs HiGHS, from the values of a solution if there is one.
pub(crate) fn run(problem: Matrix, start: Option<Vec<f64>>, settings: Settings) -> Ran {
    let (columns, rows) = match &problem {
        Matrix::Rows(rows) => (rows.num_cols(), rows.num_rows()),
        Matrix::Columns(columns) => (columns.num_cols(), columns.num_rows()),
    };
    if columns + rows <= SMALL {
        return work(problem, start, settings);
    }
    let (sender, receiver) = mpsc::channel();
    let worker = std::thread::Builder::new().name("solver".to_owned()).spawn(move || {
        // Whoever asked may be gone.
        let _ = sender.send(work(problem, start, settings));
    });
    if worker.is_err() {
        return nothing();
    }
    receiver.recv_timeout(left(settings.deadline)).unwrap_or_else(|_| nothing())
}

fn left(deadline: Instant) -> Duration {
    deadline.saturating_duration_since(Instant::now())
}

fn nothing() -> Ran {
    Ran { end: End::Open, objective: f64::INFINITY, bound: f64::NEG_INFINITY, values: Vec::new() }
}

fn work(problem: Matrix, start: Option<Vec<f64>>, settings: Settings) -> Ran {
    let made = match problem {
        Matrix::Rows(rows) => rows.try_optimise(Sense::Minimise),
        Matrix::Columns(columns) => columns.try_optimise(Sense::Minimise),
    };
    let Ok(mut model) = made else { return nothing() };
    model.make_quiet();
    let time = left(settings.deadline).as_secs_f64();
    model.set_option("time_limit", (time * (1.0 - REST)).max(0.001));
    model.set_option("mip_rel_gap", settings.max_gap.max(1e-9));
    model.set_option("mip_abs_gap", 1e-7);
    model.set_option("random_seed", 1);
    model.set_option("threads", 1);
    model.set_option("mip_feasibility_tolerance", 1e-9);
    if let Some(cutoff) = settings.cutoff {
        model.set_option("objective_bound", cutoff);
    }
    if let Some(nodes) = settings.nodes {
        model.set_option("mip_max_nodes", nodes);
    }
    model.set_option("mip_allow_restart", !settings.is_tight);
    if settings.is_tight {
        model.set_option("presolve_rule_off", COSTLY);
    }
    // It looks for any solution, for as long as it takes.
    let needs_any = start.is_none() && settings.cutoff.is_none();
    model.set_option("mip_heuristic_run_feasibility_jump", needs_any);
    if let Some(values) = start {
        // A start that does not fit is no error: the solver then begins from nothing.
        let _ = model.try_set_solution(Some(&values), None, None, None);
    }
    let Ok(solved) = model.try_solve() else { return nothing() };
    let bound = solved.double_info_value(c"mip_dual_bound").unwrap_or(f64::NEG_INFINITY);
    let end = match solved.status() {
        HighsModelStatus::Infeasible
        | HighsModelStatus::UnboundedOrInfeasible
        | HighsModelStatus::ObjectiveBound => End::None,
        HighsModelStatus::Optimal => End::Best,
        _ if solved.int_info_value(c"primal_solution_status") != Ok(FEASIBLE) => End::Open,
        _ => End::Some,
    };
    let (objective, values) = match end {
        End::Best | End::Some => {
            (solved.objective_value(), solved.get_solution().columns().to_vec())
        }
        End::None | End::Open => (f64::INFINITY, Vec::new()),
    };
    Ran { end, objective, bound, values }
}
