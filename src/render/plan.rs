//! Plans for a terminal.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use skyform_plan::{
    ChangeAction, DeferredReason, OutputChange, Plan, PlanMode, Reason, ResourceChange,
};
use skyform_value::{Marks, Step, Str, Value};

use crate::Style;
use crate::placement::{Detail, placement_text};
use crate::value::{Differ, key};

/// The whole plan: legend, placements, drift, changes, outputs, summary.
pub fn plan_text(plan: &Plan, style: Style) -> String {
    let mut text = String::new();
    let drift: Vec<&ResourceChange> = plan.drift.iter().collect();
    if !drift.is_empty() {
        let _ = writeln!(text, "{}\n", style.bold("Objects have changed outside of Skyform:"));
        drift.iter().for_each(|change| text.push_str(&change_text(change, style, true)));
    }
    for placement in &plan.placements {
        text.push_str(&placement_text(placement, Detail::Short, style));
    }
    let changes: Vec<&ResourceChange> =
        plan.changes.iter().filter(|change| change.is_change()).collect();
    let outputs = plan.outputs.values().any(OutputChange::is_change);
    if changes.is_empty() && !outputs && !plan.deferred.is_empty() {
        text.push_str(&deferred_text(plan, style));
        return text;
    }
    if changes.is_empty() && !outputs {
        let said = match plan.mode {
            PlanMode::RefreshOnly if !drift.is_empty() => {
                "The state will be updated to what was found. Nothing else will be changed."
            }
            PlanMode::Destroy => "There is nothing to destroy.",
            _ => "The configuration and what exists agree: there is nothing to do.",
        };
        let _ = writeln!(text, "{} {said}", style.bold(&style.green("No changes.")));
        return text;
    }
    if !changes.is_empty() {
        text.push_str(&legend(&changes, style));
        let _ = writeln!(text, "\nSkyform will do the following:\n");
        changes.iter().for_each(|change| text.push_str(&change_text(change, style, false)));
        let _ = writeln!(text, "{}", summary(plan, style));
    }
    if outputs {
        let _ = writeln!(text, "\n{}", style.bold("Changes to outputs:"));
        for line in outputs_diff(&plan.outputs, style) {
            text.push_str(&line);
            text.push('\n');
        }
    }
    if !plan.deferred.is_empty() {
        let _ = write!(text, "\n{}", deferred_text(plan, style));
    }
    text
}

/// What is left for a later plan, and why.
fn deferred_text(plan: &Plan, style: Style) -> String {
    let title = style.bold("Left for a later apply, since too little is known of it yet:");
    let mut text = format!("{title}\n");
    let width = plan.deferred.iter().map(|left| left.address().chars().count()).max().unwrap_or(0);
    for left in &plan.deferred {
        let why = match left.reason {
            DeferredReason::InstanceCountUnknown => {
                "how many there will be is known only after apply"
            }
            DeferredReason::DeferredPrerequisite => "depends on what is left for later",
        };
        let _ =
            writeln!(text, "  {} {:width$}  {}", style.cyan("?"), left.address(), style.dim(why));
    }
    text
}

fn legend(changes: &[&ResourceChange], style: Style) -> String {
    let has = |wanted: ChangeAction| changes.iter().any(|change| change.action == wanted);
    let mut text = String::from("Symbols:\n");
    let rows = [
        (ChangeAction::Create, style.green("  +"), "create"),
        (ChangeAction::Update, style.yellow("  ~"), "update in place"),
        (ChangeAction::Delete, style.red("  -"), "destroy"),
        (
            ChangeAction::DeleteThenCreate,
            format!("{}/{}", style.red("-"), style.green("+")),
            "destroy and then create replacement",
        ),
        (
            ChangeAction::CreateThenDelete,
            format!("{}/{}", style.green("+"), style.red("-")),
            "create replacement and then destroy",
        ),
        (ChangeAction::Read, style.cyan(" <="), "read during apply"),
        (ChangeAction::Forget, "  .".to_owned(), "forget (leave the object, drop it from state)"),
    ];
    for (action, symbol, name) in rows {
        if has(action) {
            let _ = writeln!(text, "{symbol} {name}");
        }
    }
    text
}

