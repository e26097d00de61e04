//! Text of templates with its escapes resolved.

/// What is wrong with an escape: where in the text, how long it is.
pub(super) struct BadEscape {
    pub at: usize,
    pub length: usize,
}

/// Text between quotes.
pub(super) fn unescape_quoted(text: &str) -> Result<String, BadEscape> {
    if !text.contains(['\\', '$', '%']) {
        return Ok(text.to_owned());
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let at = text.len() - rest.len();
        if character != '\\' {
            if rest.starts_with("$${") || rest.starts_with("%%{") {
                // A doubled marker stands for itself once.
                plain.push_str(&rest[1..3]);
                rest = &rest[3..];
            } else {
                plain.push(character);
                rest = &rest[character.len_utf8()..];
            }
            continue;
        }
        let escape = rest[1..].chars().next();
        let characters = match escape {
            Some('u') => 6,
            Some('U') => 10,
            _ => 2,
        };
        let length = rest.char_indices().nth(characters).map_or(rest.len(), |(end, _)| end);
        let bad = || BadEscape { at, length };
        let resolved = match escape {
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('"') => '"',
            Some('\\') => '\\',
            Some('u' | 'U') => {
                let digits = &rest[2..length];
                let is_whole = digits.len() == characters - 2;
                code_point(digits).filter(|_| is_whole).ok_or_else(bad)?
            }
            _ => return Err(bad()),
        };
        plain.push(resolved);
        rest = &rest[length..];
    }
    Ok(plain)
}

/// Text of a heredoc or template file, where backslashes are nothing special.
pub(super) fn unescape_plain(text: &str) -> String {
    if !text.contains("$${") && !text.contains("%%{") {
        return text.to_owned();
    }
    text.replace("$${", "${").replace("%%{", "%{")
}

fn code_point(digits: &str) -> Option<char> {
    let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    char::from_u32(u32::from_str_radix(digits, 16).ok().filter(|_| is_hex)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Result<&str, (usize, usize)>) {
        let got = unescape_quoted(text).map_err(|bad| (bad.at, bad.length));
        assert_eq!(got, expect.map(str::to_owned), "{text}");
    }

    #[test]
    fn escapes_are_resolved_and_doubled_markers_halved() {
        check(r#"a\n\t\"\\b"#, Ok("a\n\t\"\\b"));
        check(r"\u00e9\U0001F600", Ok("é😀"));
        check("$${x} %%{y} $$ %", Ok("${x} %{y} $$ %"));
    }

    #[test]
    fn characters_of_several_bytes_stand_beside_markers_and_escapes() {
        check("5 € and $", Ok("5 € and $"));
        check("€$${é}€", Ok("€${é}€"));
        check(r"日本\n語", Ok("日本\n語"));
    }

    #[test]
    fn a_bad_escape_ends_at_the_end_of_a_character() {
        check(r"\u123é", Err((0, 7)));
        check(r"é\é", Err((2, 3)));
        check(r"\U0001€", Err((0, 9)));
        check(r"\", Err((0, 1)));
        check(r"\ud800", Err((0, 6)));
        check(r"a\u12", Err((1, 4)));
    }
}
