//! What can be set on a bucket: from configuration to driver, and back.

use skyform_provider_sdk::schema::{Attribute, Block, Nesting};
use skyform_provider_sdk::{BucketSettings, CorsRule, Encryption, LifecycleRule};
use skyform_value::{Str, Type, Value};

use crate::object::{blocks, given, part, text, text_map, texts, truth, whole, with};

/// Names of the attributes and blocks here.
pub(super) const NAMES: [&str; 6] =
    ["versioning", "tags", "public_access", "encryption", "lifecycle_rule", "cors_rule"];

/// The attributes and blocks of what can be set.
pub(super) fn add_to(mut block: Block) -> Block {
    let attributes = [
        (
            "versioning",
            Attribute::optional(Type::Bool).describe("Whether old versions of objects are kept."),
        ),
        ("tags", Attribute::optional(Type::map(Type::String)).describe("Words about it, by name.")),
        (
            "public_access",
            Attribute::optional(Type::Bool).describe("Whether anyone may read its objects."),
        ),
    ];
    for (name, attribute) in attributes {
        block.attributes.insert(name.into(), attribute);
    }
    block
        .nest("encryption", Nesting::Single, encryption_block())
        .nest("lifecycle_rule", Nesting::List, lifecycle_block())
        .nest("cors_rule", Nesting::List, cors_block())
}

fn encryption_block() -> Block {
    Block::with([(
        "key",
        Attribute::optional(Type::String)
            .describe("The cloud's name of the key; without it the cloud's own key."),
    )])
}

fn lifecycle_block() -> Block {
    let days = |text: &str| Attribute::optional(Type::Number).describe(text);
    Block::with([
        ("name", Attribute::required(Type::String).describe("Its name, unique in the bucket.")),
        ("prefix", Attribute::optional(Type::String).describe("Beginning of the keys it is for.")),
        ("expire_days", days("Days until an object is deleted.")),
        ("expire_noncurrent_days", days("Days until an old version is deleted.")),
        ("abort_uploads_days", days("Days until an upload that never ended is given up.")),
    ])
}

fn cors_block() -> Block {
    let texts = || Type::list(Type::String);
    Block::with([
        ("allowed_origins", Attribute::required(texts()).describe("Where pages come from.")),
        ("allowed_methods", Attribute::required(texts()).describe("Methods they may use.")),
        ("allowed_headers", Attribute::optional(texts()).describe("Headers they may send.")),
        ("exposed_headers", Attribute::optional(texts()).describe("Headers they may see.")),
        (
            "max_age_seconds",
            Attribute::optional(Type::Number)
                .describe("How long a browser may remember the permission."),
        ),
    ])
}

/// What is set on the bucket of an object.
pub(super) fn of(object: &Value) -> BucketSettings {
    let small = |value: &Value, name: &str| {
        whole(value, name).map(|number| u32::try_from(number).unwrap_or(u32::MAX))
    };
    let encryption =
        |value: &Value| Encryption { key: Some(text(value, "key")).filter(|key| !key.is_empty()) };
    let lifecycle = |value: &Value| LifecycleRule {
        name: text(value, "name"),
        prefix: text(value, "prefix"),
        expire_days: small(value, "expire_days"),
        expire_noncurrent_days: small(value, "expire_noncurrent_days"),
        abort_uploads_days: small(value, "abort_uploads_days"),
    };
    let cors = |value: &Value| CorsRule {
        allowed_origins: texts(value, "allowed_origins"),
        allowed_methods: texts(value, "allowed_methods"),
        allowed_headers: texts(value, "allowed_headers"),
        exposed_headers: texts(value, "exposed_headers"),
        max_age_seconds: small(value, "max_age_seconds"),
    };
    BucketSettings {
        versioning: truth(object, "versioning"),
        tags: text_map(object, "tags"),
        public_access: truth(object, "public_access"),
        encryption: given(object, "encryption").as_ref().map(encryption),
        lifecycle_rules: blocks(object, "lifecycle_rule").iter().map(lifecycle).collect(),
        cors_rules: blocks(object, "cors_rule").iter().map(cors).collect(),
    }
}

/// The object with what is found set on its bucket, where that differs. How objects are encrypted
/// counts only where the object says something about it: clouds have a way of their own.
pub(super) fn observed(current: &Value, found: &BucketSettings) -> Value {
    let known = of(current);
    let mut now = current.clone();
    let mut set = |name: &str, value: Value| now = with(&now, [(name, value)]);
    if known.versioning != found.versioning {
        set("versioning", Value::from(found.versioning));
    }
    if known.tags != found.tags {
        set("tags", tags(found));
    }
    if known.public_access != found.public_access {
        set("public_access", Value::from(found.public_access));
    }
    if known.encryption.is_some() && known.encryption != found.encryption {
        set("encryption", encryption(found.encryption.as_ref()));
    }
    if known.lifecycle_rules != found.lifecycle_rules {
        set("lifecycle_rule", lifecycle_rules(found));
    }
    if known.cors_rules != found.cors_rules {
        set("cors_rule", cors_rules(found));
    }
    now
}

