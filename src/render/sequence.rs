//! Differences between lists and between texts of several lines.

use similar::{ChangeTag, DiffOp, TextDiff};
use skyform_value::{Kind, Value};

use crate::value::{Differ, Mark, Place};

impl Differ<'_> {
    /// Elements that come, go and change, with the unchanged ones beside them.
    pub(crate) fn items(&mut self, indent: usize, before: &Value, after: &Value) {
        let old = before.as_slice().unwrap_or_default();
        let new = after.as_slice().unwrap_or_default();
        let show = |value: &Value| format!("{value:?}");
        let (old_texts, new_texts): (Vec<String>, Vec<String>) =
            (old.iter().map(show).collect(), new.iter().map(show).collect());
        let old_refs: Vec<&str> = old_texts.iter().map(String::as_str).collect();
        let new_refs: Vec<&str> = new_texts.iter().map(String::as_str).collect();
        let diff = TextDiff::from_slices(&old_refs, &new_refs);
        let place = Place { indent, head: "", end: "," };
        let is_set = matches!(after.kind(), Kind::Set(_));
        let last = diff.ops().len().saturating_sub(1);
        for (number, op) in diff.ops().iter().enumerate() {
            let (old, new) = (&old[op.old_range()], &new[op.new_range()]);
            match op {
                DiffOp::Equal { .. } => {
                    self.same_items(place, old, number > 0, number < last);
                }
                DiffOp::Replace { .. } if !is_set => self.replaced_items(place, old, new),
                _ => {
                    old.iter().for_each(|item| self.pair(place, Some(item), None, &[]));
                    new.iter().for_each(|item| self.pair(place, None, Some(item), &[]));
                }
            }
        }
    }

    /// Unchanged elements: only those beside a change are shown.
    fn same_items(&mut self, place: Place<'_>, items: &[Value], behind: bool, ahead: bool) {
        let shown_first = usize::from(behind).min(items.len());
        let shown_last = usize::from(ahead).min(items.len() - shown_first);
        let middle = items.len() - shown_first - shown_last;
        for item in &items[..shown_first] {
            self.pair(place, Some(item), Some(item), &[]);
        }
        self.unchanged(place.indent, middle, "element");
        for item in &items[items.len() - shown_last..] {
            self.pair(place, Some(item), Some(item), &[]);
        }
    }

    /// Elements in the place of others: of the same kind they are compared, one by one.
    fn replaced_items(&mut self, place: Place<'_>, old: &[Value], new: &[Value]) {
        let alike = |old: &Value, new: &Value| {
            let is_table = |value: &Value| value.as_table().is_some();
            let is_list = |value: &Value| value.as_slice().is_some();
            is_table(old) && is_table(new) || is_list(old) && is_list(new)
        };
        let one_by_one = old.len() == new.len();
        for index in 0..old.len().max(new.len()) {
            let (old, new) = (old.get(index), new.get(index));
            let compare = old.zip(new).is_some_and(|(old, new)| one_by_one || alike(old, new));
            if compare {
                self.pair(place, old, new, &[]);
            } else {
                self.pair(place, old, None, &[]);
                self.pair(place, None, new, &[]);
            }
        }
    }

    /// Lines of a text that come and go, with three unchanged ones around.
    pub(crate) fn text_diff(&mut self, place: Place<'_>, old: &str, new: &str, note: &str) {
        let Place { indent, head, end } = place;
        self.line(indent, Mark::Change, &format!("{head}<<-EOT{note}"));
        let diff = TextDiff::from_lines(old, new);
        let total = old.lines().count();
        let mut next = 0;
        for group in diff.grouped_ops(3) {
            let start = group.first().map_or(next, |op| op.old_range().start);
            self.unchanged(indent + 4, start.saturating_sub(next), "line");
            for operation in group {
                next = operation.old_range().end;
                for change in diff.iter_changes(&operation) {
                    let mark = match change.tag() {
                        ChangeTag::Equal => Mark::None,
                        ChangeTag::Delete => Mark::Remove,
                        ChangeTag::Insert => Mark::Add,
                    };
                    self.line(indent + 4, mark, change.value().trim_end_matches('\n'));
                }
            }
        }
        self.unchanged(indent + 4, total.saturating_sub(next), "line");
        self.line(indent, Mark::None, &format!("EOT{end}"));
    }
}
