//! Shapes, as a table.

use super::*;

fn wanted() -> Type {
    Type::object([
        ("name", Type::String),
        ("tags", Type::map(Type::String)),
        ("any", Type::Any),
        ("ports", Type::list(Type::Number)),
    ])
}

fn with(name: &str, value: Value) -> Value {
    let plain = [
        ("name", Value::from("n")),
        ("tags", Value::map(Type::String, Default::default())),
        ("any", Value::null()),
        ("ports", Value::null_of(Type::list(Type::Number))),
    ];
    let kept = plain.into_iter().filter(|(other, _)| *other != name);
    let kept = kept.map(|(name, value)| (name.to_owned(), value));
    Value::object(kept.chain([(name.to_owned(), value)]))
}

fn tags(value: Value) -> Value {
    Value::object([("k", value)])
}

#[test]
fn what_does_not_fit_is_named() {
    let unknown = || Value::unknown(Type::String);
    let number = || Value::from(1_u64);
    let cases = [
        (with("name", Value::from("x")), false, None),
        (with("name", Value::null()), false, None),
        (with("name", unknown()), true, None),
        (with("any", Value::tuple([number(), Value::from("x")])), false, None),
        (with("tags", tags(Value::from("v"))), false, None),
        (with("ports", Value::tuple([number()])), false, None),
        (Value::null_of(wanted()), false, None),
        (with("name", unknown()), false, Some("\"name\" is not known")),
        (with("any", Value::tuple([unknown()])), false, Some("\"any\" is not wholly known")),
        (with("name", number()), true, Some("\"name\" is number and not string")),
        (with("tags", tags(number())), true, Some("\"tags.k\" is number and not string")),
        (with("ports", Value::tuple([Value::from("x")])), true, Some("\"ports.*\" is string")),
        (with("more", number()), true, Some("the object has \"more\"")),
        (Value::object([("name", Value::from("x"))]), true, Some("the object has no \"any\"")),
        (Value::from("x"), true, Some("the object is string and not object")),
    ];
    for (value, may_be_unknown, expected) in cases {
        let found = misfit(&value, &wanted(), may_be_unknown);
        match expected {
            None => assert_eq!(found, None, "{value:?}"),
            Some(start) => {
                let found = found.unwrap_or_default();
                assert!(found.starts_with(start), "{found} for {value:?}");
            }
        }
    }
}

#[test]
fn what_fits_is_kept_and_the_plan_stands_in_for_the_rest() {
    let planned = with("name", Value::from("planned"));
    for (answer, name) in [
        (with("name", Value::from(1_u64)), Value::from("planned")),
        (with("name", Value::unknown(Type::String)), Value::from("planned")),
        (with("more", Value::from(1_u64)), Value::from("n")),
        (Value::from("nonsense"), Value::from("planned")),
    ] {
        let settled = settled(answer, &wanted(), &planned);
        assert_eq!(misfit(&settled, &wanted(), false), None);
        assert_eq!(settled.get("name"), Some(&name));
    }
    let unknown = with("name", Value::unknown(Type::String));
    let nothing = settled(unknown.clone(), &wanted(), &unknown);
    assert_eq!(nothing.get("name"), Some(&Value::null_of(Type::String)));
    assert!(settled(Value::null(), &wanted(), &planned).is_null());
}
