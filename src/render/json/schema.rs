//! Schemas of providers and signatures of functions.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};
use skyform_lang::functions::{SignatureParameter, describe as described, signatures};
use skyform_value::json::type_to_json;
use skyform_value::schema::{Attribute, Block, NestedBlock, Nesting, Schema};
use skyform_value::{Str, Type};

/// All that a provider offers.
pub struct ProviderSchemas<'a> {
    /// Source address.
    pub source: &'a str,
    /// The provider's own configuration.
    pub provider: &'a Schema,
    /// Managed resource types.
    pub resources: BTreeMap<&'a Str, &'a Schema>,
    /// Data sources.
    pub data_sources: BTreeMap<&'a Str, &'a Schema>,
    /// Ephemeral resources.
    pub ephemeral: BTreeMap<&'a Str, &'a Schema>,
}

/// What `providers schema -json` prints.
pub fn schemas_json(providers: &[ProviderSchemas<'_>]) -> Json {
    let mut schemas = Map::new();
    for provider in providers {
        let mut json = Map::new();
        json.insert("provider".to_owned(), schema_json(provider.provider));
        for (name, found) in [
            ("resource_schemas", &provider.resources),
            ("data_source_schemas", &provider.data_sources),
            ("ephemeral_resource_schemas", &provider.ephemeral),
        ] {
            let by_name: BTreeMap<&str, &Schema> =
                found.iter().map(|(name, schema)| (name.as_str(), *schema)).collect();
            if !by_name.is_empty() {
                let entries = by_name.into_iter();
                let entries = entries.map(|(name, schema)| (name.to_owned(), schema_json(schema)));
                json.insert(name.to_owned(), Json::Object(entries.collect()));
            }
        }
        schemas.insert(provider.source.to_owned(), Json::Object(json));
    }
    json!({"format_version": "1.0", "provider_schemas": schemas})
}

fn schema_json(schema: &Schema) -> Json {
    let mut json = json!({"version": schema.version});
    if schema.block != Block::default() {
        json["block"] = block_json(&schema.block);
    }
    json
}

fn block_json(block: &Block) -> Json {
    let mut json = Map::new();
    let attributes: BTreeMap<&Str, &Attribute> = block.attributes.iter().collect();
    if !attributes.is_empty() {
        let entries = attributes.into_iter();
        let entries = entries.map(|(name, a)| (name.to_string(), attribute_json(a)));
        json.insert("attributes".to_owned(), Json::Object(entries.collect()));
    }
    let blocks: BTreeMap<&Str, &NestedBlock> = block.blocks.iter().collect();
    if !blocks.is_empty() {
        let entries = blocks.into_iter();
        let entries = entries.map(|(name, nested)| (name.to_string(), nested_json(nested)));
        json.insert("block_types".to_owned(), Json::Object(entries.collect()));
    }
    describe(&mut json, &block.description);
    if block.deprecated {
        json.insert("deprecated".to_owned(), Json::from(true));
    }
    Json::Object(json)
}

fn attribute_json(attribute: &Attribute) -> Json {
    let mut json = Map::new();
    json.insert("type".to_owned(), type_json(&attribute.ty));
    describe(&mut json, &attribute.description);
    for (name, holds) in [
        ("deprecated", attribute.deprecated),
        ("required", attribute.required),
        ("optional", attribute.optional),
        ("computed", attribute.computed),
        ("sensitive", attribute.sensitive),
        ("write_only", attribute.write_only),
    ] {
        if holds {
            json.insert(name.to_owned(), Json::from(true));
        }
    }
    Json::Object(json)
}

fn nested_json(nested: &NestedBlock) -> Json {
    let mode = match nested.nesting {
        Nesting::Single => "single",
        Nesting::Group => "group",
        Nesting::List => "list",
        Nesting::Set => "set",
        Nesting::Map => "map",
    };
    let mut json = json!({"nesting_mode": mode, "block": block_json(&nested.block)});
    for (name, count) in [("min_items", nested.min_items), ("max_items", nested.max_items)] {
        if count > 0 {
            json[name] = Json::from(count);
        }
    }
    json
}

fn describe(json: &mut Map<String, Json>, description: &str) {
    if description.is_empty() {
        json.insert("description_kind".to_owned(), Json::from("plain"));
    } else {
        json.insert("description".to_owned(), Json::from(description));
        json.insert("description_kind".to_owned(), Json::from("markdown"));
    }
}

fn type_json(ty: &Type) -> Json {
    type_to_json(ty)
}

/// What `metadata functions -json` prints.
pub fn functions_json() -> Json {
    let mut functions: BTreeMap<String, Json> = BTreeMap::new();
    for signature in signatures() {
        let mut json = json!({
            "description": described(signature.name), "return_type": type_json(&signature.returns),
        });
        if !signature.parameters.is_empty() {
            json["parameters"] = signature.parameters.iter().map(parameter_json).collect();
        }
        if let Some(rest) = &signature.variadic {
            json["variadic_parameter"] = parameter_json(rest);
        }
        functions.insert(signature.name.to_owned(), json);
    }
    for name in ["can", "try"] {
        let returns = if name == "can" { Type::Bool } else { Type::Any };
        let expressions =
            SignatureParameter { name: "expressions", ty: Type::Any, nullable: false };
        let mut json = json!({"description": described(name), "return_type": type_json(&returns)});
        match name {
            "can" => {
                let expression = SignatureParameter { name: "expression", ..expressions };
                json["parameters"] = json!([parameter_json(&expression)]);
            }
            _ => json["variadic_parameter"] = parameter_json(&expressions),
        }
        functions.insert(name.to_owned(), json);
    }
    // Every function of the language can be called by its full name too.
    let cores: Vec<(String, Json)> = functions
        .iter()
        .filter(|(name, _)| !name.contains("::"))
        .map(|(name, signature)| (format!("core::{name}"), signature.clone()))
        .collect();
    functions.extend(cores);
    let functions: Map<String, Json> = functions.into_iter().collect();
    json!({"format_version": "1.0", "function_signatures": functions})
}

fn parameter_json(parameter: &SignatureParameter) -> Json {
    let mut json = json!({"name": parameter.name});
    if parameter.nullable {
        json["is_nullable"] = Json::from(true);
    }
    json["type"] = type_json(&parameter.ty);
    json
}
