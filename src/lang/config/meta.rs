//! Meta-arguments: `lifecycle`, conditions, provisioners.

use skyform_diag::{Diagnostics, error_at};

use super::arguments::{Arguments, labels};
use super::target::attribute_path;
use super::{Condition, IgnoreChanges, Lifecycle, Provisioner};
use crate::syntax::{Block, Expr, ExprKind};

/// A `precondition`, `validation` or the like.
pub(super) fn condition(block: Block, diagnostics: &mut Diagnostics) -> Option<Condition> {
    labels(&block, [], diagnostics)?;
    let span = block.span;
    let mut arguments = Arguments::new(block.body, span, diagnostics);
    let condition = arguments.required("condition");
    let error_message = arguments.required("error_message");
    arguments.finish();
    Some(Condition { span, condition: condition?.expr, error_message: error_message?.expr })
}

pub(super) fn lifecycle(block: Block, diagnostics: &mut Diagnostics) -> Lifecycle {
    let mut arguments = Arguments::new(block.body, block.span, diagnostics);
    let create_before_destroy = arguments.bool("create_before_destroy").map(|(truth, _)| truth);
    let prevent_destroy =
        arguments.bool("prevent_destroy").filter(|(truth, _)| *truth).map(|(_, span)| span);
    let ignore = arguments.expr("ignore_changes");
    let triggers = arguments.expr("replace_triggered_by");
    let preconditions = arguments.blocks("precondition");
    let postconditions = arguments.blocks("postcondition");
    let ignore_changes = ignore.map_or(IgnoreChanges::None, |expr| ignored(&expr, &mut arguments));
    let replace_triggered_by = triggers.map_or_else(Vec::new, |expr| match &*expr.kind {
        ExprKind::Tuple(items) => items.clone(),
        _ => {
            arguments.diagnostics.push(error_at!(
                expr.span,
                "Invalid replace_triggered_by",
                "\"replace_triggered_by\" must be a list of references."
            ));
            Vec::new()
        }
    });
    arguments.finish();
    let mut conditions = |blocks: Vec<Block>| {
        blocks.into_iter().filter_map(|block| condition(block, diagnostics)).collect()
    };
    Lifecycle {
        create_before_destroy,
        prevent_destroy,
        ignore_changes,
        replace_triggered_by,
        preconditions: conditions(preconditions),
        postconditions: conditions(postconditions),
    }
}

fn ignored(expr: &Expr, arguments: &mut Arguments<'_>) -> IgnoreChanges {
    match &*expr.kind {
        ExprKind::Name(name) if name == "all" => IgnoreChanges::All,
        ExprKind::Tuple(items) => {
            let mut paths = Vec::with_capacity(items.len());
            for item in items {
                match attribute_path(item) {
                    Some(path) => paths.push((path, item.span)),
                    None => arguments.diagnostics.push(error_at!(
                        item.span,
                        "Invalid ignore_changes",
                        "An entry must name an attribute, such as tags or tags[\"a\"]."
                    )),
                }
            }
            IgnoreChanges::Paths(paths)
        }
        _ => {
            arguments.diagnostics.push(error_at!(
                expr.span,
                "Invalid ignore_changes",
                "\"ignore_changes\" must be a list of attributes, or the keyword all."
            ));
            IgnoreChanges::None
        }
    }
}

pub(super) fn provisioner(block: Block, diagnostics: &mut Diagnostics) -> Option<Provisioner> {
    let [kind] = labels(&block, ["type"], diagnostics)?;
    let span = block.span;
    let mut arguments = Arguments::new(block.body, span, diagnostics);
    let when = keyword(&mut arguments, "when", ["create", "destroy"]);
    let on_failure = keyword(&mut arguments, "on_failure", ["fail", "continue"]);
    let connection = arguments.single("connection").map(|block| block.body);
    Some(Provisioner {
        kind,
        span,
        body: arguments.body,
        on_destroy: when.as_deref() == Some("destroy"),
        continue_on_failure: on_failure.as_deref() == Some("continue"),
        connection,
    })
}

fn keyword(
    arguments: &mut Arguments<'_>,
    name: &'static str,
    known: [&str; 2],
) -> Option<skyform_value::Str> {
    let expr = arguments.expr(name)?;
    let literal = expr.as_literal().and_then(|value| value.as_str()).map(Into::into);
    let found = expr.as_name().cloned().or(literal).filter(|word| known.contains(&word.as_str()));
    if found.is_none() {
        arguments.diagnostics.push(error_at!(
            expr.span,
            "Invalid keyword",
            "\"{name}\" must be one of the keywords {} and {}.",
            known[0],
            known[1]
        ));
    }
    found
}
