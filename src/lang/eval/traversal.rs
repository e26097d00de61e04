//! Attributes, indices and splats.

use skyform_diag::{Diagnostic, Diagnostics, Span, error_at};
use skyform_value::{Kind, Marks, Number, Refinements, Step, Str, Type, Value, convert};

use super::{Evaluator, Scope};
use crate::syntax::{Traversal, TraversalStep};

type Steps<'s> = &'s [(TraversalStep, Span)];

impl Evaluator<'_> {
    pub(super) fn traversal(
        &self,
        traversal: &Traversal,
        span: Span,
        scope: &Scope,
    ) -> Result<Value, Diagnostics> {
        let (value, used) = self.root_value(traversal, span, scope)?;
        self.follow(value, &traversal.steps[used..], scope, span)
    }

    pub(super) fn follow(
        &self,
        value: Value,
        steps: Steps<'_>,
        scope: &Scope,
        span: Span,
    ) -> Result<Value, Diagnostics> {
        let mut value = value;
        for (position, (step, step_span)) in steps.iter().enumerate() {
            let rest = &steps[position + 1..];
            value = match step {
                TraversalStep::Attribute(name) => attribute(&value, name, *step_span)?,
                TraversalStep::LegacyIndex(at) => index(&value, &Value::from(*at), *step_span)?,
                TraversalStep::Index(key) => {
                    let key = self.evaluate(key, scope)?;
                    index(&value, &key, *step_span)?
                }
                TraversalStep::AttributeSplat => {
                    // Applies to the attributes right behind it; indices then apply to the result.
                    let end = rest
                        .iter()
                        .position(|(step, _)| !matches!(step, TraversalStep::Attribute(_)))
                        .unwrap_or(rest.len());
                    let spread = self.splat(&value, &rest[..end], scope, span)?;
                    return self.follow(spread, &rest[end..], scope, span);
                }
                TraversalStep::FullSplat => return self.splat(&value, rest, scope, span),
            };
        }
        Ok(value)
    }

    fn splat(
        &self,
        value: &Value,
        steps: Steps<'_>,
        scope: &Scope,
        span: Span,
    ) -> Result<Value, Diagnostics> {
        let marks = value.marks();
        let items: Vec<Value> = match value.kind() {
            Kind::Unknown(unknown) => match &unknown.ty {
                Type::List(element) | Type::Set(element) => {
                    return self.unknown_splat(value, element, steps, scope, span);
                }
                Type::Tuple(elements) => {
                    elements.iter().map(|element| Value::unknown(element.clone())).collect()
                }
                // Null would give nothing.
                _ if !value.is_certainly_not_null() => {
                    self.follow(value.clone(), steps, scope, span)?;
                    return Ok(Value::unknown(Type::Any).with_marks(marks));
                }
                _ => vec![value.clone()],
            },
            Kind::List(sequence) | Kind::Set(sequence) => sequence.items.clone(),
            Kind::Tuple(items) => items.to_vec(),
            Kind::Null(Type::List(_) | Type::Set(_) | Type::Tuple(_)) => {
                return Err(error_at!(
                    span,
                    "Splat of null value",
                    "A splat cannot be applied to a null list, set or tuple."
                )
                .into());
            }
            Kind::Null(_) => Vec::new(),
            _ => vec![value.clone()],
        };
        let results = items.into_iter().map(|item| self.follow(item, steps, scope, span));
        let results = results.collect::<Result<Vec<_>, _>>()?;
        // Over a list or set of like elements the result is a list of like results.
        let result = match value.kind() {
            Kind::List(sequence) | Kind::Set(sequence) => match results.first().map(Value::ty) {
                Some(ty) if results.iter().all(|result| result.ty() == ty) => {
                    Value::list(ty, results)
                }
                None => {
                    Value::list(type_behind(&sequence.element, steps).unwrap_or(Type::Any), results)
                }
                Some(_) => Value::tuple(results),
            },
            _ => Value::tuple(results),
        };
        Ok(result.with_marks(marks))
    }
}

impl Evaluator<'_> {
    /// A splat over a list of which only the type of its elements is known.
    fn unknown_splat(
        &self,
        value: &Value,
        element: &Type,
        steps: Steps<'_>,
        scope: &Scope,
        span: Span,
    ) -> Result<Value, Diagnostics> {
        let one = self.follow(Value::unknown(element.clone()), steps, scope, span)?;
        let (least, most) = value.length_bounds();
        let range = Refinements {
            not_null: true,
            min_length: Some(least),
            max_length: most,
            ..Refinements::default()
        };
        Ok(Value::unknown_refined(Type::list(one.ty()), range).with_marks(value.marks()))
    }
}

