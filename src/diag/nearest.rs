//! The known name that a mistyped one was probably meant to be.

/// The one of `known` that is nearest to `name`, if it is near enough to be worth suggesting:
/// at most a third of the longer name's characters changed, swapped, added or left out.
/// Of equally near ones the first by name.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = name.to_lowercase();
    known
        .into_iter()
        .filter(|candidate| *candidate != name)
        .map(|candidate| (strsim::osa_distance(&folded, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| {
            let longer = folded.chars().count().max(candidate.chars().count());
            *distance <= (longer / 3).max(1)
        })
        .min()
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn suggests_only_what_is_near() {
        let known = ["input", "output", "triggers_replace", "id", "replicas"];
        for (name, expected) in [
            ("inptu", Some("input")),
            ("Output", Some("output")),
            ("trigger_replace", Some("triggers_replace")),
            ("replica", Some("replicas")),
            ("ID", Some("id")),
            ("colour", None),
            ("input", None),
        ] {
            assert_eq!(nearest(name, known), expected, "{name}");
        }
    }
}
