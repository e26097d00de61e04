//! The plan of one object with everything known, which must agree with what was planned.

use skyform_diag::{Diagnostic, Diagnostics, error_at};
use skyform_lang::config::Resource;
use skyform_provider_sdk::PlanRequest;
use skyform_value::{Path, Value};

use super::action::Subject;
use super::walk::Apply;
use crate::diff::{ignore_changes, proposed};
use crate::persisted::without_write_only;
use crate::plan::at_line;

impl Apply<'_> {
    /// The configuration with everything known, and the plan for it: the one made already where
    /// nothing has been unknown.
    pub(super) async fn final_plan(
        &self,
        subject: &Subject<'_>,
        block: &Resource,
        prior: &Value,
    ) -> Result<(Value, Value, Vec<u8>), Diagnostics> {
        let change = subject.change;
        if let Some(config) = &change.config {
            return Ok((config.clone(), change.after.unmarked(), change.private.clone()));
        }
        let schema = &subject.resolved.schema.block;
        let scope = self.scope(subject).ok_or_else(Diagnostics::new)?;
        let config = self.evaluator.decode(&block.body, schema, &scope)?;
        if !config.is_wholly_known() {
            return Err(error_at!(
                block.span,
                "Configuration still not known",
                "Something in this block is not known although everything that it needs is done. This is a bug in Skyform."
            )
            .into());
        }
        let bare = config.unmarked();
        let effective = ignore_changes(&block.lifecycle.ignore_changes, schema, prior, &bare);
        let answer = subject
            .resolved
            .provider
            .plan(PlanRequest {
                type_name: &block.key.type_name,
                address: &subject.text,
                config: effective.clone(),
                prior: prior.clone(),
                proposed: without_write_only(schema, &proposed(schema, prior, &effective)),
                private: self
                    .current_object(subject)
                    .map(|o| o.private.to_vec())
                    .unwrap_or_default(),
            })
            .await
            .map_err(|problems| {
                problems
                    .into_iter()
                    .map(|p| at_line(p, block, &subject.text))
                    .collect::<Diagnostics>()
            })?;
        let planned = without_write_only(schema, &answer.planned);
        if let Some(problem) = inconsistent(&change.after.unmarked(), &planned, block) {
            return Err(problem.into());
        }
        Ok((config, planned, answer.private))
    }
}

/// A problem if what was planned and known has come out otherwise.
pub(super) fn inconsistent(
    planned: &Value,
    actual: &Value,
    block: &Resource,
) -> Option<Diagnostic> {
    let path = differs(planned, actual, &Path::root())?;
    Some(error_at!(
        block.span,
        "Provider produced an inconsistent result",
        "What the provider planned for \"{path}\" is not what it made. This is a bug in the provider."
    ))
}

fn differs(planned: &Value, actual: &Value, path: &Path) -> Option<Path> {
    use skyform_value::{Kind, Step as PathStep};
    match (planned.kind(), actual.kind()) {
        (Kind::Unknown(_), _) => None,
        (Kind::Object(planned), Kind::Object(actual)) => {
            planned.iter().find_map(|(name, value)| {
                let path = path.then(PathStep::Attribute(name.clone()));
                match actual.get(name) {
                    Some(actual) => differs(value, actual, &path),
                    None => Some(path),
                }
            })
        }
        (Kind::Tuple(_) | Kind::List(_), Kind::Tuple(_) | Kind::List(_)) => {
            let (planned, actual) = (planned.as_slice()?, actual.as_slice()?);
            if planned.len() != actual.len() {
                return Some(path.clone());
            }
            (0..).zip(planned.iter().zip(actual)).find_map(|(index, (planned, actual))| {
                differs(planned, actual, &path.then(PathStep::Index(index)))
            })
        }
        (Kind::Map(planned), Kind::Map(actual)) => planned.items.iter().find_map(|(key, value)| {
            let path = path.then(PathStep::Key(key.clone()));
            match actual.items.get(key) {
                Some(actual) => differs(value, actual, &path),
                None => Some(path),
            }
        }),
        _ if !planned.is_wholly_known() || planned == actual => None,
        _ => Some(path.clone()),
    }
}
