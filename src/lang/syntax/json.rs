//! JSON syntax into the same tree.
//!
//! JSON does not tell blocks from arguments: at the top of a file, block types are known by name;
//! inside, an object under a known meta-block's name is that block, and the schema decides about
//! the rest when a body is decoded ([`blocks_of`]). Strings are templates, but where a name or
//! reference is meant they are expressions. Source: the language's documentation of JSON syntax.

use indexmap::IndexMap;
use jsonc_parser::ast::{ObjectProp, Value as Json};
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use skyform_diag::{Diagnostic, Diagnostics, SourceId, Span, error_at};
use skyform_value::{Number, Str, Value};

use super::ast::{Attribute, Block, Body, Expr, ExprKind};
use super::parse::{Place, parse_embedded_expression, parse_embedded_template};

/// Arguments whose strings are references, names or types, not text.
const EXPRESSIONS: [&str; 12] = [
    "depends_on",
    "type",
    "provider",
    "providers",
    "ignore_changes",
    "replace_triggered_by",
    "from",
    "to",
    "when",
    "on_failure",
    "iterator",
    "configuration_aliases",
];

/// Block types inside others that every configuration has.
const META_BLOCKS: [(&str, usize); 12] = [
    ("lifecycle", 0),
    ("provisioner", 1),
    ("connection", 0),
    ("validation", 0),
    ("precondition", 0),
    ("postcondition", 0),
    ("assert", 0),
    ("required_providers", 0),
    ("backend", 1),
    ("cloud", 0),
    ("dynamic", 1),
    ("content", 0),
];

/// Parses a file in JSON syntax.
///
/// # Errors
/// The first mistake, at its place.
pub fn parse_json_body(source: SourceId, text: &str) -> Result<Body, Diagnostics> {
    parse(source, text, Top::Blocks)
}

/// Parses a file whose top level is taken as arguments; [`blocks_of`] makes blocks of them.
///
/// # Errors
/// The first mistake, at its place.
pub(crate) fn parse_json_arguments(source: SourceId, text: &str) -> Result<Body, Diagnostics> {
    parse(source, text, Top::Arguments)
}

/// Parses a file of plain values: names with values, in which strings are just text.
///
/// # Errors
/// The first mistake, at its place.
pub fn parse_json_values(source: SourceId, text: &str) -> Result<Body, Diagnostics> {
    parse(source, text, Top::Values)
}

/// What the properties at the top of a file are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Top {
    /// Blocks, where that is what their names or values say.
    Blocks,
    /// Arguments.
    Arguments,
    /// Arguments whose strings are just text.
    Values,
}

