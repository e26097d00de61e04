//! Addresses and references written as arguments: `depends_on`, `moved`, `provider`.

use skyform_diag::{Diagnostic, Diagnostics, error_at};
use skyform_value::{InstanceKey, Path, Step};

use super::{ProviderRef, Reference, Subject, Target};
use crate::syntax::{Expr, ExprKind, TraversalStep};

/// The references in `depends_on`.
pub(super) fn depends_on(expr: &Expr, diagnostics: &mut Diagnostics) -> Vec<Reference> {
    let ExprKind::Tuple(items) = &*expr.kind else {
        diagnostics.push(error_at!(
            expr.span,
            "Invalid depends_on",
            "\"depends_on\" must be a list of references, such as [bucket.data, module.network]."
        ));
        return Vec::new();
    };
    let mut references = Vec::with_capacity(items.len());
    for item in items {
        match item.as_reference() {
            Some(reference)
                if matches!(reference.subject, Subject::Resource(..) | Subject::Module(..)) =>
            {
                references.push(reference);
            }
            Some(reference)
                if matches!(reference.subject, Subject::Variable(_) | Subject::Local(_)) =>
            {
                references.push(reference);
            }
            _ => diagnostics.push(error_at!(
                item.span,
                "Invalid depends_on",
                "An entry of \"depends_on\" must be a reference to a resource or module."
            )),
        }
    }
    references
}

/// `aws` or `aws.alias`.
pub(super) fn provider_ref(expr: &Expr) -> Result<ProviderRef, Diagnostic> {
    let span = expr.span;
    match &*expr.kind {
        ExprKind::Name(name) => Ok(ProviderRef { name: name.clone(), alias: None, span }),
        ExprKind::Traversal(traversal) => {
            match (traversal.root.as_name(), traversal.steps.as_slice()) {
                (Some(name), [(TraversalStep::Attribute(alias), _)]) => {
                    Ok(ProviderRef { name: name.clone(), alias: Some(alias.clone()), span })
                }
                _ => Err(not_a_provider(expr)),
            }
        }
        ExprKind::Literal(value) => match value.as_str() {
            Some(text) => {
                let (name, alias) = match text.split_once('.') {
                    Some((name, alias)) => (name, Some(alias.into())),
                    None => (text, None),
                };
                Ok(ProviderRef { name: name.into(), alias, span })
            }
            None => Err(not_a_provider(expr)),
        },
        _ => Err(not_a_provider(expr)),
    }
}

fn not_a_provider(expr: &Expr) -> Diagnostic {
    error_at!(
        expr.span,
        "Invalid provider reference",
        "A provider is named by its local name, or by name and alias, such as aws or aws.west."
    )
}

/// An address of a resource, an instance of one, or a module.
pub(super) fn target(expr: &Expr) -> Result<Target, Diagnostic> {
    let constant = |key: &Expr| key.as_literal().and_then(InstanceKey::from_value);
    target_with(expr, |key| constant(key).ok_or_else(|| invalid(expr)))
}

/// An address whose keys may be expressions; `key` gives their values.
///
/// # Errors
/// Where it is no address, and what `key` says.
pub fn target_with<E: From<Diagnostic>>(
    expr: &Expr,
    mut key: impl FnMut(&Expr) -> Result<InstanceKey, E>,
) -> Result<Target, E> {
    let invalid = || E::from(invalid(expr));
    let ExprKind::Traversal(traversal) = &*expr.kind else { return Err(invalid()) };
    let root = traversal.root.as_name().ok_or_else(invalid)?;
    let mut parts = vec![Step::Attribute(root.clone())];
    for (step, _) in &traversal.steps {
        parts.push(match step {
            TraversalStep::Attribute(name) => Step::Attribute(name.clone()),
            TraversalStep::LegacyIndex(index) => Step::Index(*index),
            TraversalStep::Index(index) => match key(index)? {
                InstanceKey::Index(index) => Step::Index(index),
                InstanceKey::Name(name) => Step::Key(name),
            },
            _ => return Err(invalid()),
        });
    }
    let mut text = Path(parts).to_string();
    let is_module_only = is_module_path(&text);
    if is_module_only {
        // A module's address is read as an instance's with a name put behind it.
        text.push_str(".type.name");
    }
    let address: skyform_value::InstanceAddress = text.parse().map_err(|_| invalid())?;
    let module = address.resource.module.0.to_vec();
    let key = super::ResourceKey {
        mode: address.resource.mode,
        type_name: address.resource.type_name.clone(),
        name: address.resource.name.clone(),
    };
    let resource = (!is_module_only).then_some((key, address.key));
    Ok(Target { module, resource, span: expr.span })
}

fn invalid(expr: &Expr) -> Diagnostic {
    error_at!(
        expr.span,
        "Invalid address",
        "This must be the address of a resource or module, such as bucket.data or module.x[0]."
    )
}

fn is_module_path(text: &str) -> bool {
    text.parse::<skyform_value::ModuleInstance>().is_ok()
}

/// A path in `ignore_changes`.
pub(super) fn attribute_path(expr: &Expr) -> Option<Path> {
    match &*expr.kind {
        ExprKind::Name(name) => Some(Path::attribute(name.clone())),
        ExprKind::Literal(value) => value.as_str().map(Path::attribute),
        ExprKind::Traversal(traversal) => {
            let mut path = Path::attribute(traversal.root.as_name()?.clone());
            for (step, _) in &traversal.steps {
                path = path.then(match step {
                    TraversalStep::Attribute(name) => Step::Attribute(name.clone()),
                    TraversalStep::LegacyIndex(index) => Step::Index(*index),
                    TraversalStep::Index(index) => {
                        match InstanceKey::from_value(index.as_literal()?)? {
                            InstanceKey::Index(index) => Step::Index(index),
                            InstanceKey::Name(name) => Step::Key(name),
                        }
                    }
                    _ => return None,
                });
            }
            Some(path)
        }
        _ => None,
    }
}
