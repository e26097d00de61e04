//! Bodies to objects, as a schema says.

use std::collections::BTreeMap;

use skyform_diag::{Diagnostic, Diagnostics, Span, error_at};
use skyform_value::schema::{
    Attribute as AttributeSchema, Block as BlockSchema, NestedBlock, Nesting,
};
use skyform_value::{Kind, Marks, Path, Step, Str, Type, Value, convert};

use super::evaluator::brief;
use super::{Evaluator, Scope};
use crate::syntax::{Attribute, Block, Body, blocks_of};

/// A block's labels and its value.
type Labelled = (Vec<Str>, Value);

impl Evaluator<'_> {
    /// Evaluates a body as an object of the schema's type. All that is wrong is reported at once.
    ///
    /// # Errors
    /// If anything is wrong.
    pub fn decode(
        &self,
        body: &Body,
        schema: &BlockSchema,
        scope: &Scope,
    ) -> Result<Value, Diagnostics> {
        let mut diagnostics = Diagnostics::new();
        let mut failed = false;
        let value = self.decode_body(body, schema, scope, &mut diagnostics, &mut failed);
        if failed || diagnostics.has_errors() { Err(diagnostics) } else { Ok(value) }
    }

    fn decode_body(
        &self,
        body: &Body,
        schema: &BlockSchema,
        scope: &Scope,
        diagnostics: &mut Diagnostics,
        failed: &mut bool,
    ) -> Value {
        unexpected(body, schema, diagnostics);
        let mut object: BTreeMap<Str, Value> = BTreeMap::new();
        for (name, attribute_schema) in &schema.attributes {
            let decoded = match body.attributes.get(name) {
                Some(attribute) => self.decode_attribute(attribute, attribute_schema, scope),
                None if attribute_schema.required => Err(error_at!(
                    body.span.at_start(),
                    "Missing required argument",
                    "The argument \"{name}\" is required, but no definition was found."
                )
                .into()),
                None => Ok(Value::null_of(attribute_schema.ty.without_optional())),
            };
            let value = decoded.unwrap_or_else(|errors| {
                *failed = true;
                diagnostics.extend(errors);
                Value::unknown(attribute_schema.ty.without_optional())
            });
            object.insert(name.clone(), value);
        }
        for (name, nested) in &schema.blocks {
            let blocks = self.blocks_named(body, name, nested, scope, diagnostics, failed);
            let value = self.decode_nested(name, nested, blocks, body, diagnostics, failed);
            object.insert(name.clone(), value);
        }
        Value::from(Kind::Object(object.into()))
    }

    fn decode_attribute(
        &self,
        attribute: &Attribute,
        schema: &AttributeSchema,
        scope: &Scope,
    ) -> Result<Value, Diagnostics> {
        let name = &attribute.name;
        if !schema.required && !schema.optional {
            return Err(error_at!(
                attribute.name_span,
                "Value for unconfigurable attribute",
                "\"{name}\" is set by the provider and cannot be given."
            )
            .into());
        }
        let given = self.evaluate(&attribute.expr, scope)?;
        let given = match &schema.reference {
            Some(part) => referenced(&given, part),
            None => given,
        };
        if schema.required && given.is_null() {
            return Err(error_at!(
                attribute.expr.span,
                "Missing required argument",
                "The argument \"{name}\" is required, but its value is null."
            )
            .into());
        }
        let converted = convert(&given, &schema.ty).map_err(|error| {
            let inside =
                if error.path.0.is_empty() { String::new() } else { format!("{}: ", error.path) };
            let mut diagnostic = error_at!(
                attribute.expr.span,
                "Incorrect attribute value type",
                "The value is not suitable for the attribute \"{name}\": {inside}{}.",
                error.message
            );
            if !given.has_mark(Marks::SENSITIVE) && attribute.expr.as_literal().is_none() {
                diagnostic = diagnostic.value(name.to_string(), brief(&given));
            }
            Diagnostics::from(diagnostic)
        })?;
        Ok(if schema.sensitive { converted.with_marks(Marks::SENSITIVE) } else { converted })
    }

    /// The blocks of a type with the surroundings of each: written ones, those of JSON syntax, and
    /// those that `dynamic` makes; an unknown number of them is `None`.
    fn blocks_named(
        &self,
        body: &Body,
        name: &str,
        nested: &NestedBlock,
        scope: &Scope,
        diagnostics: &mut Diagnostics,
        failed: &mut bool,
    ) -> Option<Vec<Labelled>> {
        let labels = usize::from(nested.nesting == Nesting::Map);
        let mut found = Vec::new();
        let mut unknown = false;
        let from_json =
            body.attributes.get(name).and_then(|attribute| blocks_of(attribute, labels));
        let written = body.blocks.iter().chain(from_json.iter().flatten());
        let written: Vec<&Block> = written.collect();
        for block in written {
            let is_dynamic =
                block.kind == "dynamic" && block.labels.first().is_some_and(|(l, _)| l == name);
            if block.kind == name {
                if block.labels.len() != labels {
                    diagnostics.push(error_at!(
                        block.span,
                        "Wrong number of block labels",
                        "\"{name}\" blocks have {labels} label{}; this one has {}.",
                        if labels == 1 { "" } else { "s" },
                        block.labels.len()
                    ));
                    continue;
                }
                let labels = block.labels.iter().map(|(label, _)| label.clone()).collect();
                let value =
                    self.decode_body(&block.body, &nested.block, scope, diagnostics, failed);
                found.push((labels, value));
            } else if is_dynamic {
                match self.dynamic(block, nested, scope, diagnostics, failed) {
                    Ok(Some(blocks)) => found.extend(blocks),
                    Ok(None) => unknown = true,
                    Err(errors) => {
                        *failed = true;
                        diagnostics.extend(errors);
                    }
                }
            }
        }
        (!unknown).then_some(found)
    }

    fn dynamic(
        &self,
        block: &Block,
        nested: &NestedBlock,
        scope: &Scope,
        diagnostics: &mut Diagnostics,
        failed: &mut bool,
    ) -> Result<Option<Vec<Labelled>>, Diagnostics> {
        let name = block.labels.first().map(|(label, _)| label.clone()).unwrap_or_default();
        let Some(for_each) = block.body.attributes.get("for_each") else {
            return Err(error_at!(
                block.span,
                "Missing required argument",
                "A dynamic block needs \"for_each\"."
            )
            .into());
        };
        let Some(content) = block.body.blocks.iter().find(|inner| inner.kind == "content") else {
            return Err(error_at!(
                block.span,
                "Missing \"content\" block",
                "A dynamic block needs a \"content\" block with what each generated block contains."
            )
            .into());
        };
        let iterator =
            block.body.attributes.get("iterator").and_then(|a| a.expr.as_name().cloned());
        let iterator = iterator.unwrap_or(name);
        let collection = self.evaluate(&for_each.expr, scope)?;
        let Some(pairs) = super::for_expression::pairs(&collection, for_each.expr.span)? else {
            return Ok(None);
        };
        let mut blocks = Vec::with_capacity(pairs.len());
        for (key, value) in pairs {
            let element = Value::object([("key", key), ("value", value)]);
            scope.binding([(iterator.clone(), element)], || {
                let mut labels = Vec::new();
                if let Some(given) = block.body.attributes.get("labels") {
                    let value = self.evaluate(&given.expr, scope)?;
                    let items = value.as_slice().unwrap_or_default();
                    labels.extend(items.iter().filter_map(|label| label.as_str().map(Str::from)));
                }
                let value =
                    self.decode_body(&content.body, &nested.block, scope, diagnostics, failed);
                blocks.push((labels, value));
                Ok::<(), Diagnostics>(())
            })?;
        }
        Ok(Some(blocks))
    }

    fn decode_nested(
        &self,
        name: &str,
        nested: &NestedBlock,
        blocks: Option<Vec<Labelled>>,
        body: &Body,
        diagnostics: &mut Diagnostics,
        failed: &mut bool,
    ) -> Value {
        let Some(blocks) = blocks else {
            return Value::unknown(nested.implied_type());
        };
        let place = || {
            let mut spans =
                body.blocks.iter().filter(|block| block.kind == name).map(|block| block.span);
            spans.next_back().unwrap_or(body.span.at_start())
        };
        let most = match nested.nesting {
            Nesting::Single | Nesting::Group => 1,
            _ => nested.max_items,
        };
        let count = blocks.len() as u64;
        if most > 0 && count > most {
            diagnostics.push(error_at!(
                place(),
                "Too many blocks",
                "There may be at most {most} \"{name}\" block{} here.",
                if most == 1 { "" } else { "s" }
            ));
        }
        if count < nested.min_items {
            diagnostics.push(error_at!(
                body.span.at_start(),
                "Insufficient blocks",
                "At least {} \"{name}\" block{} needed here.",
                nested.min_items,
                if nested.min_items == 1 { " is" } else { "s are" }
            ));
        }
        let object = nested.block.implied_type();
        match nested.nesting {
            Nesting::Single => match blocks.into_iter().next() {
                Some((_, value)) => value,
                None => Value::null_of(object),
            },
            Nesting::Group => match blocks.into_iter().next() {
                Some((_, value)) => value,
                None => {
                    let empty = Body::empty(body.span.at_start());
                    let scope = Scope::new(
                        crate::config::ModuleId(0),
                        skyform_value::ModuleInstance::root(),
                    );
                    self.decode_body(&empty, &nested.block, &scope, diagnostics, failed)
                }
            },
            Nesting::List if object.has_any() => Value::tuple(blocks.into_iter().map(|(_, v)| v)),
            Nesting::List => Value::list(object, blocks.into_iter().map(|(_, v)| v).collect()),
            Nesting::Set => Value::set(object, blocks.into_iter().map(|(_, v)| v).collect()),
            Nesting::Map => {
                let mut table = BTreeMap::new();
                for (labels, value) in blocks {
                    let label = labels.into_iter().next().unwrap_or_default();
                    if table.insert(label.clone(), value).is_some() {
                        diagnostics.push(error_at!(
                            place(),
                            "Duplicate block",
                            "There are two \"{name}\" blocks with the label \"{label}\"."
                        ));
                    }
                }
                if object.has_any() { Value::object(table) } else { Value::map(object, table) }
            }
        }
    }
}

