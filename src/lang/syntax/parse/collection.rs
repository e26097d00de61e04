//! Tuples, objects, and `for`.

use super::cursor::{Cursor, Parsed};
use crate::syntax::tokens::{Lexeme, Token};
use crate::syntax::{Expr, ExprKind};

impl Cursor<'_> {
    /// `[...]`
    pub(super) fn tuple(&mut self) -> Parsed<Expr> {
        self.with_newlines(false, |cursor| {
            let open = cursor.expect(Token::OpenBracket, "Invalid expression", "[")?;
            if cursor.is_for() {
                return cursor.for_expression(open, Token::CloseBracket);
            }
            let mut items = Vec::new();
            while cursor.peek_token() != Some(Token::CloseBracket) {
                items.push(cursor.expression()?);
                if cursor.take(Token::Comma).is_none() {
                    break;
                }
            }
            let what = "a comma or ] behind an element";
            let close = cursor.expect(Token::CloseBracket, "Missing item separator", what)?;
            Ok(Expr::new(ExprKind::Tuple(items), cursor.span(open.start, close.end)))
        })
    }

    /// `{...}`
    pub(super) fn object(&mut self) -> Parsed<Expr> {
        self.with_newlines(false, |cursor| {
            let open = cursor.expect(Token::OpenBrace, "Invalid expression", "{")?;
            if cursor.is_for() {
                return cursor.for_expression(open, Token::CloseBrace);
            }
            cursor.with_newlines(true, |cursor| cursor.object_items(open))
        })
    }

    fn object_items(&mut self, open: Lexeme) -> Parsed<Expr> {
        let mut items = Vec::new();
        loop {
            self.skip_newlines();
            if self.peek_token() == Some(Token::CloseBrace) {
                break;
            }
            let key = self.key()?;
            if self.take(Token::Equal).is_none() && self.take(Token::Colon).is_none() {
                let what = "= and a value behind the key";
                return Err(self.unexpected("Missing attribute value", what));
            }
            items.push((key, self.expression()?));
            match self.peek_token() {
                Some(Token::CloseBrace) => break,
                Some(Token::Comma | Token::Newline) => {
                    self.next();
                }
                _ => {
                    let what = "a comma, the line's end or } behind the value";
                    return Err(self.unexpected("Missing attribute separator", what));
                }
            }
        }
        let close = self.expect(Token::CloseBrace, "Unterminated object", "}")?;
        Ok(Expr::new(ExprKind::Object(items), self.span(open.start, close.end)))
    }

    /// A bare name is a key of that name; anything else is evaluated.
    fn key(&mut self) -> Parsed<Expr> {
        let key = self.expression()?;
        match &*key.kind {
            ExprKind::Name(name) => Ok(Expr::literal(name.clone(), key.span)),
            ExprKind::Traversal(traversal) if traversal.root.as_name().is_some() => {
                let detail = "If this is a reference, put it in parentheses; if it is the key itself, in quotes.";
                Err(self.fail(key.span, "Ambiguous attribute key", detail.to_owned()))
            }
            _ => Ok(key),
        }
    }

    fn is_for(&mut self) -> bool {
        let is_word =
            self.peek().is_some_and(|l| l.token == Token::Ident && self.text_of(l) == "for");
        is_word && self.peek_second() == Some(Token::Ident)
    }

    /// The rest of `[for ...]` or `{for ...}`.
    fn for_expression(&mut self, open: Lexeme, closing: Token) -> Parsed<Expr> {
        const SUMMARY: &str = "Invalid 'for' expression";
        self.next();
        let (key, value) = self.for_names(SUMMARY)?;
        let collection = self.expression()?;
        self.expect(Token::Colon, SUMMARY, ": behind what is gone through")?;
        let mut result = self.expression()?;
        let mut result_key = None;
        let mut grouping = false;
        if closing == Token::CloseBrace {
            self.expect(Token::FatArrow, SUMMARY, "=> and the value behind the key")?;
            result_key = Some(std::mem::replace(&mut result, self.expression()?));
            grouping = self.take(Token::Ellipsis).is_some();
        }
        let has_condition =
            self.peek().is_some_and(|l| l.token == Token::Ident && self.text_of(l) == "if");
        let condition = if has_condition {
            self.next();
            Some(self.expression()?)
        } else {
            None
        };
        let close = self.expect(closing, SUMMARY, "the bracket that closes the expression")?;
        let kind =
            ExprKind::For { key, value, collection, result_key, result, grouping, condition };
        Ok(Expr::new(kind, self.span(open.start, close.end)))
    }

    /// `k, v in`
    pub(super) fn for_names(
        &mut self,
        summary: &'static str,
    ) -> Parsed<(Option<skyform_value::Str>, skyform_value::Str)> {
        let first = self.expect(Token::Ident, summary, "a name for the elements")?;
        let second = match self.take(Token::Comma) {
            Some(_) => Some(self.expect(Token::Ident, summary, "a name for the values")?),
            None => None,
        };
        let is_in = self.peek().is_some_and(|l| l.token == Token::Ident && self.text_of(l) == "in");
        if !is_in {
            return Err(self.unexpected(summary, "the keyword \"in\""));
        }
        self.next();
        let name = |lexeme| skyform_value::Str::from(self.text_of(lexeme));
        Ok(match second {
            Some(second) => (Some(name(first)), name(second)),
            None => (None, name(first)),
        })
    }
}
