//! Type constraints: `list(object({ name = string, size = optional(number, 1) }))`.

use std::sync::Arc;

use indexmap::IndexMap;
use skyform_diag::{Diagnostic, error_at};
use skyform_value::{Kind, ObjectType, Str, Type, Value, convert};

use super::{Constraint, Defaults};
use crate::syntax::{Expr, ExprKind};

/// Reads a type constraint.
///
/// # Errors
/// The first thing in it that is not one.
pub fn parse_constraint(expr: &Expr) -> Result<Constraint, Diagnostic> {
    let (ty, defaults) = parse(expr)?;
    Ok(Constraint { ty, defaults: defaults.map(Arc::new) })
}

fn parse(expr: &Expr) -> Result<(Type, Option<Defaults>), Diagnostic> {
    let plain = |ty: Type| Ok((ty, None));
    match &*expr.kind {
        ExprKind::Parenthesis(inner) => parse(inner),
        ExprKind::Name(name) => match name.as_str() {
            "any" => plain(Type::Any),
            "bool" => plain(Type::Bool),
            "number" => plain(Type::Number),
            "string" => plain(Type::String),
            // Short for collections of anything, from before constraints had arguments.
            "list" => plain(Type::list(Type::Any)),
            "map" => plain(Type::map(Type::Any)),
            "set" => plain(Type::set(Type::Any)),
            _ => Err(invalid(expr, &format!("\"{name}\" is not a type.")).did_you_mean(
                name,
                ["any", "bool", "number", "string", "list", "map", "set", "object", "tuple"],
            )),
        },
        ExprKind::Literal(value) => match value.as_str() {
            Some(text) => Err(invalid(expr, "A type is not put in quotes.")
                .hint(format!("Write {text}; \"skyform fmt\" takes old quotes off."))),
            None => Err(invalid(
                expr,
                "A type is a keyword such as string, or a call such as list(string).",
            )),
        },
        ExprKind::Call { name, arguments, .. } => call(expr, name, arguments),
        _ => Err(invalid(
            expr,
            "A type is a keyword such as string, or a call such as list(string).",
        )),
    }
}

fn call(
    expr: &Expr,
    name: &str,
    arguments: &[Expr],
) -> Result<(Type, Option<Defaults>), Diagnostic> {
    let one = || match arguments {
        [argument] => Ok(argument),
        _ => Err(invalid(expr, &format!("{name}(...) takes one argument."))),
    };
    let collection = |build: fn(Type) -> Type| {
        let (element, defaults) = parse(one()?)?;
        let defaults = defaults.map(|inner| Defaults {
            children: [(Str::new(), inner)].into_iter().collect(),
            ..Defaults::default()
        });
        Ok((build(element), defaults))
    };
    match name {
        "list" => collection(Type::list),
        "set" => collection(Type::set),
        "map" => collection(Type::map),
        "tuple" => match &*one()?.kind {
            ExprKind::Tuple(items) => {
                let mut types = Vec::with_capacity(items.len());
                let mut children = IndexMap::new();
                for (index, item) in items.iter().enumerate() {
                    let (ty, defaults) = parse(item)?;
                    types.push(ty);
                    children.extend(defaults.map(|inner| (Str::from(index.to_string()), inner)));
                }
                Ok((Type::tuple(types), some(Defaults { children, ..Defaults::default() })))
            }
            _ => Err(invalid(
                expr,
                "tuple(...) takes a list of types, as in tuple([string, number]).",
            )),
        },
        "object" => match &*one()?.kind {
            ExprKind::Object(items) => object(items),
            _ => Err(invalid(
                expr,
                "object(...) takes attributes with types, as in object({ name = string }).",
            )),
        },
        "optional" => Err(invalid(expr, "optional(...) is only for attributes of object(...).")),
        _ => Err(invalid(expr, &format!("\"{name}\" is not a type that takes arguments."))
            .did_you_mean(name, ["list", "map", "set", "object", "tuple", "optional"])),
    }
}

