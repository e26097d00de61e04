//! Numbers.

use dashu_int::IBig;
use skyform_value::{Number, Type, Value, convert};

use super::signature::{Answer, Arguments, Function, any, function, number, parameter, variadic};
use super::{FunctionError, float};

pub(super) const FUNCTIONS: &[Function] = &[
    function("abs", &[parameter("num", number)], number, |a| Ok(a.number(0).abs().into())),
    function("ceil", &[parameter("num", number)], number, |a| Ok(a.number(0).ceil().into())),
    function("floor", &[parameter("num", number)], number, |a| Ok(a.number(0).floor().into())),
    function("log", &[parameter("num", number), parameter("base", number)], number, log),
    variadic("max", &[], parameter("numbers", number), number, |a| extreme(a, true)),
    variadic("min", &[], parameter("numbers", number), number, |a| extreme(a, false)),
    function("parseint", &[parameter("number", any), parameter("base", number)], any, parse)
        .typed(|_| Ok(Type::Number)),
    function("pow", &[parameter("num", number), parameter("power", number)], number, power),
    function("signum", &[parameter("num", number)], number, signum),
    function("sum", &[parameter("list", any)], any, sum).typed(|_| Ok(Type::Number)),
];

fn signum(arguments: &Arguments<'_>) -> Answer {
    Ok(arguments.whole(0)?.signum().into())
}

/// A 64-bit result as a number; not-a-number has no place in the language.
fn from_float(float: f64) -> Answer {
    Number::from_f64(float)
        .map(Value::from)
        .ok_or_else(|| FunctionError::Failed("the result is not a number".to_owned()))
}

fn log(arguments: &Arguments<'_>) -> Answer {
    let (number, base) = (arguments.number(0).to_f64(), arguments.number(1).to_f64());
    from_float(float::ln(number) / float::ln(base))
}

fn power(arguments: &Arguments<'_>) -> Answer {
    from_float(float::pow(arguments.number(0).to_f64(), arguments.number(1).to_f64()))
}

fn extreme(arguments: &Arguments<'_>, largest: bool) -> Answer {
    let numbers = arguments.values.iter().filter_map(Value::as_number);
    // Of equals the first: a zero may have a sign.
    let better = |new: &Number, old: &Number| if largest { new > old } else { new < old };
    let found = numbers.reduce(|old, new| if better(new, old) { new } else { old });
    found.cloned().map(Value::from).ok_or_else(|| "at least one number is needed".into())
}

fn parse(arguments: &Arguments<'_>) -> Answer {
    let Some(text) = arguments.values[0].as_str() else {
        let shown = arguments.values[0].ty().friendly();
        return Err(arguments.wrong(0, format!("first argument must be a string, not {shown}")));
    };
    let base = arguments.whole(1)?;
    let radix = u32::try_from(base).ok().filter(|base| (2..=62).contains(base));
    let Some(radix) = radix else {
        return Err(arguments.wrong(1, "base must be a whole number between 2 and 62 inclusive"));
    };
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let fail = || arguments.wrong(0, format!("cannot parse \"{text}\" as a base {base} integer"));
    if digits.is_empty() {
        return Err(fail());
    }
    let mut total = IBig::ZERO;
    for digit in digits.chars() {
        total = total * radix + digit_value(digit, radix).ok_or_else(fail)?;
    }
    Ok(Number::from_integer(if negative { -total } else { total }).into())
}

/// Up to base 36 letters of both cases are the same; beyond, upper case comes second.
fn digit_value(digit: char, radix: u32) -> Option<u32> {
    let value = match digit {
        '0'..='9' => u32::from(digit) - u32::from('0'),
        'a'..='z' => u32::from(digit) - u32::from('a') + 10,
        'A'..='Z' if radix <= 36 => u32::from(digit) - u32::from('A') + 10,
        'A'..='Z' => u32::from(digit) - u32::from('A') + 36,
        _ => return None,
    };
    (value < radix).then_some(value)
}

fn sum(arguments: &Arguments<'_>) -> Answer {
    let Some(items) = arguments.values[0].as_slice() else {
        return Err(arguments.wrong(0, "argument must be list, set, or tuple"));
    };
    if items.is_empty() {
        return Err(arguments.wrong(0, "cannot sum an empty list"));
    }
    let mut total: Option<Number> = None;
    for item in items {
        if item.is_null() {
            return Err(arguments.wrong(0, "argument must be list, set, or tuple of number values"));
        }
        let converted = convert(item, &Type::Number).ok();
        let Some(number) = converted.as_ref().and_then(Value::as_number) else {
            return Err(arguments.wrong(0, "argument must be list, set, or tuple of number values"));
        };
        total = Some(match total {
            Some(total) => total.add(number)?,
            None => number.clone(),
        });
    }
    Ok(total.unwrap_or(Number::ZERO).into())
}
