//! Resource, data and ephemeral blocks, and those in short spelling.

use skyform_diag::{Diagnostics, error_at};
use skyform_value::Mode;

use super::arguments::{Arguments, labels};
use super::meta;
use super::target::{depends_on, provider_ref};
use super::{Lifecycle, Resource, ResourceKey};
use crate::syntax::Block;

/// Arguments of `lifecycle` about objects that are made and deleted.
const OF_MANAGED: [&str; 4] =
    ["create_before_destroy", "prevent_destroy", "ignore_changes", "replace_triggered_by"];

/// Errors about arguments that a block without an object of its own cannot have.
fn only_for_managed(lifecycle: Option<&Block>, mode: Mode, diagnostics: &mut Diagnostics) {
    let (summary, kind) = match mode {
        Mode::Ephemeral => ("Invalid ephemeral resource lifecycle argument", "ephemeral resources"),
        _ => ("Invalid data resource lifecycle argument", "data sources"),
    };
    let attributes = lifecycle.into_iter().flat_map(|block| block.body.attributes.values());
    for attribute in attributes.filter(|a| OF_MANAGED.contains(&a.name.as_str())) {
        diagnostics.push(error_at!(
            attribute.name_span,
            summary,
            "\"{}\" is about objects that are made and deleted, which {kind} are not.",
            attribute.name
        ));
    }
}

pub(super) fn resource(
    mode: Mode,
    short: bool,
    block: Block,
    diagnostics: &mut Diagnostics,
) -> Option<Resource> {
    let span = block.span;
    let key = if short {
        let [name] = labels(&block, ["name"], diagnostics)?;
        ResourceKey { mode, type_name: block.kind.clone(), name }
    } else {
        let [type_name, name] = labels(&block, ["type", "name"], diagnostics)?;
        ResourceKey { mode, type_name, name }
    };
    let mut arguments = Arguments::new(block.body, span, diagnostics);
    let count = arguments.expr("count");
    let for_each = arguments.expr("for_each");
    if let (Some(count), Some(for_each)) = (&count, &for_each) {
        arguments.diagnostics.push(
            error_at!(
                for_each.span,
                "Invalid combination of \"count\" and \"for_each\"",
                "\"count\" and \"for_each\" exclude each other: only one of them may be set."
            )
            .related(count.span, "\"count\" is set here"),
        );
    }
    let depends = arguments.expr("depends_on");
    let provider = arguments.expr("provider");
    let lifecycle_block = arguments.single("lifecycle");
    let provisioner_blocks =
        if mode == Mode::Managed { arguments.blocks("provisioner") } else { Vec::new() };
    let connection = if mode == Mode::Managed { arguments.single("connection") } else { None };
    let body = arguments.body;
    let depends_on = depends.map_or_else(Vec::new, |expr| depends_on(&expr, diagnostics));
    let provider = provider.and_then(|expr| match provider_ref(&expr) {
        Ok(provider) => Some(provider),
        Err(diagnostic) => {
            diagnostics.push(diagnostic);
            None
        }
    });
    if mode != Mode::Managed {
        only_for_managed(lifecycle_block.as_ref(), mode, diagnostics);
    }
    let lifecycle = lifecycle_block
        .map_or_else(Lifecycle::default, |block| meta::lifecycle(block, diagnostics));
    let mut provisioners: Vec<_> = provisioner_blocks
        .into_iter()
        .filter_map(|block| meta::provisioner(block, diagnostics))
        .collect();
    if let Some(connection) = connection {
        for provisioner in &mut provisioners {
            provisioner.connection.get_or_insert_with(|| connection.body.clone());
        }
    }
    Some(Resource {
        key,
        span,
        body,
        count,
        for_each,
        depends_on,
        provider,
        lifecycle,
        provisioners,
        short,
        check: None,
    })
}
