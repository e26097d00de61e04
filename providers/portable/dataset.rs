//! `dataset`: data collected, cleaned and stored in a bucket, with a manifest of what is there.

mod cleaning;
mod schema;
pub(crate) mod store;

use async_trait::async_trait;
use skyform_data::source::Authorization;
use skyform_provider_sdk::schema::Schema;
use skyform_provider_sdk::{
    ApplyRequest, LookupAnswer, LookupRequest, PlanRequest, PlanResponse, Problem, ProblemKind,
    Problems, ReadRequest, ReadResponse,
};
use skyform_value::{Path, Type, Value};

use crate::clouds::{self, Clouds};
use crate::object::{changed, part, text, unknown_text, with};
use crate::sources;
use crate::stored::{StoredBlock, planning, reading};

/// The write-only argument with the header for servers of the web.
const AUTHORIZATION: &str = "authorization_wo";

/// What is to be shown to the server of the source.
fn authorization(config: &Value) -> Option<Authorization> {
    let header = config.get(AUTHORIZATION)?.as_str()?;
    Some(Authorization(header.to_owned()))
}

/// The block type.
pub(crate) struct Dataset;

#[async_trait]
impl StoredBlock for Dataset {
    fn schema(&self) -> Schema {
        schema::schema()
    }

    async fn plan(
        &self,
        clouds: &Clouds,
        request: &PlanRequest<'_>,
    ) -> Result<PlanResponse, Problems> {
        let (prior, proposed) = (&request.prior, &request.proposed);
        let cleaning = cleaning::read(&request.config)?;
        let mut answer = planning(proposed.clone(), request);
        if !prior.is_null() {
            let moved = changed(prior, proposed, &["destination"]);
            answer.requires_replace = moved.into_iter().map(Path::attribute).collect();
        }
        let mut digest = unknown_text();
        let mut copied = None;
        let source = proposed.get("source").and_then(Value::as_str);
        // Without the authorization, only apply can ask.
        if let Some(source) = source.filter(|_| part(&request.config, AUTHORIZATION).is_known()) {
            let files = sources::list_with(clouds, source, authorization(&request.config)).await;
            let files = files.map_err(|problem| problem.at(Path::attribute("source")))?;
            digest = Value::from(sources::digest(&files));
            copied = Some(sources::in_words(source, &files));
        }
        let again = prior.is_null()
            || !answer.requires_replace.is_empty()
            || part(prior, "source_digest") != digest
            || !changed(prior, proposed, &["source", "clean"]).is_empty();
        answer.planned = with(&answer.planned, [("source_digest", digest)]);
        if let Some(destination) = proposed.get("destination").and_then(Value::as_str) {
            let located = clouds.locate(destination).await;
            let located = located.map_err(|problem| problem.at(Path::attribute("destination")))?;
            let token = clouds::kept(&request.private).map(|(_, token)| token);
            answer.private = clouds::keep(&located.settings, &token.unwrap_or_default());
            let url = destination.trim_end_matches('/');
            answer.planned =
                with(&answer.planned, [("url", Value::from(url)), ("id", Value::from(url))]);
        } else {
            answer.planned =
                with(&answer.planned, [("url", unknown_text()), ("id", unknown_text())]);
        }
        if again {
            let number = || Value::unknown(Type::Number);
            answer.planned = with(
                &answer.planned,
                [
                    ("manifest", unknown_text()),
                    ("files", Value::unknown(schema::files_type())),
                    ("size", number()),
                    ("rows", number()),
                    ("columns", Value::unknown(Type::map(Type::String))),
                ],
            );
            answer.notes.extend(copied.map(|copied| format!("copies {copied}")));
            answer.notes.extend(cleaning.iter().flat_map(cleaning::in_words));
        }
        Ok(answer)
    }

    async fn read(
        &self,
        clouds: &Clouds,
        request: ReadRequest<'_>,
    ) -> Result<ReadResponse, Problems> {
        let located =
            clouds.locate_or_kept(&text(&request.current, "manifest"), &request.private).await?;
        let there = match located.cloud.read_bucket(&located.place.bucket).await? {
            Some(_) => store::is_whole(&located).await?,
            None => false,
        };
        Ok(reading(there.then_some(request.current), &schema::schema(), request.private))
    }

    async fn apply(
        &self,
        clouds: &Clouds,
        request: &ApplyRequest<'_>,
    ) -> Result<(Value, Vec<u8>), Problem> {
        let (prior, planned) = (&request.prior, &request.planned);
        if planned.is_null() {
            let manifest =
                clouds.locate_or_kept(&text(prior, "manifest"), &request.private).await?;
            store::remove(&manifest).await?;
            return Ok((planned.clone(), Vec::new()));
        }
        if planned.is_wholly_known() && !prior.is_null() {
            return Ok((planned.clone(), request.private.clone()));
        }
        let source = text(planned, "source");
        let files = sources::list_with(clouds, &source, authorization(&request.config)).await?;
        if Value::from(sources::digest(&files)) != part(planned, "source_digest") {
            let detail = format!("{source} is not any more what the plan was made for.");
            return Err(Problem::error(ProblemKind::Invalid, "Source has changed", detail)
                .at(Path::attribute("source"))
                .hint("Make a new plan."));
        }
        let cleaning = cleaning::read(planned)?;
        let state = store::collect(clouds, request, &files, cleaning.as_ref()).await?;
        let destination = clouds.locate(&text(planned, "destination")).await?;
        Ok((state, clouds::keep(&destination.settings, request.token)))
    }

    async fn lookup(&self, clouds: &Clouds, request: LookupRequest<'_>) -> LookupAnswer {
        let _ = (clouds, request);
        // Whatever was written is written again, under the same keys.
        LookupAnswer::Absent
    }
}
