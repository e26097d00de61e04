//! Reads one YAML document into the value that it implies.
//!
//! The parser gives events; here they become values: anchors, merge keys, tags.

use std::collections::{BTreeMap, HashMap};

use saphyr_parser::{Event, Parser, ScalarStyle, StrInput};
use skyform_value::{Kind, Str, Value};

use super::scalar::{self, Tag};

/// Values in values deeper than this are refused rather than followed.
const MAX_DEPTH: usize = 500;
/// More values than this, counted through all references to anchors, are refused.
const MAX_VALUES: usize = 1_000_000;

const MERGE: &str = "<<";

/// The value of a document, or what is wrong with it.
pub(crate) fn decode(text: &str) -> Result<Value, String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.lines().take_while(|line| line.starts_with('%')).any(is_other_version) {
        return Err("found incompatible YAML document".to_owned());
    }
    if text.chars().any(is_forbidden) {
        return Err("control characters are not allowed".to_owned());
    }
    // The parser takes a tab at the beginning for a blank.
    if text.trim_start_matches([' ', '\n']).starts_with('\t') {
        return Err("found character that cannot start any token".to_owned());
    }
    let parser = Parser::new_from_str(text);
    // Without a line break at the end of the text, a block of text has none at its end either.
    let end = if text.ends_with('\n') { usize::MAX } else { text.chars().count() };
    let anchors = HashMap::new();
    let mut decoder = Decoder { parser, end, anchors, line: 1, column: 1, values: 0 };
    decoder.document()
}

/// Characters that YAML's text must not have as they are.
fn is_forbidden(character: char) -> bool {
    !matches!(character, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{fffd}' | '\u{10000}'..)
}

/// Whether a directive asks for another version than 1.1.
fn is_other_version(directive: &str) -> bool {
    directive.strip_prefix("%YAML").is_some_and(|version| version.trim() != "1.1")
}

struct Decoder<'t> {
    parser: Parser<'t, StrInput<'t>>,
    /// Where a text without a last line break ends.
    end: usize,
    /// What each anchor stands for and how many values that is; none while it is being read.
    anchors: HashMap<usize, Option<(Value, usize)>>,
    /// Where the last event began.
    line: usize,
    column: usize,
    values: usize,
}

/// A key of a mapping.
enum Key {
    Name(Str),
    /// The entries of the value are the mapping's own.
    Merge,
}

impl<'t> Decoder<'t> {
    fn next(&mut self) -> Result<Event<'t>, String> {
        match self.parser.next_event() {
            Some(Ok((event, span))) => {
                self.line = span.start.line();
                self.column = span.start.col() + 1;
                Ok(match event {
                    Event::Scalar(text, style, anchor, tag)
                        if span.end.index() >= self.end
                            && is_block(style)
                            && text.ends_with('\n') =>
                    {
                        let text = text[..text.len() - 1].to_owned();
                        Event::Scalar(text.into(), style, anchor, tag)
                    }
                    event => event,
                })
            }
            Some(Err(error)) => {
                let at = error.marker();
                Err(format!("on line {}, column {}: {}", at.line(), at.col() + 1, error.info()))
            }
            None => Ok(Event::StreamEnd),
        }
    }

    fn here(&self, what: &str) -> String {
        format!("on line {}, column {}: {what}", self.line, self.column)
    }

    fn document(&mut self) -> Result<Value, String> {
        self.next()?;
        if !matches!(self.next()?, Event::DocumentStart(_)) {
            return Err(self.here("missing start of document"));
        }
        let event = self.next()?;
        let value = self.value(event, 0)?;
        self.next()?;
        if !matches!(self.next()?, Event::StreamEnd) {
            return Err(self.here("unexpected extra content after value"));
        }
        Ok(value)
    }

    fn value(&mut self, event: Event<'t>, depth: usize) -> Result<Value, String> {
        if depth > MAX_DEPTH {
            return Err(self.here("values are nested too deeply"));
        }
        self.count(1)?;
        let before = self.values;
        let (anchor, value) = match event {
            Event::Alias(anchor) => return self.referred(anchor),
            Event::Scalar(text, style, anchor, tag) => {
                let tag = tag.as_deref().map(Tag::of).transpose()?;
                (anchor, scalar::resolve(&text, style == ScalarStyle::Plain, tag)?)
            }
            Event::SequenceStart(anchor, tag) => {
                self.anchors.insert(anchor, None);
                Tag::of_collection(tag.as_deref(), "sequence", "seq")?;
                (anchor, self.sequence(depth)?)
            }
            Event::MappingStart(anchor, tag) => {
                self.anchors.insert(anchor, None);
                Tag::of_collection(tag.as_deref(), "mapping", "map")?;
                (anchor, self.mapping(depth)?)
            }
            _ => return Err(self.here("a value is missing")),
        };
        // What has no anchor has the number 0.
        if anchor != 0 {
            self.anchors.insert(anchor, Some((value.clone(), self.values - before + 1)));
        }
        Ok(value)
    }

    fn count(&mut self, values: usize) -> Result<(), String> {
        self.values = self.values.saturating_add(values);
        if self.values > MAX_VALUES {
            return Err(self.here("more than a million values, counted through all references"));
        }
        Ok(())
    }

    fn referred(&mut self, anchor: usize) -> Result<Value, String> {
        match self.anchors.get(&anchor).cloned() {
            Some(Some((value, values))) => {
                self.count(values)?;
                Ok(value)
            }
            _ => Err(self.here("an anchor that is not defined, or not yet")),
        }
    }

    fn sequence(&mut self, depth: usize) -> Result<Value, String> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                Event::SequenceEnd => return Ok(Value::tuple(items)),
                event => items.push(self.value(event, depth + 1)?),
            }
        }
    }

    fn mapping(&mut self, depth: usize) -> Result<Value, String> {
        let mut entries = BTreeMap::new();
        loop {
            let event = self.next()?;
            if matches!(event, Event::MappingEnd) {
                return Ok(Value::object(entries));
            }
            let key = self.key(event, depth)?;
            let event = self.next()?;
            let value = self.value(event, depth + 1)?;
            match key {
                Key::Name(name) => {
                    entries.insert(name, value);
                }
                Key::Merge => match value.as_table() {
                    Some(table) => entries.extend(table.clone()),
                    None => return Err(self.here("only a mapping can be merged")),
                },
            }
        }
    }

    fn key(&mut self, event: Event<'t>, depth: usize) -> Result<Key, String> {
        if let Event::Scalar(text, _, _, None) = &event
            && text == MERGE
        {
            return Ok(Key::Merge);
        }
        let anchor = if let Event::Scalar(_, _, anchor, _) = &event { *anchor } else { 0 };
        let key = self.value(event, depth + 1)?;
        // Keys cannot be referred to.
        self.anchors.remove(&anchor);
        Ok(Key::Name(match key.kind() {
            Kind::String(text) => text.clone(),
            Kind::Bool(truth) => Str::from(truth.to_string()),
            Kind::Number(number) => Str::from(number.to_string()),
            Kind::Null(_) => return Err("mapping key cannot be null".to_owned()),
            _ => return Err("only strings are allowed as mapping keys".to_owned()),
        }))
    }
}

fn is_block(style: ScalarStyle) -> bool {
    matches!(style, ScalarStyle::Literal | ScalarStyle::Folded)
}
