//! All test files: several side by side.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use skyform_engine::{Providers, Web, World};
use skyform_lang::Files;
use skyform_lang::config::{Config, RunCommand, TestFile, VariableValue};
use skyform_value::Str;
use tokio_util::sync::CancellationToken;

use crate::mocks::Mocks;
use crate::report::{Event, Status, Watcher};

/// A module that runs work on, with the values that were given for its variables.
pub struct Module {
    /// Its configuration: the module is the root of it.
    pub config: Config,
    /// Values from outside of the test files.
    pub inputs: BTreeMap<Str, VariableValue>,
}

/// What tests need of the machine.
pub struct Machine {
    /// Reads files.
    pub files: Arc<dyn Files + Send + Sync>,
    /// Fetches what lies on the web.
    pub web: Arc<dyn Web + Send + Sync>,
    /// The current folder, absolute.
    pub working_dir: PathBuf,
    /// The time now, in RFC 3339.
    pub now: String,
    /// Fills bytes with random ones.
    pub random: fn(&mut [u8]),
}

impl Machine {
    pub(crate) fn world<'a>(&'a self, root_dir: &'a Path) -> World<'a> {
        World {
            files: &*self.files,
            web: &*self.web,
            working_dir: &self.working_dir,
            root_dir,
            workspace: "default",
            now: &self.now,
            random: &self.random,
        }
    }
}

/// Test files and everything that they work on.
pub struct Suite {
    /// The files.
    pub files: Vec<TestFile>,
    /// The root module, and behind it the modules that single runs work on.
    pub modules: Vec<Module>,
    /// The modules that runs work on, by file, run and index in `modules`; the root for all others.
    pub module_of: BTreeMap<(usize, usize), usize>,
    /// Values of variables that are given for all files in a folder.
    pub folder_inputs: BTreeMap<PathBuf, BTreeMap<Str, VariableValue>>,
    /// All providers.
    pub providers: Providers,
    /// The machine.
    pub machine: Machine,
    /// Most actions at a time in a run.
    pub parallelism: usize,
    /// Most files at a time; where it is not given, those that make something outside of their
    /// state go one after the other.
    pub files_at_a_time: Option<usize>,
    /// Cancelled: nothing new is begun, and what was made is destroyed.
    pub stop: CancellationToken,
    /// Cancelled: nothing is waited for any more.
    pub abort: CancellationToken,
}

/// How many runs came out how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Everything held.
    pub passed: usize,
    /// An assertion did not hold.
    pub failed: usize,
    /// They could not be carried out.
    pub errored: usize,
    /// They were not begun.
    pub skipped: usize,
    /// The worst of the files.
    pub status: Option<Status>,
}

impl Summary {
    pub(crate) fn count(&mut self, status: Status) {
        match status {
            Status::Pass => self.passed += 1,
            Status::Fail => self.failed += 1,
            Status::Error => self.errored += 1,
            Status::Skip => self.skipped += 1,
        }
    }

    fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.errored += other.errored;
        self.skipped += other.skipped;
        self.status = self.status.max(other.status);
    }
}

impl Suite {
    /// The module that a run works on.
    pub(crate) fn module(&self, file: usize, run: usize) -> &Module {
        &self.modules[self.module_of.get(&(file, run)).copied().unwrap_or(0)]
    }

    /// Whether a file makes anything that others could be in the way of.
    fn makes_things(&self, file: usize) -> bool {
        let applied = self.files[file].runs.iter().enumerate();
        let mut applied = applied.filter(|(_, run)| run.command == RunCommand::Apply);
        applied.any(|(index, _)| {
            let config = &self.module(file, index).config;
            let mocks = Mocks::of_file(&self.files[file]);
            self.providers.makes_things(config) && !mocks.cover(config, &self.providers)
        })
    }
}

/// Carries out all tests. What was made is destroyed, also after a stop.
pub fn carry_out(suite: &Suite, watcher: &dyn Watcher) -> Summary {
    let total = Mutex::new(Summary::default());
    let (all, threads) = match suite.files_at_a_time {
        Some(most) => ((0..suite.files.len()).map(|file| vec![file]).collect(), most),
        None => groups(suite),
    };
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some(group) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
            for file in group {
                let summary = one(suite, *file, watcher);
                total.lock().unwrap_or_else(PoisonError::into_inner).add(summary);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..threads.clamp(1, all.len().max(1)) {
            scope.spawn(work);
        }
        work();
    });
    total.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Files that must go one after the other are one group; every other file is one by itself.
fn groups(suite: &Suite) -> (Vec<Vec<usize>>, usize) {
    let (together, alone): (Vec<usize>, Vec<usize>) =
        (0..suite.files.len()).partition(|file| suite.makes_things(*file));
    let mut groups: Vec<Vec<usize>> = alone.into_iter().map(|file| vec![file]).collect();
    if !together.is_empty() {
        groups.push(together);
    }
    groups.sort();
    (groups, suite.parallelism)
}

fn one(suite: &Suite, file: usize, watcher: &dyn Watcher) -> Summary {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    match runtime {
        Ok(runtime) => runtime.block_on(crate::file::carry_out(suite, file, watcher)),
        Err(_) => {
            let status = Status::Error;
            watcher.event(file, Event::FileFinished { status });
            Summary { status: Some(status), ..Summary::default() }
        }
    }
}