/// The object as it is to be, with no change where null and the default only say the same.
pub(super) fn unchanged(prior: &Value, proposed: &Value) -> Value {
    let mut planned = proposed.clone();
    for name in ["versioning", "public_access"] {
        let is_known = proposed.get(name).is_some_and(Value::is_known);
        if is_known && truth(prior, name) == truth(proposed, name) {
            planned = with(&planned, [(name, part(prior, name))]);
        }
    }
    planned
}

/// The values of what is set on a bucket that is imported.
pub(super) fn imported(found: &BucketSettings) -> [(&'static str, Value); 6] {
    let no_tags = || Value::null_of(Type::map(Type::String));
    [
        ("versioning", Value::from(found.versioning)),
        ("tags", if found.tags.is_empty() { no_tags() } else { tags(found) }),
        ("public_access", Value::from(found.public_access)),
        ("encryption", encryption(None)),
        ("lifecycle_rule", lifecycle_rules(found)),
        ("cors_rule", cors_rules(found)),
    ]
}

fn tags(settings: &BucketSettings) -> Value {
    let tags = settings.tags.iter();
    let tags = tags.map(|(name, value)| (Str::from(name.as_str()), Value::from(value.as_str())));
    Value::map(Type::String, tags.collect())
}

fn encryption(encryption: Option<&Encryption>) -> Value {
    match encryption {
        None => Value::null_of(encryption_block().implied_type()),
        Some(Encryption { key }) => Value::object([("key", optional_text(key.as_deref()))]),
    }
}

fn lifecycle_rules(settings: &BucketSettings) -> Value {
    let rule = |rule: &LifecycleRule| {
        let prefix = Some(rule.prefix.as_str()).filter(|prefix| !prefix.is_empty());
        Value::object([
            ("name", Value::from(rule.name.as_str())),
            ("prefix", optional_text(prefix)),
            ("expire_days", optional_number(rule.expire_days)),
            ("expire_noncurrent_days", optional_number(rule.expire_noncurrent_days)),
            ("abort_uploads_days", optional_number(rule.abort_uploads_days)),
        ])
    };
    let rules = settings.lifecycle_rules.iter().map(rule);
    Value::list(lifecycle_block().implied_type(), rules.collect())
}

fn cors_rules(settings: &BucketSettings) -> Value {
    let list = |items: &[String]| {
        let items = items.iter().map(|item| Value::from(item.as_str()));
        Value::list(Type::String, items.collect())
    };
    let optional = |items: &[String]| match items {
        [] => Value::null_of(Type::list(Type::String)),
        items => list(items),
    };
    let rule = |rule: &CorsRule| {
        Value::object([
            ("allowed_origins", list(&rule.allowed_origins)),
            ("allowed_methods", list(&rule.allowed_methods)),
            ("allowed_headers", optional(&rule.allowed_headers)),
            ("exposed_headers", optional(&rule.exposed_headers)),
            ("max_age_seconds", optional_number(rule.max_age_seconds)),
        ])
    };
    let rules = settings.cors_rules.iter().map(rule);
    Value::list(cors_block().implied_type(), rules.collect())
}

fn optional_text(text: Option<&str>) -> Value {
    text.map_or_else(|| Value::null_of(Type::String), Value::from)
}

fn optional_number(number: Option<u32>) -> Value {
    number.map_or_else(|| Value::null_of(Type::Number), |number| Value::from(i64::from(number)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> BucketSettings {
        BucketSettings {
            versioning: true,
            tags: [("team".to_owned(), "fraud".to_owned())].into(),
            public_access: true,
            encryption: Some(Encryption { key: Some("k".to_owned()) }),
            lifecycle_rules: vec![LifecycleRule {
                name: "old".to_owned(),
                prefix: "logs/".to_owned(),
                expire_days: Some(30),
                ..LifecycleRule::default()
            }],
            cors_rules: vec![CorsRule {
                allowed_origins: vec!["*".to_owned()],
                allowed_methods: vec!["GET".to_owned()],
                max_age_seconds: Some(60),
                ..CorsRule::default()
            }],
        }
    }

    #[test]
    fn what_is_found_is_what_is_asked_for_next() {
        let nothing = Value::object(imported(&BucketSettings::default()));
        assert_eq!(of(&nothing), BucketSettings::default());
        let seen = observed(&nothing, &all());
        // How the cloud encrypts by itself is no change to what is configured.
        assert_eq!(of(&seen), BucketSettings { encryption: None, ..all() });
        let configured = with(&seen, [("encryption", encryption(all().encryption.as_ref()))]);
        assert_eq!(of(&configured), all());
        assert_eq!(observed(&configured, &all()), configured);
    }

    #[test]
    fn values_have_the_types_of_the_schema() {
        let ty = add_to(Block::default()).implied_type();
        let value = Value::object(imported(&all()));
        assert_eq!(value.ty(), ty);
    }
}
