//! Quoted strings, heredocs and template files.
//!
//! Pieces are read in a row, then strip markers and a heredoc's indentation are taken out, and only
//! then directives become branches: a marker trims the piece of text next to it, which in quotes is
//! all text up to the next sequence, elsewhere one line (recorded behaviour).

use skyform_diag::Span;
use skyform_value::{Str, Value};

use super::cursor::{Cursor, Parsed};
use super::string::{unescape_plain, unescape_quoted};
use crate::syntax::tokens::{Lexeme, Token};
use crate::syntax::{Expr, ExprKind, Part};

/// A piece of a template.
enum Element {
    Text(String),
    Interpolation(Expr),
    If(Expr),
    Else,
    EndIf,
    For(Option<Str>, Str, Expr),
    EndFor,
}

/// A piece with its place and its strip markers.
struct Piece {
    element: Element,
    span: Span,
    strip_before: bool,
    strip_behind: bool,
}

impl Cursor<'_> {
    /// `"..."`
    pub(super) fn quoted(&mut self) -> Parsed<Expr> {
        let open = self.expect(Token::OpenQuote, "Invalid expression", "a quoted string")?;
        let mut pieces = Vec::new();
        loop {
            let Some(next) = self.raw(self.position()) else {
                return Err(self.unclosed_quote(open));
            };
            match next.token {
                Token::CloseQuote => {
                    self.go_to(self.position() + 1);
                    let span = self.span(open.start, next.end);
                    return self.template(pieces, span, open);
                }
                Token::Text => {
                    let text = self.text_of(next);
                    self.go_to(self.position() + 1);
                    let plain = unescape_quoted(text).map_err(|bad| {
                        let start = next.start + bad.at;
                        let span = self.span(start, start + bad.length);
                        let shown = &text[bad.at..bad.at + bad.length];
                        let detail = format!("{shown} is not an escape. Known are \\n, \\r, \\t, \\\", \\\\, \\uNNNN and \\UNNNNNNNN; a backslash itself is written \\\\.");
                        self.fail(span, "Invalid escape sequence", detail)
                    })?;
                    pieces.push(text_piece(plain, self.span_of(next)));
                }
                Token::OpenInterpolation | Token::OpenDirective => {
                    pieces.push(self.sequence(next)?)
                }
                _ => return Err(self.unclosed_quote(open)),
            }
        }
    }

    fn unclosed_quote(&mut self, open: Lexeme) -> super::cursor::Failed {
        let span = self.span_of(open);
        let detail = "The string that is opened here is not closed on its line. Text of several lines is written with <<EOT, or with \\n.";
        self.fail(span, "Unterminated template string", detail.to_owned())
    }

    /// `<<EOT`
    pub(super) fn heredoc(&mut self) -> Parsed<Expr> {
        let open = self.expect(Token::OpenHeredoc, "Invalid expression", "a heredoc")?;
        let is_flush = self.text_of(open).starts_with("<<-");
        let mut pieces = Vec::new();
        loop {
            match self.raw(self.position()) {
                None => {
                    let span = self.span_of(open);
                    let detail =
                        "The text that begins here is not ended by its word on a line of its own.";
                    return Err(self.fail(span, "Unterminated template string", detail.to_owned()));
                }
                Some(next) if next.token == Token::CloseHeredoc => {
                    self.go_to(self.position() + 1);
                    strip(&mut pieces);
                    if is_flush {
                        unindent(&mut pieces);
                    }
                    let span = self.span(open.start, next.end);
                    return self.stripped_template(pieces, span, open);
                }
                Some(next) => pieces.push(self.plain_piece(next)?),
            }
        }
    }

    /// All of the text as a template.
    pub(super) fn whole_template(&mut self) -> Parsed<Expr> {
        let mut pieces = Vec::new();
        while let Some(next) = self.raw(self.position()) {
            pieces.push(self.plain_piece(next)?);
        }
        let whole = Lexeme { token: Token::Text, start: 0, end: self.text.len() };
        let span = self.span_of(whole);
        self.template(pieces, span, whole)
    }

    fn plain_piece(&mut self, next: Lexeme) -> Parsed<Piece> {
        if next.token != Token::Text {
            return self.sequence(next);
        }
        self.go_to(self.position() + 1);
        Ok(text_piece(unescape_plain(self.text_of(next)), self.span_of(next)))
    }

    /// `${...}` or `%{...}`
    fn sequence(&mut self, open: Lexeme) -> Parsed<Piece> {
        self.with_newlines(false, |cursor| {
            cursor.next();
            let element = if open.token == Token::OpenInterpolation {
                Element::Interpolation(cursor.expression()?)
            } else {
                cursor.directive()?
            };
            let what = "the } that closes the sequence";
            let close = cursor.expect(
                Token::CloseSequence,
                "Extra characters after interpolation expression",
                what,
            )?;
            Ok(Piece {
                element,
                span: cursor.span(open.start, close.end),
                strip_before: cursor.text_of(open).ends_with('~'),
                strip_behind: cursor.text_of(close).starts_with('~'),
            })
        })
    }

    fn directive(&mut self) -> Parsed<Element> {
        const SUMMARY: &str = "Invalid template directive";
        let word = self.expect(Token::Ident, SUMMARY, "if, else, endif, for or endfor")?;
        Ok(match self.text_of(word) {
            "if" => Element::If(self.expression()?),
            "else" => Element::Else,
            "endif" => Element::EndIf,
            "for" => {
                let (key, value) = self.for_names(SUMMARY)?;
                Element::For(key, value, self.expression()?)
            }
            "endfor" => Element::EndFor,
            other => {
                let detail =
                    format!("\"{other}\" is not a directive: if, else, endif, for and endfor are.");
                let span = self.span_of(word);
                return Err(self.fail(span, SUMMARY, detail));
            }
        })
    }

    fn template(&mut self, mut pieces: Vec<Piece>, span: Span, open: Lexeme) -> Parsed<Expr> {
        strip(&mut pieces);
        self.stripped_template(pieces, span, open)
    }

    fn stripped_template(&mut self, pieces: Vec<Piece>, span: Span, open: Lexeme) -> Parsed<Expr> {
        // Text makes it a string, even where nothing is left of it.
        let is_wrapped = pieces.len() == 1;
        let mut pieces = pieces.into_iter();
        let (mut parts, end) = self.parts(&mut pieces, open)?;
        if let Some(end) = end {
            let detail = "This ends or divides something that does not begin in this template.";
            return Err(self.fail(end.span, "Unexpected template directive", detail.to_owned()));
        }
        Ok(match parts.as_slice() {
            [] => Expr::literal("", span),
            [Part::Literal(text)] => Expr::literal(Value::string(text.clone()), span),
            [Part::Interpolation(_)] if is_wrapped => match parts.pop() {
                Some(Part::Interpolation(inner)) => Expr::new(ExprKind::Wrapped(inner), span),
                _ => Expr::literal("", span),
            },
            _ => Expr::new(ExprKind::Template(parts), span),
        })
    }

    /// Parts up to a piece that ends or divides what they stand in, or the end.
    fn parts(
        &mut self,
        pieces: &mut std::vec::IntoIter<Piece>,
        open: Lexeme,
    ) -> Parsed<(Vec<Part>, Option<Piece>)> {
        let mut parts = Vec::new();
        while let Some(piece) = pieces.next() {
            match piece.element {
                Element::Text(text) => push_text(&mut parts, &text),
                Element::Interpolation(expr) => parts.push(Part::Interpolation(expr)),
                Element::If(condition) => {
                    let branches = self.nested(|cursor| cursor.branches(pieces, piece.span, open));
                    let (then, otherwise) = branches?;
                    parts.push(Part::If { condition, then, otherwise });
                }
                Element::For(key, value, collection) => {
                    let (body, end) = self.nested(|cursor| cursor.parts(pieces, open))?;
                    if !matches!(end, Some(Piece { element: Element::EndFor, .. })) {
                        return Err(self.unclosed(piece.span, "endfor"));
                    }
                    parts.push(Part::For { key, value, collection, body });
                }
                Element::Else | Element::EndIf | Element::EndFor => {
                    return Ok((parts, Some(piece)));
                }
            }
        }
        Ok((parts, None))
    }

    fn branches(
        &mut self,
        pieces: &mut std::vec::IntoIter<Piece>,
        start: Span,
        open: Lexeme,
    ) -> Parsed<(Vec<Part>, Vec<Part>)> {
        let (then, mut end) = self.parts(pieces, open)?;
        let mut otherwise = Vec::new();
        if matches!(end, Some(Piece { element: Element::Else, .. })) {
            (otherwise, end) = self.parts(pieces, open)?;
        }
        match end {
            Some(Piece { element: Element::EndIf, .. }) => Ok((then, otherwise)),
            _ => Err(self.unclosed(start, "endif")),
        }
    }

    fn unclosed(&mut self, span: Span, word: &str) -> super::cursor::Failed {
        let detail = format!("The directive that begins here is not ended by %{{ {word} }}.");
        self.fail(span, "Unterminated template directive", detail)
    }
}

