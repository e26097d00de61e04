//! Arguments and blocks.

use indexmap::map::Entry;
use skyform_diag::{Span, error_at};
use skyform_value::Str;

use super::cursor::{Cursor, Failed, Parsed};
use crate::syntax::tokens::{Lexeme, Token};
use crate::syntax::{Attribute, Block, Body};

/// More mistakes in one file are not looked for.
const MAX_ERRORS: usize = 50;

impl Cursor<'_> {
    pub(super) fn file(&mut self) -> Body {
        let mut body = Body::empty(self.span(0, self.text.len()));
        loop {
            self.items(&mut body);
            if self.peek().is_none() {
                return body;
            }
            let detail = "This bracket closes nothing: no block is open here.".to_owned();
            self.fail_here("Extraneous closing bracket", detail);
            self.next();
        }
    }

    /// Items up to the bracket that closes them, or the end.
    fn items(&mut self, body: &mut Body) {
        loop {
            self.skip_newlines();
            match self.peek_token() {
                None | Some(Token::CloseBrace) => return,
                Some(_) if self.diagnostics.len() >= MAX_ERRORS => self.go_to_end(),
                Some(_) => {
                    let start = self.position();
                    if self.item(body).is_err() {
                        self.recover(start);
                    }
                }
            }
        }
    }

    fn item(&mut self, body: &mut Body) -> Parsed<()> {
        let Some(name) = self.take(Token::Ident) else {
            let what = "an argument or a block, which starts with a name";
            return Err(self.unexpected("Argument or block required", what));
        };
        match self.peek_token() {
            Some(Token::Equal) => {
                self.attribute(name, body)?;
                self.end_of_line("argument")
            }
            Some(Token::Ident | Token::OpenQuote | Token::OpenBrace) => {
                let block = self.nested(|cursor| cursor.block(name))?;
                body.blocks.push(block);
                self.end_of_line("block")
            }
            _ => {
                let text = self.text_of(name);
                let what = format!("= and a value, or a block's labels and {{ behind \"{text}\"");
                Err(self.unexpected("Invalid argument or block", &what))
            }
        }
    }

    fn end_of_line(&mut self, what: &'static str) -> Parsed<()> {
        match self.peek_token() {
            None | Some(Token::Newline) => Ok(()),
            Some(_) => {
                let summary = if what == "block" {
                    "Missing newline after block definition"
                } else {
                    "Missing newline after argument"
                };
                Err(self.unexpected(summary, &format!("the line's end behind the {what}")))
            }
        }
    }

    fn attribute(&mut self, name: Lexeme, body: &mut Body) -> Parsed<()> {
        self.next();
        let expr = self.expression()?;
        let name_span = self.span_of(name);
        let name = Str::from(self.text_of(name));
        let span = name_span.to(expr.span);
        match body.attributes.entry(name.clone()) {
            Entry::Vacant(entry) => {
                entry.insert(Attribute { name, name_span, expr, span });
            }
            Entry::Occupied(entry) => {
                let first = entry.get().name_span;
                self.diagnostics.push(
                    error_at!(
                        name_span,
                        "Attribute redefined",
                        "The argument \"{name}\" is set twice.";
                        hint: "Each argument may be set only once in its block."
                    )
                    .related(first, "first set here"),
                );
            }
        }
        Ok(())
    }

    fn block(&mut self, kind: Lexeme) -> Parsed<Block> {
        let kind_span = self.span_of(kind);
        let mut labels: Vec<(Str, Span)> = Vec::new();
        loop {
            match self.peek_token() {
                Some(Token::Ident) => {
                    let label = self.next().unwrap_or(kind);
                    labels.push((self.text_of(label).into(), self.span_of(label)));
                }
                Some(Token::OpenQuote) => labels.push(self.plain_string("a label")?),
                Some(Token::OpenBrace) => break,
                _ => {
                    let what = "a label in quotes or the { that opens the block";
                    return Err(self.unexpected("Invalid block definition", what));
                }
            }
        }
        let open = self.expect(Token::OpenBrace, "Invalid block definition", "{")?;
        let mut body = Body::empty(kind_span);
        if self.peek_token() == Some(Token::Newline) || self.peek().is_none() {
            self.items(&mut body);
        } else if self.peek_token() != Some(Token::CloseBrace) {
            self.single_line(&mut body)?;
        }
        let span = labels.last().map_or(kind_span, |(_, last)| kind_span.to(*last));
        let Some(close) = self.take(Token::CloseBrace) else {
            let open = self.span_of(open);
            let detail =
                "This block is opened here, and not closed before the file ends.".to_owned();
            return Err(self.fail(open, "Unclosed configuration block", detail));
        };
        body.span = self.span(open.start, close.end);
        Ok(Block { kind: self.text_of(kind).into(), kind_span, labels, body, span })
    }

    /// `name { argument = value }`
    fn single_line(&mut self, body: &mut Body) -> Parsed<()> {
        let summary = "Invalid single-argument block definition";
        let name = self.expect(Token::Ident, summary, "one argument, or the line's end")?;
        if self.peek_token() != Some(Token::Equal) {
            return Err(self.unexpected(
                summary,
                "= and a value: a block on one line has one argument, and no blocks in it",
            ));
        }
        self.attribute(name, body)?;
        if self.peek_token() == Some(Token::CloseBrace) {
            return Ok(());
        }
        Err(self.unexpected(summary, "} behind the only argument of a block on one line"))
    }

    /// Goes on behind an item that is wrong: at the next line that looks like one of its neighbours,
    /// by what it starts with and how far it is indented.
    fn recover(&mut self, start: usize) {
        let indent = self.raw(start).map_or(0, |lexeme| self.column(lexeme.start));
        let mut at = self.position().max(start + 1);
        let mut depth = 0_usize;
        // The line that the mistake is on is done with.
        while let Some(lexeme) = self.raw(at.saturating_sub(1)) {
            let ends = lexeme.token == Token::Newline
                || lexeme.token == Token::Comment && self.text_of(lexeme).ends_with('\n');
            let Some(next) = self.raw(at) else { break };
            if ends {
                let column = self.column(next.start);
                let closes = next.token == Token::CloseBrace && column < indent;
                let starts =
                    next.token == Token::Ident && column <= indent && self.looks_like_item(at);
                if closes || starts && (depth == 0 || column <= indent) {
                    break;
                }
                if next.token == Token::CloseBrace && column == indent && depth > 0 {
                    // The end of the block that is wrong.
                    at += 1;
                    break;
                }
            }
            match next.token {
                Token::OpenBrace | Token::OpenBracket | Token::OpenParen => depth += 1,
                Token::CloseBrace | Token::CloseBracket | Token::CloseParen => {
                    depth = depth.saturating_sub(1);
                }
                _ => {}
            }
            at += 1;
        }
        self.go_to(at);
    }

    fn looks_like_item(&self, at: usize) -> bool {
        let next = self.raw(at + 1).map(|lexeme| lexeme.token);
        matches!(next, Some(Token::Equal | Token::OpenBrace | Token::OpenQuote | Token::Ident))
    }

    fn column(&self, at: usize) -> usize {
        at - self.text[..at].rfind('\n').map_or(0, |end| end + 1)
    }

    /// A quoted string without anything to be evaluated in it.
    pub(super) fn plain_string(&mut self, what: &str) -> Parsed<(Str, Span)> {
        let expr = self.quoted()?;
        match expr.as_literal().and_then(|value| value.as_str()) {
            Some(text) => Ok((text.into(), expr.span)),
            None => {
                let detail = format!("There must be nothing to be evaluated in {what}.");
                Err::<_, Failed>(self.fail(expr.span, "Invalid string literal", detail))
            }
        }
    }
}