/// For an object or unknown given where its attribute `part` is meant: that attribute.
fn referenced(given: &Value, part: &str) -> Value {
    match given.kind() {
        Kind::Object(attributes) => match attributes.get(part) {
            Some(found) => found.clone().with_marks(given.marks()),
            None => given.clone(),
        },
        Kind::Unknown(unknown) if matches!(unknown.ty, Type::Object(_)) => {
            Value::unknown(Type::Any).with_marks(given.marks())
        }
        Kind::List(_) | Kind::Tuple(_) | Kind::Set(_) => {
            let items = given.as_slice().unwrap_or_default();
            Value::tuple(items.iter().map(|item| referenced(item, part))).with_marks(given.marks())
        }
        _ => given.clone(),
    }
}

fn unexpected(body: &Body, schema: &BlockSchema, diagnostics: &mut Diagnostics) {
    for attribute in body.attributes.values() {
        let name = attribute.name.as_str();
        if schema.attributes.contains_key(name) {
            continue;
        }
        if let Some(nested) = schema.blocks.get(name) {
            let labels = usize::from(nested.nesting == Nesting::Map);
            if blocks_of(attribute, labels).is_some() {
                continue;
            }
            diagnostics.push(error_at!(
                attribute.name_span,
                "Unsupported argument",
                "\"{name}\" is a block here, not an argument.";
                hint: "Write it without the equals sign: {name} {{ ... }}"
            ));
            continue;
        }
        let known = schema.attributes.iter().filter(|(_, a)| a.required || a.optional);
        let known =
            known.map(|(name, _)| name.as_str()).chain(schema.blocks.keys().map(Str::as_str));
        diagnostics.push(
            error_at!(
                attribute.name_span,
                "Unsupported argument",
                "An argument named \"{name}\" is not expected here."
            )
            .did_you_mean(name, known),
        );
    }
    for block in &body.blocks {
        let dynamic = block.kind == "dynamic";
        let name = match block.labels.first() {
            Some((label, _)) if dynamic => label.as_str(),
            _ => block.kind.as_str(),
        };
        if schema.blocks.contains_key(name) {
            continue;
        }
        let mut diagnostic: Diagnostic = error_at!(
            block.kind_span,
            "Unsupported block type",
            "Blocks of type \"{name}\" are not expected here."
        );
        diagnostic = if schema.attributes.contains_key(name) {
            diagnostic.hint(format!("It is an argument: {name} = ..."))
        } else {
            diagnostic.did_you_mean(name, schema.blocks.keys().map(Str::as_str))
        };
        diagnostics.push(diagnostic);
    }
}

