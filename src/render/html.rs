//! A plan as an HTML page that stands alone: no scripts, no other files.

use std::fmt::Write as _;

use skyform_plan::{OutputChange, Plan};

use crate::Style;
use crate::markdown::html as escape;
use crate::placement::{Detail, placement_text};
use crate::plan::{Shown, outputs_diff, shown, summary};

/// Changes with more lines than that are folded at first.
const LONG: usize = 40;
/// Runs of lines with the same mark, longer than that, are folded.
const RUN: usize = 12;
/// Longer lines are cut, and their rest is folded.
const WIDE: usize = 160;

/// A plan as an HTML page.
pub fn plan_html(plan: &Plan) -> String {
    let plain = Style::default();
    let changes: Vec<Shown> = plan
        .changes
        .iter()
        .filter(|change| change.is_change())
        .map(|change| shown(change, plain, false))
        .collect();
    let outputs = plan.outputs.values().any(OutputChange::is_change);
    let said = if changes.is_empty() && !outputs {
        "No changes.".to_owned()
    } else {
        summary(plan, plain)
    };
    let mut page = String::from(HEAD);
    let _ = writeln!(page, "<header><h1>{}</h1>", escape(&said));
    let _ = writeln!(page, "<p>Made {}.</p>", escape(&plan.timestamp));
    if !plan.targets.is_empty() {
        let targets = escape(&plan.targets.join(", "));
        let _ = writeln!(page, "<p class=\"warn\">Only a part of it all: -target {targets}</p>");
    }
    page.push_str("</header>\n<main>\n");
    if !plan.drift.is_empty() {
        page.push_str("<h2>Changed outside</h2>\n");
        plan.drift.iter().for_each(|change| card(&mut page, &shown(change, plain, true)));
    }
    for placement in &plan.placements {
        let _ = writeln!(page, "<h2>Placement {}</h2>", escape(&placement.address));
        let _ = writeln!(
            page,
            "<pre>{}</pre>",
            escape(&placement_text(placement, Detail::Short, plain))
        );
    }
    if !changes.is_empty() {
        page.push_str("<h2>Changes</h2>\n");
        changes.iter().for_each(|change| card(&mut page, change));
    }
    if outputs {
        page.push_str("<h2>Outputs</h2>\n<pre>");
        lines(&mut page, &outputs_diff(&plan.outputs, plain));
        page.push_str("</pre>\n");
    }
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

/// One change: a heading that folds the difference away.
fn card(page: &mut String, change: &Shown) {
    let open = if change.lines.len() > LONG { "" } else { " open" };
    let class = class_of(change.symbol);
    let symbol = if change.symbol.is_empty() { "=" } else { change.symbol };
    let _ = writeln!(
        page,
        "<details class=\"card {class}\"{open}><summary><b class=\"mark\">{}</b> <code>{}</code> <span>{}</span></summary>",
        escape(symbol),
        escape(&change.address),
        escape(&change.said)
    );
    for note in &change.notes {
        let _ = writeln!(page, "<p class=\"note\">{}</p>", escape(note));
    }
    page.push_str("<pre>");
    lines(page, &change.lines);
    page.push_str("</pre>\n</details>\n");
}

fn class_of(mark: &str) -> &'static str {
    match mark {
        "+" => "add",
        "-" => "del",
        "~" => "chg",
        "-/+" | "+/-" => "rep",
        _ => "same",
    }
}

/// The mark that a line begins with.
fn mark_of(line: &str) -> &str {
    let first = line.trim_start().split(' ').next().unwrap_or_default();
    if matches!(first, "+" | "-" | "~" | "-/+" | "+/-") { first } else { "" }
}

/// Lines by their marks; long runs of the same mark are folded behind their first lines.
fn lines(page: &mut String, all: &[String]) {
    let mut rest = all;
    while let Some(first) = rest.first() {
        let mark = mark_of(first);
        let run = rest.iter().take_while(|line| mark_of(line) == mark).count();
        let shown = if run > RUN { RUN / 2 } else { run };
        rest[..shown].iter().for_each(|text| line(page, text));
        if shown < run {
            let hidden = run - shown;
            let _ = write!(page, "<details class=\"more\"><summary>{hidden} more lines</summary>");
            rest[shown..run].iter().for_each(|text| line(page, text));
            page.push_str("</details>");
        }
        rest = &rest[run..];
    }
}

