//! How often each label was taken for which.

use std::collections::BTreeMap;

use super::error::MetricsError;
use super::label::Label;

/// The confusion matrix, of which only cells with rows are kept: labels may be many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confusion {
    /// All labels of either side, sorted.
    pub labels: Vec<Label>,
    /// Rows by index of the true and of the predicted label.
    pub cells: BTreeMap<(usize, usize), u64>,
}

impl Confusion {
    /// Counts rows: `truth[n]` is what row `n` is, `predicted[n]` what it is said to be.
    ///
    /// # Errors
    /// No rows, sides of different lengths, numbers mixed with texts, numbers with fractions.
    pub fn count(truth: &[Label], predicted: &[Label]) -> Result<Confusion, MetricsError> {
        if truth.len() != predicted.len() {
            return Err(MetricsError::Lengths { truth: truth.len(), predicted: predicted.len() });
        }
        let mut index: BTreeMap<&Label, usize> =
            truth.iter().chain(predicted).map(|label| (label, 0)).collect();
        for (at, place) in index.values_mut().enumerate() {
            *place = at;
        }
        let labels: Vec<Label> = index.keys().map(|label| (*label).clone()).collect();
        check(&labels)?;
        let mut cells = BTreeMap::new();
        for (is, said) in truth.iter().zip(predicted) {
            *cells.entry((index[is], index[said])).or_insert(0) += 1;
        }
        Ok(Confusion { labels, cells })
    }

    /// The whole matrix: a row for each true label, in the order of `labels`.
    pub fn matrix(&self) -> Vec<Vec<u64>> {
        let mut rows = vec![vec![0; self.labels.len()]; self.labels.len()];
        for ((truth, predicted), count) in &self.cells {
            rows[*truth][*predicted] = *count;
        }
        rows
    }
}

/// The labels are sorted, so that numbers come first.
fn check(labels: &[Label]) -> Result<(), MetricsError> {
    let first = labels.first().ok_or(MetricsError::Empty)?;
    let text = labels.iter().find(|label| label.is_text());
    if let (false, Some(text)) = (first.is_text(), text) {
        return Err(MetricsError::Mixed { number: first.clone(), text: text.clone() });
    }
    match labels.iter().find(|label| label.has_fraction()) {
        Some(measured) => Err(MetricsError::Continuous(measured.clone())),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(labels: &[&str]) -> Vec<Label> {
        labels.iter().map(|label| Label::from(*label)).collect()
    }

    #[test]
    fn rows_are_truth_and_columns_are_predictions() {
        let found = Confusion::count(&texts(&["b", "a", "b", "c"]), &texts(&["a", "a", "b", "a"]));
        let found = found.expect("counted");
        assert_eq!(found.labels, texts(&["a", "b", "c"]));
        assert_eq!(found.matrix(), [[1, 0, 0], [1, 1, 0], [1, 0, 0]]);
    }

    #[test]
    fn labels_that_are_none() {
        let half = Label::number(0.5).expect("finite");
        let cases = [
            (vec![], vec![], "there are no rows to compute metrics of"),
            (texts(&["a"]), vec![], "there are 1 labels and 0 predictions"),
            (
                texts(&["1", "0"]),
                vec![Label::from(1), Label::from(0)],
                "the labels mix numbers and texts: 0 and \"0\"",
            ),
            (
                vec![half.clone(), Label::from(1)],
                vec![Label::from(1), half],
                "0.5 is not a class: a label is a text or a whole number",
            ),
        ];
        for (truth, predicted, expected) in cases {
            let error = Confusion::count(&truth, &predicted).expect_err(expected);
            assert_eq!(error.to_string(), expected);
        }
    }
}
