//! What a scalar stands for: YAML 1.2's core types with the truth values of 1.1 (`yes`, `on`, `y`).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::civil::{Date, Time};
use saphyr_parser::Tag as Written;
use skyform_value::{Number, Value};

const NAMESPACE: &str = "tag:yaml.org,2002:";

/// A type that a tag asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    /// Text, whatever it looks like.
    Text,
    /// What it looks like, which must not be text.
    Implied(&'static str),
    Null,
    Binary,
}

impl Tag {
    pub(super) fn of(tag: &Written) -> Result<Self, String> {
        Ok(match own(tag) {
            Some("str") => Self::Text,
            Some("bool") => Self::Implied("bool"),
            Some("int") => Self::Implied("int"),
            Some("float") => Self::Implied("float"),
            Some("timestamp") => Self::Implied("timestamp"),
            Some("null") => Self::Null,
            Some("binary") => Self::Binary,
            _ => return Err(format!("unsupported tag \"{tag}\"")),
        })
    }

    /// Collections may have the tag of their own type only.
    pub(super) fn of_collection(
        tag: Option<&Written>,
        what: &str,
        name: &str,
    ) -> Result<(), String> {
        match tag {
            None => Ok(()),
            Some(tag) if own(tag) == Some(name) => Ok(()),
            Some(tag) => Err(format!("can't interpret {what} as {tag}")),
        }
    }
}

/// The name of one of YAML's own tags.
fn own(tag: &Written) -> Option<&str> {
    match (tag.handle.as_str(), tag.suffix.as_str()) {
        (NAMESPACE, name) => Some(name),
        ("", whole) => whole.strip_prefix(NAMESPACE),
        _ => None,
    }
}

/// The value of a scalar.
pub(super) fn resolve(text: &str, plain: bool, tag: Option<Tag>) -> Result<Value, String> {
    match tag {
        Some(Tag::Binary) => match STANDARD.decode(text) {
            Ok(_) => Ok(Value::from(text)),
            Err(_) => Err(format!("cannot parse \"{text}\" as binary: it is not Base64")),
        },
        Some(Tag::Text) => Ok(Value::from(text)),
        // Even in quotes, unless nothing is in them.
        Some(Tag::Null) if plain || !text.is_empty() => Ok(Value::null()),
        Some(Tag::Null) => Ok(Value::from(text)),
        // Quotes say that it is text, whatever type is asked for.
        _ if !plain => Ok(Value::from(text)),
        None => implied(text).map(|(value, _)| value),
        Some(Tag::Implied(kind)) => match implied(text)? {
            (_, Implied::Text) => Err(format!("cannot parse \"{text}\" as {kind}")),
            (value, Implied::Other) => Ok(value),
        },
    }
}

/// Whether a plain scalar looks like text.
enum Implied {
    Text,
    Other,
}

fn implied(text: &str) -> Result<(Value, Implied), String> {
    let value = if matches!(text, "" | "~" | "null" | "Null" | "NULL") {
        Value::null()
    } else if let Some(truth) = truth(text) {
        Value::from(truth)
    } else if let Some(number) = number(text)? {
        Value::from(number)
    } else if let Some(time) = timestamp(text) {
        Value::from(time)
    } else {
        return Ok((Value::from(text), Implied::Text));
    };
    Ok((value, Implied::Other))
}

fn truth(text: &str) -> Option<bool> {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Some(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Some(false)
        }
        _ => None,
    }
}

fn integer(text: &str) -> Result<Option<Number>, String> {
    for (prefix, base) in [("0x", 16), ("0o", 8)] {
        if let Some(digits) = text.strip_prefix(prefix)
            && !digits.is_empty()
            && digits.chars().all(|digit| digit.is_digit(base))
        {
            let whole = u64::from_str_radix(digits, base);
            let whole =
                whole.map_err(|_| format!("cannot parse \"{text}\" as int: it is too large"))?;
            return Ok(Number::parse(&whole.to_string()));
        }
    }
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let is_whole = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    Ok(is_whole.then(|| Number::parse(text)).flatten())
}

fn number(text: &str) -> Result<Option<Number>, String> {
    if let Some(whole) = integer(text)? {
        return Ok(Some(whole));
    }
    let infinite = text.strip_prefix(['+', '-']).unwrap_or(text);
    if matches!(infinite, ".inf" | ".Inf" | ".INF") {
        let sign = if text.starts_with('-') { "-Inf" } else { "Inf" };
        return Ok(Number::parse(sign));
    }
    if matches!(text, ".nan" | ".NaN" | ".NAN") {
        return Err("floating point NaN is not supported".to_owned());
    }
    let shaped =
        text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'))
            && text.bytes().any(|byte| byte.is_ascii_digit());
    Ok(shaped.then(|| Number::parse(text)).flatten())
}

/// A date, or a date with a time, as RFC 3339 writes it, to the second. A time after `T` has a zone,
/// one after a space has none.
fn timestamp(text: &str) -> Option<String> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '-').unwrap_or(text.len());
    let date = date(&text[..end])?;
    let rest = &text[end..];
    if rest.is_empty() {
        return Some(format!("{date}T00:00:00Z"));
    }
    if let Some(clock) = rest.strip_prefix(' ') {
        return Some(format!("{date}T{}Z", time(clock.trim_start())?));
    }
    let rest = rest.strip_prefix(['T', 't'])?;
    let (clock, zone) = rest.split_at(rest.find(['Z', '+', '-'])?);
    let is_zone = zone == "Z"
        || matches!(zone.as_bytes(), [_, a, b, b':', c, d]
            if [a, b, c, d].iter().all(|digit| digit.is_ascii_digit()) && zone[1..3] < *"24" && zone[4..] < *"60");
    is_zone.then_some(())?;
    Some(format!("{date}T{}{zone}", time(clock)?))
}

/// `H:M:S` with a fraction, which is left out.
fn time(text: &str) -> Option<Time> {
    let (clock, fraction) = text.split_once(['.', ',']).unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let mut parts = clock.split(':').map(|part| {
        let part = Some(part).filter(|part| part.len() <= 2 && digits(part));
        part.and_then(|part| part.parse::<i8>().ok())
    });
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next()??);
    if parts.next().is_some() || !digits(fraction) {
        return None;
    }
    Time::new(hour, minute, second, 0).ok()
}

fn date(text: &str) -> Option<Date> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 || month.len() > 2 || day.len() > 2 {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}
