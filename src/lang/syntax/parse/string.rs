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
            let taken = doubled_marker(rest).unwrap_or(character.len_utf8());
            // A doubled marker stands for itself once.
            plain.push_str(if taken == 3 { &rest[1..3] } else { &rest[..taken] });
            rest = &rest[taken..];
            continue;
        }
        let escape = rest[1..].chars().next();
        let length = match escape {
            Some('u') => 6,
            Some('U') => 10,
            Some(other) => 1 + other.len_utf8(),
            None => 1,
        };
        let bad = || BadEscape { at, length: length.min(rest.len()) };
        let resolved = match escape {
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('"') => '"',
            Some('\\') => '\\',
            Some('u' | 'U') => rest.get(2..length).and_then(code_point).ok_or_else(bad)?,
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

fn doubled_marker(text: &str) -> Option<usize> {
    (text.starts_with("$${") || text.starts_with("%%{")).then_some(3)
}
