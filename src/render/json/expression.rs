//! Expressions as the plan's document shows them: a constant, or what they refer to.

use serde_json::{Map, Value as Json, json};
use skyform_diag::{SourceMap, Span};
use skyform_lang::config::{Reference, Subject};
use skyform_lang::eval::constant;
use skyform_lang::syntax::{self, Body, Expr};
use skyform_value::schema::{Block, Nesting};
use skyform_value::{InstanceKey, Mode, Step};

use super::value::plain;

/// The files that expressions were read from.
#[derive(Clone, Copy)]
pub(super) struct Texts<'a>(pub &'a SourceMap);

impl Texts<'_> {
    /// A piece of a file, without the quotes that JSON syntax has around it.
    pub(super) fn of(self, span: Span) -> String {
        self.0.text(span).trim_matches('"').to_owned()
    }

    fn is_json(self, span: Span) -> bool {
        self.0.get(span.source).is_some_and(|source| source.name.ends_with(".json"))
    }
}

/// An expression: `constant_value` where it is one, `references` where it has some.
pub(super) fn expression_json(expression: &Expr, texts: Texts<'_>) -> Json {
    let mut json = Map::new();
    let references: Vec<Json> =
        expression.references().iter().flat_map(reference_texts).map(Json::from).collect();
    if texts.is_json(expression.span) {
        // In JSON syntax, text is shown as it stands, with what is to be filled in.
        let written = serde_json::from_str(texts.0.text(expression.span));
        json.extend(written.ok().map(|written: Json| ("constant_value".to_owned(), written)));
    } else if let Some(value) = constant(expression) {
        json.insert("constant_value".to_owned(), plain(&value));
    }
    if !references.is_empty() {
        json.insert("references".to_owned(), Json::from(references));
    }
    Json::Object(json)
}

/// The arguments and nested blocks of a body, as far as the schema knows them.
pub(super) fn body_json(body: &Body, schema: &Block, texts: Texts<'_>) -> Map<String, Json> {
    let mut json = Map::new();
    for attribute in body.attributes.values() {
        if schema.attributes.contains_key(&attribute.name) {
            json.insert(attribute.name.to_string(), expression_json(&attribute.expr, texts));
        } else if let Some(nested) = schema.blocks.get(&attribute.name)
            && let Some(blocks) = syntax::blocks_of(attribute, 0)
        {
            let written = blocks.iter().map(|b| (b, &b.body));
            nest(&mut json, &attribute.name, nested, written, texts);
        }
    }
    for (name, nested) in &schema.blocks {
        let written = body.blocks.iter().filter(|block| block.kind == *name);
        nest(&mut json, name, nested, written.map(|block| (block, &block.body)), texts);
    }
    let mut entries: Vec<(String, Json)> = json.into_iter().collect();
    entries.sort_by(|left, right| left.0.cmp(&right.0));
    entries.into_iter().collect()
}

fn nest<'b>(
    json: &mut Map<String, Json>,
    name: &str,
    nested: &skyform_value::schema::NestedBlock,
    blocks: impl Iterator<Item = (&'b syntax::Block, &'b Body)>,
    texts: Texts<'_>,
) {
    let content = |body: &Body| Json::Object(body_json(body, &nested.block, texts));
    let mut blocks = blocks.peekable();
    if blocks.peek().is_none() {
        return;
    }
    let written = match nested.nesting {
        Nesting::Single | Nesting::Group => {
            blocks.next().map_or_else(|| json!({}), |(_, body)| content(body))
        }
        Nesting::List | Nesting::Set => blocks.map(|(_, body)| content(body)).collect(),
        Nesting::Map => {
            let labelled = blocks.filter_map(|(block, body)| {
                let (label, _) = block.labels.first()?;
                Some((label.to_string(), content(body)))
            });
            Json::Object(labelled.collect())
        }
    };
    json.insert(name.to_owned(), written);
}