fn line(page: &mut String, text: &str) {
    let class = class_of(mark_of(text));
    let cut = text.char_indices().nth(WIDE).map_or(text.len(), |(at, _)| at);
    let (start, end) = text.split_at(cut);
    if end.is_empty() {
        let _ = write!(page, "<span class=\"{class}\">{}</span>", escape(start));
    } else {
        let more = end.chars().count();
        let _ = write!(
            page,
            "<span class=\"{class}\">{}<details class=\"wide\"><summary>{more} more characters</summary>{}</details></span>",
            escape(start),
            escape(end)
        );
    }
}

const HEAD: &str = r#"<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Plan</title>
<style>
:root { color-scheme: light dark; --bg: #ffffff; --fg: #1c2128; --dim: #59636e; --line: #d1d9e0; --box: #f6f8fa;
  --add: #116329; --add-bg: #e6f6ea; --del: #a40e26; --del-bg: #fdeaec; --chg: #7d4e00; --chg-bg: #fff4d6; }
@media (prefers-color-scheme: dark) {
  :root { --bg: #0d1117; --fg: #e6edf3; --dim: #9198a1; --line: #3d444d; --box: #151b23;
    --add: #6fdd8b; --add-bg: #12261e; --del: #ff9492; --del-bg: #2d1619; --chg: #e3b341; --chg-bg: #2b2311; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 1rem; background: var(--bg); color: var(--fg);
  font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.4rem; margin: 0.5rem 0 0; } h2 { font-size: 1.1rem; margin: 1.5rem 0 0.5rem; }
header p { color: var(--dim); margin: 0.25rem 0; } header p.warn { color: var(--chg); font-weight: bold; }
pre { background: var(--box); border: 1px solid var(--line); border-radius: 6px; padding: 0.75rem 0; margin: 0.5rem 0;
  overflow-x: auto; font: 13px/1.45 ui-monospace, "DejaVu Sans Mono", monospace; white-space: pre; }
pre span { display: block; padding: 0 0.75rem; min-height: 1.45em; width: max-content; min-width: 100%; }
.card { border: 1px solid var(--line); border-left-width: 5px; border-radius: 6px; margin: 0.75rem 0; padding: 0.5rem 0.75rem; }
.card > summary { cursor: pointer; overflow-wrap: anywhere; }
.card code { font: bold 14px ui-monospace, "DejaVu Sans Mono", monospace; }
.mark { display: inline-block; min-width: 2.2em; text-align: center; font-family: ui-monospace, "DejaVu Sans Mono", monospace; }
.card.add { border-left-color: var(--add); } .card.add .mark { color: var(--add); }
.card.del { border-left-color: var(--del); } .card.del .mark { color: var(--del); }
.card.chg { border-left-color: var(--chg); } .card.chg .mark { color: var(--chg); }
.card.rep { border-left-color: var(--del); } .card.rep .mark { color: var(--del); }
.note { color: var(--dim); margin: 0.25rem 0 0 2.4em; }
span.add { color: var(--add); background: var(--add-bg); } span.del { color: var(--del); background: var(--del-bg); }
span.chg, span.rep { color: var(--chg); background: var(--chg-bg); }
.more > summary, .wide > summary { cursor: pointer; color: var(--dim); padding: 0 0.75rem; font-style: italic; }
.wide { display: inline; white-space: pre-wrap; overflow-wrap: anywhere; } .wide > summary { display: inline; padding: 0 0.5rem; }
@media print { details > * { display: block; } }
</style>
</head>
<body>
"#;

#[cfg(test)]
mod tests {
    use super::*;

    fn shown_lines(text: &[&str]) -> String {
        let all: Vec<String> = text.iter().map(|line| (*line).to_owned()).collect();
        let mut page = String::new();
        lines(&mut page, &all);
        page
    }

    #[test]
    fn lines_carry_their_mark_as_a_class_and_as_text() {
        assert_eq!(
            shown_lines(&["  + a = \"<b>\"", "    }"]),
            "<span class=\"add\">  + a = &quot;&lt;b&gt;&quot;</span><span class=\"same\">    }</span>"
        );
    }

    #[test]
    fn long_runs_and_long_lines_are_folded() {
        let run = shown_lines(&["  + a"; 20]);
        assert!(run.contains("<summary>14 more lines</summary>"), "{run}");
        assert_eq!(run.matches("<span").count(), 20);
        let wide = shown_lines(&["x".repeat(200).as_str()]);
        assert!(wide.contains("<summary>40 more characters</summary>"), "{wide}");
    }

    #[test]
    fn the_page_stands_alone() {
        let page = plan_html(&Plan::default());
        for word in ["<script", "http:", "https:", "src=", "@import", "<link"] {
            assert!(!page.contains(word), "{word}");
        }
        assert!(page.contains("No changes."));
    }
}
