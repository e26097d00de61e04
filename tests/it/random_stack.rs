//! Random stacks in two versions: what comes, goes, changes and is replaced between them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use proptest::prelude::*;

/// How a resource differs from its former version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Stays,
    Updated,
    Replaced,
    Removed,
    Added,
}

/// One resource in both versions.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) fate: Fate,
    /// Made before the old one goes, in the first and in the second version.
    pub(crate) creates_first: [bool; 2],
    /// What it refers to in the first and in the second version, by number.
    pub(crate) needs: [BTreeSet<usize>; 2],
    /// Whether it is replaced with anything that it refers to.
    pub(crate) is_bound: bool,
}

/// A stack in two versions.
#[derive(Clone, Debug)]
pub(crate) struct RandomStack {
    pub(crate) members: Vec<Member>,
}

/// Stacks of up to nine resources. In the second version references go by another order, so that
/// what was made from something may come before it then.
pub(crate) fn stacks() -> impl Strategy<Value = RandomStack> {
    let fate = prop_oneof![
        2 => Just(Fate::Stays),
        2 => Just(Fate::Updated),
        3 => Just(Fate::Replaced),
        2 => Just(Fate::Removed),
        1 => Just(Fate::Added),
    ];
    let member = (
        fate,
        prop::array::uniform2(prop::bool::weighted(0.25)),
        prop::array::uniform2(any::<u16>()),
        any::<bool>(),
        prop::bool::weighted(0.3),
    );
    (prop::collection::vec(member, 2..=9), any::<bool>(), any::<u64>()).prop_map(
        |(drawn, reordered, seed)| {
            let count = drawn.len();
            let mut rank: Vec<usize> = (0..count).collect();
            if reordered {
                rank.sort_by_key(|at| {
                    (seed ^ (*at as u64 + 1)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
                });
            }
            let fates: Vec<Fate> = drawn.iter().map(|(fate, ..)| *fate).collect();
            let members =
                drawn.iter().enumerate().map(|(own, (fate, first, masks, same, bound))| {
                    let masks = if *same { [masks[0], masks[0]] } else { *masks };
                    let before = (0..count).filter(|other| {
                        other < &own && masks[0] >> other & 1 == 1 && fates[*other] != Fate::Added
                    });
                    let after = (0..count).filter(|other| {
                        rank[*other] < rank[own]
                            && masks[1] >> other & 1 == 1
                            && fates[*other] != Fate::Removed
                    });
                    Member {
                        fate: *fate,
                        creates_first: *first,
                        needs: [before.collect(), after.collect()],
                        is_bound: *bound,
                    }
                });
            RandomStack { members: members.collect() }
        },
    )
}

impl RandomStack {
    /// Whether a resource is there in a version.
    pub(crate) fn has(&self, number: usize, version: usize) -> bool {
        let absent = if version == 0 { Fate::Added } else { Fate::Removed };
        self.members[number].fate != absent
    }

    /// What a resource refers to in a version, by way of others too.
    pub(crate) fn all_needs(&self, version: usize) -> BTreeMap<usize, BTreeSet<usize>> {
        let mut all: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        // As many rounds as there can be steps.
        for _ in 0..self.members.len() {
            for (number, member) in self.members.iter().enumerate() {
                let mut found: BTreeSet<usize> = member.needs[version].clone();
                for need in &member.needs[version] {
                    found.extend(all.get(need).into_iter().flatten().copied());
                }
                if self.has(number, version) {
                    all.insert(number, found);
                }
            }
        }
        all
    }

    /// The configuration of a version. With `logged`, provisioners write down what happens.
    pub(crate) fn text(&self, version: usize, logged: bool) -> String {
        let mut text = String::new();
        for (number, member) in self.members.iter().enumerate() {
            if !self.has(number, version) {
                // So that destroying it is written down too.
                if logged && version == 1 {
                    let provisioner = destroy_provisioner(number);
                    let _ = write!(
                        text,
                        "removed {{\n  from = terraform_data.r{number}\n  lifecycle {{\n    destroy = true\n  }}\n{provisioner}}}\n"
                    );
                }
                continue;
            }
            let ids: Vec<String> = member.needs[version]
                .iter()
                .map(|need| format!("terraform_data.r{need}.id"))
                .collect();
            let ids = ids.join(", ");
            let input = if member.fate == Fate::Updated { version } else { 0 };
            let trigger = if member.fate == Fate::Replaced { version } else { 0 };
            let bound = if member.is_bound { ids.as_str() } else { "" };
            let first = member.creates_first[version];
            let _ = write!(
                text,
                "resource \"terraform_data\" \"r{number}\" {{\n  input            = [{input}, [{ids}]]\n  triggers_replace = [{trigger}, [{bound}]]\n  lifecycle {{\n    create_before_destroy = {first}\n  }}\n"
            );
            if logged {
                let _ = write!(
                    text,
                    "  provisioner \"local-exec\" {{\n    command = \"echo create r{number} >> log.txt\"\n  }}\n{}",
                    destroy_provisioner(number)
                );
            }
            text.push_str("}\n");
        }
        let all: Vec<String> = (0..self.members.len())
            .filter(|number| self.has(*number, version))
            .map(|number| format!("terraform_data.r{number}.id"))
            .collect();
        let _ = writeln!(text, "output \"all\" {{\n  value = [{}]\n}}", all.join(", "));
        text
    }
}

fn destroy_provisioner(number: usize) -> String {
    format!(
        "  provisioner \"local-exec\" {{\n    when    = destroy\n    command = \"echo destroy r{number} >> log.txt\"\n  }}\n"
    )
}
