//! Puts pieces together: spaces within lines, indentation, columns.

use super::lines::{Line, lines};
use super::pieces::{Piece, pieces};
use super::rewrite::rewrite;
use super::spaces::is_apart;
use crate::syntax::tokens::Token;

/// A configuration file in its canonical form. The text must be valid syntax.
pub fn format(text: &str) -> String {
    lay_out(rewrite(pieces(text)), text.len())
}

/// An expression in its canonical form. The text must be valid syntax.
pub fn format_expression(text: &str) -> String {
    lay_out(pieces(text), text.len())
}

fn lay_out(mut pieces: Vec<Piece<'_>>, length: usize) -> String {
    let lines = lines(&pieces);
    set_indents(&mut pieces, &lines);
    set_spaces(&mut pieces, &lines);
    align(&mut pieces, &lines, |line| line.assign, |line| line.start..line.assign_or_end());
    align(&mut pieces, &lines, |line| line.comment, |line| line.start..line.comment_or_end());
    let mut formatted = String::with_capacity(length + length / 8);
    for piece in &pieces {
        formatted.extend(std::iter::repeat_n(' ', piece.spaces));
        formatted.push_str(piece.text);
    }
    formatted
}

/// Two spaces for each line that has left brackets open. A line that opens several is one level,
/// and takes as many to close.
fn set_indents(pieces: &mut [Piece<'_>], lines: &[Line]) {
    let mut levels: Vec<usize> = Vec::new();
    for line in lines {
        let first = &pieces[line.start];
        if first.token == Token::Newline {
            continue;
        }
        let net = line.net_brackets(pieces);
        if net > 0 {
            pieces[line.start].spaces = 2 * levels.len();
            levels.push(net.unsigned_abs());
            continue;
        }
        close(&mut levels, net.unsigned_abs());
        pieces[line.start].spaces = 2 * levels.len();
    }
}

fn close(levels: &mut Vec<usize>, mut brackets: usize) {
    while brackets > 0
        && let Some(last) = levels.last_mut()
    {
        if brackets < *last {
            *last -= brackets;
            return;
        }
        brackets -= *last;
        levels.pop();
    }
}

fn set_spaces(pieces: &mut [Piece<'_>], lines: &[Line]) {
    for line in lines {
        for at in line.start + 1..line.end {
            let before = (at >= line.start + 2).then(|| pieces[at - 2].token);
            let apart = is_apart(before, &pieces[at - 1], &pieces[at]);
            pieces[at].spaces = usize::from(apart);
        }
    }
}

/// Puts the cells of consecutive lines that have one into one column, a space behind the longest
/// of what stands before them.
fn align(
    pieces: &mut [Piece<'_>],
    lines: &[Line],
    cell: fn(&Line) -> Option<usize>,
    before: fn(&Line) -> std::ops::Range<usize>,
) {
    let mut from = 0;
    while from < lines.len() {
        if cell(&lines[from]).is_none() {
            from += 1;
            continue;
        }
        let length = lines[from..].iter().take_while(|line| cell(line).is_some()).count();
        let chain = &lines[from..from + length];
        let widths: Vec<usize> = chain.iter().map(|line| columns(&pieces[before(line)])).collect();
        let widest = widths.iter().copied().max().unwrap_or(0);
        for (line, width) in chain.iter().zip(widths) {
            if let Some(at) = cell(line) {
                pieces[at].spaces = widest - width + 1;
            }
        }
        from += length;
    }
}

/// How many characters, as a reader counts them, pieces take.
fn columns(pieces: &[Piece<'_>]) -> usize {
    use unicode_segmentation::UnicodeSegmentation;
    let width = |piece: &Piece<'_>| {
        let text = piece.text;
        let own = if text.is_ascii() { text.len() } else { text.graphemes(true).count() };
        own + piece.spaces
    };
    pieces.iter().map(width).sum()
}