/// What happens to one instance, taken apart for whoever shows it.
pub(crate) struct Shown {
    /// `+`, `~`, `-`, `-/+`, `+/-`, `<=`, `.` or nothing.
    pub symbol: &'static str,
    /// The instance.
    pub address: String,
    /// What happens to it, in a few words.
    pub said: String,
    /// Why, where from, what the provider will do.
    pub notes: Vec<String>,
    /// The block with its differences.
    pub lines: Vec<String>,
}

/// Takes a change apart.
pub(crate) fn shown(change: &ResourceChange, style: Style, is_drift: bool) -> Shown {
    let mut address = change.address.to_string();
    if let Some(key) = &change.deposed {
        let _ = write!(address, " (deposed object {})", key.0);
    }
    let (symbol, said) = what_happens(change, style, is_drift);
    let mut notes = Vec::new();
    if let Some(from) = &change.previous_address
        && change.action != ChangeAction::NoOp
    {
        notes.push(format!("(moved from {from})"));
    }
    if let Some(id) = &change.importing {
        notes.push(format!("(imported from \"{id}\")"));
    }
    if let Some(reason) = change.reason.and_then(explain) {
        notes.push(format!("({reason})"));
    }
    notes.extend(change.notes.iter().cloned());
    let resource = &change.address.resource;
    let kind = match resource.mode {
        skyform_value::Mode::Data => "data",
        _ => "resource",
    };
    let coloured = match symbol {
        "+" => style.green("+"),
        "~" => style.yellow("~"),
        "-" => style.red("-"),
        "-/+" => format!("{}/{}", style.red("-"), style.green("+")),
        "+/-" => format!("{}/{}", style.green("+"), style.red("-")),
        "<=" => style.cyan("<="),
        other => other.to_owned(),
    };
    let pad = " ".repeat(3 - symbol.len());
    let head =
        format!("{pad}{coloured} {kind} \"{}\" \"{}\" {{", resource.type_name, resource.name);
    let mut differ = Differ { style, lines: vec![head], forces: &change.requires_replace };
    attributes(&mut differ, &change.before, &change.after, change.action);
    differ.lines.push("    }".to_owned());
    Shown { symbol, address, said, notes, lines: differ.lines }
}

fn what_happens(change: &ResourceChange, style: Style, is_drift: bool) -> (&'static str, String) {
    let replace = |symbol| {
        let why = match change.reason {
            Some(Reason::Tainted) => "is tainted, so it must be ",
            Some(Reason::Requested) => "will be ",
            _ => "must be ",
        };
        (symbol, format!("{why}{}", style.red("replaced")))
    };
    match change.action {
        ChangeAction::NoOp => match &change.previous_address {
            _ if change.importing.is_some() => ("", "will be imported".to_owned()),
            Some(from) => ("", format!("has moved here from {from}")),
            None => ("", "stays as it is".to_owned()),
        },
        ChangeAction::Create => ("+", "will be created".to_owned()),
        ChangeAction::Read => ("<=", "will be read during apply".to_owned()),
        ChangeAction::Update if is_drift => ("~", "has changed".to_owned()),
        ChangeAction::Delete if is_drift => ("-", "has been deleted".to_owned()),
        ChangeAction::Update => ("~", "will be updated in place".to_owned()),
        ChangeAction::Delete => ("-", format!("will be {}", style.red("destroyed"))),
        ChangeAction::Forget => (".", "will no longer be managed, but not destroyed".to_owned()),
        ChangeAction::DeleteThenCreate => replace("-/+"),
        ChangeAction::CreateThenDelete => replace("+/-"),
    }
}

fn change_text(change: &ResourceChange, style: Style, is_drift: bool) -> String {
    let shown = shown(change, style, is_drift);
    let title = style.bold(&format!("# {}", shown.address));
    let mut text = format!("  {title} {}\n", shown.said);
    for note in &shown.notes {
        let _ = writeln!(text, "  {}", style.dim(&format!("# {note}")));
    }
    for line in &shown.lines {
        text.push_str(line);
        text.push('\n');
    }
    text.push('\n');
    text
}

