//! Old spellings in new ones: `"${x}"` as `x`, bare labels in quotes, quoted types.

use super::pieces::Piece;
use crate::syntax::tokens::Token;

/// The pieces of a file with its old spellings replaced.
pub(super) fn rewrite(pieces: Vec<Piece<'_>>) -> Vec<Piece<'_>> {
    let mut walk = Walk { written: Vec::with_capacity(pieces.len()), pieces, at: 0 };
    walk.body(None);
    // What is behind an unexpected bracket stays as it is.
    let rest = walk.at.min(walk.pieces.len());
    walk.written.extend_from_slice(&walk.pieces[rest..]);
    walk.written
}

struct Walk<'t> {
    pieces: Vec<Piece<'t>>,
    at: usize,
    written: Vec<Piece<'t>>,
}

impl<'t> Walk<'t> {
    fn token(&self) -> Option<Token> {
        self.pieces.get(self.at).map(|piece| piece.token)
    }

    fn copy(&mut self) {
        self.written.extend(self.pieces.get(self.at));
        self.at += 1;
    }

    /// A file's or block's content, up to the bracket that closes it.
    fn body(&mut self, block: Option<&str>) {
        while let Some(token) = self.token() {
            match token {
                Token::CloseBrace => return,
                Token::Ident => self.item(block),
                _ => self.copy(),
            }
        }
    }

    fn item(&mut self, block: Option<&str>) {
        let name = self.pieces[self.at].text;
        self.copy();
        if self.token() == Some(Token::Equal) {
            self.copy();
            let is_type = block == Some("variable") && name == "type";
            return self.value(is_type);
        }
        while let Some(token) = self.token() {
            match token {
                Token::Ident => self.label(),
                Token::OpenBrace => {
                    self.copy();
                    self.body(Some(if block.is_none() { name } else { "" }));
                    return self.copy();
                }
                Token::Newline | Token::CloseBrace => return,
                _ => self.copy(),
            }
        }
    }

    fn label(&mut self) {
        let quote = |token| Piece::new(token, "\"");
        let text = self.pieces[self.at].text;
        self.written.push(quote(Token::OpenQuote));
        self.written.push(Piece::new(Token::Text, text));
        self.written.push(quote(Token::CloseQuote));
        self.at += 1;
    }

    /// An argument's value: up to the end of the line on which no bracket is open.
    fn value(&mut self, is_type: bool) {
        let start = self.at;
        let mut depth = 0;
        while let Some(piece) = self.pieces.get(self.at) {
            let ends = depth == 0 && (piece.ends_line() || piece.token == Token::CloseBrace);
            if ends {
                break;
            }
            depth += piece.brackets();
            self.at += 1;
        }
        let whole = &self.pieces[start..self.at];
        let is_comment = |piece: &&Piece<'_>| piece.token == Token::Comment;
        let lead = whole.iter().take_while(is_comment).count();
        let trail = whole[lead..].iter().rev().take_while(is_comment).count();
        let (lead, rest) = whole.split_at(lead);
        let (value, trail) = rest.split_at(rest.len() - trail);
        self.written.extend_from_slice(lead);
        if is_type {
            type_expression(value, &mut self.written);
        } else {
            unwrapped(value, &mut self.written);
        }
        self.written.extend_from_slice(trail);
    }
}

/// `"${x}"` as `x`; in brackets where it goes over several lines.
fn unwrapped<'t>(value: &[Piece<'t>], written: &mut Vec<Piece<'t>>) {
    let Some(inner) = only_interpolation(value) else {
        return written.extend_from_slice(value);
    };
    let is_newline = |piece: &Piece<'_>| piece.token == Token::Newline;
    let start = inner.iter().take_while(|piece| is_newline(piece)).count();
    let end = inner.len() - inner[start..].iter().rev().take_while(|p| is_newline(p)).count();
    let inner = &inner[start..end];
    let is_wrapped = inner.first().is_some_and(|piece| piece.token == Token::OpenParen)
        && inner.last().is_some_and(|piece| piece.token == Token::CloseParen);
    if inner.iter().any(is_newline) && !is_wrapped {
        written.push(Piece::new(Token::OpenParen, "("));
        written.extend_from_slice(inner);
        written.push(Piece::new(Token::CloseParen, ")"));
    } else {
        written.extend_from_slice(inner);
    }
}

/// What is inside of a quoted template that is one interpolation and nothing else.
fn only_interpolation<'v, 't>(value: &'v [Piece<'t>]) -> Option<&'v [Piece<'t>]> {
    let [open, start, inner @ .., end, close] = value else { return None };
    let tokens = [open.token, start.token, end.token, close.token];
    let wanted =
        [Token::OpenQuote, Token::OpenInterpolation, Token::CloseSequence, Token::CloseQuote];
    let mut depth = 0;
    let stays_inside = inner.iter().all(|piece| {
        depth += piece.brackets();
        depth >= 0
    });
    (tokens == wanted && stays_inside && !inner.is_empty()).then_some(inner)
}

/// Types as they were written before there were type expressions.
fn type_expression<'t>(value: &[Piece<'t>], written: &mut Vec<Piece<'t>>) {
    let (word, element) = match value {
        [one] if one.token == Token::Ident => (one.text, "any"),
        [open, word, _] if open.token == Token::OpenQuote && word.token == Token::Text => {
            (word.text, "string")
        }
        _ => return written.extend_from_slice(value),
    };
    match word {
        "list" | "map" | "set" if word != "set" || element == "any" => {
            written.push(Piece::new(Token::Ident, word));
            written.push(Piece::new(Token::OpenParen, "("));
            written.push(Piece::new(Token::Ident, element));
            written.push(Piece::new(Token::CloseParen, ")"));
        }
        "string" if value.len() == 3 => written.push(Piece::new(Token::Ident, word)),
        _ => written.extend_from_slice(value),
    }
}
