//! From a model's scores to labels.

use super::error::MetricsError;
use super::label::Label;

/// The positive label where a score is above `at`, else the negative one.
///
/// A score of exactly `at` is negative, as with scikit-learn's `predict`, which takes the first of
/// equally likely labels.
///
/// # Errors
/// A score that is NaN.
pub fn threshold(
    scores: &[f32],
    at: f64,
    negative: &Label,
    positive: &Label,
) -> Result<Vec<Label>, MetricsError> {
    let decide = |(row, score): (usize, &f32)| match score {
        score if score.is_nan() => Err(MetricsError::NotANumber { row: row + 1 }),
        score if f64::from(*score) > at => Ok(positive.clone()),
        _ => Ok(negative.clone()),
    };
    scores.iter().enumerate().map(decide).collect()
}

/// The most likely label of each row; the first of equals. `scores` are row by row, one for each of
/// `labels`.
///
/// # Errors
/// A score that is NaN; scores that make no whole number of rows.
pub fn most_likely(scores: &[f32], labels: &[Label]) -> Result<Vec<Label>, MetricsError> {
    let classes = labels.len();
    if classes == 0 || !scores.len().is_multiple_of(classes) {
        return Err(MetricsError::Shape { scores: scores.len(), classes });
    }
    let decide = |(row, scores): (usize, &[f32])| {
        let mut best = (f32::NEG_INFINITY, &labels[0]);
        for (score, label) in scores.iter().zip(labels) {
            if score.is_nan() {
                return Err(MetricsError::NotANumber { row: row + 1 });
            }
            if *score > best.0 {
                best = (*score, label);
            }
        }
        Ok(best.1.clone())
    };
    scores.chunks_exact(classes).enumerate().map(decide).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(labels: Result<Vec<Label>, MetricsError>) -> String {
        match labels {
            Ok(labels) => labels.iter().map(Label::to_string).collect::<Vec<_>>().join(" "),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn above_the_threshold_is_positive() {
        let cases: [(&[f32], f64, &str); 5] = [
            (&[0.2, 0.5, 0.500_001, 0.9], 0.5, "no no yes yes"),
            (&[0.2, 0.5], 0.1, "yes yes"),
            (&[f32::INFINITY, f32::NEG_INFINITY], 0.5, "yes no"),
            (&[], 0.5, ""),
            (&[0.1, f32::NAN], 0.5, "row 2 has a score that is not a number"),
        ];
        for (scores, at, expected) in cases {
            let found = threshold(scores, at, &Label::from("no"), &Label::from("yes"));
            assert_eq!(shown(found), expected);
        }
    }

    #[test]
    fn the_first_of_the_greatest_is_taken() {
        let labels = ["a", "b", "c"].map(Label::from);
        let cases: [(&[f32], &str); 5] = [
            (&[0.1, 0.2, 0.7, 0.4, 0.4, 0.2], "c a"),
            (&[f32::NEG_INFINITY; 3], "a"),
            (&[], ""),
            (&[0.1, 0.2], "2 scores are no whole number of rows of 3"),
            (&[0.0, 0.0, 0.0, 0.0, f32::NAN, 0.0], "row 2 has a score that is not a number"),
        ];
        for (scores, expected) in cases {
            assert_eq!(shown(most_likely(scores, &labels)), expected);
        }
        let expected = "1 scores are no whole number of rows of 0";
        assert_eq!(shown(most_likely(&[1.0], &[])), expected);
    }
}