fn text_piece(text: String, span: Span) -> Piece {
    Piece { element: Element::Text(text), span, strip_before: false, strip_behind: false }
}

fn push_text(parts: &mut Vec<Part>, text: &str) {
    if text.is_empty() {
        return;
    }
    match parts.last_mut() {
        Some(Part::Literal(before)) => before.push_str(text),
        _ => parts.push(Part::Literal(Str::from(text))),
    }
}

/// Takes white space out where a marker says so.
fn strip(pieces: &mut [Piece]) {
    for at in 0..pieces.len() {
        if pieces[at].strip_before
            && let Some(Piece { element: Element::Text(text), .. }) =
                at.checked_sub(1).map(|before| &mut pieces[before])
        {
            text.truncate(text.trim_end().len());
        }
        if pieces[at].strip_behind
            && let Some(Piece { element: Element::Text(text), .. }) = pieces.get_mut(at + 1)
        {
            *text = text.trim_start().to_owned();
        }
    }
}

/// Takes the indentation out that all lines have which begin with text. Blank lines do not count.
fn unindent(pieces: &mut [Piece]) {
    let mut starts = Vec::new();
    let mut at_start = true;
    for (at, piece) in pieces.iter().enumerate() {
        match &piece.element {
            Element::Text(text) => {
                let is_blank = text.ends_with('\n') && text.trim().is_empty();
                if at_start && !is_blank {
                    starts.push(at);
                }
                at_start = text.ends_with('\n');
            }
            // A line that begins with a sequence has no indentation.
            _ if at_start => return,
            _ => {}
        }
    }
    let indent = |piece: &Piece| match &piece.element {
        Element::Text(text) => text.len() - text.trim_start_matches([' ', '\t']).len(),
        _ => 0,
    };
    let least = starts.iter().map(|at| indent(&pieces[*at])).min().unwrap_or(0);
    for at in starts {
        if let Element::Text(text) = &mut pieces[at].element {
            text.drain(..least);
        }
    }
}