fn object(items: &[(Expr, Expr)]) -> Result<(Type, Option<Defaults>), Diagnostic> {
    let mut object = ObjectType::default();
    let mut defaults = Defaults::default();
    for (key, value) in items {
        let Some(name) = key.as_literal().and_then(|key| key.as_str()).map(Str::from) else {
            return Err(invalid(key, "An attribute's name must be constant."));
        };
        let (ty, inner) = match &*value.kind {
            ExprKind::Call { name: call, arguments, .. } if call == "optional" => {
                object.optional.insert(name.clone());
                match arguments.as_slice() {
                    [ty] => parse(ty)?,
                    [ty, default] => {
                        let (ty, inner) = parse(ty)?;
                        let given = constant(default).ok_or_else(|| {
                            invalid(default, "A default of an optional attribute must be constant.")
                        })?;
                        let converted = convert(&given, &ty).map_err(|error| {
                            error_at!(
                                default.span,
                                "Invalid default value for optional attribute",
                                "The default value of \"{name}\" does not fit its type: {error}."
                            )
                        })?;
                        defaults.values.insert(name.clone(), converted);
                        (ty, inner)
                    }
                    _ => {
                        return Err(invalid(
                            value,
                            "optional(...) takes a type and possibly a default.",
                        ));
                    }
                }
            }
            _ => parse(value)?,
        };
        defaults.children.extend(inner.map(|inner| (name.clone(), inner)));
        object.attributes.insert(name, ty);
    }
    Ok((Type::Object(Arc::new(object)), some(defaults)))
}

fn some(defaults: Defaults) -> Option<Defaults> {
    (defaults != Defaults::default()).then_some(defaults)
}

fn invalid(expr: &Expr, detail: &str) -> Diagnostic {
    Diagnostic::error(expr.span, "Invalid type specification", detail)
}

/// The value of an expression that needs nothing evaluated.
pub(crate) fn constant(expr: &Expr) -> Option<Value> {
    match &*expr.kind {
        ExprKind::Literal(value) => Some(value.clone()),
        ExprKind::Parenthesis(inner) => constant(inner),
        ExprKind::Tuple(items) => {
            items.iter().map(constant).collect::<Option<Vec<_>>>().map(Value::tuple)
        }
        ExprKind::Object(items) => {
            let items = items.iter().map(|(key, value)| {
                let key = constant(key)?;
                Some((Str::from(key.as_str()?), constant(value)?))
            });
            items.collect::<Option<Vec<_>>>().map(Value::object)
        }
        ExprKind::Unary(crate::syntax::UnaryOperator::Negate, inner) => {
            constant(inner)?.as_number().map(|number| Value::from(number.neg()))
        }
        _ => None,
    }
}

/// Fills in defaults of optional attributes that are missing or null. Before conversion.
pub fn apply_defaults(value: &Value, defaults: &Defaults) -> Value {
    let marks = value.marks();
    let child = |name: &str, value: &Value| match defaults.children.get(name) {
        Some(inner) => apply_defaults(value, inner),
        None => value.clone(),
    };
    let filled = match value.kind() {
        Kind::Object(attributes) => Value::object(fill(attributes, defaults)),
        Kind::Map(table) if !defaults.values.is_empty() => {
            Value::object(fill(&table.items, defaults))
        }
        Kind::Map(table) => {
            // Elements may become objects of unlike types before conversion makes them alike.
            Value::object(table.items.iter().map(|(key, item)| (key.clone(), child("", item))))
        }
        Kind::List(list) => Value::tuple(list.items.iter().map(|item| child("", item))),
        Kind::Set(set) => Value::tuple(set.items.iter().map(|item| child("", item))),
        Kind::Tuple(items) => Value::tuple(items.iter().enumerate().map(|(index, item)| {
            match defaults.children.get(index.to_string().as_str()) {
                Some(inner) => apply_defaults(item, inner),
                None => child("", item),
            }
        })),
        _ => return value.clone(),
    };
    filled.with_marks(marks)
}

fn fill(
    given: &std::collections::BTreeMap<Str, Value>,
    defaults: &Defaults,
) -> std::collections::BTreeMap<Str, Value> {
    let mut filled = given.clone();
    for (name, default) in &defaults.values {
        if filled.get(name).is_none_or(Value::is_null) {
            filled.insert(name.clone(), default.clone());
        }
    }
    for (name, inner) in &defaults.children {
        if name.is_empty() {
            for item in filled.values_mut() {
                *item = apply_defaults(item, inner);
            }
        } else if let Some(item) = filled.get_mut(name) {
            *item = apply_defaults(item, inner);
        }
    }
    filled
}
