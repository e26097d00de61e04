//! Which neighbours on a line have a space between them.

use super::pieces::Piece;
use crate::syntax::tokens::Token;

/// Whether a space stands between two pieces; `before` stands before them both.
pub(super) fn is_apart(before: Option<Token>, left: &Piece<'_>, right: &Piece<'_>) -> bool {
    use Token::{
        Bang, CloseBrace, CloseBracket, CloseHeredoc, CloseParen, CloseQuote, CloseSequence, Comma,
        Dot, DoubleColon, Ellipsis, Ident, Minus, Newline, Number, OpenBrace, OpenBracket,
        OpenDirective, OpenHeredoc, OpenInterpolation, OpenParen, OpenQuote, Text,
    };
    match (left.token, right.token) {
        (_, Newline) => false,
        // A call. Whether a word in front of the bracket is a keyword makes no difference.
        (Ident, OpenParen) => false,
        (Dot | DoubleColon, _) | (_, Dot | DoubleColon) => false,
        (_, Comma | Ellipsis) => false,
        (Comma, _) => true,
        // Braces keep their distance even from a sequence's ends.
        (OpenInterpolation | OpenDirective, OpenBrace) | (CloseBrace, CloseSequence) => true,
        (OpenQuote | Text | OpenHeredoc | OpenInterpolation | OpenDirective, _) => false,
        (_, Text | CloseQuote | CloseHeredoc | CloseSequence) => false,
        (CloseSequence, OpenInterpolation | OpenDirective) => false,
        // An index, but for what is gone through.
        (Ident, OpenBracket) => left.text == "in",
        (Number | CloseBrace | CloseBracket | CloseParen | CloseSequence, OpenBracket) => false,
        (Bang, _) => false,
        (Minus, _) => !is_sign(before),
        (OpenBrace, CloseBrace) => false,
        (OpenBrace, _) | (_, CloseBrace) => true,
        (OpenBracket | OpenParen, _) | (_, CloseBracket | CloseParen) => false,
        _ => true,
    }
}

/// Whether a `-` behind such a token is a sign and not an operator.
fn is_sign(before: Option<Token>) -> bool {
    !matches!(
        before,
        Some(
            Token::Ident
                | Token::Number
                | Token::CloseParen
                | Token::CloseBracket
                | Token::CloseBrace
                | Token::CloseQuote
                | Token::CloseSequence
                | Token::CloseHeredoc
                | Token::OpenInterpolation
                | Token::OpenDirective
                | Token::FatArrow
                | Token::Comment
        )
    )
}
