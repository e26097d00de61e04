//! Taking known arguments and blocks out of a body, and complaining about the rest.

use skyform_diag::{Diagnostic, Diagnostics, Span, error_at};
use skyform_value::Str;

use crate::syntax::{Attribute, Block, Body, Expr};

/// A block being decoded: what is known is taken out, what is left is unexpected.
pub(super) struct Arguments<'a> {
    pub(super) body: Body,
    header: Span,
    known: Vec<&'static str>,
    known_blocks: Vec<&'static str>,
    pub(super) diagnostics: &'a mut Diagnostics,
}

impl<'a> Arguments<'a> {
    pub(super) fn new(body: Body, header: Span, diagnostics: &'a mut Diagnostics) -> Self {
        Self { body, header, known: Vec::new(), known_blocks: Vec::new(), diagnostics }
    }

    pub(super) fn optional(&mut self, name: &'static str) -> Option<Attribute> {
        self.known.push(name);
        self.body.take(name)
    }

    pub(super) fn expr(&mut self, name: &'static str) -> Option<Expr> {
        self.optional(name).map(|attribute| attribute.expr)
    }

    pub(super) fn required(&mut self, name: &'static str) -> Option<Attribute> {
        let found = self.optional(name);
        if found.is_none() {
            self.diagnostics.push(error_at!(
                self.header,
                "Missing required argument",
                "The argument \"{name}\" is required, but no definition was found."
            ));
        }
        found
    }

    /// A constant string.
    pub(super) fn string(&mut self, name: &'static str) -> Option<(Str, Span)> {
        let attribute = self.optional(name)?;
        self.constant_string(&attribute)
    }

    pub(super) fn constant_string(&mut self, attribute: &Attribute) -> Option<(Str, Span)> {
        let text = attribute.expr.as_literal().and_then(|value| value.as_str());
        if text.is_none() {
            self.diagnostics.push(error_at!(
                attribute.expr.span,
                "Unsuitable value type",
                "\"{}\" must be a string without anything to be evaluated in it.",
                attribute.name
            ));
        }
        text.map(|text| (text.into(), attribute.expr.span))
    }

    /// A constant bool.
    pub(super) fn bool(&mut self, name: &'static str) -> Option<(bool, Span)> {
        let attribute = self.optional(name)?;
        let value = attribute.expr.as_literal();
        let truth = value.and_then(|value| match value.as_str() {
            Some("true") => Some(true),
            Some("false") => Some(false),
            _ => value.as_bool(),
        });
        if truth.is_none() {
            self.diagnostics.push(error_at!(
                attribute.expr.span,
                "Unsuitable value type",
                "\"{name}\" must be true or false, without anything to be evaluated."
            ));
        }
        truth.map(|truth| (truth, attribute.expr.span))
    }

    pub(super) fn blocks(&mut self, kind: &'static str) -> Vec<Block> {
        self.known_blocks.push(kind);
        self.body.take_blocks(kind)
    }

    /// At most one block of a type.
    pub(super) fn single(&mut self, kind: &'static str) -> Option<Block> {
        let mut found = self.blocks(kind).into_iter();
        let first = found.next()?;
        for second in found {
            self.diagnostics.push(
                error_at!(
                    second.span,
                    "Duplicate block",
                    "There may be only one \"{kind}\" block here."
                )
                .related(first.span, "the first one"),
            );
        }
        Some(first)
    }

    /// Complains about everything that has not been taken.
    pub(super) fn finish(self) {
        for attribute in self.body.attributes.values() {
            let name = &attribute.name;
            let mut diagnostic = error_at!(
                attribute.name_span,
                "Unsupported argument",
                "An argument named \"{name}\" is not expected here."
            );
            if self.known_blocks.contains(&name.as_str()) {
                diagnostic =
                    diagnostic.hint(format!("Did you mean to define a block of type \"{name}\"?"));
            } else {
                diagnostic = diagnostic.did_you_mean(name, self.known.iter().copied());
            }
            self.diagnostics.push(diagnostic);
        }
        for block in &self.body.blocks {
            self.diagnostics.push(unexpected_block(block, &self.known_blocks));
        }
    }
}

/// The complaint about a block that is not expected where it stands.
pub(super) fn unexpected_block(block: &Block, known: &[&str]) -> Diagnostic {
    error_at!(
        block.kind_span,
        "Unsupported block type",
        "Blocks of type \"{}\" are not expected here.",
        block.kind
    )
    .did_you_mean(&block.kind, known.iter().copied())
}

/// The labels of a block, if it has as many as `names`.
pub(super) fn labels<const N: usize>(
    block: &Block,
    names: [&str; N],
    diagnostics: &mut Diagnostics,
) -> Option<[Str; N]> {
    if block.labels.len() != N {
        let expected = if names.is_empty() {
            "no label".to_owned()
        } else {
            format!("{N} label{} ({})", if N == 1 { "" } else { "s" }, names.join(", "))
        };
        diagnostics.push(error_at!(
            block.span,
            if block.labels.len() < N {
                "Missing name for block"
            } else {
                "Extraneous label for block"
            },
            "\"{}\" blocks have {expected}; this one has {}.",
            block.kind,
            block.labels.len()
        ));
        return None;
    }
    let mut valid = true;
    for (label, span) in &block.labels {
        if !is_identifier(label) {
            valid = false;
            diagnostics.push(error_at!(
                *span,
                "Invalid name",
                "\"{label}\" is not a valid name.";
                hint: "A name starts with a letter or underscore and has only letters, digits, underscores and dashes."
            ));
        }
    }
    let labels = block.labels.iter().map(|(label, _)| label.clone()).collect::<Vec<_>>();
    valid.then(|| labels.try_into().ok()).flatten()
}

/// Whether it may be used as a name.
pub(super) fn is_identifier(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(|first| first.is_alphabetic() || first == '_')
        && characters.all(|c| c.is_alphanumeric() || c == '_' || c == '-')
}
