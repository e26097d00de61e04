//! The walk over the plan's actions.

use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use skyform_diag::{Diagnostic, Location};
use skyform_lang::Evaluator;
use skyform_plan::{ActionId, ActionKind, ChangeAction, ChangeId};
use skyform_state::journal::Change;
use skyform_state::{DeposedKey, Ledger, StateError};

use super::{ApplyOutcome, ApplyRequest, Failure, prepare};
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
    prepare::declare_values(&values, &evaluator, request.plan, request.config);
    prepare::configure(request).await;
    let apply = Apply {
        request,
        evaluator: &evaluator,
        values: &values,
        ledger: RefCell::new(ledger),
        outcome: RefCell::default(),
        deposed: RefCell::default(),
    };
    apply.run().await;
    let Apply { ledger, outcome, .. } = apply;
    let (mut ledger, mut outcome) = (ledger.into_inner(), outcome.into_inner());
    let checks = prepare::final_checks(&evaluator, request.plan, &mut outcome);
    if let Err(error) = prepare::record_decisions(&mut ledger, request.plan, &checks, &outcome) {
        outcome.diagnostics.push(state_problem(&error));
    }
    match ledger.finish() {
        Ok(state) => outcome.state = state,
        Err(error) => outcome.diagnostics.push(
            state_problem(&error).hint(
                "Everything that was done stands in the journal beside the state file, and the next run takes it up.",
            ),
        ),
    }
    outcome.diagnostics.sort();
    outcome
}

/// The one place where an error of the state's becomes a message here.
pub(crate) fn state_problem(error: &StateError) -> Diagnostic {
    Diagnostic::error(Location::input("state"), "State could not be written", format!("{error}."))
}

impl Apply<'_> {
    async fn run(&self) {
        let actions = &self.request.plan.actions;
        let mut waiting: Vec<usize> = actions.iter().map(|action| action.after.len()).collect();
        let mut followers: Vec<Vec<ActionId>> = vec![Vec::new(); actions.len()];
        for (id, action) in (0..).map(ActionId).zip(actions) {
            for need in &action.after {
                followers[need.0 as usize].push(id);
            }
        }
        let mut failed = vec![false; actions.len()];
        let all = (0..).map(ActionId).zip(&waiting);
        let mut ready: VecDeque<ActionId> =
            all.filter(|(_, waiting)| **waiting == 0).map(|(id, _)| id).collect();
        let mut running = FuturesUnordered::new();
        let limit = self.request.parallelism.max(1);
        loop {
            while running.len() < limit
                && let Some(id) = ready.pop_front()
            {
                let action = &actions[id.0 as usize];
                let blocked = action.after.iter().any(|need| failed[need.0 as usize]);
                let is_work = !matches!(action.kind, ActionKind::Join);
                if blocked || is_work && self.request.stop.is_cancelled() {
                    self.skip(id);
                    settle(id, false, &mut failed, &followers, &mut waiting, &mut ready);
                } else if is_work {
                    running.push(async move { (id, self.carry_out(id).await) });
                } else {
                    settle(id, true, &mut failed, &followers, &mut waiting, &mut ready);
                }
            }
            match running.next().await {
                Some((id, good)) => {
                    settle(id, good, &mut failed, &followers, &mut waiting, &mut ready);
                }
                None if ready.is_empty() => break,
                None => {}
            }
        }
        self.outcome.borrow_mut().stopped = self.request.stop.is_cancelled();
    }

    fn skip(&self, id: ActionId) {
        let kind = &self.request.plan.action(id).kind;
        let name = match kind {
            ActionKind::Output(name) => format!("output.{name}"),
            ActionKind::Join => return,
            _ => match kind.change() {
                Some(change) => self.request.plan.change(change).address.to_string(),
                None => return,
            },
        };
        let mut outcome = self.outcome.borrow_mut();
        if !outcome.skipped.contains(&name) {
            outcome.skipped.push(name);
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

    pub(super) fn fail(&self, address: &str, action: ChangeAction) {
        let failure = Failure { address: address.to_owned(), action };
        self.outcome.borrow_mut().failures.push(failure);
    }
}

fn settle(
    id: ActionId,
    good: bool,
    failed: &mut [bool],
    followers: &[Vec<ActionId>],
    waiting: &mut [usize],
    ready: &mut VecDeque<ActionId>,
) {
    failed[id.0 as usize] = !good;
    for follower in &followers[id.0 as usize] {
        waiting[follower.0 as usize] -= 1;
        if waiting[follower.0 as usize] == 0 {
            ready.push_back(*follower);
        }
    }
}
