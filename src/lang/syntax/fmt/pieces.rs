//! Tokens with the spaces before them.

use crate::syntax::tokens::{Token, tokens};

/// A token as it is written out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece<'t> {
    pub token: Token,
    pub text: &'t str,
    /// Spaces before it.
    pub spaces: usize,
}

impl<'t> Piece<'t> {
    pub(super) fn new(token: Token, text: &'t str) -> Self {
        Self { token, text, spaces: 0 }
    }

    /// How many brackets it opens (1) or closes (-1).
    pub(super) fn brackets(&self) -> isize {
        match self.token {
            Token::OpenBrace
            | Token::OpenBracket
            | Token::OpenParen
            | Token::OpenInterpolation
            | Token::OpenDirective => 1,
            Token::CloseBrace | Token::CloseBracket | Token::CloseParen | Token::CloseSequence => {
                -1
            }
            _ => 0,
        }
    }

    /// Whether a line ends with it.
    pub(super) fn ends_line(&self) -> bool {
        match self.token {
            Token::Newline => true,
            Token::Comment => self.text.ends_with('\n'),
            _ => false,
        }
    }
}

/// The pieces of a text.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    tokens(text).into_iter().map(|l| Piece::new(l.token, &text[l.start..l.end])).collect()
}