fn type_behind(ty: &Type, steps: Steps<'_>) -> Option<Type> {
    steps.iter().try_fold(ty.clone(), |ty, (step, _)| match (ty, step) {
        (Type::Object(object), TraversalStep::Attribute(name)) => {
            object.attributes.get(name).cloned()
        }
        (Type::Map(element), TraversalStep::Attribute(_) | TraversalStep::Index(_)) => {
            Some((*element).clone())
        }
        (Type::List(element), TraversalStep::Index(_) | TraversalStep::LegacyIndex(_)) => {
            Some((*element).clone())
        }
        _ => None,
    })
}

/// `value.name`
pub(super) fn attribute(value: &Value, name: &str, span: Span) -> Result<Value, Diagnostics> {
    let marks = value.marks();
    let unsupported =
        |detail: String| -> Diagnostic { Diagnostic::error(span, "Unsupported attribute", detail) };
    match value.kind() {
        Kind::Object(attributes) => match attributes.get(name) {
            Some(found) => Ok(found.clone().with_marks(marks)),
            None => {
                let known = attributes.keys().map(Str::as_str);
                let mut diagnostic =
                    unsupported(format!("This object has no attribute named \"{name}\"."))
                        .did_you_mean(name, known);
                if diagnostic.hint.is_none() && !attributes.is_empty() {
                    diagnostic = diagnostic.hint(has(attributes.keys(), "attributes"));
                }
                Err(diagnostic.into())
            }
        },
        Kind::Map(table) => match table.items.get(name) {
            Some(found) => Ok(found.clone().with_marks(marks)),
            None => Err(error_at!(
                span,
                "Missing map element",
                "This map has no element with the key \"{name}\"."
            )
            .did_you_mean(name, table.items.keys().map(Str::as_str))
            .into()),
        },
        Kind::Unknown(unknown) => match &unknown.ty {
            Type::Any => Ok(Value::unknown(Type::Any).with_marks(marks)),
            Type::Object(object) => match object.attributes.get(name) {
                Some(ty) => Ok(Value::unknown(ty.clone()).with_marks(marks)),
                None => Err(unsupported(format!("This object has no attribute named \"{name}\"."))
                    .did_you_mean(name, object.attributes.keys().map(Str::as_str))
                    .into()),
            },
            Type::Map(element) => Ok(Value::unknown((**element).clone()).with_marks(marks)),
            other => Err(unsupported(format!("A {} has no attributes.", other.friendly())).into()),
        },
        Kind::Null(_) => Err(error_at!(
            span,
            "Attempt to get attribute from null value",
            "This value is null, so it has no attribute \"{name}\"."
        )
        .into()),
        Kind::List(_) | Kind::Tuple(_) => {
            let mut diagnostic =
                unsupported(format!("A {} has no attribute \"{name}\".", value.ty().friendly()));
            let has_it = value.as_slice().and_then(<[Value]>::first).is_some_and(|item| item.get(name).is_some());
            if has_it {
                diagnostic = diagnostic.hint(format!(
                    "Its elements have: take one, as in [0].{name}, or all with [*].{name}."
                ));
            }
            Err(diagnostic.into())
        }
        Kind::Set(_) => Err(unsupported("A set has no attributes; its elements have no indices either.".into())
            .hint("Go through it with a 'for' expression, or use one(...) where there is a single element.")
            .into()),
        _ => Err(unsupported(format!("A {} has no attributes.", value.ty().friendly())).into()),
    }
}

fn has<'a>(names: impl Iterator<Item = &'a Str>, what: &str) -> String {
    let names: Vec<&str> = names.map(Str::as_str).collect();
    let shown = names.iter().take(12).copied().collect::<Vec<_>>().join(", ");
    let more = if names.len() > 12 { ", ..." } else { "" };
    format!("It has the {what} {shown}{more}.")
}

/// The type behind a constant step; `any` where it is not certain.
///
/// # Errors
/// If nothing of the type has that.
pub fn type_at_step(ty: &Type, step: &Step, span: Span) -> Result<Type, Diagnostics> {
    let value = Value::unknown(ty.clone());
    let found = match step {
        Step::Attribute(name) => attribute(&value, name, span),
        Step::Index(at) => index(&value, &Value::from(*at), span),
        Step::Key(key) => index(&value, &Value::from(key.as_str()), span),
        // Elements of sets are not named by steps.
        Step::Element(_) => return Ok(Type::Any),
    };
    found.map(|found| found.ty())
}

