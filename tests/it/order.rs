//! The order of actions follows docs/concepts/ordering.md for any mixture of changes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use proptest::prelude::*;
use proptest::test_runner::{Config as Runs, RngAlgorithm, TestRng, TestRunner};
use skyform_engine::{
    ApplyRequest, NoEvents, NoWeb, PlanOptions, PlanRequest, Providers, TERRAFORM, World, apply,
    make_plan,
};
use skyform_lang::Files;
use skyform_lang::config::{Config, LoadOptions, load};
use skyform_plan::{ActionKind, ChangeAction, Plan, PlanMode};
use skyform_provider_builtin::BuiltinProvider;
use skyform_state::{Ledger, State};
use tokio_util::sync::CancellationToken;

use crate::random_stack::{RandomStack, stacks};
use crate::stack::{Stack, said};

/// The same cases each time.
fn runner(cases: u32) -> TestRunner {
    let seed = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    TestRunner::new_with_rng(Runs { cases, failure_persistence: None, ..Runs::default() }, seed)
}

#[test]
fn any_mixture_of_changes_follows_the_rules() {
    let outcome = runner(150).run(&stacks(), |stack| {
        let folder = tempfile::tempdir()?;
        let before = step(folder.path(), &stack.text(0, false), PlanMode::Normal)?;
        prop_assert!(rules(&stack, &before, 0, None).is_empty());
        let plan = step(folder.path(), &stack.text(1, false), PlanMode::Normal)?;
        let broken = rules(&stack, &plan, 1, Some(0));
        prop_assert!(
            broken.is_empty(),
            "{broken:?}\n{}\n{}",
            stack.text(0, false),
            stack.text(1, false)
        );
        let gone = step(folder.path(), &stack.text(1, false), PlanMode::Destroy)?;
        let broken = rules(&stack, &gone, 1, Some(1));
        prop_assert!(broken.is_empty(), "destroy: {broken:?}");
        Ok(())
    });
    outcome.expect("all stacks keep the rules");
}

/// Plans and applies; what is planned then must be nothing.
fn step(folder: &Path, text: &str, mode: PlanMode) -> Result<Plan, TestCaseError> {
    let fail = |what: String| TestCaseError::fail(format!("{what}\n{text}"));
    let (plan, state) = run(folder, text, mode).map_err(fail)?;
    if mode == PlanMode::Destroy {
        return if state.is_empty() { Ok(plan) } else { Err(fail("something is left".into())) };
    }
    let (again, _) = run(folder, text, mode).map_err(fail)?;
    if again.has_changes() { Err(fail("a second plan has changes".into())) } else { Ok(plan) }
}

fn run(folder: &Path, text: &str, mode: PlanMode) -> Result<(Plan, State), String> {
    let files = OneFile(text.to_owned());
    let (config, problems) = load(&files, Path::new("."), &LoadOptions::default());
    if problems.has_errors() {
        return Err(format!("{problems:?}"));
    }
    let path = folder.join("terraform.tfstate");
    let (ledger, _) =
        Ledger::open(&path, None, "lineage".to_owned()).map_err(|error| error.to_string())?;
    let state = ledger.state().clone();
    let providers = Providers::default().with(TERRAFORM, Arc::new(numbered()));
    let world = World {
        files: &files,
        web: &NoWeb,
        working_dir: folder,
        root_dir: Path::new("."),
        workspace: "default",
        now: "2026-01-01T00:00:00Z",
        random: &random,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    let options = PlanOptions { mode, ..PlanOptions::default() };
    let inputs = BTreeMap::new();
    let request = PlanRequest {
        config: &config,
        providers: &providers,
        state: &state,
        inputs: &inputs,
        world,
        options: &options,
        events: Arc::new(NoEvents),
    };
    let (plan, problems) = runtime.block_on(make_plan(&request));
    let Some(plan) = plan.filter(|_| !problems.has_errors()) else {
        return Err(format!("{problems:?}"));
    };
    let state = carry_out(&runtime, &plan, &config, &providers, world, ledger)?;
    Ok((plan, state))
}

fn carry_out(
    runtime: &tokio::runtime::Runtime,
    plan: &Plan,
    config: &Config,
    providers: &Providers,
    world: World<'_>,
    ledger: Ledger,
) -> Result<State, String> {
    let request = ApplyRequest {
        plan,
        config,
        providers,
        inputs: &BTreeMap::new(),
        world,
        parallelism: 10,
        events: Arc::new(NoEvents),
        stop: CancellationToken::new(),
        abort: CancellationToken::new(),
    };
    let outcome = runtime.block_on(apply(&request, ledger));
    let good = outcome.failures.is_empty() && !outcome.diagnostics.has_errors();
    if good { Ok(outcome.state) } else { Err(format!("{:?}", outcome.diagnostics)) }
}

fn numbered() -> BuiltinProvider {
    let next = std::sync::atomic::AtomicU64::new(1);
    let start = fastrand_seed();
    BuiltinProvider::new(move || {
        let number = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        (u128::from(start) << 64 | u128::from(number)).to_be_bytes()
    })
}

/// Another number for each provider, so that ids are never the same.
fn fastrand_seed() -> u64 {
    static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1);
    NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
}

