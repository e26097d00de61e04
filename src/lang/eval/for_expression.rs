//! `[for ...]` and `{for ...}`.

use std::collections::BTreeMap;

use skyform_diag::{Diagnostics, Span, error_at};
use skyform_value::{Kind, Str, Type, Value, convert};

use super::{Evaluator, Scope};
use crate::syntax::{Expr, ExprKind};

/// Keys and values of a collection, in order; none if they are known only after apply.
///
/// # Errors
/// If it is null or nothing that can be gone through.
pub(super) fn pairs(
    collection: &Value,
    span: Span,
) -> Result<Option<Vec<(Value, Value)>>, Diagnostics> {
    let marks = collection.marks();
    let indexed = |items: &[Value]| {
        let pairs = (0_u64..).zip(items);
        pairs.map(|(index, item)| (Value::from(index), item.clone())).collect()
    };
    Ok(Some(match collection.kind() {
        Kind::Unknown(unknown) if !unknown.ty.is_primitive() => return Ok(None),
        Kind::Null(_) => {
            return Err(error_at!(
                span,
                "Iteration over null value",
                "A null value cannot be gone through in a 'for' expression."
            )
            .into());
        }
        Kind::List(list) => indexed(&list.items),
        Kind::Tuple(items) => indexed(items),
        Kind::Set(set) => set.items.iter().map(|item| (item.clone(), item.clone())).collect(),
        Kind::Map(_) | Kind::Object(_) => {
            let table = collection.as_table().into_iter().flatten();
            table.map(|(key, item)| (Value::from(key.clone()), item.clone())).collect()
        }
        _ => {
            return Err(error_at!(
                span,
                "Iteration over non-iterable value",
                "A {} cannot be gone through in a 'for' expression.",
                collection.ty().friendly()
            )
            .into());
        }
    })
    .map(|pairs: Vec<(Value, Value)>| {
        if marks.is_empty() {
            return pairs;
        }
        let mark = |value: Value| value.with_marks(marks);
        pairs.into_iter().map(|(key, value)| (mark(key), mark(value))).collect()
    }))
}

impl Evaluator<'_> {
    pub(super) fn for_expression(&self, expr: &Expr, scope: &Scope) -> Result<Value, Diagnostics> {
        self.for_elements(expr, scope, &|result| self.evaluate(result, scope))
    }

    /// A `for` expression with elements that `element` makes of its result expression.
    pub(super) fn for_elements(
        &self,
        expr: &Expr,
        scope: &Scope,
        element: &dyn Fn(&Expr) -> Result<Value, Diagnostics>,
    ) -> Result<Value, Diagnostics> {
        let ExprKind::For { key, value, collection, result_key, result, grouping, condition } =
            &*expr.kind
        else {
            return Err(Diagnostics::new());
        };
        let items = self.evaluate(collection, scope)?;
        let mut marks = items.marks();
        let Some(pairs) = pairs(&items, collection.span)? else {
            return Ok(Value::unknown(Type::Any).with_marks(marks));
        };
        if let Some(condition) = condition {
            // Whatever the elements are, or if there are none: what it will be must be a bool.
            let unknown = || Value::unknown(Type::Any);
            let names = key.iter().chain([value]).map(|name| (name.clone(), unknown()));
            let test =
                scope.binding(names.collect::<Vec<_>>(), || self.evaluate(condition, scope))?;
            truth(&test, condition.span)?;
        }
        let mut list = Vec::new();
        let mut table: BTreeMap<Str, Vec<Value>> = BTreeMap::new();
        let mut unknown = false;
        for (item_key, item) in pairs {
            let names: Vec<_> = key
                .iter()
                .map(|name| (name.clone(), item_key.clone()))
                .chain([(value.clone(), item)])
                .collect();
            scope.binding(names, || {
                if let Some(condition) = condition {
                    let test = self.evaluate(condition, scope)?;
                    marks |= test.marks();
                    match truth(&test, condition.span)? {
                        Some(true) => {}
                        Some(false) => return Ok(()),
                        None => unknown = true,
                    }
                }
                let Some(key_expr) = result_key else {
                    list.push(element(result)?);
                    return Ok(());
                };
                let new_key = self.evaluate(key_expr, scope)?;
                marks |= new_key.marks();
                let new_value = element(result)?;
                match key_text(&new_key, key_expr.span)? {
                    None => unknown = true,
                    Some(text) => {
                        let slot = table.entry(text.clone()).or_default();
                        if !*grouping && !slot.is_empty() {
                            return Err(duplicate(&text, key_expr.span));
                        }
                        slot.push(new_value);
                    }
                }
                Ok::<(), Diagnostics>(())
            })?;
        }
        let value = match (unknown, result_key) {
            (true, _) => Value::unknown(Type::Any),
            (false, None) => Value::tuple(list),
            (false, Some(_)) => Value::object(table.into_iter().map(|(key, mut values)| {
                let value = match values.pop() {
                    Some(only) if !*grouping => only,
                    last => Value::tuple(values.into_iter().chain(last).collect::<Vec<_>>()),
                };
                (key, value)
            })),
        };
        // Marks of the collection are on its elements already, where they became elements.
        let outer = if result_key.is_some() || condition.is_some() { marks } else { items.marks() };
        Ok(value.with_marks(outer))
    }
}

fn truth(test: &Value, span: Span) -> Result<Option<bool>, Diagnostics> {
    let converted = convert(&test.unmarked(), &Type::Bool).ok();
    match converted {
        Some(value) if !value.is_null() => Ok(value.as_bool()),
        _ => Err(error_at!(
            span,
            "Invalid 'for' condition",
            "The 'if' clause must be true or false."
        )
        .into()),
    }
}

fn key_text(key: &Value, span: Span) -> Result<Option<Str>, Diagnostics> {
    if key.is_null() {
        return Err(
            error_at!(span, "Invalid object key", "A key of an object cannot be null.").into()
        );
    }
    let converted = convert(key, &Type::String).map_err(|error| {
        Diagnostics::from(error_at!(
            span,
            "Invalid object key",
            "This value cannot be a key: {error}."
        ))
    })?;
    Ok(converted.as_str().map(Str::from))
}

fn duplicate(key: &str, span: Span) -> Diagnostics {
    error_at!(
        span,
        "Duplicate object key",
        "Two elements make the key \"{key}\".";
        hint: "To gather the values of equal keys in lists, put ... behind the value expression."
    )
    .into()
}
