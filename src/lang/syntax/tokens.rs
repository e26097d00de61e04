//! Text to tokens, for what works on the text itself: `fmt`, and going on behind a mistake.
//!
//! Never fails: what is no token becomes [`Token::Invalid`]. Spaces and tabs between tokens are left
//! out; line ends are tokens, and end a `#` or `//` comment's own token.
//! Source: the specification of HCL's native syntax, "Lexical Elements" and "Template Literals".

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    Ident,
    Number,
    Newline,
    /// `/* */`, or `#` and `//` with the line's end.
    Comment,
    OpenBrace,
    CloseBrace,
    OpenBracket,
    CloseBracket,
    OpenParen,
    CloseParen,
    /// `"` before a template.
    OpenQuote,
    /// `"` behind it.
    CloseQuote,
    /// `<<EOT` with the line's end.
    OpenHeredoc,
    /// The closing word with the spaces before it.
    CloseHeredoc,
    /// Text of a template.
    Text,
    /// `${`
    OpenInterpolation,
    /// `%{`
    OpenDirective,
    /// `}` of either.
    CloseSequence,
    Equal,
    FatArrow,
    Dot,
    Comma,
    Ellipsis,
    Colon,
    DoubleColon,
    Question,
    Minus,
    Bang,
    /// Any other operator.
    Operator,
    Invalid,
}

/// A token and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lexeme {
    pub token: Token,
    pub start: usize,
    pub end: usize,
}

/// All tokens of a file.
pub(crate) fn tokens(text: &str) -> Vec<Lexeme> {
    // A byte order mark says nothing that is not known.
    let at = text.len() - text.trim_start_matches('\u{feff}').len();
    lex(Lexer { text, at, modes: Vec::new(), found: Vec::new() })
}

/// All tokens of a file that is one template.
pub(crate) fn template_tokens(text: &str) -> Vec<Lexeme> {
    let whole = Mode::Heredoc { word: None, at_line_start: true };
    lex(Lexer { text, at: 0, modes: vec![whole], found: Vec::new() })
}

/// Whether an expression goes on in the next line: a bracket, a sequence or a heredoc is still open.
pub fn is_unfinished(text: &str) -> bool {
    let mut open = Vec::new();
    // A heredoc is opened by its whole line.
    for lexeme in tokens(&format!("{text}\n")) {
        match lexeme.token {
            Token::OpenBrace
            | Token::OpenBracket
            | Token::OpenParen
            | Token::OpenQuote
            | Token::OpenHeredoc
            | Token::OpenInterpolation
            | Token::OpenDirective => open.push(lexeme.token),
            Token::CloseBrace
            | Token::CloseBracket
            | Token::CloseParen
            | Token::CloseQuote
            | Token::CloseHeredoc
            | Token::CloseSequence => {
                open.pop();
            }
            _ => {}
        }
    }
    // A quoted string ends on its line, or never.
    open.last().is_some_and(|innermost| *innermost != Token::OpenQuote)
}

fn lex(mut lexer: Lexer<'_>) -> Vec<Lexeme> {
    while lexer.at < lexer.text.len() {
        match lexer.modes.last() {
            Some(Mode::Quoted) => lexer.quoted(),
            Some(Mode::Heredoc { .. }) => lexer.heredoc(),
            _ => lexer.plain(),
        }
    }
    lexer.found
}

/// What the text at hand is in, from the outermost.
enum Mode<'t> {
    Quoted,
    /// Until a line that is the word alone; without one, to the end.
    Heredoc {
        word: Option<&'t str>,
        at_line_start: bool,
    },
    /// Inside `${` or `%{`, with so many braces open.
    Sequence {
        braces: usize,
    },
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    modes: Vec<Mode<'t>>,
    found: Vec<Lexeme>,
}

