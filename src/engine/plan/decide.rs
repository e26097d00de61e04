//! What is to happen to one instance: its provider is asked, and what the user has said is added.

use skyform_diag::{Diagnostic, Diagnostics, Location, error_at};
use skyform_lang::Scope;
use skyform_lang::config::Resource;
use skyform_lang::eval::attribute_span;
use skyform_plan::{ChangeAction, Reason};
use skyform_provider_sdk::{PlanRequest as ProviderPlan, PlanResponse, Problems};
use skyform_state::{Object, ObjectStatus};
use skyform_value::{InstanceAddress, Path, Value};

use super::walk::Walk;
use crate::diff::{ignore_changes, proposed};
use crate::objects::at_or_null;
use crate::persisted::without_write_only;
use crate::providers::Resolved;

/// What a plan of one instance came to.
pub(super) struct Planned {
    pub action: ChangeAction,
    pub reason: Option<Reason>,
    pub after: Value,
    pub requires_replace: Vec<Path>,
    pub private: Vec<u8>,
    pub notes: Vec<String>,
}
impl Walk<'_> {
    #[expect(
        clippy::too_many_arguments,
        reason = "everything that a plan of one instance depends on"
    )]
    pub(super) async fn ask(
        &self,
        block: &Resource,
        resolved: &Resolved,
        address: &InstanceAddress,
        text: &str,
        config: &Value,
        prior: &Value,
        object: Option<&Object>,
        scope: &Scope,
    ) -> Result<Planned, Diagnostics> {
        let schema = &resolved.schema.block;
        let none = Value::null_of(schema.implied_type());
        let tainted = object.is_some_and(|object| object.status == ObjectStatus::Tainted);
        let effective_prior = if tainted { &none } else { prior };
        let effective_config =
            ignore_changes(&block.lifecycle.ignore_changes, schema, effective_prior, config);
        let private = object.map(|object| object.private.to_vec()).unwrap_or_default();
        let first = self
            .provider_plan(
                block,
                resolved,
                text,
                &effective_config,
                effective_prior,
                private.clone(),
            )
            .await?;
        let replace_paths: Vec<Path> = first
            .requires_replace
            .iter()
            .filter(|path| {
                !effective_prior.is_null()
                    && at_or_null(effective_prior, path) != at_or_null(&first.planned, path)
            })
            .cloned()
            .collect();
        let requested = self.request.options.replace.contains(address);
        let triggered = object.is_some() && !tainted && self.is_triggered(block, address, scope);
        let reason = if object.is_none() {
            None
        } else if tainted {
            Some(Reason::Tainted)
        } else if requested {
            Some(Reason::Requested)
        } else if !replace_paths.is_empty() {
            Some(Reason::CannotUpdate)
        } else if triggered {
            Some(Reason::Triggered)
        } else {
            None
        };
        let (planned, action) = match (object, reason) {
            (None, _) => (first, ChangeAction::Create),
            (Some(_), Some(Reason::Tainted)) => (first, ChangeAction::DeleteThenCreate),
            (Some(_), Some(_)) => {
                let second = self
                    .provider_plan(block, resolved, text, config, &none, first.private.clone())
                    .await?;
                let mut second = second;
                if second.notes.is_empty() {
                    second.notes = first.notes;
                }
                (second, ChangeAction::DeleteThenCreate)
            }
            (Some(_), None) if first.planned == *prior => (first, ChangeAction::NoOp),
            (Some(_), None) => (first, ChangeAction::Update),
        };
        Ok(Planned {
            action,
            reason,
            after: planned.planned,
            requires_replace: if action.is_replace() { replace_paths } else { Vec::new() },
            private: planned.private,
            notes: planned.notes,
        })
    }

    async fn provider_plan(
        &self,
        block: &Resource,
        resolved: &Resolved,
        text: &str,
        config: &Value,
        prior: &Value,
        private: Vec<u8>,
    ) -> Result<PlanResponse, Diagnostics> {
        let permit = self.limit.acquire().await;
        let answer = resolved
            .provider
            .plan(ProviderPlan {
                type_name: &block.key.type_name,
                address: text,
                config: config.clone(),
                prior: prior.clone(),
                proposed: without_write_only(
                    &resolved.schema.block,
                    &proposed(&resolved.schema.block, prior, config),
                ),
                private,
            })
            .await;
        drop(permit);
        match answer {
            Ok(mut answer) => {
                let problems = std::mem::take(&mut answer.problems);
                self.provider_problems(problems, block, text)?;
                answer.planned = without_write_only(&resolved.schema.block, &answer.planned);
                Ok(answer)
            }
            Err(problems) => {
                self.provider_problems(problems, block, text)?;
                Err(error_at!(
                    block.span,
                    "Provider gave no plan",
                    "The provider failed to plan this resource, and did not say why."
                )
                .into())
            }
        }
    }

    /// A provider's problems at the lines that they are about; warnings go on.
    pub(super) fn provider_problems(
        &self,
        problems: Problems,
        block: &Resource,
        text: &str,
    ) -> Result<(), Diagnostics> {
        let found: Diagnostics =
            problems.into_iter().map(|problem| at_line(problem, block, text)).collect();
        if found.has_errors() {
            return Err(found);
        }
        self.report(found);
        Ok(())
    }
}

/// A provider's problem at the line of the attribute that it is about.
pub(crate) fn at_line(
    problem: skyform_provider_sdk::Problem,
    block: &Resource,
    text: &str,
) -> Diagnostic {
    let span = problem.attribute.as_ref().and_then(|path| attribute_span(&block.body, path));
    problem.into_diagnostic(Location::Span(span.unwrap_or(block.span)), text)
}
