//! `count` and `for_each`.

use skyform_diag::{Diagnostics, Span, error_at};
use skyform_value::{InstanceKey, Kind, Marks, Str, Type, Value, convert};

use super::{Evaluator, Scope};
use crate::syntax::Expr;

/// The instances of a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expansion {
    /// One, without a key.
    Single,
    /// So many, with indices from 0.
    Count(u64),
    /// One for each key, with `each.value`.
    ForEach(Vec<(Str, Value)>),
    /// Known only after apply.
    Unknown(Span),
}

/// More instances than that are refused: something is wrong with the number.
const MAX_INSTANCES: u64 = 10_000_000;

impl Expansion {
    /// The keys of the instances.
    pub fn keys(&self) -> Box<dyn Iterator<Item = Option<InstanceKey>> + '_> {
        match self {
            Expansion::Single => Box::new(std::iter::once(None)),
            Expansion::Count(count) => Box::new((0..*count).map(|i| Some(InstanceKey::Index(i)))),
            Expansion::ForEach(items) => {
                Box::new(items.iter().map(|(key, _)| Some(InstanceKey::Name(key.clone()))))
            }
            Expansion::Unknown(_) => Box::new(std::iter::empty()),
        }
    }

    /// `each.value` of an instance.
    pub fn value(&self, key: &InstanceKey) -> Option<Value> {
        match (self, key) {
            (Expansion::ForEach(items), InstanceKey::Name(name)) => {
                let found = items.binary_search_by(|(known, _)| known.cmp(name));
                found.ok().map(|index| items[index].1.clone())
            }
            _ => None,
        }
    }
}

impl Evaluator<'_> {
    /// The instances that `count` and `for_each` ask for.
    ///
    /// # Errors
    /// If the value is not one that they take.
    pub fn expand(
        &self,
        count: &Option<Expr>,
        for_each: &Option<Expr>,
        scope: &Scope,
    ) -> Result<Expansion, Diagnostics> {
        match (count, for_each) {
            (Some(expr), _) => self.expand_count(expr, scope),
            (None, Some(expr)) => self.expand_for_each(expr, scope),
            (None, None) => Ok(Expansion::Single),
        }
    }

    fn expand_count(&self, expr: &Expr, scope: &Scope) -> Result<Expansion, Diagnostics> {
        let value = self.evaluate(expr, scope)?;
        let invalid = |detail: String| {
            Diagnostics::from(error_at!(expr.span, "Invalid count argument", "{detail}"))
        };
        if value.marks().contains(Marks::EPHEMERAL) {
            return Err(invalid(
                "The \"count\" value is ephemeral, so it would differ from run to run.".into(),
            ));
        }
        if !value.is_known() {
            return Ok(Expansion::Unknown(expr.span));
        }
        let number = convert(&value.unmarked(), &Type::Number)
            .map_err(|error| invalid(format!("The \"count\" value is unsuitable: {error}.")))?;
        let Some(number) = number.as_number() else {
            return Err(invalid("The \"count\" value is null. A whole number is needed.".into()));
        };
        match number.to_u64() {
            Some(count) if count <= MAX_INSTANCES => Ok(Expansion::Count(count)),
            Some(count) => Err(invalid(format!("The \"count\" value {count} is too large."))),
            None => Err(invalid(format!(
                "The \"count\" value must be a whole number and not negative; it is {number}."
            ))),
        }
    }

    fn expand_for_each(&self, expr: &Expr, scope: &Scope) -> Result<Expansion, Diagnostics> {
        let value = self.evaluate(expr, scope)?;
        let invalid = |detail: String| {
            Diagnostics::from(error_at!(expr.span, "Invalid for_each argument", "{detail}"))
        };
        let marks = value.marks();
        if marks.contains(Marks::SENSITIVE) {
            return Err(invalid(
                "Sensitive values cannot be used for \"for_each\": keys are shown everywhere."
                    .into(),
            ));
        }
        if marks.contains(Marks::EPHEMERAL) {
            return Err(invalid(
                "The \"for_each\" value is ephemeral, so it would differ from run to run.".into(),
            ));
        }
        match value.kind() {
            Kind::Unknown(_) => Ok(Expansion::Unknown(expr.span)),
            Kind::Null(_) => Err(invalid(
                "The \"for_each\" value is null. A map or a set of strings is needed.".into(),
            )),
            Kind::Map(_) | Kind::Object(_) => {
                let table = value.as_table().into_iter().flatten();
                Ok(Expansion::ForEach(table.map(|(k, v)| (k.clone(), v.clone())).collect()))
            }
            Kind::Set(set) => {
                let mut items = Vec::with_capacity(set.items.len());
                for item in &set.items {
                    match item.kind() {
                        Kind::Unknown(_) => return Ok(Expansion::Unknown(expr.span)),
                        Kind::String(_) if item.marks().contains(Marks::SENSITIVE) => {
                            return Err(invalid(
                                "The set has sensitive elements: keys are shown everywhere.".into(),
                            ));
                        }
                        Kind::String(key) => items.push((key.clone(), item.clone())),
                        _ => {
                            return Err(invalid(format!(
                                "A set for \"for_each\" must have strings only; this is a {}.",
                                value.ty().friendly()
                            )));
                        }
                    }
                }
                items.sort_by(|(left, _), (right, _)| left.cmp(right));
                Ok(Expansion::ForEach(items))
            }
            _ => Err(Diagnostics::from(error_at!(
                expr.span,
                "Invalid for_each argument",
                "\"for_each\" takes a map, or a set of strings; this is a {}.", value.ty().friendly();
                hint: "Make a set of a list with toset(...)."
            ))),
        }
    }
}
