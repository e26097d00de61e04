//! Conversions, and functions about marks.

use skyform_value::{Marks, Type, Value, convert, type_to_console};

use super::signature::{
    Answer, Arguments, Function, any, anything, bool, function, number, string,
};

pub(super) const FUNCTIONS: &[Function] = &[
    function("tobool", &[anything("v")], bool, |a| to(a, &Type::Bool)),
    function("tonumber", &[anything("v")], number, |a| to(a, &Type::Number)),
    function("tostring", &[anything("v")], string, |a| to(a, &Type::String)),
    function("tolist", &[anything("v")], any, |a| to(a, &Type::list(Type::Any))),
    function("toset", &[anything("v")], any, |a| to(a, &Type::set(Type::Any))),
    function("tomap", &[anything("v")], any, |a| to(a, &Type::map(Type::Any))),
    function("sensitive", &[anything("value")], any, |a| {
        Ok(a.values[0].clone().with_marks(Marks::SENSITIVE))
    }),
    function("nonsensitive", &[anything("value")], any, |a| {
        let marks = a.values[0].marks().without(Marks::SENSITIVE);
        Ok(a.values[0].clone().replace_marks(marks))
    }),
    function("issensitive", &[anything("value")], bool, |a| {
        let sensitive = a.values[0].marks().contains(Marks::SENSITIVE);
        if !sensitive && !a.values[0].is_known() {
            return Ok(Value::unknown(Type::Bool));
        }
        Ok(sensitive.into())
    }),
    function("ephemeralasnull", &[anything("value")], any, |a| {
        Ok(a.values[0].transform(&mut |value| {
            if value.marks().contains(Marks::EPHEMERAL) {
                Value::null_of(value.ty())
            } else {
                value
            }
        }))
    }),
    function("type", &[anything("value")], string, |a| {
        Ok(type_to_console(&a.values[0].ty()).into())
    }),
];

fn to(arguments: &Arguments<'_>, wanted: &Type) -> Answer {
    let given = &arguments.values[0];
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
