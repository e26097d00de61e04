//! Names in a cloud, made from addresses.

/// The name of an instance that is given none: `module.a.bucket.data["x"]` is `a-data-x`.
/// It has 3 to 63 lower-case letters, digits and dashes.
pub(crate) fn name_from_address(address: &str) -> String {
    let mut rest = address;
    let mut parts = Vec::new();
    while let Some(call) = rest.strip_prefix("module.") {
        let end = end_of_step(call);
        parts.push(&call[..end]);
        rest = call[end..].trim_start_matches('.');
    }
    // What is left is `TYPE.NAME[KEY]`.
    parts.push(rest.split_once('.').map_or(rest, |(_, name)| name));
    let joined = parts.join("-");
    let mapped: String = joined
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' })
        .collect();
    let words: Vec<&str> = mapped.split('-').filter(|word| !word.is_empty()).collect();
    let mut name = words.join("-");
    name.truncate(63);
    while name.ends_with('-') {
        name.pop();
    }
    while name.len() < 3 {
        name.push('0');
    }
    name
}

/// Where a step of an address ends: at a dot that is not inside a key.
fn end_of_step(text: &str) -> usize {
    let mut quoted = false;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '.' if !quoted => return at,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::name_from_address;

    #[test]
    fn names_come_from_addresses() {
        for (address, expected) in [
            ("bucket.data", "data"),
            ("bucket.data[0]", "data-0"),
            ("module.a[\"X\"].bucket.my_models[\"east\"]", "a-x-my-models-east"),
            ("module.a[\"b.c\"].bucket.d", "a-b-c-d"),
            ("endpoint.fraud[\"east/cpu.small\"]", "fraud-east-cpu-small"),
            ("bucket.a", "a00"),
        ] {
            assert_eq!(name_from_address(address), expected, "{address}");
        }
        let long = format!("bucket.{}_{}", "a".repeat(62), "b".repeat(9));
        assert_eq!(name_from_address(&long), "a".repeat(62));
    }
}
