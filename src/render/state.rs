//! States and outputs for a terminal.

use std::fmt::Write as _;

use skyform_state::State;
use skyform_value::Value;

use crate::Style;
use crate::value::{Differ, key};

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