fn random(bytes: &mut [u8]) {
    let seed = fastrand_seed().to_be_bytes();
    bytes.iter_mut().zip(seed.iter().rev().cycle()).for_each(|(byte, part)| *byte = *part);
}

/// What of the rules a plan breaks. `stored` is the version that the state comes from.
fn rules(stack: &RandomStack, plan: &Plan, version: usize, stored: Option<usize>) -> Vec<String> {
    let behind = behind(plan);
    let mut makes: BTreeMap<usize, usize> = BTreeMap::new();
    let mut deletes: BTreeMap<usize, usize> = BTreeMap::new();
    let broken = std::cell::RefCell::new(Vec::new());
    for (at, action) in plan.actions.iter().enumerate() {
        let Some(change) = action.kind.change() else { continue };
        let name = plan.change(change).address.resource.name.trim_start_matches('r').to_owned();
        let Ok(number) = name.parse() else { continue };
        match action.kind {
            ActionKind::Delete(_) => deletes.insert(number, at),
            _ => makes.insert(number, at),
        };
    }
    let check = |rule: &str, later: Option<&usize>, earlier: Option<&usize>, who: [usize; 2]| {
        if let (Some(later), Some(earlier)) = (later, earlier)
            && !behind[*later].contains(earlier)
        {
            broken.borrow_mut().push(format!("{rule}: r{} must wait for r{}", who[0], who[1]));
        }
    };
    if plan.mode == PlanMode::Normal {
        for (own, needs) in stack.all_needs(version) {
            for need in needs {
                check("forward", makes.get(&own), makes.get(&need), [own, need]);
            }
        }
    }
    if let Some(stored) = stored {
        for (own, needs) in stack.all_needs(stored) {
            for need in needs {
                check("backward", deletes.get(&need), deletes.get(&own), [need, own]);
                // Where anything made from it must wait for its delete, that goes first.
                let made_from_it = |own: &usize| stack.members[*own].needs[stored].contains(&need);
                let contradicted = deletes.get(&need).is_some_and(|delete| {
                    let mut all = (0..stack.members.len()).filter(made_from_it);
                    all.any(|own| {
                        makes.get(&own).is_some_and(|make| behind[*make].contains(delete))
                    })
                });
                if made_from_it(&own)
                    && !contradicted
                    && action_of(plan, need) != Some(ChangeAction::DeleteThenCreate)
                {
                    check("settled", deletes.get(&need), makes.get(&own), [need, own]);
                }
            }
        }
    }
    for number in 0..stack.members.len() {
        match action_of(plan, number) {
            Some(ChangeAction::DeleteThenCreate) => {
                check("replacement", makes.get(&number), deletes.get(&number), [number; 2]);
            }
            Some(ChangeAction::CreateThenDelete) => {
                check("create first", deletes.get(&number), makes.get(&number), [number; 2]);
                let all = stack.all_needs(version);
                for need in all.get(&number).into_iter().flatten() {
                    if action_of(plan, *need) == Some(ChangeAction::DeleteThenCreate) {
                        broken
                            .borrow_mut()
                            .push(format!("r{number} creates first, and r{need} does not"));
                    }
                }
            }
            _ => {}
        }
    }
    for (at, action) in plan.actions.iter().enumerate() {
        if matches!(action.kind, ActionKind::Output(_))
            && let Some(left) = makes.values().find(|make| !behind[at].contains(make))
        {
            broken.borrow_mut().push(format!("the output does not wait for action {left}"));
        }
    }
    broken.into_inner()
}

fn action_of(plan: &Plan, number: usize) -> Option<ChangeAction> {
    let mut changes = plan.changes.iter();
    let found =
        changes.find(|change| change.address.resource.name == format!("r{number}").as_str());
    found.map(|change| change.action)
}

/// What each action waits for, by way of others too.
fn behind(plan: &Plan) -> Vec<BTreeSet<usize>> {
    let mut all: Vec<BTreeSet<usize>> = Vec::with_capacity(plan.actions.len());
    for action in &plan.actions {
        let mut found = BTreeSet::new();
        for need in &action.after {
            let need = need.0 as usize;
            found.insert(need);
            found.extend(all[need].iter().copied());
        }
        all.push(found);
    }
    all
}

/// One configuration file, in memory.
struct OneFile(String);

