//! What a name that has been begun can become.

use skyform_lang::config::Module;
use skyform_lang::functions;
use skyform_value::Mode;

use super::session::Session;

/// Words of the language that begin an expression.
const WORDS: [&str; 9] =
    ["data.", "false", "local.", "module.", "null", "path.", "terraform.", "true", "var."];

/// Where the name begins that ends at the end of `line`, and what it can become there, sorted.
pub(super) fn complete(session: &mut Session<'_>, line: &str) -> (usize, Vec<String>) {
    let reference = reference_at_end(line);
    let (owner, begun) = match reference.rfind('.') {
        Some(dot) => (&reference[..dot], &reference[dot + 1..]),
        None => ("", reference),
    };
    let mut names = members(session, owner);
    names.retain(|name| name.starts_with(begun));
    names.sort();
    names.dedup();
    (line.len() - begun.len(), names)
}

/// The reference that a line ends in: names, dots, `::`, and indices in brackets.
fn reference_at_end(line: &str) -> &str {
    let mut start = line.len();
    let mut depth = 0_usize;
    for (at, character) in line.char_indices().rev() {
        match character {
            ']' => depth += 1,
            '[' if depth > 0 => depth -= 1,
            _ if depth > 0 => {}
            _ if character.is_alphanumeric() || "_-.:".contains(character) => {}
            _ => break,
        }
        start = at;
    }
    // Brackets that are not opened on this line belong to something else.
    if depth > 0 { "" } else { &line[start..] }
}

fn members(session: &mut Session<'_>, owner: &str) -> Vec<String> {
    let root = session.root();
    let names = match owner {
        "" => beginnings(root),
        "var" => root.source.variables.keys().map(ToString::to_string).collect(),
        "local" => root.source.locals.keys().map(ToString::to_string).collect(),
        "module" => root.source.calls.keys().map(ToString::to_string).collect(),
        "path" => ["cwd", "module", "root"].map(str::to_owned).to_vec(),
        "terraform" => vec!["workspace".to_owned()],
        "data" => types(root, Mode::Data),
        _ => match owner.strip_prefix("data.") {
            Some(type_name) => blocks(root, Mode::Data, type_name),
            None => blocks(root, Mode::Managed, owner),
        },
    };
    if names.is_empty() { session.attributes(owner) } else { names }
}

fn beginnings(root: &Module) -> Vec<String> {
    let functions = functions::names().map(|name| format!("{name}("));
    let types = types(root, Mode::Managed).into_iter().map(|name| format!("{name}."));
    functions.chain(types).chain(WORDS.map(str::to_owned)).collect()
}

fn types(root: &Module, mode: Mode) -> Vec<String> {
    let of_mode = root.source.resources.keys().filter(|key| key.mode == mode);
    of_mode.map(|key| key.type_name.to_string()).collect()
}

fn blocks(root: &Module, mode: Mode, type_name: &str) -> Vec<String> {
    let keys = root.source.resources.keys();
    let of_type = keys.filter(|key| key.mode == mode && key.type_name.as_str() == type_name);
    of_type.map(|key| key.name.to_string()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_ends_at_the_end_of_the_line() {
        for (line, expected) in [
            ("", ""),
            ("1 + var.a", "var.a"),
            ("\"${local.na", "local.na"),
            ("upper(module.m[\"a b\"].out", "module.m[\"a b\"].out"),
            ("a.b[0].c-d", "a.b[0].c-d"),
            ("x]", ""),
            ("[var.", "var."),
            ("f(x) ", ""),
            ("é.ü", "é.ü"),
        ] {
            assert_eq!(reference_at_end(line), expected, "{line}");
        }
    }
}
