//! What is told of tests while they run.

use skyform_diag::Diagnostics;
use skyform_plan::Plan;
use skyform_state::State;

/// How a run or a file came out; the worst of several is the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// It was not run.
    Skip,
    /// Everything holds.
    Pass,
    /// An assertion does not hold.
    Fail,
    /// It could not be carried out as it should.
    Error,
}

impl Status {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Skip => "skip",
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Error => "error",
        }
    }
}

/// What a run led to, for those who want to see it.
#[derive(Debug)]
pub enum Shown {
    /// The plan of a run that only plans.
    Plan(Box<Plan>),
    /// The state after a run.
    State(Box<State>),
}

/// What happens with one file.
#[derive(Debug)]
pub enum Event {
    /// Its runs begin.
    FileStarted,
    /// A run begins.
    RunStarted {
        /// Index in the file.
        run: usize,
    },
    /// A run has ended, or was not begun.
    RunFinished {
        /// Index in the file.
        run: usize,
        /// How it came out.
        status: Status,
        /// Assertions that hold, of those that there are.
        held: usize,
        /// Errors and warnings.
        diagnostics: Diagnostics,
        /// What it led to.
        shown: Option<Shown>,
    },
    /// Everything that was made is destroyed now.
    TearDown,
    /// What a run was the last to work on is destroyed now.
    RunTearDown {
        /// Index in the file.
        run: usize,
    },
    /// That did not work out.
    LeftBehind {
        /// Index in the file of the run that worked on it last.
        run: usize,
        /// Errors and warnings.
        diagnostics: Diagnostics,
        /// Addresses of instances that are left.
        left: Vec<String>,
    },
    /// Its end.
    FileFinished {
        /// How it came out.
        status: Status,
    },
}

/// Is told what happens.
pub trait Watcher: Send + Sync {
    /// Something has happened with the file at this index.
    fn event(&self, file: usize, event: Event);
}
