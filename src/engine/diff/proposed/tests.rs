//! The merge rules, one by one.

use skyform_value::Type;
use skyform_value::schema::Attribute;

use super::*;

fn block() -> Block {
    let inner = Block::with([
        ("size", Attribute::required(Type::Number)),
        ("id", Attribute::computed(Type::String)),
    ]);
    Block::with([
        ("name", Attribute::required(Type::String)),
        ("tag", Attribute::optional(Type::String)),
        ("zone", Attribute::optional_computed(Type::String)),
        ("id", Attribute::computed(Type::String)),
    ])
    .nest("disk", Nesting::List, inner.clone())
    .nest("port", Nesting::Set, inner.clone())
    .nest("limit", Nesting::Single, inner)
}

fn text(value: Option<&str>) -> Value {
    value.map_or_else(|| Value::null_of(Type::String), Value::from)
}

fn inner(size: i64, id: Option<&str>) -> Value {
    Value::object([("size", Value::from(size)), ("id", text(id))])
}

fn object(
    texts: [Option<&str>; 4],
    disks: Vec<Value>,
    ports: Vec<Value>,
    limit: Option<Value>,
) -> Value {
    let element = inner(1, None).ty();
    let [name, tag, zone, id] = texts.map(text);
    Value::object([
        ("name", name),
        ("tag", tag),
        ("zone", zone),
        ("id", id),
        ("disk", Value::list(element.clone(), disks)),
        ("port", Value::set(element.clone(), ports)),
        ("limit", limit.unwrap_or_else(|| Value::null_of(element))),
    ])
}

#[test]
fn computed_attributes_come_from_prior_where_config_is_silent() {
    let prior = object([Some("a"), Some("t"), Some("z"), Some("1")], vec![], vec![], None);
    let config = object([Some("b"), None, None, None], vec![], vec![], None);
    let expected = object([Some("b"), None, Some("z"), Some("1")], vec![], vec![], None);
    assert_eq!(proposed(&block(), &prior, &config), expected);
}

#[test]
fn blocks_match_by_index_and_by_what_config_can_tell() {
    let prior = object(
        [Some("a"), None, None, None],
        vec![inner(1, Some("d1")), inner(2, Some("d2"))],
        vec![inner(80, Some("p80")), inner(443, Some("p443"))],
        Some(inner(5, Some("l"))),
    );
    let config = object(
        [Some("a"), None, None, None],
        vec![inner(9, None)],
        vec![inner(443, None), inner(22, None)],
        Some(inner(6, None)),
    );
    let expected = object(
        [Some("a"), None, None, None],
        vec![inner(9, Some("d1"))],
        vec![inner(443, Some("p443")), inner(22, None)],
        Some(inner(6, Some("l"))),
    );
    assert_eq!(proposed(&block(), &prior, &config), expected);
}

#[test]
fn a_new_object_is_its_configuration() {
    let config = object([Some("a"), None, None, None], vec![inner(1, None)], vec![], None);
    let none = Value::null_of(block().implied_type());
    assert_eq!(proposed(&block(), &none, &config), config);
    assert_eq!(proposed(&block(), &none, &none), none);
    assert_eq!(proposed(&block(), &config, &none), config);
}

#[test]
fn an_empty_block_has_empty_collections() {
    let expected = object([None; 4], vec![], vec![], None);
    assert_eq!(empty_object(&block()), expected);
}
