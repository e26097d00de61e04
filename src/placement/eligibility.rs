//! Which offers a task may use at all, and why not.

use crate::{Cloud, Offer, Task};

/// Why a task cannot use an offer.
#[derive(Clone, Debug, PartialEq)]
pub enum Ineligible {
    /// It has too little of something.
    Requires {
        /// Of what.
        resource: String,
        /// How much is needed.
        asked: f64,
        /// How much a unit has.
        has: f64,
    },
    /// The cloud is not allowed.
    Cloud,
    /// The region is not allowed.
    Region,
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
                format!("{resource} {has} of {asked} required")
            }
            Ineligible::Cloud => "cloud not allowed".to_owned(),
            Ineligible::Region => "region not allowed".to_owned(),
            Ineligible::ServesNothing => "serves nothing of the task".to_owned(),
            Ineligible::NoQuota => "quota is 0".to_owned(),
        }
    }
}

/// The demand that one unit covers, if the task may use the offer.
///
/// # Errors
/// The first reason why it may not.
pub fn eligible(
    task_name: &str,
    task: &Task,
    cloud_name: &str,
    cloud: &Cloud,
    offer: &Offer,
) -> Result<f64, Ineligible> {
    if task.clouds.as_ref().is_some_and(|allowed| !allowed.iter().any(|name| name == cloud_name)) {
        return Err(Ineligible::Cloud);
    }
    let region = offer.region.as_deref().unwrap_or(&cloud.region);
    if task.regions.as_ref().is_some_and(|allowed| !allowed.iter().any(|glob| fits(glob, region))) {
        return Err(Ineligible::Region);
    }
    for (resource, asked) in &task.requires {
        let has = offer.provides.get(resource).copied().unwrap_or(0.0);
        if has < *asked {
            return Err(Ineligible::Requires { resource: resource.clone(), asked: *asked, has });
        }
    }
    if offer.quota == Some(0) {
        return Err(Ineligible::NoQuota);
    }
    let serves = offer.serves.get(task_name).copied().or(task.throughput).unwrap_or(0.0);
    if serves > 0.0 { Ok(serves) } else { Err(Ineligible::ServesNothing) }
}

/// Whether text fits a pattern in which `*` stands for any text.
fn fits(glob: &str, text: &str) -> bool {
    match glob.split_once('*') {
        None => glob == text,
        Some((start, rest)) => text.strip_prefix(start).is_some_and(|behind| {
            (0..=behind.len())
                .filter(|at| behind.is_char_boundary(*at))
                .any(|at| fits(rest, &behind[at..]))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs() {
        for (glob, text, expected) in [
            ("east", "east", true),
            ("east", "easter", false),
            ("eu-*", "eu-west-1", true),
            ("*-1", "eu-west-1", true),
            ("eu-*-2", "eu-west-1", false),
            ("*", "", true),
        ] {
            assert_eq!(fits(glob, text), expected, "{glob} {text}");
        }
    }

    #[test]
    fn the_first_thing_that_excludes_an_offer_is_named() {
        let cloud = Cloud { region: "east".to_owned(), ..Cloud::default() };
        let offer = Offer { provides: [("gpu".to_owned(), 1.0)].into(), ..Offer::default() };
        let task = Task { throughput: Some(2.0), ..Task::default() };
        let check = |task: &Task, offer: &Offer| eligible("t", task, "a", &cloud, offer);
        assert_eq!(check(&task, &offer), Ok(2.0));
        let needs = Task { requires: [("gpu".to_owned(), 2.0)].into(), ..task.clone() };
        assert_eq!(
            check(&needs, &offer).map_err(|e| e.reason()),
            Err("gpu 1 of 2 required".to_owned())
        );
        let elsewhere = Task { clouds: Some(vec!["b".to_owned()]), ..task.clone() };
        assert_eq!(check(&elsewhere, &offer), Err(Ineligible::Cloud));
        let far = Task { regions: Some(vec!["west*".to_owned()]), ..task.clone() };
        assert_eq!(check(&far, &offer), Err(Ineligible::Region));
        let none = Offer { serves: [("t".to_owned(), 0.0)].into(), ..offer };
        assert_eq!(check(&task, &none), Err(Ineligible::ServesNothing));
    }
}
