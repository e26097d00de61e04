//! Which offers a task may use at all, and why not.

use rust_decimal::Decimal;

use crate::{Cloud, Offer, Task};

/// Why a task cannot use an offer.
#[derive(Clone, Debug, PartialEq)]
pub enum Ineligible {
    /// It has too little of something.
    Requires {
        /// Of what.
        resource: String,
        /// How much is needed.
        asked: Decimal,
        /// How much a unit has.
        has: Decimal,
    },
    /// It is barred for the task.
    Barred,
    /// The cloud is not allowed.
    Cloud,
    /// The region is not allowed.
    Region {
        /// The region.
        region: String,
    },
    /// Data would be kept under another law.
    Residency {
        /// The offer's jurisdiction, where it says one.
        has: Option<String>,
    },
    /// It is too far from the callers.
    Latency {
        /// Round trip in milliseconds; none if it is not said.
        has: Option<Decimal>,
        /// The longest allowed.
        asked: Decimal,
    },
    /// Its units are taken back too often.
    Interruption {
        /// How often.
        has: Decimal,
        /// What the task bears.
        asked: Decimal,
    },
    /// It serves nothing of the task.
    ServesNothing,
    /// Its quota is 0.
    NoQuota,
}

impl Ineligible {
    /// The reason in a user's words.
    pub fn reason(&self) -> String {
        match self {
            Ineligible::Requires { resource, asked, has } => {
                format!("{resource} {} of {} required", has.normalize(), asked.normalize())
            }
            Ineligible::Barred => "barred for the task".to_owned(),
            Ineligible::Cloud => "cloud not allowed".to_owned(),
            Ineligible::Region { region } => format!("region {region} not allowed"),
            Ineligible::Residency { has: Some(has) } => format!("residency {has} not allowed"),
            Ineligible::Residency { has: None } => "says no residency".to_owned(),
            Ineligible::Latency { has: Some(has), asked } => {
                format!("{} ms away, {} allowed", has.normalize(), asked.normalize())
            }
            Ineligible::Latency { has: None, .. } => "says no round-trip time".to_owned(),
            Ineligible::Interruption { has, asked } => {
                format!("interruption rate {}, {} allowed", has.normalize(), asked.normalize())
            }
            Ineligible::ServesNothing => "serves nothing of the task".to_owned(),
            Ineligible::NoQuota => "quota is 0".to_owned(),
        }
    }

    /// The argument of the task that rules the offer out, if it is one of the task's.
    pub fn argument(&self) -> Option<&'static str> {
        match self {
            Ineligible::Requires { .. } => Some("requires"),
            Ineligible::Cloud => Some("clouds"),
            Ineligible::Region { .. } => Some("regions"),
            Ineligible::Residency { .. } => Some("residency"),
            Ineligible::Latency { .. } => Some("max_latency_ms"),
            Ineligible::Interruption { .. } => Some("max_interruption"),
            Ineligible::ServesNothing => Some("throughput"),
            Ineligible::NoQuota | Ineligible::Barred => None,
        }
    }
}

/// The demand that one unit covers, if the task may use the offer. It can be 0 for an offer that only
/// has something of what the task `needs` in sum.
///
/// # Errors
/// The first reason why it may not.
pub fn eligible(
    task_name: &str,
    task: &Task,
    cloud_name: &str,
    cloud: &Cloud,
    offer: &Offer,
) -> Result<Decimal, Ineligible> {
    if offer.barred.contains(task_name) {
        return Err(Ineligible::Barred);
    }
    if task.clouds.as_ref().is_some_and(|allowed| !allowed.iter().any(|name| name == cloud_name)) {
        return Err(Ineligible::Cloud);
    }
    let region = offer.region.as_deref().unwrap_or(&cloud.region);
    if task.regions.as_ref().is_some_and(|allowed| !allowed.iter().any(|glob| fits(glob, region))) {
        return Err(Ineligible::Region { region: region.to_owned() });
    }
    let residency = offer.residency.as_ref().or(cloud.residency.as_ref());
    if let Some(allowed) = &task.residency
        && !residency.is_some_and(|own| allowed.contains(own))
    {
        return Err(Ineligible::Residency { has: residency.cloned() });
    }
    for (resource, asked) in &task.requires {
        let has = offer.provides.get(resource).copied().unwrap_or_default();
        if has < *asked {
            return Err(Ineligible::Requires { resource: resource.clone(), asked: *asked, has });
        }
    }
    if let (Some(from), Some(asked)) = (&task.from, task.max_latency_ms) {
        let said = offer.latency_ms.get(from).or_else(|| cloud.latency_ms.get(from)).copied();
        let has = said.or_else(|| (from == region).then_some(Decimal::ZERO));
        if has.is_none_or(|has| has > asked) {
            return Err(Ineligible::Latency { has, asked });
        }
    }
    if offer.interruption_rate > task.max_interruption {
        let (has, asked) = (offer.interruption_rate, task.max_interruption);
        return Err(Ineligible::Interruption { has, asked });
    }
    if offer.quota == Some(0) {
        return Err(Ineligible::NoQuota);
    }
    let serves = offer.serves.get(task_name).copied().or(task.throughput).unwrap_or_default();
    let gives = |(resource, need): (&String, &Decimal)| {
        *need > Decimal::ZERO
            && offer.provides.get(resource).is_some_and(|amount| *amount > Decimal::ZERO)
    };
    let is_of_use = serves > Decimal::ZERO || task.needs.iter().any(gives);
    if is_of_use { Ok(serves) } else { Err(Ineligible::ServesNothing) }
}

