//! Reading addresses: `module.a["x"].data.kind.name[0]`.

use std::str::FromStr;
use std::sync::Arc;

use crate::{InstanceAddress, InstanceKey, Mode, ModuleInstance, ResourceAddress, Str, Value};

/// Why text is not an address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct AddressError(pub String);

/// A name with an optional key behind it.
type Part = (Str, Option<InstanceKey>);

impl FromStr for InstanceAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let mut parts = split(text)?.into_iter().peekable();
        let module = take_module(&mut parts)?;
        let (mode, type_name) = match parts.next() {
            Some((word, None)) if word == "data" => (Mode::Data, plain(parts.next())?),
            Some((word, None)) if word == "ephemeral" => (Mode::Ephemeral, plain(parts.next())?),
            first => (Mode::Managed, plain(first)?),
        };
        let Some((name, key)) = parts.next() else {
            return Err(AddressError(
                "a resource needs a type and a name, such as terraform_data.x".into(),
            ));
        };
        if parts.next().is_some() {
            return Err(AddressError("there is something behind the resource's name".into()));
        }
        let resource = Arc::new(ResourceAddress { module, mode, type_name, name });
        Ok(InstanceAddress { resource, key })
    }
}

impl FromStr for ModuleInstance {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let mut parts = split(text)?.into_iter().peekable();
        let module = take_module(&mut parts)?;
        match parts.next() {
            None => Ok(module),
            Some(_) => Err(AddressError("a module's address has only module.NAME parts".into())),
        }
    }
}

impl InstanceKey {
    /// The key as a value: `each.key`, `count.index`.
    pub fn to_value(&self) -> Value {
        match self {
            InstanceKey::Index(index) => Value::from(*index),
            InstanceKey::Name(name) => Value::from(name.clone()),
        }
    }

    /// The key that a known index value stands for.
    pub fn from_value(value: &Value) -> Option<Self> {
        match value.as_str() {
            Some(name) => Some(InstanceKey::Name(name.into())),
            None => value.as_number().and_then(|n| n.to_u64()).map(InstanceKey::Index),
        }
    }
}

fn plain(part: Option<Part>) -> Result<Str, AddressError> {
    match part {
        Some((name, None)) => Ok(name),
        Some((name, Some(key))) => Err(AddressError(format!("{name} cannot have the key {key}"))),
        None => Err(AddressError("the address ends too early".into())),
    }
}

fn take_module(
    parts: &mut std::iter::Peekable<std::vec::IntoIter<Part>>,
) -> Result<ModuleInstance, AddressError> {
    let mut module = Vec::new();
    while parts.peek().is_some_and(|(word, key)| word == "module" && key.is_none()) {
        parts.next();
        module.push(parts.next().ok_or_else(|| AddressError("module needs a name".into()))?);
    }
    Ok(ModuleInstance(module.into()))
}

fn split(text: &str) -> Result<Vec<Part>, AddressError> {
    let mut parts = Vec::new();
    let mut rest = text;
    loop {
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        let (name, behind) = rest.split_at(end);
        let valid = name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-');
        if name.is_empty() || !valid || name.starts_with(|c: char| c.is_ascii_digit() || c == '-') {
            return Err(AddressError(format!("\"{name}\" is not a name")));
        }
        let (key, behind) = match behind.strip_prefix('[') {
            Some(behind) => take_key(behind).map(|(key, behind)| (Some(key), behind))?,
            None => (None, behind),
        };
        parts.push((name.into(), key));
        match behind.strip_prefix('.') {
            Some(next) => rest = next,
            None if behind.is_empty() => return Ok(parts),
            None => return Err(AddressError(format!("expected a dot before \"{behind}\""))),
        }
    }
}

fn take_key(text: &str) -> Result<(InstanceKey, &str), AddressError> {
    let unclosed = || AddressError("a key in brackets is not closed".into());
    let Some(quoted) = text.strip_prefix('"') else {
        let (digits, behind) = text.split_once(']').ok_or_else(unclosed)?;
        let index = digits.parse().map_err(|_| {
            AddressError(format!("the key [{digits}] is neither a whole number nor quoted"))
        })?;
        return Ok((InstanceKey::Index(index), behind));
    };
    let mut name = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => {
                let behind = quoted[at + 1..].strip_prefix(']').ok_or_else(unclosed)?;
                return Ok((InstanceKey::Name(name.into()), behind));
            }
            '\\' => match characters.next().ok_or_else(unclosed)?.1 {
                'n' => name.push('\n'),
                'r' => name.push('\r'),
                't' => name.push('\t'),
                other => name.push(other),
            },
            '$' | '%' if quoted[at..].starts_with(&format!("{character}{character}{{")) => {
                characters.next();
                name.push(character);
            }
            other => name.push(other),
        }
    }
    Err(unclosed())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_print_as_they_read() {
        for text in [
            "terraform_data.a",
            "terraform_data.a[0]",
            "module.m.data.http.x[\"k\"]",
            "module.a[1].module.b[\"x.y[\\\"z\\\"]\"].bucket.c",
            "ephemeral.secret.s",
            "bucket.b[\"$${x}\"]",
        ] {
            let address: InstanceAddress = text.parse().unwrap();
            assert_eq!(address.to_string(), text);
        }
        let module: ModuleInstance = "module.a[1].module.b".parse().unwrap();
        assert_eq!(module.to_string(), "module.a[1].module.b");
    }

    #[test]
    fn what_is_not_an_address_is_said() {
        for text in
            ["", "a", "a.b.c", "a[0].b", "a.b[", "a.b[x]", "a.b[\"x]", "a..b", "module.m", "1a.b"]
        {
            assert!(text.parse::<InstanceAddress>().is_err(), "{text}");
        }
        assert!("module.a.b.c".parse::<ModuleInstance>().is_err());
    }
}