/// An object's attributes; unchanged ones are left out but for those that say which object it is.
fn attributes(differ: &mut Differ<'_>, before: &Value, after: &Value, action: ChangeAction) {
    let none = Value::null();
    // What is dropped from state stays as it is.
    let after = if action == ChangeAction::Forget { before } else { after };
    let mut names: Vec<&Str> = [before, after]
        .into_iter()
        .flat_map(|value| value.as_table().into_iter().flat_map(|table| table.keys()))
        .collect();
    names.sort();
    names.dedup();
    let is_shown = |name: &str| {
        let (old, new) = (before.get(name).unwrap_or(&none), after.get(name).unwrap_or(&none));
        let identifies = matches!(name, "id" | "name") && !old.is_null();
        !(old.is_null() && new.is_null()) && (old != new || identifies)
    };
    let shown: Vec<&Str> = names.iter().copied().filter(|name| is_shown(name)).collect();
    let width = shown.iter().map(|name| key(name).chars().count()).max().unwrap_or(0);
    let mut hidden = 0;
    for name in names {
        let (old, new) = (before.get(name).unwrap_or(&none), after.get(name).unwrap_or(&none));
        if is_shown(name) {
            differ.entry(6, &key(name), width, old, new, &[Step::Attribute(name.clone())]);
        } else if !old.is_null() {
            hidden += 1;
        }
    }
    differ.unchanged(6, hidden, "attribute");
}

pub(crate) fn explain(reason: Reason) -> Option<&'static str> {
    Some(match reason {
        Reason::NoResourceConfig => "because it is not in configuration any more",
        Reason::NoModule => "because its module is not in configuration any more",
        Reason::CountIndex => "because its index is out of range of count",
        Reason::EachKey => "because its key is not in for_each any more",
        Reason::WrongRepetition => "because count or for_each has been set or taken away",
        Reason::ConfigUnknown => "because its configuration is known only after apply",
        Reason::DependencyPending => "because something that it depends on changes",
        Reason::CheckNested => "to verify a check block",
        Reason::NoMoveTarget => "because it has moved to an address that is not in configuration",
        Reason::Triggered => "because of replace_triggered_by",
        Reason::Requested => "as asked for with -replace",
        Reason::Tainted | Reason::CannotUpdate => return None,
    })
}

pub(crate) fn summary(plan: &Plan, style: Style) -> String {
    let count = |wanted: &[ChangeAction]| {
        plan.changes.iter().filter(|change| wanted.contains(&change.action)).count()
    };
    let replace = [ChangeAction::DeleteThenCreate, ChangeAction::CreateThenDelete];
    let replaced = count(&replace);
    let (add, change) = (count(&[ChangeAction::Create]) + replaced, count(&[ChangeAction::Update]));
    let destroy = count(&[ChangeAction::Delete]) + replaced;
    let forget = count(&[ChangeAction::Forget]);
    let import = plan.changes.iter().filter(|change| change.importing.is_some()).count();
    let mut text = style.bold("Plan:");
    if import > 0 {
        let _ = write!(text, " {import} to import,");
    }
    let _ = write!(text, " {add} to add, {change} to change, {destroy} to destroy");
    if forget > 0 {
        let _ = write!(text, ", {forget} to forget");
    }
    text.push('.');
    text
}

pub(crate) fn outputs_diff(outputs: &BTreeMap<Str, OutputChange>, style: Style) -> Vec<String> {
    let changed: Vec<_> = outputs.iter().filter(|(_, change)| change.is_change()).collect();
    let width = changed.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let mut differ = Differ { style, lines: Vec::new(), forces: &[] };
    for (name, change) in changed {
        let marks = if change.sensitive { Marks::SENSITIVE } else { Marks::NONE };
        let mark = |value: &Value| match value.is_null() {
            true => value.clone(),
            false => value.clone().with_marks(marks),
        };
        differ.entry(2, name, width, &mark(&change.before), &mark(&change.after), &[]);
    }
    differ.lines
}
