//! A configuration with the faulty provider behind it, and a state in a scratch folder.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use skyform_diag::Diagnostics;
use skyform_lang::Files;
use skyform_lang::config::{Config, LoadOptions, load};
use skyform_plan::Plan;
use skyform_state::disk::{Disk, RealDisk};
use skyform_state::{Ledger, LockInfo, Recovered, State};
use tokio_util::sync::CancellationToken;

use super::faulty::Faulty;
use crate::{
    ApplyOutcome, ApplyRequest, Deadlines, Events, NoEvents, NoWeb, PlanOptions, PlanRequest,
    Providers, World, apply, make_plan, settle,
};

/// One file of configuration, in memory.
struct OneFile(String);

impl Files for OneFile {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        match path.ends_with("main.tf") {
            true => Ok(self.0.clone().into_bytes()),
            false => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn list(&self, _folder: &Path) -> io::Result<Vec<(String, bool)>> {
        Ok(vec![("main.tf".to_owned(), false)])
    }

    fn is_file(&self, path: &Path) -> bool {
        path.ends_with("main.tf")
    }

    fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        Ok(path.to_owned())
    }

    fn working_dir(&self) -> PathBuf {
        PathBuf::from("/")
    }

    fn home_dir(&self) -> Option<PathBuf> {
        None
    }
}

fn random(bytes: &mut [u8]) {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let number = NEXT.fetch_add(1, Ordering::SeqCst).to_le_bytes();
    bytes.iter_mut().zip(number.iter().cycle()).for_each(|(byte, from)| *byte = *from);
}

pub(super) struct Stack {
    folder: tempfile::TempDir,
    files: OneFile,
    config: Config,
    providers: Providers,
    runtime: tokio::runtime::Runtime,
    pub faulty: Arc<Faulty>,
    pub disk: Arc<dyn Disk>,
    pub parallelism: usize,
    pub stop: CancellationToken,
    pub abort: CancellationToken,
    pub events: Arc<dyn Events>,
}

impl Stack {
    /// Calls of providers may take as long as `limit`.
    pub(super) fn new(text: &str, limit: Duration) -> Self {
        let files = OneFile(text.to_owned());
        let (config, problems) = load(&files, Path::new("."), &LoadOptions::default());
        assert!(!problems.has_errors(), "{problems:?}");
        let faulty = Arc::new(Faulty::new());
        let deadlines = Deadlines { answer: limit, operation: limit };
        let providers = Providers::within(deadlines)
            .with("registry.terraform.io/hashicorp/faulty", Arc::<Faulty>::clone(&faulty));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        Self {
            folder: tempfile::tempdir().expect("a folder"),
            runtime: runtime.expect("a runtime"),
            disk: Arc::new(RealDisk),
            parallelism: 4,
            stop: CancellationToken::new(),
            abort: CancellationToken::new(),
            events: Arc::new(NoEvents),
            files,
            config,
            providers,
            faulty,
        }
    }

    /// One `faulty_thing` for each name.
    pub(super) fn of(names: &[&str], limit: Duration) -> Self {
        let blocks = names.iter().enumerate().map(|(index, name)| {
            format!("resource \"faulty_thing\" \"r{index}\" {{\n  name = \"{name}\"\n}}\n")
        });
        Self::new(&blocks.collect::<String>(), limit)
    }

    pub(super) fn path(&self) -> PathBuf {
        self.folder.path().join("terraform.tfstate")
    }

    pub(super) fn open(&self) -> (Ledger, Recovered) {
        let info = LockInfo { id: "test".to_owned(), ..LockInfo::default() };
        let disk = Arc::clone(&self.disk);
        Ledger::open_on(disk, &self.path(), Some(&info), "lineage".to_owned()).expect("it opens")
    }

    fn world(&self) -> World<'_> {
        World {
            files: &self.files,
            web: &NoWeb,
            working_dir: Path::new("/"),
            root_dir: Path::new("."),
            workspace: "default",
            now: "2026-01-01T00:00:00Z",
            random: &random,
        }
    }

    /// A plan that may be applied, if it is good.
    pub(super) fn plan(&self, state: &State) -> (Option<Plan>, Diagnostics) {
        let options = PlanOptions { parallelism: self.parallelism, ..PlanOptions::default() };
        let made = self.runtime.block_on(make_plan(&PlanRequest {
            config: &self.config,
            providers: &self.providers,
            state,
            inputs: &BTreeMap::new(),
            world: self.world(),
            options: &options,
            events: Arc::clone(&self.events),
        }));
        let (plan, problems) = made;
        (plan.filter(|_| !problems.has_errors()), problems)
    }

    pub(super) fn settle(&self, ledger: &mut Ledger) -> Diagnostics {
        let said = self.runtime.block_on(settle(ledger, &self.providers));
        said.expect("the journal can be written")
    }

    /// Settles what is in doubt, plans, and applies.
    pub(super) fn apply(&self) -> ApplyOutcome {
        let (mut ledger, _) = self.open();
        assert!(!self.settle(&mut ledger).has_errors());
        let (plan, problems) = self.plan(ledger.state());
        let plan = plan.unwrap_or_else(|| panic!("{problems:?}"));
        let request = ApplyRequest {
            plan: &plan,
            config: &self.config,
            providers: &self.providers,
            inputs: &BTreeMap::new(),
            world: self.world(),
            parallelism: self.parallelism,
            events: Arc::clone(&self.events),
            stop: self.stop.clone(),
            abort: self.abort.clone(),
        };
        self.runtime.block_on(apply(&request, ledger))
    }
}

/// Summaries of an outcome's diagnostics.
pub(super) fn summaries(outcome: &ApplyOutcome) -> Vec<String> {
    outcome.diagnostics.iter().map(|diagnostic| diagnostic.summary.to_string()).collect()
}
