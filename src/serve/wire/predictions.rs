//! Answers as SageMaker's clients read them: a prediction for each row, as JSON or CSV.

use crate::interface::Field;
use crate::tensor::{Data, Tensor};

/// Outputs with a row for each that was asked about.
pub(crate) struct Predictions<'a> {
    rows: usize,
    outputs: Vec<(&'a Field, &'a Tensor)>,
}

impl<'a> Predictions<'a> {
    /// What a model gave for so many rows.
    ///
    /// # Errors
    /// The name of an output that has another number of them.
    pub(crate) fn new(
        rows: usize,
        outputs: impl Iterator<Item = (&'a Field, &'a Tensor)>,
    ) -> Result<Self, String> {
        let outputs: Vec<_> = outputs.collect();
        match outputs.iter().find(|(_, tensor)| tensor.shape.first() != Some(&rows)) {
            Some((field, _)) => Err(field.name.clone()),
            None => Ok(Self { rows, outputs }),
        }
    }

    /// `{"predictions":[...]}`: what the only output says of each row, or an object by output.
    pub(crate) fn json(&self) -> String {
        let mut text = "{\"predictions\":[".to_owned();
        for row in 0..self.rows {
            separate(&mut text, row);
            if let [(_, tensor)] = self.outputs.as_slice() {
                nested(&mut text, tensor, row);
                continue;
            }
            text.push('{');
            for (at, (field, tensor)) in self.outputs.iter().enumerate() {
                separate(&mut text, at);
                text.push_str(&quoted(&field.name));
                text.push(':');
                nested(&mut text, tensor, row);
            }
            text.push('}');
        }
        text.push_str("]}");
        text
    }

    /// A line for each row, with the numbers of all outputs.
    pub(crate) fn csv(&self) -> String {
        let mut text = String::new();
        for row in 0..self.rows {
            let mut at = 0;
            for (_, tensor) in &self.outputs {
                for place in elements(tensor, row) {
                    separate(&mut text, at);
                    at += 1;
                    match &tensor.data {
                        Data::Bytes(values) => text.push_str(&cell(&values[place])),
                        data => text.push_str(&element(data, place)),
                    }
                }
            }
            text.push('\n');
        }
        text
    }
}

fn separate(text: &mut String, at: usize) {
    if at > 0 {
        text.push(',');
    }
}

/// Places of a row's elements.
fn elements(tensor: &Tensor, row: usize) -> std::ops::Range<usize> {
    let width: usize = tensor.shape[1..].iter().product();
    row * width..(row + 1) * width
}

/// A row, in arrays as the shape says.
fn nested(text: &mut String, tensor: &Tensor, row: usize) {
    let inner = &tensor.shape[1..];
    if inner.contains(&0) {
        text.push_str("[]");
    }
    for at in elements(tensor, row) {
        let place = at - row * inner.iter().product::<usize>();
        // Arrays begin and end where a place is a multiple of what they hold.
        let starts = |place: usize| {
            let mut length = 1;
            let held = inner.iter().rev().map(move |dimension| {
                length *= dimension;
                length
            });
            held.filter(|length| place.is_multiple_of(*length)).count()
        };
        separate(text, place);
        text.push_str(&"[".repeat(starts(place)));
        text.push_str(&element(&tensor.data, at));
        text.push_str(&"]".repeat(starts(place + 1)));
    }
}

/// An element as JSON: floats are the shortest decimals, and `null` where they are no numbers.
fn element(data: &Data, at: usize) -> String {
    let text = match data {
        Data::Bool(values) => serde_json::to_string(&values[at]),
        Data::Int32(values) => serde_json::to_string(&values[at]),
        Data::Int64(values) => serde_json::to_string(&values[at]),
        Data::Fp32(values) => serde_json::to_string(&values[at]),
        Data::Fp64(values) => serde_json::to_string(&values[at]),
        Data::Bytes(values) => serde_json::to_string(&values[at]),
    };
    text.unwrap_or_default()
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn cell(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensor::Datatype;

    fn field(name: &str) -> Field {
        Field { name: name.to_owned(), datatype: Datatype::Fp32, shape: vec![] }
    }

    #[test]
    fn each_row_has_its_prediction() {
        let (y, z) = (field("y"), field("z"));
        let tensor = |shape: &[usize], data| Tensor { shape: shape.to_vec(), data };
        let flat = tensor(&[2], Data::Fp32(vec![0.1, f32::NAN]));
        let wide = tensor(&[2, 2], Data::Int64(vec![1, 2, 3, 4]));
        let deep = tensor(&[1, 2, 2], Data::Bool(vec![true, false, true, true]));
        let words = tensor(&[2], Data::Bytes(vec!["a".to_owned(), "b,\"c".to_owned()]));
        for (rows, outputs, json, csv) in [
            (2, vec![(&y, &flat)], "[0.1,null]", "0.1\nnull\n"),
            (2, vec![(&y, &wide)], "[[1,2],[3,4]]", "1,2\n3,4\n"),
            (1, vec![(&y, &deep)], "[[[true,false],[true,true]]]", "true,false,true,true\n"),
            (
                2,
                vec![(&y, &words), (&z, &wide)],
                r#"[{"y":"a","z":[1,2]},{"y":"b,\"c","z":[3,4]}]"#,
                "a,1,2\n\"b,\"\"c\",3,4\n",
            ),
        ] {
            let found = Predictions::new(rows, outputs.into_iter()).expect("rows");
            assert_eq!(found.json(), format!("{{\"predictions\":{json}}}"));
            assert_eq!(found.csv(), csv);
        }
        let other = Predictions::new(3, [(&y, &flat)].into_iter());
        assert_eq!(other.err().as_deref(), Some("y"));
    }
}
