//! `format` and `formatlist`.

use skyform_value::{Kind, Number, Refinements, Type, Value, convert, json};

use super::FunctionError;
use super::prefix::certain_prefix;
use super::signature::{Answer, Arguments, Function, any, parameter, string, variadic};

pub(super) const FUNCTIONS: &[Function] = &[
    variadic(
        "format",
        &[parameter("format", string)],
        parameter("args", any).unknown().null(),
        any,
        |a| {
            if !a.values.iter().all(Value::is_wholly_known) {
                return Ok(unknown_text(a.text(0)));
            }
            Ok(render(a, a.text(0), &a.values[1..])?.into())
        },
    )
    .typed(|_| Ok(Type::String)),
    variadic(
        "formatlist",
        &[parameter("format", string)],
        parameter("args", any).unknown().null(),
        any,
        list,
    )
    .typed(|_| Ok(Type::list(Type::String))),
];

/// What is formatted with something unknown: it begins as the format does.
fn unknown_text(format: &str) -> Value {
    let prefix = format.split('%').next().and_then(certain_prefix);
    let range = Refinements { not_null: true, prefix, ..Refinements::default() };
    Value::unknown_refined(Type::String, range)
}

/// A text for each row; unknown where something of the row is.
fn list(arguments: &Arguments<'_>) -> Answer {
    let given = &arguments.values[1..];
    let is_open = |value: &Value| !value.is_known() && !value.ty().is_primitive();
    if !arguments.values[0].is_known() || given.iter().any(is_open) {
        return Ok(Value::unknown(Type::list(Type::String)));
    }
    let mut length = None;
    for (index, value) in given.iter().enumerate() {
        let Some(items) = value.as_slice() else { continue };
        match length {
            Some(known) if known != items.len() => {
                let message = format!(
                    "argument {} has length {}, which is inconsistent with the other lists' length {known}",
                    index + 1,
                    items.len()
                );
                return Err(arguments.wrong(index + 1, message));
            }
            _ => length = Some(items.len()),
        }
    }
    let mut rows = Vec::new();
    for row in 0..length.unwrap_or(1) {
        let values: Vec<Value> = given
            .iter()
            .map(|value| value.as_slice().map_or_else(|| value.clone(), |items| items[row].clone()))
            .collect();
        rows.push(match values.iter().all(Value::is_wholly_known) {
            true => Value::from(render(arguments, arguments.text(0), &values)?),
            false => Value::unknown(Type::String),
        });
    }
    Ok(Value::list(Type::String, rows))
}

/// A verb: `%-+ #0 WIDTH .PRECISION [INDEX] LETTER`.
#[derive(Clone, Copy, Default)]
struct Verb {
    minus: bool,
    plus: bool,
    space: bool,
    sharp: bool,
    zero: bool,
    width: Option<usize>,
    precision: Option<usize>,
    letter: char,
}

fn render(
    arguments: &Arguments<'_>,
    format: &str,
    values: &[Value],
) -> Result<String, FunctionError> {
    let wrong = |message: String| arguments.wrong(0, message);
    let mut text = String::new();
    let mut characters = format.chars().peekable();
    let mut next = 0;
    let mut most_used = 0;
    let mut explicit = false;
    while let Some(character) = characters.next() {
        if character != '%' {
            text.push(character);
            continue;
        }
        if characters.peek() == Some(&'%') {
            characters.next();
            text.push('%');
            continue;
        }
        let mut verb = Verb::default();
        while let Some(flag) = characters.peek().copied() {
            match flag {
                '-' => verb.minus = true,
                '+' => verb.plus = true,
                ' ' => verb.space = true,
                '#' => verb.sharp = true,
                '0' => verb.zero = true,
                _ => break,
            }
            characters.next();
        }
        let digits = |characters: &mut std::iter::Peekable<std::str::Chars<'_>>| {
            let mut found = String::new();
            while let Some(digit) = characters.next_if(char::is_ascii_digit) {
                found.push(digit);
            }
            found.parse::<usize>().ok()
        };
        verb.width = digits(&mut characters);
        if characters.next_if_eq(&'.').is_some() {
            verb.precision = Some(digits(&mut characters).unwrap_or(0));
        }
        if characters.next_if_eq(&'[').is_some() {
            let index = digits(&mut characters).filter(|index| *index > 0);
            if characters.next() != Some(']') {
                return Err(wrong("unclosed argument index in the format string".to_owned()));
            }
            next =
                index.ok_or_else(|| wrong("an argument index must be at least 1".to_owned()))? - 1;
            explicit = true;
        }
        verb.letter = characters.next().ok_or_else(|| {
            wrong("unterminated format verb at the end of the format string".to_owned())
        })?;
        if verb.width.is_some_and(|width| width > 1 << 20)
            || verb.precision.is_some_and(|p| p > 1 << 12)
        {
            return Err(wrong("a width or precision in the format string is too large".to_owned()));
        }
        let Some(value) = values.get(next) else {
            return Err(wrong(format!(
                "not enough arguments for \"%{}\": need index {} but have {} total",
                verb.letter,
                next + 1,
                values.len()
            )));
        };
        next += 1;
        most_used = most_used.max(next);
        text.push_str(&write(&verb, value).map_err(|message| arguments.wrong(next, message))?);
    }
    if most_used < values.len() && !explicit {
        return Err(wrong(format!("too many arguments; only {most_used} used by format string")));
    }
    Ok(text)
}

