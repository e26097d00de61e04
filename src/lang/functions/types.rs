//! Conversions, and functions about marks.

use skyform_value::{Marks, Type, Value, convert, type_to_console};

use super::signature::{
    Answer, Arguments, Function, any, anything, bool, function, list_of_any, number, set_of_any,
    string,
};

pub(super) const FUNCTIONS: &[Function] = &[
    function("tobool", &[anything("v")], bool, |a| to(a, &Type::Bool)).may_be_null(),
    function("tonumber", &[anything("v")], number, |a| to(a, &Type::Number)).may_be_null(),
    function("tostring", &[anything("v")], string, |a| to(a, &Type::String)).may_be_null(),
    function("tolist", &[anything("v")], list_of_any, |a| to(a, &Type::list(Type::Any)))
        .may_be_null(),
    function("toset", &[anything("v")], set_of_any, |a| to(a, &Type::set(Type::Any))).may_be_null(),
    function("tomap", &[anything("v")], map_of_any, |a| to(a, &Type::map(Type::Any))).may_be_null(),
    function("sensitive", &[anything("value")], any, |a| {
        Ok(a.values[0].clone().with_marks(Marks::SENSITIVE))
    })
    .may_be_null(),
    function("nonsensitive", &[anything("value")], any, |a| {
        let marks = a.values[0].marks().without(Marks::SENSITIVE);
        Ok(a.values[0].clone().replace_marks(marks))
    })
    .may_be_null(),
    function("issensitive", &[anything("value")], bool, |a| {
        let sensitive = a.values[0].marks().contains(Marks::SENSITIVE);
        if !sensitive && !a.values[0].is_known() {
            return Ok(Value::unknown(Type::Bool));
        }
        Ok(sensitive.into())
    })
    .may_be_null(),
    function("ephemeralasnull", &[anything("value")], any, |a| {
        Ok(a.values[0].transform(&mut |value| {
            if value.marks().contains(Marks::EPHEMERAL) {
                Value::null_of(value.ty()).with_marks(value.marks().without(Marks::EPHEMERAL))
            } else {
                value
            }
        }))
    })
    .may_be_null(),
    function("type", &[anything("value")], string, |a| {
        Ok(type_to_console(&a.values[0].ty()).into())
    }),
];

fn map_of_any() -> Type {
    Type::map(Type::Any)
}

fn to(arguments: &Arguments<'_>, wanted: &Type) -> Answer {
    let given = &arguments.values[0];
    // Of something unknown just the type is said.
    if !given.is_known() {
        convert(given, wanted).map_err(|error| arguments.wrong(0, error.to_string()))?;
        return Ok(Value::unknown(wanted.clone()).with_marks(given.marks()));
    }
    if given.is_null() && given.ty() == Type::Any && wanted.is_primitive() {
        return Ok(Value::null_of(wanted.clone()).with_marks(given.marks()));
    }
    convert(given, wanted).map_err(|error| {
        let shown = match given.as_str() {
            Some(text) if given.deep_marks().is_empty() => {
                format!("cannot convert \"{text}\" to {}", name(wanted))
            }
            _ => format!("cannot convert {} to {}: {error}", given.ty().friendly(), name(wanted)),
        };
        arguments.wrong(0, shown)
    })
}

fn name(ty: &Type) -> &'static str {
    match ty {
        Type::Bool => "bool",
        Type::Number => "number",
        Type::String => "string",
        Type::List(_) => "list",
        Type::Set(_) => "set",
        _ => "map",
    }
}
