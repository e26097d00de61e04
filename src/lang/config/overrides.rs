//! Override files: their blocks are laid over those of the same type and labels.
//!
//! Arguments replace arguments, nested blocks all nested blocks of their type. Source: the language's
//! documentation of override files.

use skyform_diag::{Diagnostics, error_at};
use skyform_value::Str;

use crate::syntax::{Block, Body};

/// Lays the blocks of an override file over those of the other files.
pub(super) fn override_blocks(
    mut bodies: Vec<&mut Body>,
    overriding: Body,
    diagnostics: &mut Diagnostics,
) {
    for block in overriding.blocks {
        if block.kind == "locals" {
            override_locals(&mut bodies, block, diagnostics);
            continue;
        }
        let labels = |block: &Block| -> Vec<Str> {
            block.labels.iter().map(|(label, _)| label.clone()).collect()
        };
        let wanted = labels(&block);
        let mut all = bodies.iter_mut().flat_map(|body| body.blocks.iter_mut());
        match all.find(|base| base.kind == block.kind && labels(base) == wanted) {
            Some(base) => merge(&mut base.body, block.body),
            None if block.kind == "terraform" => {
                if let Some(first) = bodies.first_mut() {
                    first.blocks.push(block);
                }
            }
            None => diagnostics.push(error_at!(
                block.span,
                "Missing base for override",
                "There is no \"{}\" block of this name for the override file to change.",
                block.kind
            )),
        }
    }
}

fn override_locals(bodies: &mut [&mut Body], block: Block, diagnostics: &mut Diagnostics) {
    for (name, attribute) in block.body.attributes {
        let mut all = bodies.iter_mut().flat_map(|body| body.blocks.iter_mut());
        let base =
            all.find(|base| base.kind == "locals" && base.body.attributes.contains_key(&name));
        match base {
            Some(base) => {
                base.body.attributes.insert(name, attribute);
            }
            None => diagnostics.push(error_at!(
                attribute.name_span,
                "Missing base for override",
                "There is no local value \"{name}\" for the override file to change."
            )),
        }
    }
}

fn merge(base: &mut Body, over: Body) {
    base.attributes.extend(over.attributes);
    let (lifecycle, replacing): (Vec<Block>, Vec<Block>) =
        over.blocks.into_iter().partition(|block| block.kind == "lifecycle");
    for block in lifecycle {
        match base.blocks.iter_mut().find(|known| known.kind == "lifecycle") {
            Some(known) => merge(&mut known.body, block.body),
            None => base.blocks.push(block),
        }
    }
    let kinds: Vec<Str> = replacing.iter().map(|block| block.kind.clone()).collect();
    base.blocks.retain(|block| !kinds.contains(&block.kind));
    base.blocks.extend(replacing);
}