fn write(verb: &Verb, value: &Value) -> Result<String, String> {
    let text = match verb.letter {
        'v' => return plain(verb, value),
        't' => {
            let truth = convert(value, &Type::Bool)
                .map_err(|error| unsupported(verb, &error.to_string()))?;
            return match truth.as_bool() {
                // Without its width, which this verb has no use for.
                Some(truth) => Ok(truth.to_string()),
                None => Err(unsupported(verb, "null value")),
            };
        }
        's' | 'q' => {
            let converted = convert(value, &Type::String)
                .map_err(|error| unsupported(verb, &error.to_string()))?;
            let Some(text) = converted.as_str() else {
                return Err(unsupported(verb, "null value cannot be formatted"));
            };
            let text = match verb.precision {
                Some(precision) => text.chars().take(precision).collect(),
                None => text.to_owned(),
            };
            if verb.letter == 'q' { json::quote(&text) } else { text }
        }
        'b' | 'd' | 'o' | 'x' | 'X' | 'e' | 'E' | 'f' | 'F' | 'g' | 'G' => {
            let converted = convert(value, &Type::Number)
                .map_err(|error| unsupported(verb, &error.to_string()))?;
            let Some(number) = converted.as_number() else {
                return Err(unsupported(verb, "null value cannot be formatted"));
            };
            if matches!(verb.letter, 'b' | 'd' | 'o' | 'x' | 'X') && !number.is_integer() {
                return Err(unsupported(verb, "an integer is required"));
            }
            return numeric(verb, number);
        }
        other => return Err(format!("unsupported format verb \"%{other}\"")),
    };
    Ok(pad(verb, text))
}

fn unsupported(verb: &Verb, reason: &str) -> String {
    format!("unsupported value for \"%{}\": {reason}", verb.letter)
}

/// Text as it is, numbers as short as they can be, everything else as JSON. With a precision, which
/// is not for this verb, the width is left out, too.
fn plain(verb: &Verb, value: &Value) -> Result<String, String> {
    let verb = &match verb.precision {
        Some(_) => Verb { width: None, precision: None, ..*verb },
        None => *verb,
    };
    if verb.sharp {
        if value.as_number().is_some_and(|number| !number.is_finite()) {
            return Err(unsupported(verb, "cannot serialize infinity as JSON"));
        }
        return Ok(pad(verb, json::to_plain(value)));
    }
    match value.kind() {
        Kind::Null(_) => Ok(pad(verb, "null".to_owned())),
        Kind::String(text) => Ok(pad(verb, text.to_string())),
        Kind::Number(number) => numeric(verb, number),
        Kind::Bool(truth) => Ok(pad(verb, truth.to_string())),
        _ => Ok(pad(verb, json::to_plain(value))),
    }
}

fn numeric(verb: &Verb, number: &Number) -> Result<String, String> {
    // Whole numbers know no zero below zero.
    let is_whole = matches!(verb.letter, 'b' | 'd' | 'o' | 'x' | 'X');
    let negative = number.is_negative() && !(is_whole && number.is_zero());
    let magnitude = number.abs();
    let whole = || {
        let whole = magnitude.trunc().to_integer();
        whole.unwrap_or_default()
    };
    let digits = match verb.letter {
        _ if !number.is_finite() => String::new(),
        'd' => whole().to_string(),
        'b' => whole().in_radix(2).to_string(),
        'o' => whole().in_radix(8).to_string(),
        'x' | 'X' => whole().in_radix(16).to_string(),
        'f' | 'F' => fixed(&magnitude, verb.precision.unwrap_or(6)),
        'e' | 'E' => exponential(&magnitude, verb.precision.unwrap_or(6)),
        _ => match verb.precision {
            Some(precision) => general(&magnitude, precision),
            None => shortest(&magnitude),
        },
    };
    let digits = if verb.letter.is_uppercase() { digits.to_uppercase() } else { digits };
    let base = match verb.letter {
        _ if !verb.sharp => "",
        'b' => "0b",
        'o' => "0",
        'x' => "0x",
        'X' => "0X",
        _ => "",
    };
    let sign = match (negative, verb.plus, verb.space) {
        (true, ..) => "-",
        (false, true, _) => "+",
        (false, false, true) => " ",
        _ => "",
    };
    if !number.is_finite() {
        let sign = if sign.is_empty() { "+" } else { sign };
        let text = format!("{sign}Inf");
        return Ok(pad(&Verb { zero: false, ..*verb }, text));
    }
    let width = verb.width.unwrap_or(0);
    if verb.zero && !verb.minus {
        let zeros = width.saturating_sub(sign.len() + base.len() + digits.len());
        return Ok(format!("{sign}{base}{}{digits}", "0".repeat(zeros)));
    }
    Ok(pad(verb, format!("{sign}{base}{digits}")))
}

