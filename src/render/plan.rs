//! Plans, states and outputs for a terminal.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use skyform_plan::{ChangeAction, OutputChange, Plan, PlanMode, Reason, ResourceChange};
use skyform_state::State;
use skyform_value::{Marks, Step, Str, Value};

use crate::Style;
use crate::placement::{Detail, placement_text};
use crate::value::{Differ, Mark, key};

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
        text.push('\n');
    }
    let changes: Vec<&ResourceChange> =
        plan.changes.iter().filter(|change| change.is_change()).collect();
    let outputs = plan.outputs.values().any(OutputChange::is_change);
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
        text.push_str(&outputs_diff(&plan.outputs, style));
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

fn change_text(change: &ResourceChange, style: Style, is_drift: bool) -> String {
    let address = change.address.to_string();
    let deposed = change.deposed.as_ref().map(|key| format!(" (deposed object {})", key.0));
    let address = format!("{address}{}", deposed.unwrap_or_default());
    let (mark, said) = match change.action {
        ChangeAction::NoOp => (Mark::None, String::new()),
        ChangeAction::Create => (Mark::Add, "will be created".to_owned()),
        ChangeAction::Read => (Mark::None, "will be read during apply".to_owned()),
        ChangeAction::Update if is_drift => (Mark::Change, "has changed".to_owned()),
        ChangeAction::Delete if is_drift => (Mark::Remove, "has been deleted".to_owned()),
        ChangeAction::Update => (Mark::Change, "will be updated in place".to_owned()),
        ChangeAction::Delete => (Mark::Remove, style.red("will be destroyed")),
        ChangeAction::Forget => {
            (Mark::None, "will no longer be managed, but not destroyed".to_owned())
        }
        ChangeAction::DeleteThenCreate | ChangeAction::CreateThenDelete => {
            let why = match change.reason {
                Some(Reason::Tainted) => "is tainted, so it must be ",
                Some(Reason::Requested) => "will be ",
                _ => "must be ",
            };
            (Mark::Replace, format!("{why}{}", style.red("replaced")))
        }
    };
    let mut text = String::new();
    if !said.is_empty() {
        let _ = writeln!(text, "  {} {said}", style.bold(&format!("# {address}")));
    }
    if let Some(from) = &change.previous_address {
        let _ = writeln!(text, "  # {} has moved to {}", from, style.bold(&address));
    }
    if let Some(id) = &change.importing {
        let _ = writeln!(text, "  {}", style.cyan(&format!("# (imported from \"{id}\")")));
    }
    if let Some(reason) = change.reason.and_then(explain) {
        let _ = writeln!(text, "  {}", style.dim(&format!("# ({reason})")));
    }
    for note in &change.notes {
        let _ = writeln!(text, "  {} {note}", style.cyan("#"));
    }
    let resource = &change.address.resource;
    let kind = match resource.mode {
        skyform_value::Mode::Data => "data",
        _ => "resource",
    };
    let symbol = match change.action {
        ChangeAction::Read => style.cyan("<="),
        _ => mark.text(style),
    };
    let pad = " ".repeat(match change.action {
        ChangeAction::DeleteThenCreate | ChangeAction::CreateThenDelete => 0,
        ChangeAction::Read => 1,
        _ => 2,
    });
    let _ =
        writeln!(text, "{pad}{symbol} {kind} \"{}\" \"{}\" {{", resource.type_name, resource.name);
    let mut differ = Differ { style, lines: Vec::new(), forces: &change.requires_replace };
    attributes(&mut differ, &change.before, &change.after);
    for line in differ.lines {
        text.push_str(&line);
        text.push('\n');
    }
    text.push_str("    }\n\n");
    text
}

/// An object's attributes; unchanged ones are left out but for those that say which object it is.
fn attributes(differ: &mut Differ<'_>, before: &Value, after: &Value) {
    let none = Value::null();
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

fn explain(reason: Reason) -> Option<&'static str> {
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

fn summary(plan: &Plan, style: Style) -> String {
    let count = |wanted: &[ChangeAction]| {
        plan.changes.iter().filter(|change| wanted.contains(&change.action)).count()
    };
    let replace = [ChangeAction::DeleteThenCreate, ChangeAction::CreateThenDelete];
    let replaced = count(&replace);
    let (add, change) = (count(&[ChangeAction::Create]) + replaced, count(&[ChangeAction::Update]));
    let destroy = count(&[ChangeAction::Delete]) + replaced;
    let forget = count(&[ChangeAction::Forget]);
    let mut text =
        format!("{} {add} to add, {change} to change, {destroy} to destroy", style.bold("Plan:"));
    if forget > 0 {
        let _ = write!(text, ", {forget} to forget");
    }
    text.push('.');
    text
}

fn outputs_diff(outputs: &BTreeMap<Str, OutputChange>, style: Style) -> String {
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
    differ.lines.iter().fold(String::new(), |text, line| text + line + "\n")
}

/// Outputs as `apply` shows them at its end.
pub fn outputs_text(state: &State) -> String {
    let mut text = String::new();
    for (name, output) in &state.outputs {
        let value = if output.sensitive {
            "<sensitive>".to_owned()
        } else {
            skyform_value::to_console(&output.value)
        };
        let _ = writeln!(text, "{name} = {value}");
    }
    text
}

/// Everything in a state, as `show` prints it. `decode` gives an object's value.
pub fn state_text(
    state: &State,
    style: Style,
    decode: impl Fn(&skyform_value::InstanceAddress, &skyform_state::Object) -> Value,
) -> String {
    let mut text = String::new();
    for (address, instance) in state.instances() {
        let Some(object) = &instance.current else { continue };
        let tainted = object.status == skyform_state::ObjectStatus::Tainted;
        let note = if tainted { " (tainted)" } else { "" };
        let _ = writeln!(text, "{}", style.bold(&format!("# {address}:{note}")));
        let resource = &address.resource;
        let _ = writeln!(text, "resource \"{}\" \"{}\" {{", resource.type_name, resource.name);
        let value = decode(&address, object);
        let table = value.as_table().into_iter().flatten().filter(|(_, value)| !value.is_null());
        let width = table.clone().map(|(name, _)| key(name).chars().count()).max().unwrap_or(0);
        let mut differ = Differ { style: Style::default(), lines: Vec::new(), forces: &[] };
        for (name, value) in table {
            differ.entry(2, &key(name), width, value, value, &[]);
        }
        for line in differ.lines {
            let _ = writeln!(text, "{line}");
        }
        text.push_str("}\n\n");
    }
    if !state.outputs.is_empty() {
        let _ = write!(text, "{}\n\n{}", style.bold("Outputs:"), outputs_text(state));
    }
    text
}