/// A reference and what it leads through, longest first, down to the object that it is about.
pub(super) fn reference_texts(reference: &Reference) -> Vec<String> {
    let (bases, whole) = bases(&reference.subject);
    let steps = match &reference.subject {
        // What these stand for is not an object of the configuration.
        Subject::Each(_) | Subject::CountIndex | Subject::Path(_) | Subject::Terraform(_) => &[],
        _ => reference.rest.as_slice(),
    };
    let mut texts = Vec::with_capacity(steps.len() + bases.len() + 1);
    for length in (1..=steps.len()).rev() {
        let mut text = whole.clone();
        steps[..length].iter().for_each(|step| push_step(&mut text, step));
        texts.push(text);
    }
    texts.push(whole);
    texts.extend(bases);
    texts
}

/// The text of a subject, behind what it is an instance or an output of.
fn bases(subject: &Subject) -> (Vec<String>, String) {
    let keyed = |base: String, key: &Option<InstanceKey>| match key {
        Some(key) => (vec![base.clone()], format!("{base}{key}")),
        None => (Vec::new(), base),
    };
    match subject {
        Subject::Variable(name) => (Vec::new(), format!("var.{name}")),
        Subject::Local(name) => (Vec::new(), format!("local.{name}")),
        Subject::Path(name) => (Vec::new(), format!("path.{name}")),
        Subject::Terraform(name) => (Vec::new(), format!("terraform.{name}")),
        Subject::Each(name) => (Vec::new(), format!("each.{name}")),
        Subject::CountIndex => (Vec::new(), "count.index".to_owned()),
        Subject::SelfObject => (Vec::new(), "self".to_owned()),
        Subject::Resource(key, instance) => {
            let prefix = match key.mode {
                Mode::Managed => "",
                Mode::Data => "data.",
                Mode::Ephemeral => "ephemeral.",
            };
            keyed(format!("{prefix}{}.{}", key.type_name, key.name), instance)
        }
        Subject::Module(name, instance, None) => keyed(format!("module.{name}"), instance),
        Subject::Module(name, instance, Some(output)) => {
            let (_, call) = keyed(format!("module.{name}"), instance);
            (vec![call.clone()], format!("{call}.{output}"))
        }
    }
}

fn push_step(text: &mut String, step: &Step) {
    match step {
        Step::Attribute(name) => {
            text.push('.');
            text.push_str(name);
        }
        Step::Index(index) => text.push_str(&InstanceKey::Index(*index).to_string()),
        Step::Key(key) => text.push_str(&InstanceKey::Name(key.clone()).to_string()),
        Step::Element(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(file: &str, text: &str, start: usize) -> Json {
        let mut sources = SourceMap::default();
        let id = sources.add(file, text);
        let mut expression = syntax::parse_expression(id, &text[start..]).expect("it parses");
        expression.span = Span::new(id, start, text.len());
        expression_json(&expression, Texts(&sources))
    }

    #[test]
    fn references_stand_with_what_they_lead_through() {
        let table: [(&str, Json); 11] = [
            ("1 + 1", json!({"constant_value": 2})),
            ("upper(\"x\")", json!({})),
            ("var.a.b[0]", json!({"references": ["var.a.b[0]", "var.a.b", "var.a"]})),
            ("[var.a, var.a]", json!({"references": ["var.a", "var.a"]})),
            ("each.value.x", json!({"references": ["each.value"]})),
            ("local.l[\"k\"]", json!({"references": ["local.l[\"k\"]", "local.l"]})),
            ("a.b[*].id", json!({"references": ["a.b"]})),
            ("a.b[0].c.d", json!({"references": ["a.b[0].c.d", "a.b[0].c", "a.b[0]", "a.b"]})),
            ("data.a.b.c", json!({"references": ["data.a.b.c", "data.a.b"]})),
            (
                "module.m[\"k\"].out.p",
                json!({"references": ["module.m[\"k\"].out.p", "module.m[\"k\"].out", "module.m[\"k\"]"]}),
            ),
            ("[for k, v in var.m : k]", json!({"references": ["var.m"]})),
        ];
        for (text, expected) in table {
            assert_eq!(shown("main.tf", text, 0), expected, "{text}");
        }
    }

    #[test]
    fn text_in_json_syntax_is_shown_as_it_stands() {
        let found = shown("main.tf.json", "\"x-${var.a}\"", 0);
        assert_eq!(found, json!({"constant_value": "x-${var.a}", "references": ["var.a"]}));
    }
}