/// Decimal places, rounded half to even on the exact value.
fn fixed(number: &Number, places: usize) -> String {
    let digits = half_even(number, i64::try_from(places).unwrap_or(i64::MAX));
    if places == 0 {
        return digits;
    }
    let padded = format!("{digits:0>width$}", width = places + 1);
    let (whole, fraction) = padded.split_at(padded.len() - places);
    format!("{whole}.{fraction}")
}

/// The digits of `number` times ten to the `places`, to the nearest whole number.
fn half_even(number: &Number, places: i64) -> String {
    let nearest = || -> Option<Number> {
        let power = Number::parse(&format!("1e{}", places.unsigned_abs()))?;
        let scaled = if places < 0 { number.div(&power) } else { number.mul(&power) }.ok()?;
        let floor = scaled.floor();
        let rest = scaled.sub(&floor).ok()?;
        let half = Number::parse("0.5")?;
        let odd = floor.rem(&Number::from(2_i64)).ok()?.signum() != 0;
        let up = rest > half || rest == half && odd;
        if up { floor.add(&Number::ONE).ok() } else { Some(floor) }
    };
    let whole = nearest().and_then(|nearest| nearest.to_integer());
    whole.unwrap_or_default().to_string()
}

/// The power of ten of the first digit; 0 for zero.
fn exponent_of(number: &Number) -> i64 {
    let text = number.to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let length = |text: &str| i64::try_from(text.len()).unwrap_or(i64::MAX);
    match (whole.trim_start_matches('0'), fraction.trim_start_matches('0')) {
        ("", "") => 0,
        ("", rest) => length(rest) - length(fraction) - 1,
        (whole, _) => length(whole) - 1,
    }
}

fn exponential(number: &Number, places: usize) -> String {
    let mut exponent = exponent_of(number);
    let count = i64::try_from(places).unwrap_or(i64::MAX);
    let mut digits = half_even(number, count - exponent);
    if digits.len() > places + 1 {
        // Rounding up carried into a new place.
        digits.pop();
        exponent += 1;
    }
    let digits = format!("{digits:0<width$}", width = places + 1);
    let (first, rest) = digits.split_at(1);
    let point = if rest.is_empty() { "" } else { "." };
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{first}{point}{rest}e{sign}{:02}", exponent.unsigned_abs())
}

/// The fewest digits that tell the number from others; with an exponent where it has many places.
fn shortest(number: &Number) -> String {
    let text = number.to_string();
    let exponent = exponent_of(number);
    if !(-4..6).contains(&exponent) {
        let digits = text.replace('.', "");
        let places = digits.trim_matches('0').len().saturating_sub(1);
        return exponential(number, places);
    }
    text
}

fn general(number: &Number, precision: usize) -> String {
    let precision = precision.max(1);
    let limit = i64::try_from(precision).unwrap_or(i64::MAX);
    // Rounding to so many digits may carry into a new place.
    let text = exponential(number, precision - 1);
    let (mantissa, power) = text.split_once('e').unwrap_or((&text, "+00"));
    let exponent: i64 = power.parse().unwrap_or(0);
    if exponent < -4 || exponent >= limit {
        return format!("{}e{power}", trim_zeros(mantissa));
    }
    let places = usize::try_from(limit - 1 - exponent).unwrap_or(0);
    trim_zeros(&fixed(number, places)).to_owned()
}

fn trim_zeros(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

fn pad(verb: &Verb, text: String) -> String {
    let width = verb.width.unwrap_or(0);
    let missing = width.saturating_sub(text.chars().count());
    if missing == 0 {
        text
    } else if verb.minus {
        format!("{text}{}", " ".repeat(missing))
    } else {
        let fill = if verb.zero { "0" } else { " " };
        format!("{}{text}", fill.repeat(missing))
    }
}
