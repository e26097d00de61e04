//! Accuracy, precision, recall and F1, with scikit-learn's averages.

use super::confusion::Confusion;
use super::error::MetricsError;
use super::label::Label;

/// Computes all metrics: `truth[n]` is what row `n` is, `predicted[n]` what it is said to be.
///
/// Zero divided by zero counts as 0, as in scikit-learn, and is reported in [`Scores::undefined`].
/// Source: scikit-learn's `accuracy_score` and `precision_recall_fscore_support`.
///
/// ```
/// use skyform_data::metrics::{Average, Label, classification};
///
/// let truth = [0, 1, 1, 0].map(Label::from);
/// let predicted = [0, 1, 0, 0].map(Label::from);
/// let scores = classification(&truth, &predicted, &Average::Binary { positive: Label::from(1) });
/// assert_eq!(scores.map(|scores| (scores.precision, scores.recall)), Ok((1.0, 0.5)));
/// ```
///
/// # Errors
/// No rows, sides of different lengths, numbers mixed with texts, numbers with fractions; for the
/// binary average also more than two labels, or two of which none is the positive one.
pub fn classification(
    truth: &[Label],
    predicted: &[Label],
    average: &Average,
) -> Result<Scores, MetricsError> {
    let counted = Confusion::count(truth, predicted)?;
    let classes = Class::of(&counted);
    let right: u64 = classes.iter().map(|class| class.right).sum();
    let mut scores = Scores {
        accuracy: ratio(right, truth.len() as u64).unwrap_or(0.0),
        precision: 0.0,
        recall: 0.0,
        f1: 0.0,
        undefined: Vec::new(),
    };
    match average {
        Average::Binary { positive } => {
            let class = positive_class(&counted, &classes, positive)?;
            scores.fill(&[(class, 1.0)], &mut |_| Some(positive.clone()));
        }
        Average::Macro => {
            let share = 1.0 / classes.len() as f64;
            let shares: Vec<_> = classes.into_iter().map(|class| (class, share)).collect();
            scores.fill(&shares, &mut |at| counted.labels.get(at).cloned());
        }
        Average::Micro => {
            let rows = truth.len() as u64;
            scores.fill(&[(Class { right, is: rows, said: rows }, 1.0)], &mut |_| None);
        }
        Average::Weighted => {
            let rows = truth.len() as f64;
            let share = |class: Class| (class, class.is as f64 / rows);
            let shares: Vec<_> = classes.into_iter().map(share).collect();
            scores.fill(&shares, &mut |at| counted.labels.get(at).cloned());
        }
    }
    Ok(scores)
}

/// How metrics of single labels become one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Average {
    /// The metrics of one of two labels.
    Binary {
        /// Which.
        positive: Label,
    },
    /// The mean over labels, each counting the same.
    Macro,
    /// The metrics of all rows together.
    Micro,
    /// The mean over labels, each counting as often as it truly occurs.
    Weighted,
}

/// The metrics, each from 0 to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Scores {
    /// The share of rows that are right.
    pub accuracy: f64,
    /// Of the rows said to have a label, the share that has it.
    pub precision: f64,
    /// Of the rows that have a label, the share said to.
    pub recall: f64,
    /// The harmonic mean of precision and recall.
    pub f1: f64,
    /// Where zero was divided by zero and counted as 0; sorted by metric, then label.
    pub undefined: Vec<Undefined>,
}

/// A metric that a label does not have.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Undefined {
    /// Which metric.
    pub metric: Metric,
    /// Of which label; none where it is of all rows together.
    pub label: Option<Label>,
}

/// A metric, in the order in which they are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Metric {
    /// The share of rows that are right.
    Accuracy,
    /// Right ones of those said.
    Precision,
    /// Right ones of those that are.
    Recall,
    /// The harmonic mean of both.
    F1,
}

impl Metric {
    /// All of them.
    pub const ALL: [Metric; 4] = [Metric::Accuracy, Metric::Precision, Metric::Recall, Metric::F1];

    /// The name in a configuration.
    pub fn name(self) -> &'static str {
        match self {
            Metric::Accuracy => "accuracy",
            Metric::Precision => "precision",
            Metric::Recall => "recall",
            Metric::F1 => "f1",
        }
    }

    /// The metric of that name.
    pub fn named(name: &str) -> Option<Metric> {
        Metric::ALL.into_iter().find(|metric| metric.name() == name)
    }
}

impl Scores {
    /// The value of one metric.
    pub fn get(&self, metric: Metric) -> f64 {
        match metric {
            Metric::Accuracy => self.accuracy,
            Metric::Precision => self.precision,
            Metric::Recall => self.recall,
            Metric::F1 => self.f1,
        }
    }

    fn fill(&mut self, shares: &[(Class, f64)], label: &mut dyn FnMut(usize) -> Option<Label>) {
        for (at, (class, share)) in shares.iter().enumerate() {
            let mut add = |metric, above, below| {
                ratio(above, below).unwrap_or_else(|| {
                    self.undefined.push(Undefined { metric, label: label(at) });
                    0.0
                }) * share
            };
            self.precision += add(Metric::Precision, class.right, class.said);
            self.recall += add(Metric::Recall, class.right, class.is);
            self.f1 += add(Metric::F1, 2 * class.right, class.is + class.said);
        }
        self.undefined.sort();
        // Shares such as 1/3 add up to a little more than 1.
        for metric in [&mut self.precision, &mut self.recall, &mut self.f1] {
            *metric = metric.min(1.0);
        }
    }
}

/// Rows of one label: those that have it, those said to, and those where both are so.
#[derive(Clone, Copy)]
struct Class {
    right: u64,
    is: u64,
    said: u64,
}

impl Class {
    fn of(counted: &Confusion) -> Vec<Class> {
        let mut classes = vec![Class { right: 0, is: 0, said: 0 }; counted.labels.len()];
        for ((truth, predicted), count) in &counted.cells {
            classes[*truth].is += count;
            classes[*predicted].said += count;
            if truth == predicted {
                classes[*truth].right += count;
            }
        }
        classes
    }
}

/// With a single label in the data, the positive one may be another: then nothing is positive.
fn positive_class(
    counted: &Confusion,
    classes: &[Class],
    positive: &Label,
) -> Result<Class, MetricsError> {
    let labels = &counted.labels;
    if labels.len() > 2 {
        return Err(MetricsError::NotBinary(labels.clone()));
    }
    match labels.iter().position(|label| label == positive) {
        Some(at) => Ok(classes[at]),
        None if labels.len() < 2 => Ok(Class { right: 0, is: 0, said: 0 }),
        None => Err(MetricsError::UnknownPositive {
            positive: positive.clone(),
            labels: labels.clone(),
        }),
    }
}

fn ratio(above: u64, below: u64) -> Option<f64> {
    (below > 0).then(|| above as f64 / below as f64)
}

#[cfg(test)]
mod tests;
