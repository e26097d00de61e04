//! Cases of syntax, right and wrong.

use skyform_diag::{Diagnostics, SourceId};

use super::{parse_body, parse_expression, parse_template};
use crate::syntax::{Body, Expr, ExprKind, Part};

fn body(text: &str) -> Result<Body, Diagnostics> {
    parse_body(SourceId(0), text)
}

/// Each error as its line and summary.
fn errors(text: &str) -> Vec<(usize, String)> {
    let Err(errors) = body(text) else { return Vec::new() };
    let line = |at: usize| text[..at].matches('\n').count() + 1;
    errors
        .iter()
        .map(|e| (line(e.span().map_or(0, |span| span.start as usize)), e.summary.to_string()))
        .collect()
}

fn check_errors(text: &str, expected: &[(usize, &str)]) {
    let found = errors(text);
    let found: Vec<(usize, &str)> = found.iter().map(|(line, s)| (*line, s.as_str())).collect();
    assert_eq!(found, expected, "{text}");
}

/// The tree with all brackets that precedence implies.
fn shape(expr: &Expr) -> String {
    let list = |items: &[Expr]| items.iter().map(shape).collect::<Vec<_>>().join(" ");
    match &*expr.kind {
        ExprKind::Literal(value) => skyform_value::to_console(value),
        ExprKind::Name(name) => name.to_string(),
        ExprKind::Unary(operator, inner) => format!("({operator:?} {})", shape(inner)),
        ExprKind::Binary(operator, left, right) => {
            format!("({operator:?} {} {})", shape(left), shape(right))
        }
        ExprKind::Conditional(condition, yes, no) => {
            format!("(if {} {} {})", shape(condition), shape(yes), shape(no))
        }
        ExprKind::Parenthesis(inner) => shape(inner),
        ExprKind::Wrapped(inner) => format!("(wrapped {})", shape(inner)),
        ExprKind::Tuple(items) => format!("[{}]", list(items)),
        ExprKind::Object(items) => {
            let items = items.iter().map(|(key, value)| format!("{}={}", shape(key), shape(value)));
            format!("{{{}}}", items.collect::<Vec<_>>().join(" "))
        }
        ExprKind::Call { name, arguments, spread, .. } => {
            format!("({name} {}{})", list(arguments), if *spread { "..." } else { "" })
        }
        ExprKind::Traversal(traversal) => {
            format!("({} +{})", shape(&traversal.root), traversal.steps.len())
        }
        ExprKind::For { .. } => "for".to_owned(),
        ExprKind::Template(parts) => format!("template{}", parts.len()),
    }
}

fn check_shape(text: &str, expected: &str) {
    match parse_expression(SourceId(0), text) {
        Ok(expr) => assert_eq!(shape(&expr), expected, "{text}"),
        Err(errors) => panic!("{text}: {errors:?}"),
    }
}

#[test]
fn operators_bind_as_specified() {
    check_shape("1 + 2 * 3", "(Add 1 (Multiply 2 3))");
    check_shape("a - b - c", "(Subtract (Subtract a b) c)");
    check_shape("a || b && c == d", "(Or a (And b (Equal c d)))");
    check_shape("a == b < c", "(Equal a (Less b c))");
    check_shape("!a == b", "(Equal (Not a) b)");
    check_shape("-a.b * 2", "(Multiply (Negate (a +1)) 2)");
    check_shape("- 1", "-1");
    check_shape("a ? b : c ? d : e", "(if a b (if c d e))");
    check_shape("(1 +\n 2)", "(Add 1 2)");
}

#[test]
fn terms_and_what_stands_behind_them() {
    check_shape("a.b[0].*.c[*].d", "(a +6)");
    check_shape("a.0.b", "(a +2)");
    check_shape("f(x, [1, 2,]...)", "(f x [1 2]...)");
    check_shape("a::b::c()", "(a::b::c )");
    check_shape("{a = 1, \"b\" : 2\n (c) = 3}", "{\"a\"=1 \"b\"=2 c=3}");
    check_shape("{for = 1}", "{\"for\"=1}");
    check_shape("[for x in y : x if z]", "for");
    check_shape("{for k, v in y : k => v...}", "for");
    check_shape("\"${a}\"", "(wrapped a)");
    check_shape("\"$${a}%%{b}\\u00e9\\n\"", "<<EOT\n${a}%{b}\u{e9}\n\nEOT");
    check_shape("1e400", &format!("1{}", "0".repeat(400)));
}

