//! `mock_provider` and `override_*` blocks.

use std::path::Path;

use indexmap::IndexMap;
use skyform_diag::{Diagnostic, Diagnostics, error_at};
use skyform_value::{Mode, Str};

use super::read::Reader;
use super::{During, MockProvider, MockType, Override, OverrideKind};
use crate::config::arguments::{Arguments, labels, unexpected_block};
use crate::config::target::target;
use crate::syntax::{Attribute, Block, Body};

/// Block types in a `mock_provider` block and in files of made-up values, with their number of
/// labels.
const INNER: [(&str, usize); 4] =
    [("mock_resource", 1), ("mock_data", 1), ("override_resource", 0), ("override_data", 0)];

pub(super) fn mock_provider(reader: &mut Reader<'_>, block: Block) -> Option<MockProvider> {
    let [name] = labels(&block, ["name"], &mut reader.diagnostics)?;
    let span = block.span;
    let mut body = reader.with_blocks(block.body, &INNER);
    let blocks = std::mem::take(&mut body.blocks);
    let mut arguments = Arguments::new(body, span, &mut reader.diagnostics);
    let alias = arguments.string("alias").map(|(text, _)| text);
    let source = arguments.string("source");
    let during = arguments.optional("override_during");
    arguments.finish();
    let during = when(reader, during.as_ref()).unwrap_or_default();
    let mut mock = MockProvider {
        name,
        alias,
        span,
        during,
        resources: IndexMap::new(),
        data: IndexMap::new(),
        overrides: Vec::new(),
    };
    add(reader, blocks, &mut mock);
    if let Some((source, place)) = source {
        let folder = Path::new(source.as_str());
        match reader.files.list(folder) {
            Ok(entries) => {
                let is_mock =
                    |name: &str| name.ends_with(".tfmock.hcl") || name.ends_with(".tfmock.json");
                for (name, _) in entries.iter().filter(|(name, below)| !below && is_mock(name)) {
                    let is_json = reader.is_json;
                    if let Some(body) = reader.body(&folder.join(name)) {
                        add_file(reader, body, &mut mock);
                    }
                    reader.is_json = is_json;
                }
            }
            Err(error) => reader.diagnostics.push(Diagnostic::error(
                place,
                "Mock data could not be read",
                format!("The folder {source} could not be read: {error}."),
            )),
        }
    }
    Some(mock)
}

/// A file of made-up values: what the block itself says goes first.
fn add_file(reader: &mut Reader<'_>, body: Body, mock: &mut MockProvider) {
    let mut body = reader.with_blocks(body, &INNER);
    let blocks = std::mem::take(&mut body.blocks);
    Arguments::new(body, mock.span, &mut reader.diagnostics).finish();
    let mut found = MockProvider {
        resources: IndexMap::new(),
        data: IndexMap::new(),
        overrides: Vec::new(),
        ..mock.clone()
    };
    add(reader, blocks, &mut found);
    for (name, ty) in found.resources {
        mock.resources.entry(name).or_insert(ty);
    }
    for (name, ty) in found.data {
        mock.data.entry(name).or_insert(ty);
    }
    // Later overrides of one target win, so these go before those of the block.
    found.overrides.append(&mut mock.overrides);
    mock.overrides = found.overrides;
}

fn add(reader: &mut Reader<'_>, blocks: Vec<Block>, mock: &mut MockProvider) {
    for block in blocks {
        let kind = match block.kind.as_str() {
            "mock_resource" | "mock_data" => {
                let is_data = block.kind == "mock_data";
                if let Some((name, ty)) = mock_type(reader, block, mock.during) {
                    let types = if is_data { &mut mock.data } else { &mut mock.resources };
                    if let Some(first) = types.get(&name) {
                        reader.diagnostics.push(
                            error_at!(
                                ty.span,
                                "Duplicate mock block",
                                "The type \"{name}\" is mocked already in this provider."
                            )
                            .related(first.span, "the first one"),
                        );
                        continue;
                    }
                    types.insert(name, ty);
                }
                continue;
            }
            "override_resource" => OverrideKind::Resource,
            "override_data" => OverrideKind::Data,
            _ => {
                let known = INNER.map(|(kind, _)| kind);
                reader.diagnostics.push(unexpected_block(&block, &known));
                continue;
            }
        };
        if let Some(mut found) = override_block(reader, block, kind) {
            found.during = found.during.or(Some(mock.during));
            mock.overrides.push(found);
        }
    }
    duplicates(&mock.overrides, &mut reader.diagnostics);
}

/// An error for each override of what one beside it overrides already.
pub(super) fn duplicates(overrides: &[Override], diagnostics: &mut Diagnostics) {
    for (at, found) in overrides.iter().enumerate() {
        let same = |other: &&Override| {
            other.target.module == found.target.module
                && other.target.resource == found.target.resource
        };
        if let Some(first) = overrides[..at].iter().find(same) {
            diagnostics.push(
                error_at!(
                    found.span,
                    "Duplicate override block",
                    "There is an override with this target already."
                )
                .related(first.span, "the first one"),
            );
        }
    }
}

fn mock_type(reader: &mut Reader<'_>, block: Block, during: During) -> Option<(Str, MockType)> {
    let [name] = labels(&block, ["type"], &mut reader.diagnostics)?;
    let span = block.span;
    let mut arguments = Arguments::new(block.body, span, &mut reader.diagnostics);
    let defaults = arguments.expr("defaults");
    let own = arguments.optional("override_during");
    arguments.finish();
    let during = when(reader, own.as_ref()).unwrap_or(during);
    Some((name, MockType { span, defaults, during }))
}

pub(super) fn override_block(
    reader: &mut Reader<'_>,
    block: Block,
    kind: OverrideKind,
) -> Option<Override> {
    labels(&block, [], &mut reader.diagnostics)?;
    let span = block.span;
    let mut arguments = Arguments::new(block.body, span, &mut reader.diagnostics);
    let address = arguments.required("target");
    let values = match kind {
        OverrideKind::Module => arguments.expr("outputs"),
        _ => arguments.expr("values"),
    };
    let during = arguments.optional("override_during");
    arguments.finish();
    let during = when(reader, during.as_ref());
    let expr = reader.reference(&address?.expr);
    let target = target(&expr).map_err(|error| reader.diagnostics.push(error)).ok()?;
    let mode = target.resource.as_ref().map(|(key, _)| key.mode);
    let (fits, wanted) = match kind {
        OverrideKind::Resource => (mode == Some(Mode::Managed), "a managed resource"),
        OverrideKind::Data => (mode == Some(Mode::Data), "a data source"),
        OverrideKind::Module => (mode.is_none(), "a module"),
    };
    if !fits {
        reader.diagnostics.push(error_at!(
            target.span,
            "Invalid override target",
            "The target of this block must be {wanted}."
        ));
        return None;
    }
    Some(Override { kind, span, target, values, during })
}

fn when(reader: &mut Reader<'_>, attribute: Option<&Attribute>) -> Option<During> {
    let summary = "Invalid \"override_during\" keyword";
    let word = reader.keyword(attribute, summary, ["plan", "apply"])?;
    Some(if word == "plan" { During::Plan } else { During::Apply })
}
