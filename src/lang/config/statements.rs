//! Blocks about what is stored: `moved`, `removed` and `import`.

use skyform_diag::{Diagnostics, error_at};

use super::arguments::{Arguments, labels};
use super::meta::provisioner;
use super::target::{provider_ref, target};
use super::{Import, Moved, Provisioner, Removed, Target};
use crate::syntax::Block;

pub(super) fn moved(block: Block, diagnostics: &mut Diagnostics) -> Option<Moved> {
    labels(&block, [], diagnostics)?;
    let span = block.span;
    let mut arguments = Arguments::new(block.body, span, diagnostics);
    let from = arguments.required("from");
    let to = arguments.required("to");
    arguments.finish();
    match (target(&from?.expr), target(&to?.expr)) {
        (Ok(from), Ok(to)) if from.resource.is_some() != to.resource.is_some() => {
            diagnostics.push(error_at!(
                span,
                "Invalid \"moved\" addresses",
                "The \"from\" and \"to\" addresses must either both refer to resources or both refer to modules."
            ));
            None
        }
        (Ok(from), Ok(to)) => Some(Moved { span, from, to }),
        (Err(diagnostic), _) | (_, Err(diagnostic)) => {
            diagnostics.push(diagnostic);
            None
        }
    }
}

pub(super) fn removed(block: Block, diagnostics: &mut Diagnostics) -> Option<Removed> {
    labels(&block, [], diagnostics)?;
    let span = block.span;
    let mut arguments = Arguments::new(block.body, span, diagnostics);
    let from = arguments.required("from");
    let lifecycle = arguments.single("lifecycle");
    let provisioners = arguments.blocks("provisioner");
    arguments.finish();
    let destroy = lifecycle.and_then(|block| {
        let mut arguments = Arguments::new(block.body, block.span, diagnostics);
        let destroy = arguments.bool("destroy").map(|(truth, _)| truth);
        arguments.finish();
        destroy
    });
    let provisioners: Vec<Provisioner> =
        provisioners.into_iter().filter_map(|block| provisioner(block, diagnostics)).collect();
    for provisioner in provisioners.iter().filter(|provisioner| !provisioner.on_destroy) {
        diagnostics.push(error_at!(
            provisioner.span,
            "Invalid provisioner block",
            "Only destroy-time provisioners are valid in \"removed\" blocks.";
            hint: "Write when = destroy in it."
        ));
    }
    match target(&from?.expr) {
        Ok(from) if has_keys(&from) => {
            diagnostics.push(error_at!(
                from.span,
                "Resource instance keys not allowed",
                "A \"removed\" block is about a whole resource or module, so its address has no instance keys."
            ));
            None
        }
        Ok(from) => Some(Removed { span, from, destroy: destroy.unwrap_or(true), provisioners }),
        Err(diagnostic) => {
            diagnostics.push(diagnostic);
            None
        }
    }
}

fn has_keys(target: &Target) -> bool {
    target.module.iter().any(|(_, key)| key.is_some())
        || target.resource.as_ref().is_some_and(|(_, key)| key.is_some())
}

pub(super) fn import(block: Block, diagnostics: &mut Diagnostics) -> Option<Import> {
    labels(&block, [], diagnostics)?;
    let span = block.span;
    let mut arguments = Arguments::new(block.body, span, diagnostics);
    let to = arguments.required("to");
    let id = arguments.required("id");
    let for_each = arguments.expr("for_each");
    let provider = arguments.expr("provider");
    arguments.finish();
    let provider = provider.and_then(|expr| provider_ref(&expr).ok());
    Some(Import { span, to: to?.expr, id: id?.expr, for_each, provider })
}
