//! How a run is shown: as text, or as a stream of JSON messages.

use std::sync::Arc;

use skyform_diag::{Diagnostics, SourceMap};
use skyform_engine::Events;
use skyform_plan::{ActionKind, Plan};
use skyform_render::{json, plan_text};

use super::arguments::ShownArgs;
use super::context::Context;
use super::progress::Lines;
use super::stream::Stream;
use super::{EXIT_ERROR, EXIT_OK};

/// Where everything that a run says goes.
pub(crate) enum View<'a> {
    Text { context: &'a Context, lines: Arc<Lines>, shown: ShownArgs },
    Json(Arc<Stream>),
}

impl<'a> View<'a> {
    pub(crate) fn new(context: &'a Context, shown: &ShownArgs, json: bool) -> Self {
        if json {
            return Self::Json(Stream::begin());
        }
        let lines = Arc::new(Lines::new(context.style(shown.no_color), context.live_terminal()));
        Self::Text { context, lines, shown: shown.clone() }
    }

    /// Who is told what happens.
    pub(crate) fn events(&self) -> Arc<dyn Events> {
        match self {
            Self::Text { lines, .. } => Arc::clone(lines) as Arc<dyn Events>,
            Self::Json(stream) => Arc::clone(stream) as Arc<dyn Events>,
        }
    }

    /// Says what is wrong; the exit code that it calls for.
    pub(crate) fn report(&self, diagnostics: &Diagnostics, sources: &SourceMap) -> u8 {
        match self {
            Self::Text { context, shown, .. } => {
                return context.report_as(diagnostics, sources, shown);
            }
            Self::Json(stream) => stream.report(diagnostics, sources),
        }
        if diagnostics.has_errors() { EXIT_ERROR } else { EXIT_OK }
    }

    /// Shows a plan.
    pub(crate) fn plan(&self, plan: &Plan) {
        match self {
            Self::Text { context, shown, .. } => {
                context.print(&plan_text(plan, context.style(shown.no_color)));
            }
            Self::Json(stream) => {
                json::plan_messages(plan).into_iter().for_each(|said| stream.message(said));
            }
        }
    }

    /// Shows machines how far a plan has got that is not to be had; for people the errors say enough.
    pub(crate) fn partial_plan(&self, plan: &Plan) {
        let some = plan.changes.iter().any(skyform_plan::ResourceChange::is_change);
        if some && matches!(self, Self::Json(_)) {
            self.plan(plan);
        }
    }

    /// Text that only people read.
    pub(crate) fn say(&self, text: &str) {
        if let Self::Text { context, .. } = self {
            context.print(text);
        }
    }

    /// Text for people that comes while actions are carried out.
    pub(crate) fn say_between(&self, text: &str) {
        match self {
            Self::Text { lines, .. } => lines.say(text),
            Self::Json(stream) => stream.message(json::log(text)),
        }
    }

    /// From here on, the plan's actions are carried out.
    pub(crate) fn begin_apply(&self, plan: &Plan) {
        let is_work = |kind: &ActionKind| {
            !matches!(
                kind,
                ActionKind::Join
                    | ActionKind::Output(_)
                    | ActionKind::Open(_)
                    | ActionKind::Close(_)
            )
        };
        if let Self::Text { lines, .. } = self {
            let work = plan.actions.iter().filter(|action| is_work(&action.kind));
            lines.begin_apply(work.count());
        }
    }

    /// All that can be done has been done.
    pub(crate) fn end_apply(&self) {
        if let Self::Text { lines, .. } = self {
            lines.end_apply();
        }
    }
}
