//! The walk over the plan's actions.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use skyform_diag::{Diagnostic, Location};
use skyform_lang::Evaluator;
use skyform_plan::{Action, ActionId, ActionKind, ChangeId};
use skyform_state::journal::Change;
use skyform_state::{DeposedKey, Ledger, StateError};

use super::conditions::CheckedConditions;
use super::final_checks::final_checks;
use super::{ApplyOutcome, ApplyRequest, Failure, Skipped, Tried, Why, prepare};
use crate::opened::OpenResources;
use crate::values::Values;

/// A plan being applied.
pub(super) struct Apply<'a> {
    pub request: &'a ApplyRequest<'a>,
    pub evaluator: &'a Evaluator<'a>,
    pub values: &'a Values,
    pub ledger: RefCell<Ledger>,
    pub outcome: RefCell<ApplyOutcome>,
    /// Deposed objects that creates have left for their deletes.
    pub deposed: RefCell<HashMap<ChangeId, DeposedKey>>,
    /// Ephemeral resources that are open.
    pub open: OpenResources,
    /// How conditions have come out.
    pub checked: RefCell<CheckedConditions>,
}

/// Applies a plan. The state file is written at the end, whatever has happened.
pub async fn apply(request: &ApplyRequest<'_>, mut ledger: Ledger) -> ApplyOutcome {
    let mut early = ApplyOutcome::default();
    if let Err(error) = prepare::take_over_prior(&mut ledger, request.plan) {
        early.diagnostics.push(state_problem(&error));
        return early;
    }
    let values = Values::default();
    let evaluator = Evaluator::new(
        request.config,
        &values,
        request.inputs,
        request.world.while_applying(&request.plan.timestamp),
    );
    prepare::declare_planned(&values, &evaluator, request.plan, request.config);
    prepare::configure(request).await;
    let apply = Apply {
        request,
        evaluator: &evaluator,
        values: &values,
        ledger: RefCell::new(ledger),
        outcome: RefCell::default(),
        deposed: RefCell::default(),
        open: OpenResources::new(std::sync::Arc::clone(&request.events)),
        checked: RefCell::default(),
    };
    apply.run().await;
    let Apply { ledger, outcome, checked, .. } = apply;
    let (mut ledger, mut outcome) = (ledger.into_inner(), outcome.into_inner());
    if !outcome.given_up.is_empty() {
        // Values are missing; what is known is kept, and nothing is concluded from it.
        return close(ledger, outcome);
    }
    let checks =
        final_checks(&evaluator, &values, request.plan, &checked.into_inner(), &mut outcome);
    if let Err(error) = prepare::record_decisions(&mut ledger, request.plan, &checks, &outcome) {
        outcome.diagnostics.push(state_problem(&error));
    }
    close(ledger, outcome)
}

fn close(ledger: Ledger, mut outcome: ApplyOutcome) -> ApplyOutcome {
    match ledger.finish() {
        Ok(state) => outcome.state = state,
        Err(error @ StateError::Unsaved { .. }) => outcome.diagnostics.push(state_problem(&error).hint(
            "What was begun stands in the journal, and the next run looks for it. Make room before that.",
        )),
        Err(error) => outcome.diagnostics.push(state_problem(&error).hint(error.advice().unwrap_or_else(|| {
            "Everything that was done stands in the journal beside the state file, and the next run takes it up.".to_owned()
        }))),
    }
    outcome.diagnostics.sort();
    outcome
}

/// The one place where an error of the state's becomes a message here.
pub(crate) fn state_problem(error: &StateError) -> Diagnostic {
    Diagnostic::error(Location::input("state"), "State could not be written", format!("{error}."))
}

/// How an action came out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Good,
    /// It failed, or was skipped since this one failed.
    Failed(ActionId),
    Stopped,
    NoJournal,
}

/// Actions as they become ready.
struct Queue {
    waiting: Vec<usize>,
    followers: Vec<Vec<ActionId>>,
    ends: Vec<End>,
    ready: VecDeque<ActionId>,
}

impl Queue {
    fn new(actions: &[Action]) -> Self {
        let waiting: Vec<usize> = actions.iter().map(|action| action.after.len()).collect();
        let mut followers: Vec<Vec<ActionId>> = vec![Vec::new(); actions.len()];
        for (id, action) in (0..).map(ActionId).zip(actions) {
            for need in &action.after {
                followers[need.0 as usize].push(id);
            }
        }
        let all = (0..).map(ActionId).zip(&waiting);
        let ready = all.filter(|(_, waiting)| **waiting == 0).map(|(id, _)| id).collect();
        let ends = vec![End::Good; actions.len()];
        Self { waiting, followers, ends, ready }
    }