/// Where the attribute at a path is written in a body; as much of the path as is written.
pub fn attribute_span(body: &Body, path: &Path) -> Option<Span> {
    let (first, rest) = path.0.split_first()?;
    let Step::Attribute(name) = first else { return None };
    if let Some(attribute) = body.attributes.get(name) {
        return Some(attribute.expr.span);
    }
    let mut blocks = body.blocks.iter().filter(|block| block.kind == *name);
    match rest.split_first() {
        Some((Step::Index(index), rest)) => {
            let block = blocks.nth(usize::try_from(*index).ok()?)?;
            Some(attribute_span(&block.body, &Path(rest.to_vec())).unwrap_or(block.span))
        }
        Some((Step::Key(key) | Step::Attribute(key), rest)) => {
            let labelled = blocks.clone().find(|b| b.labels.first().is_some_and(|(l, _)| l == key));
            match labelled {
                Some(block) => {
                    Some(attribute_span(&block.body, &Path(rest.to_vec())).unwrap_or(block.span))
                }
                None => {
                    let block = blocks.next()?;
                    Some(
                        attribute_span(&block.body, &Path(path.0[1..].to_vec()))
                            .unwrap_or(block.span),
                    )
                }
            }
        }
        _ => blocks.next().map(|block| block.span),
    }
}