impl<'t> Lexer<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn push(&mut self, token: Token, length: usize) {
        let start = self.at;
        self.at += length;
        self.found.push(Lexeme { token, start, end: self.at });
    }

    fn plain(&mut self) {
        let rest = self.rest();
        let bytes = rest.as_bytes();
        match bytes[0] {
            b' ' | b'\t' => {
                self.at += bytes.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
            }
            b'\n' => self.push(Token::Newline, 1),
            b'\r' if bytes.get(1) == Some(&b'\n') => self.push(Token::Newline, 2),
            b'#' => self.line_comment(),
            b'/' if bytes.get(1) == Some(&b'/') => self.line_comment(),
            b'/' if bytes.get(1) == Some(&b'*') => {
                let length = rest[2..].find("*/").map_or(rest.len(), |end| end + 4);
                self.push(Token::Comment, length);
            }
            b'"' => {
                self.push(Token::OpenQuote, 1);
                self.modes.push(Mode::Quoted);
            }
            b'<' if rest.starts_with("<<") => self.open_heredoc(),
            b'0'..=b'9' => self.push(Token::Number, number_length(bytes)),
            b'{' => {
                if let Some(Mode::Sequence { braces }) = self.modes.last_mut() {
                    *braces += 1;
                }
                self.push(Token::OpenBrace, 1);
            }
            b'}' => self.close_brace(1),
            b'~' if bytes.get(1) == Some(&b'}') => self.close_brace(2),
            _ => self.symbol_or_name(),
        }
    }

    fn close_brace(&mut self, length: usize) {
        match self.modes.last_mut() {
            Some(Mode::Sequence { braces: 0 }) => {
                self.modes.pop();
                self.push(Token::CloseSequence, length);
            }
            _ if length == 2 => self.push(Token::Invalid, 1),
            Some(Mode::Sequence { braces }) => {
                *braces -= 1;
                self.push(Token::CloseBrace, 1);
            }
            _ => self.push(Token::CloseBrace, 1),
        }
    }

    fn symbol_or_name(&mut self) {
        let rest = self.rest();
        let first = rest.chars().next().unwrap_or('\0');
        if first.is_alphabetic() || first == '_' {
            let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '-'));
            return self.push(Token::Ident, end.unwrap_or(rest.len()));
        }
        let longer = ["...", "::", "==", "!=", "<=", ">=", "&&", "||", "=>"];
        let found = longer.into_iter().find(|symbol| rest.starts_with(symbol));
        let length = found.map_or(first.len_utf8(), str::len);
        let token = match found.unwrap_or(&rest[..length]) {
            "..." => Token::Ellipsis,
            "::" => Token::DoubleColon,
            "=" => Token::Equal,
            "=>" => Token::FatArrow,
            "." => Token::Dot,
            "," => Token::Comma,
            ":" => Token::Colon,
            "?" => Token::Question,
            "-" => Token::Minus,
            "!" => Token::Bang,
            "[" => Token::OpenBracket,
            "]" => Token::CloseBracket,
            "(" => Token::OpenParen,
            ")" => Token::CloseParen,
            "+" | "*" | "/" | "%" | "<" | ">" => Token::Operator,
            _ if found.is_some() => Token::Operator,
            _ => Token::Invalid,
        };
        self.push(token, length);
    }

    fn line_comment(&mut self) {
        let rest = self.rest();
        let length = rest.find('\n').map_or(rest.len(), |end| end + 1);
        self.push(Token::Comment, length);
    }

    fn open_heredoc(&mut self) {
        let rest = self.rest();
        let after = rest[2..].strip_prefix('-').unwrap_or(&rest[2..]);
        let line_end = after.find('\n');
        let word = line_end.map_or("", |end| after[..end].trim_end_matches('\r'));
        let is_name = word.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && word.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-');
        match line_end.filter(|_| is_name) {
            Some(end) => {
                self.push(Token::OpenHeredoc, rest.len() - after.len() + end + 1);
                self.modes.push(Mode::Heredoc { word: Some(word), at_line_start: true });
            }
            None => self.push(Token::Operator, 1),
        }
    }

    /// A piece of a quoted template: text up to the next sequence or the closing quote.
    fn quoted(&mut self) {
        let rest = self.rest();
        let bytes = rest.as_bytes();
        let mut end = 0;
        while end < bytes.len() {
            match bytes[end] {
                b'"' | b'\n' => break,
                // What stands behind a backslash closes nothing, but for the line's end.
                b'\\' if bytes.get(end + 1) != Some(&b'\n') => end += 2,
                b'$' | b'%' => match sequence_at(rest, end) {
                    Sequence::Opens => break,
                    Sequence::Escaped => end += 3,
                    Sequence::None => end += 1,
                },
                _ => end += 1,
            }
        }
        let mut end = end.min(bytes.len());
        while !rest.is_char_boundary(end) {
            end += 1;
        }
        if end > 0 {
            return self.push(Token::Text, end);
        }
        match bytes[0] {
            b'"' => {
                self.modes.pop();
                self.push(Token::CloseQuote, 1);
            }
            // Not closed: the line's end is a token of what is around.
            b'\n' => {
                self.modes.pop();
            }
            _ => self.open_sequence(),
        }
    }

    fn open_sequence(&mut self) {
        let bytes = self.rest().as_bytes();
        let token = if bytes[0] == b'$' { Token::OpenInterpolation } else { Token::OpenDirective };
        let length = if bytes.get(2) == Some(&b'~') { 3 } else { 2 };
        self.push(token, length);
        self.modes.push(Mode::Sequence { braces: 0 });
    }

    /// A piece of a heredoc: one line, or what is left of it, up to the next sequence.
    fn heredoc(&mut self) {
        let rest = self.rest();
        let Some(Mode::Heredoc { word, at_line_start }) = self.modes.last_mut() else { return };
        if let Some(word) = word.filter(|_| *at_line_start) {
            let line = rest.find('\n').map_or(rest, |end| &rest[..end]);
            if line.trim() == word {
                // Spaces behind the word belong to it.
                let length = line.trim_end_matches('\r').len();
                self.modes.pop();
                return self.push(Token::CloseHeredoc, length);
            }
        }
        let bytes = rest.as_bytes();
        let mut end = 0;
        *at_line_start = false;
        while end < bytes.len() && !*at_line_start {
            match sequence_at(rest, end) {
                Sequence::Opens => break,
                Sequence::Escaped => end += 3,
                Sequence::None => {
                    *at_line_start = bytes[end] == b'\n';
                    end += 1;
                }
            }
        }
        if end > 0 {
            return self.push(Token::Text, end);
        }
        self.open_sequence();
    }
}

