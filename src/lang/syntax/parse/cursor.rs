//! A place in a list of tokens, and what all parts of the parser share.

use skyform_diag::{Diagnostic, Diagnostics, SourceId, Span};

use crate::syntax::tokens::{Lexeme, Token};

/// More expressions, blocks or directives inside one another than that are refused.
const MAX_DEPTH: usize = 250;

/// A message has been given; the caller goes on where it can.
#[derive(Debug)]
pub(super) struct Failed;

pub(super) type Parsed<T> = Result<T, Failed>;

/// Where the text stands that is parsed.
#[derive(Clone, Copy, Debug)]
pub(in crate::syntax) struct Place {
    pub source: SourceId,
    /// Where everything is said to stand, for text that is not in the file as it is parsed.
    pub fixed: Option<Span>,
}

pub(super) struct Cursor<'t> {
    pub text: &'t str,
    tokens: Vec<Lexeme>,
    at: usize,
    /// Whether line ends count.
    newlines: bool,
    depth: usize,
    place: Place,
    pub diagnostics: Diagnostics,
}

impl<'t> Cursor<'t> {
    pub(super) fn new(text: &'t str, tokens: Vec<Lexeme>, place: Place, newlines: bool) -> Self {
        let diagnostics = Diagnostics::new();
        Self { text, tokens, at: 0, newlines, depth: 0, place, diagnostics }
    }

    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        self.place.fixed.unwrap_or_else(|| Span::new(self.place.source, start, end))
    }

    pub(super) fn span_of(&self, lexeme: Lexeme) -> Span {
        self.span(lexeme.start, lexeme.end)
    }

    pub(super) fn text_of(&self, lexeme: Lexeme) -> &'t str {
        &self.text[lexeme.start..lexeme.end]
    }

    /// The next token that counts; `None` at the end. A comment up to the line's end is one.
    pub(super) fn peek(&mut self) -> Option<Lexeme> {
        while let Some(lexeme) = self.tokens.get(self.at) {
            match lexeme.token {
                Token::Newline if self.newlines => return Some(*lexeme),
                Token::Comment if self.newlines && self.text_of(*lexeme).ends_with('\n') => {
                    return Some(Lexeme { token: Token::Newline, ..*lexeme });
                }
                Token::Newline | Token::Comment => self.at += 1,
                _ => return Some(*lexeme),
            }
        }
        None
    }

    pub(super) fn peek_token(&mut self) -> Option<Token> {
        self.peek().map(|lexeme| lexeme.token)
    }

    /// The token behind the next one, as it stands.
    pub(super) fn peek_second(&mut self) -> Option<Token> {
        self.peek()?;
        self.tokens.get(self.at + 1).map(|lexeme| lexeme.token)
    }

    pub(super) fn next(&mut self) -> Option<Lexeme> {
        let next = self.peek()?;
        self.at += 1;
        Some(next)
    }

    /// Takes the next token if it is of this kind.
    pub(super) fn take(&mut self, token: Token) -> Option<Lexeme> {
        if self.peek_token() == Some(token) { self.next() } else { None }
    }

    pub(super) fn expect(
        &mut self,
        token: Token,
        summary: &'static str,
        what: &str,
    ) -> Parsed<Lexeme> {
        match self.take(token) {
            Some(lexeme) => Ok(lexeme),
            None => Err(self.unexpected(summary, what)),
        }
    }

    pub(super) fn skip_newlines(&mut self) {
        while self.take(Token::Newline).is_some() {}
    }

    /// Goes on with line ends counting or not, as inside brackets; as before behind them.
    pub(super) fn with_newlines<T>(
        &mut self,
        newlines: bool,
        parse: impl FnOnce(&mut Self) -> Parsed<T>,
    ) -> Parsed<T> {
        let before = std::mem::replace(&mut self.newlines, newlines);
        let parsed = parse(self);
        self.newlines = before;
        parsed
    }

    /// Goes one level deeper.
    pub(super) fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= MAX_DEPTH {
            let detail =
                format!("More than {MAX_DEPTH} levels inside one another are not supported.");
            return Err(self.fail_here("Nested too deeply", detail));
        }
        self.depth += 1;
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }

    pub(super) fn fail(&mut self, span: Span, summary: &'static str, detail: String) -> Failed {
        self.diagnostics.push(Diagnostic::error(span, summary, detail));
        Failed
    }

    /// The span of the next token, or of the end.
    pub(super) fn here(&mut self) -> Span {
        match self.peek() {
            Some(lexeme) if lexeme.token == Token::Newline => {
                self.span(lexeme.start, lexeme.start + 1)
            }
            Some(lexeme) => self.span_of(lexeme),
            None => self.span(self.text.len(), self.text.len()),
        }
    }

    pub(super) fn fail_here(&mut self, summary: &'static str, detail: String) -> Failed {
        let span = self.here();
        self.fail(span, summary, detail)
    }

    /// Complains that something else than the next token is needed.
    pub(super) fn unexpected(&mut self, summary: &'static str, what: &str) -> Failed {
        let found = match self.peek() {
            None => "the text ends".to_owned(),
            Some(lexeme) => match lexeme.token {
                Token::Newline => "the line ends".to_owned(),
                _ => {
                    let text = self.text_of(lexeme);
                    let line = text.lines().next().unwrap_or_default();
                    format!("{line:.40} stands")
                }
            },
        };
        self.fail_here(summary, format!("Expected {what}, but {found} here."))
    }

    pub(super) fn position(&self) -> usize {
        self.at
    }

    pub(super) fn raw(&self, at: usize) -> Option<Lexeme> {
        self.tokens.get(at).copied()
    }

    pub(super) fn go_to_end(&mut self) {
        self.at = self.tokens.len();
    }

    pub(super) fn go_to(&mut self, at: usize) {
        self.at = at;
    }
}
