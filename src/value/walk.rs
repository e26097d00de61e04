//! Going through a value: change every part, take marks off and put them back, follow paths.

use std::collections::BTreeMap;

use crate::{Kind, Marks, Path, Step, Str, Value};

impl Value {
    /// The value with `change` done to each value inside it, and to itself last.
    #[must_use]
    pub fn transform(&self, change: &mut impl FnMut(Value) -> Value) -> Value {
        let rebuilt = match self.kind() {
            Kind::List(list) => {
                let items = list.items.iter().map(|item| item.transform(change)).collect();
                Value::list(list.element.clone(), items)
            }
            Kind::Set(set) => {
                let items = set.items.iter().map(|item| item.transform(change)).collect();
                Value::set(set.element.clone(), items)
            }
            Kind::Map(table) => {
                Value::map(table.element.clone(), transform_table(&table.items, change))
            }
            Kind::Tuple(items) => {
                Value::tuple(items.iter().map(|item| item.transform(change)).collect::<Vec<_>>())
            }
            Kind::Object(attributes) => {
                Kind::Object(transform_table(attributes, change).into()).into()
            }
            _ => self.clone(),
        };
        change(rebuilt.with_marks(self.marks()))
    }

    /// Without marks on it and in it.
    #[must_use]
    pub fn unmarked(&self) -> Value {
        if self.deep_marks().is_empty() {
            return self.clone();
        }
        self.transform(&mut |value| value.replace_marks(Marks::NONE))
    }

    /// Without marks, and the paths where they were. Marks inside a set are on the set.
    pub fn unmark(&self) -> (Value, Vec<(Path, Marks)>) {
        if self.deep_marks().is_empty() {
            return (self.clone(), Vec::new());
        }
        let mut found = Vec::new();
        collect_marks(self, &mut Vec::new(), &mut found);
        (self.unmarked(), found)
    }

    /// With marks put at paths; at the nearest value above where a path leads nowhere.
    #[must_use]
    pub fn mark_paths(&self, paths: &[(Path, Marks)]) -> Value {
        paths.iter().fold(self.clone(), |value, (path, marks)| mark_at(value, &path.0, *marks))
    }

    /// The value at a path; none if it leads nowhere.
    pub fn at(&self, path: &Path) -> Option<&Value> {
        path.0.iter().try_fold(self, |value, step| match step {
            Step::Attribute(name) | Step::Key(name) => value.get(name),
            Step::Index(index) => value.as_slice()?.get(usize::try_from(*index).ok()?),
            Step::Element(element) => value.as_slice()?.iter().find(|item| *item == element),
        })
    }
}

fn transform_table(
    table: &BTreeMap<Str, Value>,
    change: &mut impl FnMut(Value) -> Value,
) -> BTreeMap<Str, Value> {
    table.iter().map(|(name, value)| (name.clone(), value.transform(change))).collect()
}

fn collect_marks(value: &Value, way: &mut Vec<Step>, found: &mut Vec<(Path, Marks)>) {
    let own = match value.kind() {
        Kind::Set(_) => value.deep_marks(),
        _ => value.marks(),
    };
    if !own.is_empty() {
        found.push((Path(way.clone()), own));
    }
    let mut below = |step: Step, child: &Value| {
        way.push(step);
        collect_marks(child, way, found);
        way.pop();
    };
    match value.kind() {
        Kind::List(list) => {
            (0..).zip(&list.items).for_each(|(index, item)| below(Step::Index(index), item));
        }
        Kind::Tuple(items) => {
            (0..).zip(items.iter()).for_each(|(index, item)| below(Step::Index(index), item));
        }
        Kind::Map(table) => {
            table.items.iter().for_each(|(key, item)| below(Step::Key(key.clone()), item));
        }
        Kind::Object(attributes) => {
            attributes.iter().for_each(|(name, item)| below(Step::Attribute(name.clone()), item));
        }
        _ => {}
    }
}

fn mark_at(value: Value, steps: &[Step], marks: Marks) -> Value {
    let Some((step, rest)) = steps.split_first() else { return value.with_marks(marks) };
    let outer = value.marks();
    let changed = match (step, value.kind()) {
        (Step::Attribute(name) | Step::Key(name), Kind::Object(attributes)) => {
            attributes.get(name).map(|child| {
                let mut attributes = (**attributes).clone();
                attributes.insert(name.clone(), mark_at(child.clone(), rest, marks));
                Kind::Object(attributes.into()).into()
            })
        }
        (Step::Attribute(name) | Step::Key(name), Kind::Map(table)) => {
            table.items.get(name).map(|child| {
                let mut items = table.items.clone();
                items.insert(name.clone(), mark_at(child.clone(), rest, marks));
                Value::map(table.element.clone(), items)
            })
        }
        (Step::Index(index), Kind::List(list)) => replace(&list.items, *index, rest, marks)
            .map(|items| Value::list(list.element.clone(), items)),
        (Step::Index(index), Kind::Tuple(tuple)) => {
            replace(tuple, *index, rest, marks).map(Value::tuple)
        }
        _ => None,
    };
    match changed {
        Some(changed) => Value::replace_marks(changed, outer),
        None => value.with_marks(marks),
    }
}

fn replace(items: &[Value], index: u64, rest: &[Step], marks: Marks) -> Option<Vec<Value>> {
    let index = usize::try_from(index).ok()?;
    let child = items.get(index)?;
    let mut items = items.to_vec();
    items[index] = mark_at(child.clone(), rest, marks);
    Some(items)
}

#[cfg(test)]
mod tests;
