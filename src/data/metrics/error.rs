//! Why metrics cannot be computed.

use super::label::Label;

/// Labels that have no metrics. Each message says what is wrong with the data.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MetricsError {
    /// No rows at all.
    #[error("there are no rows to compute metrics of")]
    Empty,
    /// One side has more rows than the other.
    #[error("there are {truth} labels and {predicted} predictions")]
    Lengths {
        /// True labels.
        truth: usize,
        /// Predicted labels.
        predicted: usize,
    },
    /// Numbers and texts together, such as `1` and `"1"`, which are never equal.
    #[error("the labels mix numbers and texts: {number} and \"{text}\"")]
    Mixed {
        /// The smallest number.
        number: Label,
        /// The smallest text.
        text: Label,
    },
    /// A number with a fraction is a measurement, not a class.
    #[error("{0} is not a class: a label is a text or a whole number")]
    Continuous(Label),
    /// The binary average of more than two labels.
    #[error("there are {} labels, and the binary average is of two: {}", .0.len(), listed(.0))]
    NotBinary(Vec<Label>),
    /// The positive label is none of the two.
    #[error("the positive label {positive} is none of the labels: {}", listed(.labels))]
    UnknownPositive {
        /// What is called positive.
        positive: Label,
        /// The labels that occur, sorted.
        labels: Vec<Label>,
    },
    /// A score that is NaN.
    #[error("row {row} has a score that is not a number")]
    NotANumber {
        /// From 1.
        row: usize,
    },
    /// Scores that make no whole number of rows, or no classes at all.
    #[error("{scores} scores are no whole number of rows of {classes}")]
    Shape {
        /// How many scores there are.
        scores: usize,
        /// How many a row should have.
        classes: usize,
    },
}

fn listed(labels: &[Label]) -> String {
    const MOST: usize = 10;
    let mut shown: Vec<String> = labels.iter().take(MOST).map(Label::to_string).collect();
    if labels.len() > MOST {
        shown.push(format!("and {} more", labels.len() - MOST));
    }
    shown.join(", ")
}