fn parse(source: SourceId, text: &str, top: Top) -> Result<Body, Diagnostics> {
    let options = ParseOptions {
        allow_comments: false,
        allow_loose_object_property_names: false,
        allow_trailing_commas: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    let whole = Span::new(source, 0, text.len());
    let parsed = parse_to_ast(text, &CollectOptions::default(), &options).map_err(|error| {
        let range = error.range();
        let span = Span::new(source, range.start, range.end.max(range.start + 1).min(text.len()));
        Diagnostic::error(span, "Invalid JSON", format!("{}.", error.kind()))
    })?;
    let mut reader = Reader { source, top, diagnostics: Diagnostics::new() };
    let body = match &parsed.value {
        Some(Json::Object(object)) => reader.top(&object.properties, whole),
        _ => {
            return Err(Diagnostic::error(
                whole.at_start(),
                "Invalid JSON",
                "A configuration in JSON syntax is one object.",
            )
            .into());
        }
    };
    reader.diagnostics.into_result(body)
}

/// The blocks that an argument of JSON syntax stands for, where the schema says that its name is a
/// block type: an object is one block, an array several; each label is one level of objects.
pub fn blocks_of(attribute: &Attribute, labels: usize) -> Option<Vec<Block>> {
    let mut blocks = Vec::new();
    unfold(attribute, &attribute.expr, labels, &mut Vec::new(), &mut blocks)?;
    Some(blocks)
}

fn unfold(
    attribute: &Attribute,
    expr: &Expr,
    labels: usize,
    above: &mut Vec<(Str, Span)>,
    blocks: &mut Vec<Block>,
) -> Option<()> {
    match &*expr.kind {
        ExprKind::Tuple(items) => {
            for item in items {
                unfold(attribute, item, labels, above, blocks)?;
            }
        }
        ExprKind::Object(items) if above.len() < labels => {
            for (key, value) in items {
                above.push((key.as_literal()?.as_str()?.into(), key.span));
                unfold(attribute, value, labels, above, blocks)?;
                above.pop();
            }
        }
        ExprKind::Object(items) => {
            let mut body = Body::empty(expr.span);
            for (key, value) in items {
                let name = Str::from(key.as_literal()?.as_str()?);
                if name == "//" {
                    continue;
                }
                let inner = Attribute {
                    name: name.clone(),
                    name_span: key.span,
                    expr: value.clone(),
                    span: key.span.to(value.span),
                };
                body.attributes.insert(name, inner);
            }
            blocks.push(Block {
                kind: attribute.name.clone(),
                kind_span: attribute.name_span,
                labels: above.clone(),
                body,
                span: attribute.name_span,
            });
        }
        _ if expr.as_literal().is_some_and(Value::is_null) => {}
        _ => return None,
    }
    Some(())
}

struct Reader {
    source: SourceId,
    top: Top,
    diagnostics: Diagnostics,
}

impl Reader {
    fn span(&self, node: &impl Ranged) -> Span {
        let range = node.range();
        Span::new(self.source, range.start, range.end)
    }

    /// A property's name without the quotes in its span.
    fn name(&self, property: &ObjectProp<'_>) -> (Str, Span) {
        let span = self.span(&property.name);
        (property.name.as_str().into(), span)
    }

    fn top(&mut self, properties: &[ObjectProp<'_>], span: Span) -> Body {
        let mut body = Body::empty(span);
        for property in properties {
            let (name, name_span) = self.name(property);
            let labels = match name.as_str() {
                "//" => continue,
                "resource" | "data" | "ephemeral" => 2,
                "terraform" | "locals" | "moved" | "removed" | "import" => 0,
                _ => 1,
            };
            let is_value = self.top != Top::Blocks
                || !matches!(property.value, Json::Object(_) | Json::Array(_));
            let is_block = !is_value && is_block_type(&name, &property.value, labels);
            if is_block {
                self.blocks(&name, name_span, &property.value, labels, &mut Vec::new(), &mut body);
            } else {
                self.attribute(property, &mut body);
            }
        }
        body
    }

    fn blocks(
        &mut self,
        kind: &Str,
        kind_span: Span,
        json: &Json<'_>,
        labels: usize,
        above: &mut Vec<(Str, Span)>,
        into: &mut Body,
    ) {
        match json {
            Json::Array(items) => {
                for item in &items.elements {
                    self.blocks(kind, kind_span, item, labels, above, into);
                }
            }
            Json::Object(object) if above.len() < labels => {
                for property in &object.properties {
                    if property.name.as_str() == "//" {
                        continue;
                    }
                    above.push(self.name(property));
                    self.blocks(kind, kind_span, &property.value, labels, above, into);
                    above.pop();
                }
            }
            Json::Object(object) => {
                let span = above.last().map_or(kind_span, |(_, last)| *last);
                let body = self.inner(&object.properties, self.span(object));
                let labels = above.clone();
                into.blocks.push(Block { kind: kind.clone(), kind_span, labels, body, span });
            }
            Json::NullKeyword(_) => {}
            other => self.diagnostics.push(error_at!(
                self.span(other),
                "Incorrect JSON value type",
                "\"{kind}\" is a block type: an object or an array of objects is needed here."
            )),
        }
    }

    fn inner(&mut self, properties: &[ObjectProp<'_>], span: Span) -> Body {
        let mut body = Body::empty(span);
        for property in properties {
            let (name, name_span) = self.name(property);
            let meta = META_BLOCKS.iter().find(|(known, _)| *known == name);
            match (meta, &property.value) {
                _ if name == "//" => {}
                (Some((_, labels)), json @ (Json::Object(_) | Json::Array(_))) => {
                    self.blocks(&name, name_span, json, *labels, &mut Vec::new(), &mut body);
                }
                _ => self.attribute(property, &mut body),
            }
        }
        body
    }

    fn attribute(&mut self, property: &ObjectProp<'_>, body: &mut Body) {
        let (name, name_span) = self.name(property);
        let as_expressions = EXPRESSIONS.contains(&name.as_str());
        let expr = self.expression(&property.value, as_expressions);
        let span = name_span.to(expr.span);
        let attribute = Attribute { name: name.clone(), name_span, expr, span };
        if let Some(first) = body.attributes.insert(name.clone(), attribute) {
            self.diagnostics.push(
                error_at!(name_span, "Argument redefined", "The argument \"{name}\" is set twice.")
                    .related(first.name_span, "first set here"),
            );
        }
    }

    fn expression(&mut self, json: &Json<'_>, as_expressions: bool) -> Expr {
        let span = self.span(json);
        let kind = match json {
            Json::NullKeyword(_) => ExprKind::Literal(Value::null()),
            Json::BooleanLit(truth) => ExprKind::Literal(Value::from(truth.value)),
            Json::NumberLit(number) => match Number::parse(number.value) {
                Some(number) => ExprKind::Literal(Value::from(number)),
                None => {
                    self.diagnostics.push(error_at!(
                        span,
                        "Invalid number",
                        "\"{}\" is not a number that can be represented.",
                        number.value
                    ));
                    ExprKind::Literal(Value::null())
                }
            },
            Json::StringLit(string) => return self.string(&string.value, span, as_expressions),
            Json::Array(items) => ExprKind::Tuple(
                items.elements.iter().map(|item| self.expression(item, as_expressions)).collect(),
            ),
            Json::Object(object) => {
                let mut items = IndexMap::new();
                for property in &object.properties {
                    let (name, name_span) = self.name(property);
                    let key = self.string(&name, name_span, false);
                    let value = self.expression(&property.value, as_expressions);
                    items.insert(name, (key, value));
                }
                ExprKind::Object(items.into_values().collect())
            }
        };
        Expr::new(kind, span)
    }

    fn string(&mut self, text: &str, span: Span, as_expression: bool) -> Expr {
        if self.top == Top::Values || !as_expression && !text.contains("${") && !text.contains("%{")
        {
            return Expr::literal(text, span);
        }
        let place = Place { source: self.source, fixed: Some(span) };
        let parsed = if as_expression {
            parse_embedded_expression(place, text)
        } else {
            parse_embedded_template(place, text)
        };
        self.diagnostics.take(parsed).unwrap_or_else(|| Expr::literal(text, span))
    }
}

/// Whether a property at the top of a file is a block: its value has the levels of labels.
fn is_block_type(name: &str, json: &Json<'_>, labels: usize) -> bool {
    let known = [
        "terraform",
        "provider",
        "variable",
        "locals",
        "output",
        "module",
        "resource",
        "data",
        "ephemeral",
        "check",
        "import",
        "moved",
        "removed",
    ];
    if known.contains(&name) {
        return true;
    }
    match json {
        Json::Object(object) if labels > 0 => {
            !object.properties.is_empty()
                && object
                    .properties
                    .iter()
                    .all(|property| matches!(property.value, Json::Object(_) | Json::Array(_)))
        }
        Json::Object(_) => true,
        Json::Array(items) => items.elements.iter().all(|item| is_block_type(name, item, labels)),
        _ => false,
    }
}
