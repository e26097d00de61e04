//! Values and their differences, as plans show them.

use skyform_value::{Marks, Path, Str, Type, Value};

use super::*;

/// Values from JSON text; `?` stands for unknown text, and a leading `!` makes it sensitive.
fn value(text: &str) -> Value {
    match text {
        "-" => Value::null(),
        "?" => Value::unknown(Type::String),
        _ => match text.strip_prefix('!') {
            Some(rest) => value(rest).with_marks(Marks::SENSITIVE),
            None => skyform_value::json::from_plain(text).expect("JSON"),
        },
    }
}

fn entry(before: &Value, after: &Value, forces: &[Path]) -> Vec<String> {
    let mut differ = Differ { style: Style::default(), lines: Vec::new(), forces };
    differ.entry(0, "a", 1, before, after, &[Step::Attribute(Str::from("a"))]);
    differ.lines
}

fn check(before: &str, after: &str, expected: &[&str]) {
    let lines = entry(&value(before), &value(after), &[]);
    assert_eq!(lines, expected, "{before} -> {after}");
}

#[test]
fn scalars() {
    check("-", "-", &[]);
    check("-", "1", &["+ a = 1"]);
    check("\"x\"", "-", &["- a = \"x\" -> null"]);
    check("1", "1", &["  a = 1"]);
    check("1", "\"x\"", &["~ a = 1 -> \"x\""]);
    check("\"x\"", "?", &["~ a = \"x\" -> (known after apply)"]);
    check("-", "?", &["+ a = (known after apply)"]);
    check("true", "false", &["~ a = true -> false"]);
}

#[test]
fn sensitive_values_are_never_written() {
    check("-", "!\"x\"", &["+ a = (sensitive value)"]);
    check("!\"x\"", "-", &["- a = (sensitive value) -> null"]);
    check("!\"x\"", "!\"y\"", &["~ a = (sensitive value)"]);
    check("!\"x\"", "\"x\"", &["~ a = (sensitive value) # is no longer sensitive"]);
    check("\"x\"", "!\"x\"", &["~ a = (sensitive value) # becomes sensitive"]);
    check("![1]", "[1, 2]", &["~ a = (sensitive value)"]);
}

#[test]
fn tables_show_what_changes_in_them() {
    check(
        r#"{"k": 1, "same": 2, "gone": 3}"#,
        r#"{"k": 2, "same": 2, "new key": 4}"#,
        &[
            "~ a = {",
            "    - gone      = 3",
            "    ~ k         = 1 -> 2",
            "    + \"new key\" = 4",
            "      # (1 unchanged attribute hidden)",
            "  }",
        ],
    );
    check("{}", r#"{"k": null}"#, &["~ a = {", "    + k = null", "  }"]);
}

#[test]
fn lists_show_neighbours_of_what_changes() {
    check(
        "[1, 2, 3, 4, 5, 6]",
        "[1, 2, 3, 9, 5, 6, 7]",
        &[
            "~ a = [",
            "      # (2 unchanged elements hidden)",
            "      3,",
            "    ~ 4 -> 9,",
            "      5,",
            "      6,",
            "    + 7,",
            "  ]",
        ],
    );
    check("[1, 2]", "[2]", &["~ a = [", "    - 1,", "      2,", "  ]"]);
    check(
        r#"[{"x": 1, "y": 1}]"#,
        r#"[{"x": 2, "y": 1}]"#,
        &[
            "~ a = [",
            "    ~ {",
            "        ~ x = 1 -> 2",
            "          # (1 unchanged attribute hidden)",
            "      },",
            "  ]",
        ],
    );
}

#[test]
fn elements_of_sets_come_and_go() {
    let set = |items: &[&str]| {
        Value::set(Type::String, items.iter().map(|item| Value::from(*item)).collect())
    };
    let lines = entry(&set(&["p", "q"]), &set(&["p", "r"]), &[]);
    assert_eq!(lines, ["~ a = [", "      \"p\",", "    - \"q\",", "    + \"r\",", "  ]"]);
}

#[test]
fn texts_of_several_lines_are_compared_by_line() {
    check(
        r#""one\ntwo\nthree\n""#,
        r#""one\n2\nthree\n""#,
        &["~ a = <<-EOT", "      one", "    - two", "    + 2", "      three", "  EOT"],
    );
    let long: String = (0..20).map(|number| format!("line {number}\\n")).collect();
    let (before, after) = (format!("\"{long}\""), format!("\"{}\"", long.replace("line 10", "x")));
    let lines = entry(&value(&before), &value(&after), &[]);
    assert_eq!(lines[1], "      # (7 unchanged lines hidden)");
    assert_eq!(lines[lines.len() - 2], "      # (6 unchanged lines hidden)");
    assert_eq!(lines.len(), 12, "{lines:?}");
}

#[test]
fn json_text_is_compared_as_what_it_means() {
    check(
        r#""{\"k\": 1, \"s\": 1}""#,
        r#""{\"k\": 2, \"s\": 1}""#,
        &[
            "~ a = jsonencode(",
            "    ~ {",
            "        ~ k = 1 -> 2",
            "          # (1 unchanged attribute hidden)",
            "      }",
            "  )",
        ],
    );
    check(
        r#""{\"k\":1}""#,
        r#""{\"k\": 1}""#,
        &["~ a = jsonencode( # whitespace changes", "      {", "          k = 1", "      }", "  )"],
    );
    check("\"{}\"", "\"[]\"", &["~ a = \"{}\" -> \"[]\""]);
    check("\"{ not json\"", "\"x\"", &["~ a = \"{ not json\" -> \"x\""]);
}

#[test]
fn kinds_that_change_stand_side_by_side() {
    check("\"x\"", "[1]", &["~ a = \"x\" -> [", "    + 1,", "  ]"]);
    check("[1]", "\"x\"", &["~ a = [", "    - 1,", "  ] -> \"x\""]);
    check("[1]", "?", &["~ a = [", "    - 1,", "  ] -> (known after apply)"]);
    check("[1]", r#"{"k": 1}"#, &["- a = [", "    - 1,", "  ]", "+ a = {", "    + k = 1", "  }"]);
}

#[test]
fn what_forces_a_replacement_is_said() {
    let forces = [Path::attribute("a")];
    let lines = entry(&value("1"), &value("2"), &forces);
    assert_eq!(lines, ["~ a = 1 -> 2 # forces replacement"]);
    let lines = entry(&value("[1]"), &value("[2]"), &forces);
    assert_eq!(lines[0], "~ a = [ # forces replacement");
}

#[test]
fn keys_are_quoted_where_they_must_be() {
    for (name, written) in [("a_b-c", "a_b-c"), ("a b", "\"a b\""), ("1a", "\"1a\""), ("", "\"\"")]
    {
        assert_eq!(key(name), written);
    }
}
