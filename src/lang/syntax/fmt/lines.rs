//! Pieces to lines, with the cells that are put into columns.

use super::pieces::Piece;
use crate::syntax::tokens::Token;

/// A line: indices of pieces.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    pub start: usize,
    pub end: usize,
    /// The `=` of an argument whose value ends on the line.
    pub assign: Option<usize>,
    /// The comment behind other things.
    pub comment: Option<usize>,
}

impl Line {
    pub(super) fn assign_or_end(&self) -> usize {
        self.assign.unwrap_or(self.end)
    }

    pub(super) fn comment_or_end(&self) -> usize {
        self.comment.unwrap_or(self.end)
    }

    /// Brackets opened less brackets closed. What stands in a heredoc that begins here does not
    /// count.
    pub(super) fn net_brackets(&self, pieces: &[Piece<'_>]) -> isize {
        let own = &pieces[self.start..self.end];
        own.iter().take_while(|p| p.token != Token::OpenHeredoc).map(Piece::brackets).sum()
    }
}

/// The lines of a file.
pub(super) fn lines(pieces: &[Piece<'_>]) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut start = 0;
    for (at, piece) in pieces.iter().enumerate() {
        if piece.ends_line() || at + 1 == pieces.len() {
            lines.push(line(pieces, start, at + 1));
            start = at + 1;
        }
    }
    lines
}

fn line(pieces: &[Piece<'_>], start: usize, end: usize) -> Line {
    let mut line = Line { start, end, assign: None, comment: None };
    let last = end - 1;
    if last > start && pieces[last].token == Token::Comment {
        line.comment = Some(last);
    }
    line.assign = assign(&pieces[start..end]).map(|at| start + at);
    line
}

/// The first `=` that stands in no brackets and behind something, if the line closes all brackets
/// that it opens.
fn assign(line: &[Piece<'_>]) -> Option<usize> {
    let mut depth = 0;
    let mut found = None;
    for (at, piece) in line.iter().enumerate() {
        if piece.token == Token::Equal && depth == 0 && at > 0 {
            found = found.or(Some(at));
        }
        depth += piece.brackets();
    }
    found.filter(|_| depth == 0)
}