/// Whether text fits a pattern in which `*` stands for any text.
pub fn fits(glob: &str, text: &str) -> bool {
    let mut parts = glob.split('*');
    let Some(mut rest) = parts.next().and_then(|start| text.strip_prefix(start)) else {
        return false;
    };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    // Each part at its first place leaves the most room for those behind it.
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(text: &str) -> Decimal {
        text.parse().expect("a number")
    }

    #[test]
    fn globs() {
        for (glob, text, expected) in [
            ("east", "east", true),
            ("east", "easter", false),
            ("eu-*", "eu-west-1", true),
            ("*-1", "eu-west-1", true),
            ("eu-*-2", "eu-west-1", false),
            ("*a*a*", "banana", true),
            ("a*a", "a", false),
            ("*", "", true),
            ("**", "x", true),
        ] {
            assert_eq!(fits(glob, text), expected, "{glob} {text}");
        }
        // Patterns with many stars are matched in one pass.
        assert!(!fits(&"*a".repeat(40), &"a".repeat(39)));
    }

    #[test]
    fn the_first_thing_that_excludes_an_offer_is_named() {
        let cloud = Cloud {
            region: "east".to_owned(),
            latency_ms: [("oslo".to_owned(), amount("40"))].into(),
            residency: Some("us".to_owned()),
            ..Cloud::default()
        };
        let offer = Offer {
            provides: [("gpu".to_owned(), Decimal::ONE)].into(),
            interruption_rate: amount("0.1"),
            spot: true,
            ..Offer::default()
        };
        let task = Task {
            throughput: Some(amount("2")),
            max_interruption: amount("0.1"),
            ..Task::default()
        };
        type Change = fn(&mut Task);
        let cases: [(Change, &str); 10] = [
            (|_| (), "2"),
            (|t| t.requires = [("gpu".to_owned(), amount("2"))].into(), "gpu 1 of 2 required"),
            (|t| t.clouds = Some(vec!["b".to_owned()]), "cloud not allowed"),
            (|t| t.regions = Some(vec!["west*".to_owned()]), "region east not allowed"),
            (|t| t.residency = Some(vec!["eu".to_owned()]), "residency us not allowed"),
            (|t| t.max_interruption = amount("0.05"), "interruption rate 0.1, 0.05 allowed"),
            (|t| t.throughput = None, "serves nothing of the task"),
            (
                |t| {
                    t.throughput = None;
                    t.needs.insert("gpu".to_owned(), amount("8"));
                },
                "0",
            ),
            (
                |t| (t.from, t.max_latency_ms) = (Some("oslo".to_owned()), Some(amount("30"))),
                "40 ms away, 30 allowed",
            ),
            (
                |t| (t.from, t.max_latency_ms) = (Some("rome".to_owned()), Some(amount("30"))),
                "says no round-trip time",
            ),
        ];
        for (change, expected) in cases {
            let mut task = task.clone();
            change(&mut task);
            let found = match eligible("t", &task, "a", &cloud, &offer) {
                Ok(serves) => serves.to_string(),
                Err(reason) => reason.reason(),
            };
            assert_eq!(found, expected);
        }
        let near = Task {
            from: Some("east".to_owned()),
            max_latency_ms: Some(amount("5")),
            ..task.clone()
        };
        assert!(eligible("t", &near, "a", &cloud, &offer).is_ok());
        let none = Offer { quota: Some(0), ..offer };
        assert_eq!(eligible("t", &task, "a", &cloud, &none), Err(Ineligible::NoQuota));
    }
}