#[test]
fn heredocs_lose_the_indentation_that_all_lines_have() {
    let text_of = |text: &str| {
        let parsed = body(&format!("a = {text}\n")).expect("valid");
        let expr = &parsed.attributes["a"].expr;
        match &*expr.kind {
            ExprKind::Literal(value) => value.as_str().unwrap_or_default().to_owned(),
            ExprKind::Template(parts) => parts
                .iter()
                .map(|part| match part {
                    Part::Literal(text) => text.to_string(),
                    _ => "*".to_owned(),
                })
                .collect(),
            other => panic!("{other:?}"),
        }
    };
    // Recorded: blank lines do not count and stay as they are; a marker trims first.
    let cases = [
        ("<<-E\n    one\n\n      two\n   \n  ${x}\nE", "  one\n\n    two\n   \n*\n"),
        ("<<-E\n    one\n      two\n    E", "one\n  two\n"),
        ("<<-E\n${x} y\n    b\n    E", "* y\n    b\n"),
        ("<<-E\n\ttab\n\t  two\n E", "tab\n  two\n"),
        (
            "<<-E\n    one\n    %{~ if x ~}\n    yes\n    %{~ endif ~}\n    end\n    E",
            "    one\n*    end\n",
        ),
        ("<<-E\n    a\n  ${~ b ~}\n    c\n  E", "    a\n*    c\n"),
        ("<<E\n  \\n $${x} \"\n  E", "  \\n ${x} \"\n"),
        ("<<E\nE", ""),
    ];
    for (text, expected) in cases {
        assert_eq!(text_of(text), expected, "{text}");
    }
}

#[test]
fn all_mistakes_of_a_file_are_found() {
    check_errors(
        "a = \nb = 1\nc {\n  d = [1,\n  e = 2\n}\nf = )\n",
        &[(1, "Missing expression"), (5, "Missing item separator"), (7, "Invalid expression")],
    );
    check_errors(
        "a {\n  b = 1 2\n  c = 3\n  d\n}\n\ne {\n  f == 1\n}\n",
        &[
            (2, "Missing newline after argument"),
            (4, "Invalid argument or block"),
            (8, "Invalid argument or block"),
        ],
    );
    check_errors(
        "a {\n  b = \"x\n}\n\nc {\n  d = ${x}\n}\n",
        &[(2, "Unterminated template string"), (6, "Invalid expression")],
    );
}

#[test]
fn mistakes_have_their_names() {
    let cases = [
        ("a {\n", "Unclosed configuration block"),
        ("}\n", "Extraneous closing bracket"),
        ("a = 1\na = 2\n", "Attribute redefined"),
        ("a = \"\\q\"\n", "Invalid escape sequence"),
        ("a = \"\\u12\"\n", "Invalid escape sequence"),
        ("a = <<E\nx\n", "Unterminated template string"),
        ("a = x.0.1\n", "Invalid legacy index syntax"),
        ("a = {b.c = 1}\n", "Ambiguous attribute key"),
        ("a = \"%{if x}\"\n", "Unterminated template directive"),
        ("a = \"%{endif}\"\n", "Unexpected template directive"),
        ("a = \"%{while x}\"\n", "Invalid template directive"),
        ("a = \"${x\n}${y z}\"\n", "Extra characters after interpolation expression"),
        ("a { b = 1 c = 2 }\n", "Invalid single-argument block definition"),
        ("a { b {} }\n", "Invalid single-argument block definition"),
        ("a \"${x}\" {}\n", "Invalid string literal"),
        ("a {} b {}\n", "Missing newline after block definition"),
        ("a = x ? y\n", "Missing false expression in conditional"),
        ("a = f(x\n", "Missing argument separator"),
        ("a = [for x of y : x]\n", "Invalid 'for' expression"),
        ("a = x[0\n", "Missing close bracket on index"),
        ("a = b ||\nc\n", "Missing expression"),
        ("a = 'x'\n", "Invalid expression"),
        ("5 = 1\n", "Argument or block required"),
    ];
    for (text, summary) in cases {
        let found = errors(text);
        assert_eq!(found.first().map(|(_, s)| s.as_str()), Some(summary), "{text}: {found:?}");
    }
}

#[test]
fn depth_and_length_are_bounded() {
    for (open, close) in [
        ("(", ")"),
        ("[", "]"),
        ("{a=", "}"),
        ("\"${", "}\""),
        ("!", ""),
        ("-", ""),
        ("f(", ")"),
        ("x[", "]"),
        ("x ? ", ""),
    ] {
        let text = format!("a = {}1{}\n", open.repeat(100_000), close.repeat(100_000));
        let found = errors(&text);
        assert_eq!(found.len(), 1, "{open}: {found:?}");
        let few = format!("a = {}1{}\n", open.repeat(60), close.repeat(60));
        assert!(errors(&few).is_empty() || open == "x ? ", "{open}: {:?}", errors(&few));
    }
    let blocks = "a {\n".repeat(100_000);
    assert!(!errors(&blocks).is_empty());
    let chain = format!("a = 1{}\n", " + 1".repeat(9_000));
    assert!(errors(&chain).is_empty());
    assert!(!errors(&format!("a = 1{}\n", " + 1".repeat(11_000))).is_empty());
    let directives = "%{if x}".repeat(50_000);
    assert!(parse_template(SourceId(0), &directives).is_err());
}

#[test]
fn text_that_is_none_is_refused() {
    assert_eq!(errors("a = 1\nb = \0\n")[0].1, "Invalid character");
    assert!(errors("\u{feff}a = 1\r\nb {\r\n}\r\n").is_empty());
}