impl Files for OneFile {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        match path.file_name().is_some_and(|name| name == "main.tf") {
            true => Ok(self.0.clone().into_bytes()),
            false => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn list(&self, _folder: &Path) -> io::Result<Vec<(String, bool)>> {
        Ok(vec![("main.tf".to_owned(), false)])
    }

    fn is_file(&self, path: &Path) -> bool {
        path.file_name().is_some_and(|name| name == "main.tf")
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

/// What provisioners wrote down in both programs keeps the same partial order.
#[test]
fn provisioners_run_in_the_same_partial_order_as_terraforms() {
    if !crate::differential::is_here(&Stack::new(&[])) {
        return;
    }
    let compared = std::cell::Cell::new(0);
    let outcome = runner(6).run(&stacks(), |stack| {
        for program in ["terraform", env!("CARGO_BIN_EXE_skyform")] {
            // Some mixtures are more than Terraform can put in order.
            let Some(logs) = logs_of(program, &stack) else {
                prop_assert!(
                    program == "terraform",
                    "{}\n{}",
                    stack.text(0, true),
                    stack.text(1, true)
                );
                continue;
            };
            compared.set(compared.get() + 1);
            for (log, version, stored) in [(&logs[1], 1, 0), (&logs[2], 1, 1)] {
                let broken = disorder(&stack, log, version, stored);
                prop_assert!(
                    broken.is_empty(),
                    "{program}: {broken:?}\n{log:?}\n{}\n{}",
                    stack.text(0, true),
                    stack.text(1, true)
                );
            }
        }
        Ok(())
    });
    outcome.expect("both programs keep the order");
    assert!(compared.get() > 8, "only {} logs were compared", compared.get());
}

/// What happened in an apply of each version, and in a destroy; none if any of it failed.
fn logs_of(program: &str, stack: &RandomStack) -> Option<[Vec<String>; 3]> {
    let folder = Stack::new(&[]);
    let run = |arguments: &[&str]| {
        let mut command = std::process::Command::new(program);
        command.args(arguments).current_dir(folder.path()).env("CHECKPOINT_DISABLE", "1");
        command.env("TF_CLI_CONFIG_FILE", "/dev/null").env("TF_IN_AUTOMATION", "1");
        let said = said(&command.output().expect("the program runs"));
        (said.code == 0).then_some(())
    };
    let log = || {
        let path = folder.path().join("log.txt");
        let text = fs::read_to_string(&path).unwrap_or_default();
        let _ = fs::remove_file(path);
        text.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    folder.write("main.tf", &stack.text(0, true));
    run(&["init"])?;
    run(&["apply", "-auto-approve", "-input=false"])?;
    let first = log();
    folder.write("main.tf", &stack.text(1, true));
    run(&["apply", "-auto-approve", "-input=false"])?;
    let second = log();
    run(&["destroy", "-auto-approve", "-input=false"])?;
    Some([first, second, log()])
}

/// What of a log is out of order.
fn disorder(stack: &RandomStack, log: &[String], version: usize, stored: usize) -> Vec<String> {
    let at = |what: &str, number: usize| {
        log.iter().position(|line| *line == format!("{what} r{number}"))
    };
    let mut broken = Vec::new();
    let mut check = |later: Option<usize>, earlier: Option<usize>, what: String| {
        if let (Some(later), Some(earlier)) = (later, earlier)
            && later < earlier
        {
            broken.push(what);
        }
    };
    for (own, needs) in stack.all_needs(version) {
        for need in needs {
            check(at("create", own), at("create", need), format!("create r{own} before r{need}"));
        }
    }
    for (own, needs) in stack.all_needs(stored) {
        for need in needs {
            check(
                at("destroy", need),
                at("destroy", own),
                format!("destroy r{need} before r{own}"),
            );
        }
    }
    broken
}

#[test]
fn what_a_data_source_was_read_with_outlives_what_was_made_from_it() {
    let empty = r#"{"version": 4, "serial": 1, "lineage": "", "outputs": {}, "resources": []}"#;
    let text = r#"
resource "terraform_data" "below" { input = "other.tfstate" }
data "terraform_remote_state" "between" {
  backend = "local"
  config  = { path = terraform_data.below.output }
}
resource "terraform_data" "above" { input = data.terraform_remote_state.between.outputs }
"#;
    for gone in [text, ""] {
        let stack = Stack::new(&[("main.tf", text), ("other.tfstate", empty)]);
        stack.good(&["apply", "-auto-approve"]);
        stack.write("main.tf", gone);
        let command = if gone.is_empty() { "apply" } else { "destroy" };
        let said = stack.good(&[command, "-auto-approve", "-parallelism=1"]);
        let at = |name: &str| said.find(&format!("{name}: Destroying")).expect("it goes");
        assert!(at("terraform_data.above") < at("terraform_data.below"), "{said}");
    }
}
