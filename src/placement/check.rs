//! Bad numbers are found before anything is solved.

use crate::Problem;

/// What is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct InvalidProblem {
    /// The cloud, if it is about one.
    pub cloud: Option<String>,
    /// The task, if it is about one.
    pub task: Option<String>,
    /// What is wrong, as a sentence without its full stop.
    pub message: String,
}

/// Larger numbers than that are taken for mistakes.
const MOST: f64 = 1e12;

/// Checks all numbers and names of a problem.
///
/// # Errors
/// The first thing that is wrong.
pub fn check(problem: &Problem) -> Result<(), InvalidProblem> {
    for (name, cloud) in &problem.clouds {
        let wrong =
            |message: String| InvalidProblem { cloud: Some(name.clone()), task: None, message };
        if cloud.activation_cost.is_sign_negative() && !cloud.activation_cost.is_zero() {
            return Err(wrong(format!("the activation cost of cloud \"{name}\" is negative")));
        }
        for (offer_name, offer) in &cloud.offers {
            if offer.price.is_sign_negative() && !offer.price.is_zero() {
                return Err(wrong(format!(
                    "the price of offer \"{offer_name}\" in cloud \"{name}\" is negative"
                )));
            }
            let amounts = offer.provides.iter().chain(&offer.serves);
            for (what, amount) in amounts {
                if !is_good(*amount) {
                    return Err(wrong(format!(
                        "the amount of \"{what}\" in offer \"{offer_name}\" of cloud \"{name}\" is {amount}; it must be a number from 0 to {MOST:e}"
                    )));
                }
            }
            if let Some(unknown) =
                offer.serves.keys().find(|task| !problem.tasks.contains_key(*task))
            {
                return Err(wrong(format!(
                    "offer \"{offer_name}\" of cloud \"{name}\" serves \"{unknown}\", and there is no task of that name in this placement"
                )));
            }
        }
    }
    for (name, task) in &problem.tasks {
        let wrong =
            |message: String| InvalidProblem { cloud: None, task: Some(name.clone()), message };
        if !is_good(task.demand) {
            return Err(wrong(format!(
                "the demand of task \"{name}\" is {}; it must be a number from 0 to {MOST:e}",
                task.demand
            )));
        }
        if task.throughput.is_some_and(|throughput| !is_good(throughput)) {
            return Err(wrong(format!(
                "the throughput of task \"{name}\" must be a number from 0 to {MOST:e}"
            )));
        }
        if !(task.max_share > 0.0 && task.max_share <= 1.0) {
            return Err(wrong(format!(
                "max_share of task \"{name}\" is {}; it must be above 0 and at most 1",
                task.max_share
            )));
        }
        if let Some((what, amount)) = task.requires.iter().find(|(_, amount)| !is_good(**amount)) {
            return Err(wrong(format!(
                "task \"{name}\" requires {amount} of \"{what}\"; that must be a number from 0 to {MOST:e}"
            )));
        }
    }
    Ok(())
}

fn is_good(number: f64) -> bool {
    (0.0..=MOST).contains(&number)
}
