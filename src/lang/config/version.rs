//! Versions and constraints on them: `>= 1.2, < 2.0.0`, `~> 1.3`.
//!
//! Source: the language's documentation of version constraints.

use std::cmp::Ordering;

/// The version of Terraform's language that is spoken here, for `required_version`.
pub const LANGUAGE_VERSION: &str = "1.11.4";

/// A version: numbers, and a name for a pre-release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    numbers: Vec<u64>,
    prerelease: Vec<String>,
}

/// Conditions that must all hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionConstraint {
    conditions: Vec<(Operator, Version)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    Pessimistic,
}

impl Version {
    /// Reads `1.2.3`, `v1.2` or `1.0.0-beta1`; none if it is not a version.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_prefix('v').unwrap_or(text);
        // What follows a plus sign says how it was built, and does not count.
        let text = text.split_once('+').map_or(text, |(version, _)| version);
        let (numbers, prerelease) = text.split_once('-').unwrap_or((text, ""));
        let numbers: Option<Vec<u64>> = numbers
            .split('.')
            .map(|part| part.parse().ok().filter(|_| part.bytes().all(|b| b.is_ascii_digit())))
            .collect();
        let parts = prerelease.split('.').filter(|part| !part.is_empty());
        Some(Self { numbers: numbers?, prerelease: parts.map(str::to_owned).collect() })
    }

    /// Whether it is one that comes before a release.
    pub fn is_prerelease(&self) -> bool {
        !self.prerelease.is_empty()
    }

    fn number(&self, at: usize) -> u64 {
        self.numbers.get(at).copied().unwrap_or(0)
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        let length = self.numbers.len().max(other.numbers.len());
        let numbers = (0..length).map(|at| self.number(at).cmp(&other.number(at)));
        let by_numbers = numbers.fold(Ordering::Equal, Ordering::then);
        by_numbers.then_with(|| match (self.is_prerelease(), other.is_prerelease()) {
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            _ => prerelease_order(&self.prerelease, &other.prerelease),
        })
    }
}

/// Part by part: numbers by value and before words, fewer parts before more.
fn prerelease_order(left: &[String], right: &[String]) -> Ordering {
    for (left, right) in left.iter().zip(right) {
        let order = match (left.parse::<u64>(), right.parse::<u64>()) {
            (Ok(left), Ok(right)) => left.cmp(&right),
            (Ok(_), Err(_)) => Ordering::Less,
            (Err(_), Ok(_)) => Ordering::Greater,
            (Err(_), Err(_)) => left.cmp(right),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
    left.len().cmp(&right.len())
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let numbers: Vec<String> = self.numbers.iter().map(u64::to_string).collect();
        f.write_str(&numbers.join("."))?;
        if self.is_prerelease() {
            write!(f, "-{}", self.prerelease.join("."))?;
        }
        Ok(())
    }
}

impl VersionConstraint {
    /// Reads conditions with commas between them; none if it is not a constraint.
    pub fn parse(text: &str) -> Option<Self> {
        let conditions = text.split(',').map(condition).collect::<Option<Vec<_>>>()?;
        Some(Self { conditions })
    }

    /// Whether a version fulfils all conditions. A pre-release does only where one names it.
    pub fn allows(&self, version: &Version) -> bool {
        let named = |(operator, wanted): &(Operator, Version)| {
            *operator == Operator::Equal && wanted == version
        };
        if version.is_prerelease() && !self.conditions.iter().any(named) {
            return false;
        }
        self.conditions.iter().all(|(operator, wanted)| match operator {
            Operator::Equal => version.cmp(wanted).is_eq(),
            Operator::NotEqual => version.cmp(wanted).is_ne(),
            Operator::Greater => version > wanted,
            Operator::GreaterOrEqual => version >= wanted,
            Operator::Less => version < wanted,
            Operator::LessOrEqual => version <= wanted,
            Operator::Pessimistic => {
                // Only the last number that is written may grow.
                let fixed = wanted.numbers.len().saturating_sub(1).max(1);
                version >= wanted && (0..fixed).all(|at| version.number(at) == wanted.number(at))
            }
        })
    }
}

fn condition(text: &str) -> Option<(Operator, Version)> {
    let text = text.trim();
    let operators = [
        (">=", Operator::GreaterOrEqual),
        ("<=", Operator::LessOrEqual),
        ("!=", Operator::NotEqual),
        ("~>", Operator::Pessimistic),
        (">", Operator::Greater),
        ("<", Operator::Less),
        ("=", Operator::Equal),
        ("", Operator::Equal),
    ];
    let (rest, operator) = operators
        .iter()
        .find_map(|(sign, operator)| Some((text.strip_prefix(sign)?, *operator)))?;
    Some((operator, Version::parse(rest)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constraints_hold_as_documented() {
        let cases = [
            (">= 1.0, < 2.0", "1.11.4", true),
            (">= 1.0, < 1.11", "1.11.4", false),
            ("~> 1.3", "1.11.4", true),
            ("~> 1.11.2", "1.11.4", true),
            ("~> 1.10.0", "1.11.4", false),
            ("~> 0.12.0", "1.11.4", false),
            ("~> 1", "1.11.4", true),
            ("1.11.4", "1.11.4", true),
            ("= 1.11", "1.11.0", true),
            ("!= 1.11.4", "1.11.4", false),
            ("> 1.11.4", "1.11.4", false),
            ("<= 1.11.4", "1.11.4", true),
            (">= 1.0", "2.0.0-beta1", false),
            ("2.0.0-beta1", "2.0.0-beta1", true),
        ];
        for (constraint, version, expected) in cases {
            let constraint_read = VersionConstraint::parse(constraint).expect("a constraint");
            let version_read = Version::parse(version).expect("a version");
            assert_eq!(constraint_read.allows(&version_read), expected, "{constraint} {version}");
        }
    }

    #[test]
    fn what_is_none_is_refused() {
        for text in ["", "nope", ">= ", "1.x", "=> 1", ">= 1,", "1..2"] {
            assert_eq!(VersionConstraint::parse(text), None, "{text}");
        }
    }

    #[test]
    fn versions_are_ordered() {
        let ordered = [
            "1.0.0-1",
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-beta",
            "1.0.0",
            "1.0.1",
            "1.10",
            "2",
        ];
        let versions: Vec<Version> =
            ordered.iter().map(|text| Version::parse(text).expect("a version")).collect();
        assert!(versions.is_sorted(), "{versions:?}");
        assert_eq!(
            Version::parse("v1.2.3-rc1+build").map(|v| v.to_string()).as_deref(),
            Some("1.2.3-rc1")
        );
    }
}
