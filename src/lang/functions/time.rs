//! Time stamps in RFC 3339.

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, ZonedDateTime as Zoned};
use skyform_value::{Type, Value};

use super::FunctionError;
use super::signature::{Answer, Arguments, Function, function, number, parameter, string};

pub(super) const FUNCTIONS: &[Function] = &[
    function(
        "formatdate",
        &[parameter("format", string), parameter("time", string)],
        string,
        format,
    ),
    function("plantimestamp", &[], string, |a| given(a.context.plan_timestamp)),
    function("timestamp", &[], string, |a| given(a.context.now)),
    function(
        "timeadd",
        &[parameter("timestamp", string), parameter("duration", string)],
        string,
        add,
    )
    .may_be_null(),
    function(
        "timecmp",
        &[parameter("timestamp_a", string), parameter("timestamp_b", string)],
        number,
        |a| {
            let (left, right) = (stamp(a, 0)?, stamp(a, 1)?);
            Ok(Value::from(left.timestamp().cmp(&right.timestamp()) as i64))
        },
    ),
];

fn given(time: Option<&str>) -> Answer {
    Ok(time.map_or_else(|| Value::unknown(Type::String), Value::from))
}

/// The time of an argument, at the offset that it is written with.
fn stamp(arguments: &Arguments<'_>, index: usize) -> Result<Zoned, FunctionError> {
    let text = arguments.text(index);
    let wrong = || {
        arguments.wrong(
            index,
            format!("not a valid RFC 3339 timestamp: \"{text}\" (such as 2006-01-02T15:04:05Z)"),
        )
    };
    let shape = text.len() >= 20 && text.as_bytes().get(10) == Some(&b'T');
    let parsed: Timestamp = text.parse().ok().filter(|_| shape).ok_or_else(wrong)?;
    let offset = match text.ends_with('Z') {
        true => Offset::UTC,
        false => offset_of(&text[text.len() - 6..]).ok_or_else(wrong)?,
    };
    Ok(parsed.to_zoned_datetime(TimeZone::fixed(offset)))
}

fn offset_of(text: &str) -> Option<Offset> {
    let (sign, rest) = text.split_at_checked(1)?;
    let (hours, minutes) = rest.split_once(':')?;
    let seconds = hours.parse::<i32>().ok()? * 3600 + minutes.parse::<i32>().ok()? * 60;
    Offset::from_seconds(if sign == "-" { -seconds } else { seconds }).ok()
}

fn add(arguments: &Arguments<'_>) -> Answer {
    let time = stamp(arguments, 0)?;
    let text = arguments.text(1);
    let duration = duration(text).ok_or_else(|| {
        arguments.wrong(1, format!("invalid duration \"{text}\" (such as 1h30m)"))
    })?;
    let moved = time.checked_add(duration).map_err(|error| error.to_string())?;
    Ok(rfc3339(&moved).into())
}

fn rfc3339(time: &Zoned) -> String {
    let local = time.strftime("%Y-%m-%dT%H:%M:%S").to_string();
    let offset = time.offset().seconds();
    if offset == 0 {
        return format!("{local}Z");
    }
    let sign = if offset < 0 { '-' } else { '+' };
    let minutes = offset.abs() / 60;
    format!("{local}{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

/// `1h30m`, `-1.5s`, `10ms`: numbers with units, as in Go's duration syntax.
fn duration(text: &str) -> Option<SignedDuration> {
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Some(SignedDuration::ZERO);
    }
    let mut total = 0.0_f64;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let amount: f64 = rest[..end].parse().ok()?;
        let units = [
            ("ns", 1e-9),
            ("us", 1e-6),
            ("µs", 1e-6),
            ("ms", 1e-3),
            ("s", 1.0),
            ("m", 60.0),
            ("h", 3600.0),
        ];
        let (unit, seconds) = units.into_iter().find(|(unit, _)| rest[end..].starts_with(unit))?;
        total += amount * seconds;
        rest = &rest[end + unit.len()..];
    }
    SignedDuration::try_from_secs_f64(if negative { -total } else { total }).ok()
}

fn format(arguments: &Arguments<'_>) -> Answer {
    let time = stamp(arguments, 1)?;
    let pattern = arguments.text(0);
    let mut text = String::new();
    let mut rest = pattern;
    while let Some(first) = rest.chars().next() {
        if first == '\'' {
            rest = quoted(arguments, &rest[1..], &mut text)?;
            continue;
        }
        if !first.is_ascii_alphabetic() {
            text.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        }
        let length = rest.chars().take_while(|c| *c == first).count();
        let (verb, behind) = rest.split_at(length);
        text.push_str(
            &part(&time, verb).ok_or_else(|| {
                arguments.wrong(0, format!("invalid date format verb \"{verb}\""))
            })?,
        );
        rest = behind;
    }
    Ok(text.into())
}

/// Copies text in quotes; a doubled quote is one.
fn quoted<'t>(
    arguments: &Arguments<'_>,
    text: &'t str,
    into: &mut String,
) -> Result<&'t str, FunctionError> {
    if let Some(rest) = text.strip_prefix('\'') {
        into.push('\'');
        return Ok(rest);
    }
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        if character != '\'' {
            into.push(character);
        } else if characters.peek().is_some_and(|(_, next)| *next == '\'') {
            characters.next();
            into.push('\'');
        } else {
            return Ok(&text[at + 1..]);
        }
    }
    Err(arguments.wrong(0, "unterminated literal '"))
}

fn part(time: &Zoned, verb: &str) -> Option<String> {
    let pattern = match verb {
        "YYYY" => "%Y",
        "YY" => "%y",
        "MMMM" => "%B",
        "MMM" => "%b",
        "MM" => "%m",
        "M" => "%-m",
        "DD" => "%d",
        "D" => "%-d",
        "EEEE" => "%A",
        "EEE" => "%a",
        "hh" => "%H",
        "h" => "%-H",
        "HH" => "%I",
        "H" => "%-I",
        "AA" => return Some(if time.hour() < 12 { "AM" } else { "PM" }.to_owned()),
        "aa" => return Some(if time.hour() < 12 { "am" } else { "pm" }.to_owned()),
        "mm" => "%M",
        "m" => "%-M",
        "ss" => "%S",
        "s" => "%-S",
        "ZZZZZ" => return Some(offset(time, ":", false)),
        "ZZZZ" => return Some(offset(time, "", false)),
        "ZZZ" if time.offset().seconds() == 0 => return Some("UTC".to_owned()),
        "ZZZ" => return Some(offset(time, "", false)),
        "Z" => return Some(offset(time, ":", true)),
        _ => return None,
    };
    Some(time.strftime(pattern).to_string())
}

fn offset(time: &Zoned, separator: &str, short_utc: bool) -> String {
    let seconds = time.offset().seconds();
    if seconds == 0 && short_utc {
        return "Z".to_owned();
    }
    let sign = if seconds < 0 { '-' } else { '+' };
    let minutes = seconds.abs() / 60;
    format!("{sign}{:02}{separator}{:02}", minutes / 60, minutes % 60)
}