enum Sequence {
    Opens,
    Escaped,
    None,
}

/// Whether `${` or `%{` opens at a byte, or is escaped by doubling its first character.
fn sequence_at(text: &str, at: usize) -> Sequence {
    let rest = &text.as_bytes()[at..];
    if rest.starts_with(b"${") || rest.starts_with(b"%{") {
        Sequence::Opens
    } else if rest.starts_with(b"$${") || rest.starts_with(b"%%{") {
        Sequence::Escaped
    } else {
        Sequence::None
    }
}

/// Digits, a fraction, an exponent.
fn number_length(bytes: &[u8]) -> usize {
    let digits = |from: usize| bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
    let mut end = digits(0);
    if bytes.get(end) == Some(&b'.') && digits(end + 1) > 0 {
        end += 1 + digits(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let signed = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let from = (end + 1 + signed).min(bytes.len());
        if digits(from) > 0 {
            end = from + digits(from);
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(Token, &str)]) {
        let found: Vec<(Token, &str)> =
            tokens(text).into_iter().map(|l| (l.token, &text[l.start..l.end])).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn plain_text_becomes_tokens() {
        use Token::*;
        check("a-b = 1.5e3", &[(Ident, "a-b"), (Equal, "="), (Number, "1.5e3")]);
        check("a.0.b", &[(Ident, "a"), (Dot, "."), (Number, "0"), (Dot, "."), (Ident, "b")]);
        check("# c\nx // d", &[(Comment, "# c\n"), (Ident, "x"), (Comment, "// d")]);
        check("/* a\nb */ x", &[(Comment, "/* a\nb */"), (Ident, "x")]);
        check(
            "f(x...)",
            &[(Ident, "f"), (OpenParen, "("), (Ident, "x"), (Ellipsis, "..."), (CloseParen, ")")],
        );
    }

    #[test]
    fn an_expression_goes_on_while_something_is_open() {
        for open in ["f(", "[1,", "{ a = [", "<<EOT", "<<EOT\na", "\"${f(", "f(\")\"", "[ # ]"] {
            assert!(is_unfinished(open), "{open}");
        }
        for whole in
            ["", "f(x)", "\"(\"", "<<EOT\na\nEOT", "\"${f(1)}\"", "\"a", "x)", "1 +", "# ("]
        {
            assert!(!is_unfinished(whole), "{whole}");
        }
    }

    #[test]
    fn templates_nest() {
        use Token::*;
        check(
            "\"a${ {b=\"}\"} ~}$${c}\"",
            &[
                (OpenQuote, "\""),
                (Text, "a"),
                (OpenInterpolation, "${"),
                (OpenBrace, "{"),
                (Ident, "b"),
                (Equal, "="),
                (OpenQuote, "\""),
                (Text, "}"),
                (CloseQuote, "\""),
                (CloseBrace, "}"),
                (CloseSequence, "~}"),
                (Text, "$${c}"),
                (CloseQuote, "\""),
            ],
        );
        check(
            "<<-E\n a\n ${b}\n  E\nx",
            &[
                (OpenHeredoc, "<<-E\n"),
                (Text, " a\n"),
                (Text, " "),
                (OpenInterpolation, "${"),
                (Ident, "b"),
                (CloseSequence, "}"),
                (Text, "\n"),
                (CloseHeredoc, "  E"),
                (Newline, "\n"),
                (Ident, "x"),
            ],
        );
    }

    #[test]
    fn nonsense_ends_too() {
        for text in [
            "\"", "\"\\", "\"\\é", "<<", "<<E", "<<E\n", "\"${", "~", "~}", "}", "1e", "é`",
            "\"${\"${",
        ] {
            let last = tokens(text).last().map_or(0, |lexeme| lexeme.end);
            assert_eq!(last, text.len(), "{text}");
        }
    }
}