/// `value[key]`
pub(super) fn index(value: &Value, key: &Value, span: Span) -> Result<Value, Diagnostics> {
    let invalid = |detail: String| Diagnostic::error(span, "Invalid index", detail);
    if key.is_null() {
        return Err(invalid("The index is null.".into()).into());
    }
    let as_key = |ty: &Type| {
        convert(&key.unmarked(), ty)
            .map_err(|error| invalid(format!("The index does not fit: {error}.")))
    };
    // Of what a key that is not known yet will find.
    let unknown_element = || {
        let element = value.ty().element().cloned().filter(|_| key.ty() != Type::Any);
        Value::unknown(element.unwrap_or(Type::Any)).with_marks(value.marks())
    };
    match value.kind() {
        // Neither is it known what the key is.
        _ if !key.is_known() && key.ty() == Type::Any => {
            Ok(Value::unknown(Type::Any).with_marks(value.marks()))
        }
        Kind::Null(_) => Err(error_at!(
            span,
            "Attempt to index null value",
            "This value is null, so it has no elements."
        )
        .into()),
        Kind::List(_) | Kind::Tuple(_) => {
            let items = value.as_slice().unwrap_or_default();
            let number = as_key(&Type::Number)?;
            let Some(number) = number.as_number() else { return Ok(unknown_element()) };
            match number.to_usize().and_then(|at| items.get(at)) {
                Some(item) => Ok(item.clone().with_marks(value.marks() | key.marks())),
                None => Err(no_element(number, items.len(), span).into()),
            }
        }
        Kind::Map(_) | Kind::Object(_) => {
            let text = as_key(&Type::String)?;
            let Some(text) = text.as_str() else { return Ok(unknown_element()) };
            let table = value.as_table();
            let Some(item) = table.and_then(|table| table.get(text)) else {
                let names = table.into_iter().flat_map(|table| table.keys());
                let mut diagnostic =
                    invalid(format!("There is no element with the key \"{text}\"."))
                        .did_you_mean(text, names.clone().map(Str::as_str));
                if diagnostic.hint.is_none() && table.is_some_and(|table| !table.is_empty()) {
                    diagnostic = diagnostic.hint(has(names, "keys"));
                }
                return Err(diagnostic.into());
            };
            // Which attributes an object has is no secret, unlike the elements of a map.
            let of_key = match value.kind() {
                Kind::Map(_) => key.marks(),
                _ => Marks::NONE,
            };
            Ok(item.clone().with_marks(value.marks() | of_key))
        }
        Kind::Unknown(unknown) => {
            let element = match &unknown.ty {
                Type::Any | Type::Object(_) => Type::Any,
                Type::Tuple(elements) => match as_key(&Type::Number)?.as_number() {
                    Some(at) => at
                        .to_usize()
                        .and_then(|index| elements.get(index).cloned())
                        .ok_or_else(|| no_element(at, elements.len(), span))?,
                    None => Type::Any,
                },
                Type::List(element) => {
                    let at = as_key(&Type::Number)?.as_number().and_then(Number::to_u64);
                    if let (Some(at), Some(most)) = (at, value.length_bounds().1)
                        && at >= most
                    {
                        let detail = format!("This list will have at most {most} elements.");
                        return Err(invalid(detail).into());
                    }
                    (**element).clone()
                }
                Type::Map(element) => {
                    as_key(&Type::String)?;
                    (**element).clone()
                }
                other => {
                    return Err(invalid(format!("A {} has no elements.", other.friendly())).into());
                }
            };
            Ok(Value::unknown(element).with_marks(value.marks()))
        }
        Kind::Set(_) => Err(invalid("Elements of a set have no index.".into())
            .hint("Make a list of it with tolist(...), or take its single element with one(...).")
            .into()),
        _ => Err(invalid(format!("A {} has no elements.", value.ty().friendly())).into()),
    }
}

fn no_element(at: &Number, count: usize, span: Span) -> Diagnostic {
    let has = match count {
        0 => "it has no elements".to_owned(),
        1 => "it has one element, [0]".to_owned(),
        _ => format!("it has {count} elements, [0] to [{}]", count - 1),
    };
    let detail = format!("There is no element [{at}] in this collection: {has}.");
    Diagnostic::error(span, "Invalid index", detail)
}
