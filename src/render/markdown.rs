//! A plan as Markdown: for the comment of a review.

use std::fmt::Write as _;

use skyform_plan::{OutputChange, Plan, ResourceChange};

use crate::Style;
use crate::placement::{Detail, placement_text};
use crate::plan::{Shown, outputs_diff, shown, summary};

/// More lines than that are folded away.
const LONG: usize = 30;

/// A plan as Markdown (GitHub's flavour): a summary, a table, and a folded difference for each change.
pub fn plan_markdown(plan: &Plan) -> String {
    let plain = Style::default();
    let changes: Vec<Shown> = plan
        .changes
        .iter()
        .filter(|change| change.is_change())
        .map(|change| shown(change, plain, false))
        .collect();
    let outputs = plan.outputs.values().any(OutputChange::is_change);
    let mut text = String::from("# Plan\n\n");
    if changes.is_empty() && !outputs {
        text.push_str("**No changes.**\n");
    } else {
        let _ = writeln!(text, "**{}**", summary(plan, plain));
    }
    if !plan.targets.is_empty() {
        let targets: Vec<String> = plan.targets.iter().map(|target| code(target)).collect();
        let _ = writeln!(text, "\n> Only a part: `-target` names {}.", targets.join(", "));
    }
    drift(&mut text, &plan.drift);
    for placement in &plan.placements {
        let _ = writeln!(text, "\n## Placement {}\n", code(&placement.address));
        text.push_str(&fenced("text", &placement_text(placement, Detail::Short, plain)));
    }
    if !changes.is_empty() {
        text.push_str("\n## Changes\n\n| | resource | what happens |\n| --- | --- | --- |\n");
        for change in &changes {
            let symbol = if change.symbol.is_empty() { String::new() } else { code(change.symbol) };
            let (address, said) = (code(&change.address), escape(&change.said));
            let _ = writeln!(text, "| {symbol} | {} | {} |", cell(&address), cell(&said));
        }
        changes.iter().for_each(|change| details(&mut text, change));
    }
    if outputs {
        text.push_str("\n## Outputs\n\n");
        text.push_str(&fenced("diff", &as_diff(&outputs_diff(&plan.outputs, plain))));
    }
    text
}

fn drift(text: &mut String, drift: &[ResourceChange]) {
    if drift.is_empty() {
        return;
    }
    text.push_str("\n## Changed outside\n");
    for change in drift {
        details(text, &shown(change, Style::default(), true));
    }
}

/// One change, folded; open if it is short.
fn details(text: &mut String, change: &Shown) {
    let open = if change.lines.len() > LONG { "" } else { " open" };
    let address = html(&change.address);
    let said = html(&change.said);
    let _ = writeln!(text, "\n<details{open}><summary><code>{address}</code> {said}</summary>\n");
    for note in &change.notes {
        let _ = writeln!(text, "{}\n", escape(note));
    }
    text.push_str(&fenced("diff", &as_diff(&change.lines)));
    text.push_str("\n</details>\n");
}

/// Lines as `diff` writes them: the mark in the first column, so that readers colour it.
fn as_diff(lines: &[String]) -> String {
    let mut text = String::new();
    for line in lines {
        let rest = line.trim_start();
        let indent = line.len() - rest.len();
        let mark = match rest.get(..2) {
            Some("+ ") => '+',
            Some("- ") => '-',
            Some("~ ") => '!',
            _ if rest.starts_with("-/+ ") || rest.starts_with("+/- ") => '!',
            _ => ' ',
        };
        let written = match mark {
            '+' | '-' => format!("{mark}{}{}", " ".repeat(indent + 1), &rest[2..]),
            '!' => format!("!{}{rest}", " ".repeat(indent.saturating_sub(1))),
            _ => line.clone(),
        };
        text.push_str(written.trim_end());
        text.push('\n');
    }
    text
}

/// A block of code behind a fence that is longer than any inside.
fn fenced(language: &str, text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}{language}\n{}\n{fence}\n", text.trim_end_matches('\n'))
}

/// Text as inline code, whatever is in it.
fn code(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if longest > 0 { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// Text in a table's cell, where a bar would end it even in code.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

/// Text without any meaning in Markdown.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '!' | '|' | '~' => {
                escaped.push('\\');
                escaped.push(character);
            }
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// Text in HTML.
pub(crate) fn html(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_values_say_is_never_markup() {
        assert_eq!(escape("a_b *c* <img> | `x`"), "a\\_b \\*c\\* &lt;img&gt; \\| \\`x\\`");
        assert_eq!(code("a`b"), "`` a`b ``");
        assert_eq!(fenced("", "x```y"), "````\nx```y\n````\n");
        assert_eq!(cell("a|b\nc"), "a\\|b c");
        assert_eq!(html("<a href=\"x\">&"), "&lt;a href=&quot;x&quot;&gt;&amp;");
    }

    #[test]
    fn marks_stand_in_the_first_column() {
        let table = [
            ("      + a = 1", "+       a = 1"),
            ("      - a = 1 -> null", "-       a = 1 -> null"),
            ("  ~ resource \"a\" \"b\" {", "! ~ resource \"a\" \"b\" {"),
            ("-/+ resource \"a\" \"b\" {", "!-/+ resource \"a\" \"b\" {"),
            ("        id = 1", "        id = 1"),
        ];
        for (line, expected) in table {
            assert_eq!(as_diff(&[line.to_owned()]), format!("{expected}\n"), "{line}");
        }
    }
}