    fn settle(&mut self, id: ActionId, end: End) {
        self.ends[id.0 as usize] = end;
        for follower in &self.followers[id.0 as usize] {
            self.waiting[follower.0 as usize] -= 1;
            if self.waiting[follower.0 as usize] == 0 {
                self.ready.push_back(*follower);
            }
        }
    }

    /// The first of the actions that it needs which did not come out well.
    fn blocked(&self, action: &Action) -> Option<End> {
        let needs = action.after.iter().map(|need| self.ends[need.0 as usize]);
        needs.into_iter().find(|end| *end != End::Good)
    }
}

impl Apply<'_> {
    async fn run(&self) {
        let actions = &self.request.plan.actions;
        let mut queue = Queue::new(actions);
        let mut skipped = HashSet::new();
        let mut running = FuturesUnordered::new();
        let mut names = BTreeSet::new();
        let limit = self.request.parallelism.max(1);
        loop {
            while running.len() < limit
                && let Some(id) = queue.ready.pop_front()
            {
                let action = &actions[id.0 as usize];
                let is_work = !matches!(action.kind, ActionKind::Join);
                let hindered = match action.kind {
                    // What was opened is closed, whatever has become of the rest.
                    ActionKind::Close(_) => None,
                    _ => queue.blocked(action).or_else(|| self.hindered(is_work)),
                };
                match hindered {
                    Some(end) => {
                        if skipped.insert(self.name(id)) {
                            self.skip(id, end);
                        }
                        queue.settle(id, end);
                    }
                    None if is_work => {
                        names.insert(id);
                        running.push(async move { (id, self.carry_out(id).await) });
                    }
                    None => queue.settle(id, End::Good),
                }
            }
            let next = tokio::select! {
                biased;
                () = self.request.abort.cancelled() => break,
                next = running.next() => next,
            };
            match next {
                Some((id, good)) => {
                    names.remove(&id);
                    queue.settle(id, if good { End::Good } else { End::Failed(id) });
                }
                None if queue.ready.is_empty() => break,
                None => {}
            }
        }
        let mut outcome = self.outcome.borrow_mut();
        outcome.given_up = names.into_iter().filter_map(|id| self.name(id)).collect();
        outcome.stopped = self.request.stop.is_cancelled() || self.request.abort.is_cancelled();
    }

    /// Why nothing new may be begun.
    fn hindered(&self, is_work: bool) -> Option<End> {
        match is_work {
            true if self.request.stop.is_cancelled() => Some(End::Stopped),
            true if self.ledger.borrow().failure().is_some() => Some(End::NoJournal),
            _ => None,
        }
    }

    /// What an action is about; none if it is only there for the order.
    fn name(&self, id: ActionId) -> Option<String> {
        let kind = &self.request.plan.action(id).kind;
        match kind {
            ActionKind::Output(name) => Some(format!("output.{name}")),
            ActionKind::Open(address) | ActionKind::Close(address) => Some(address.to_string()),
            _ => kind.change().map(|id| self.request.plan.change(id).address.to_string()),
        }
    }

    fn skip(&self, id: ActionId, end: End) {
        let Some(address) = self.name(id) else { return };
        let why = match end {
            End::Failed(root) => Why::Failed(self.name(root).unwrap_or_default()),
            End::NoJournal => Why::NoJournal,
            End::Stopped | End::Good => Why::Stopped,
        };
        // Both halves of a replacement have one address; that the other failed is said already.
        if why != Why::Failed(address.clone()) {
            self.outcome.borrow_mut().skipped.push(Skipped { address, why });
        }
    }

    /// Writes a change of the state down; false if that fails, which is reported.
    pub(super) fn record(&self, change: Change) -> bool {
        match self.ledger.borrow_mut().change(change) {
            Ok(_) => true,
            Err(error) => {
                self.outcome.borrow_mut().diagnostics.push(state_problem(&error));
                false
            }
        }
    }

    pub(super) fn fail(&self, address: &str, tried: Tried) {
        let failure = Failure { address: address.to_owned(), tried };
        self.outcome.borrow_mut().failures.push(failure);
    }
}
