//! What an endpoint says to a dataset's rows, beside what is true of them.

use skyform_data::metrics::{Label, most_likely, threshold};
use skyform_data::table::{self, ColumnType, Input, TableError};
use skyform_provider_sdk::{Problem, ProblemKind, Progress, ProgressEvent};
use skyform_value::{Number, Path, Value};

use crate::clouds::Clouds;
use crate::dataset::store;
use crate::evaluation::positive;
use crate::inference::{Client, Metadata, Output, TensorMetadata};
use crate::object::{text, texts};

/// Rows asked about at once.
const BATCH: usize = 256;

/// What is true and what is said, row by row.
pub(crate) struct Prediction {
    pub(crate) truth: Vec<Label>,
    pub(crate) predicted: Vec<Label>,
}

/// How an evaluation turns scores into labels.
struct Decision {
    positive: Label,
    /// Given, it goes before the labels that the model itself says.
    threshold: Option<f64>,
}

/// Sends a dataset through an endpoint.
pub(crate) async fn of_dataset(
    clouds: &Clouds,
    planned: &Value,
    progress: &dyn Progress,
) -> Result<Prediction, Problem> {
    let client = Client::new(clouds, &text(planned, "endpoint"));
    let metadata = client.metadata().await?;
    let files = load(clouds, &text(planned, "dataset")).await?;
    let label_column = text(planned, "label");
    let given = texts(planned, "features");
    let input = only_input(&metadata)?.clone();
    let inputs: Vec<Input<'_>> = files.iter().map(|(name, bytes)| Input { name, bytes }).collect();
    let features = feature_names(&metadata, &given, &label_column, &inputs)?;
    check_width(&input, &features)?;
    let width = features.len();
    let truth = table::labels(&inputs, &label_column).map_err(at("label"))?;
    let rows = table::features(&inputs, &features).map_err(at("features"))?;
    let decision = Decision {
        positive: positive(planned),
        threshold: planned.get("threshold").and_then(Value::as_number).map(Number::to_f64),
    };
    let total = truth.len() as u64;
    let mut predicted = Vec::with_capacity(truth.len());
    let labels = labels_of(&metadata);
    for batch in rows.chunks(BATCH * width.max(1)) {
        let outputs = client.infer(&input, batch, width).await?;
        predicted.extend(decide(&outputs, &labels, &decision)?);
        let done = predicted.len() as u64;
        progress.report(ProgressEvent::Amount { done, total: Some(total), unit: "rows" });
    }
    Ok(Prediction { truth, predicted })
}

/// A dataset's files, by the URL of its manifest.
async fn load(clouds: &Clouds, url: &str) -> Result<Vec<(String, Vec<u8>)>, Problem> {
    let at_dataset = |problem: Problem| problem.at(Path::attribute("dataset"));
    let located = clouds.locate(url).await.map_err(at_dataset)?;
    let missing = |what: &str| {
        let detail = format!("There is no {what} in the bucket {}.", located.place.bucket);
        at_dataset(Problem::error(ProblemKind::NotFound, "Dataset is not there", detail))
            .hint("Refer to a dataset block: dataset = dataset.NAME.")
    };
    let manifest = store::manifest(&located).await?;
    let manifest = manifest.ok_or_else(|| missing(&located.place.key))?;
    let mut files = Vec::new();
    for (key, _) in store::keys(&located, &manifest) {
        let bytes = located.cloud.read_object(&located.place.bucket, &key).await?;
        files.push((key.clone(), bytes.ok_or_else(|| missing(&key))?));
    }
    Ok(files)
}

/// What is wrong with a table, at the argument that asked for it.
fn at(argument: &'static str) -> impl Fn(TableError) -> Problem {
    move |error| {
        let problem = Problem::error(
            ProblemKind::Invalid,
            "Dataset does not fit the evaluation",
            format!("{error}."),
        );
        let problem = problem.at(Path::attribute(argument));
        match &error {
            TableError::UnknownColumn { known, .. } => {
                problem.hint(format!("Columns are: {}.", known.join(", ")))
            }
            _ => problem,
        }
    }
}

fn only_input(metadata: &Metadata) -> Result<&TensorMetadata, Problem> {
    match metadata.inputs.as_slice() {
        [input] if matches!(input.datatype.as_str(), "FP32" | "FP64") => Ok(input),
        inputs => {
            let takes: Vec<String> =
                inputs.iter().map(|input| format!("{} ({})", input.name, input.datatype)).collect();
            let detail = format!(
                "Rows are sent as one tensor of floating point numbers, and this model takes {}.",
                takes.join(", ")
            );
            Err(Problem::error(ProblemKind::Unsupported, "Model cannot be evaluated", detail)
                .at(Path::attribute("endpoint")))
        }
    }
}

/// The columns that the model is given: those that were asked for, those that it names, else all
/// numbers but the label.
fn feature_names(
    metadata: &Metadata,
    given: &[String],
    label: &str,
    inputs: &[Input<'_>],
) -> Result<Vec<String>, Problem> {
    if !given.is_empty() {
        return Ok(given.to_vec());
    }
    if let Some(named) = metadata.parameters.get("features").and_then(|names| names.as_str()) {
        return Ok(named.split(',').map(|name| name.trim().to_owned()).collect());
    }
    let columns = table::columns(inputs).map_err(at("dataset"))?;
    let is_number = |ty: &ColumnType| {
        use ColumnType::{Float32, Float64, Int32, Int64};
        matches!(ty, Int32 | Int64 | Float32 | Float64)
    };
    let wanted = columns.into_iter().filter(|(name, ty)| is_number(ty) && name != label);
    Ok(wanted.map(|(name, _)| name).collect())
}

fn check_width(input: &TensorMetadata, features: &[String]) -> Result<(), Problem> {
    let Some(width) = input.shape.last().and_then(|width| usize::try_from(*width).ok()) else {
        return Ok(());
    };
    if width == features.len() {
        return Ok(());
    }
    let detail = format!(
        "The model takes {width} numbers a row, and there are {} columns: {}.",
        features.len(),
        features.join(", ")
    );
    Err(Problem::error(ProblemKind::Invalid, "Dataset does not fit the model", detail)
        .at(Path::attribute("features"))
        .hint("Name the model's columns, in its order: features = [\"...\"]."))
}

/// The labels that a model's scores are about, in their order.
fn labels_of(metadata: &Metadata) -> Vec<Label> {
    let named = metadata.parameters.get("labels").and_then(|names| names.as_str());
    named.into_iter().flat_map(|names| names.split(',')).map(|name| label(name.trim())).collect()
}

/// A label as it is written.
pub(crate) fn label(text: &str) -> Label {
    let number = text.parse().ok().and_then(Label::number);
    number.unwrap_or_else(|| Label::from(text))
}

/// Labels from an answer: the model's own if it says any, else by its scores.
fn decide(
    outputs: &[Output],
    labels: &[Label],
    decision: &Decision,
) -> Result<Vec<Label>, Problem> {
    let is_label =
        |output: &&Output| matches!(output.datatype.as_str(), "INT64" | "INT32" | "BYTES");
    let is_score = |output: &&Output| output.datatype.starts_with("FP");
    let (said, scored) = (outputs.iter().find(is_label), outputs.iter().find(is_score));
    match (said, scored) {
        (Some(said), None) => Ok(said.data.iter().map(json_label).collect()),
        (Some(said), _) if decision.threshold.is_none() => {
            Ok(said.data.iter().map(json_label).collect())
        }
        (_, Some(scored)) => by_scores(scored, labels, decision),
        (None, None) => {
            let names: Vec<&str> = outputs.iter().map(|output| output.name.as_str()).collect();
            let detail = format!("It gives neither labels nor scores: {}.", names.join(", "));
            Err(Problem::error(ProblemKind::Unsupported, "Model cannot be evaluated", detail)
                .at(Path::attribute("endpoint")))
        }
    }
}

/// One score a row is that of the positive label; more are one for each label.
fn by_scores(
    output: &Output,
    labels: &[Label],
    decision: &Decision,
) -> Result<Vec<Label>, Problem> {
    let scores: Vec<f32> =
        output.data.iter().map(|number| number.as_f64().unwrap_or(f64::NAN) as f32).collect();
    let width = if output.shape.len() < 2 { 1 } else { output.shape[1..].iter().product() };
    let count = width.max(2) as i64;
    let labels =
        if labels.is_empty() { (0..count).map(Label::from).collect() } else { labels.to_vec() };
    let positive = &decision.positive;
    let negative = labels.iter().find(|label| *label != positive).cloned();
    let negative = negative.unwrap_or_else(|| Label::from(0));
    let column = labels.iter().position(|label| label == positive);
    let decided = match (width, decision.threshold, column) {
        (1, at, _) => threshold(&scores, at.unwrap_or(0.5), &negative, positive),
        (2, Some(at), Some(column)) => {
            let of_positive: Vec<f32> =
                scores.chunks(2).filter_map(|row| row.get(column)).copied().collect();
            threshold(&of_positive, at, &negative, positive)
        }
        _ => most_likely(&scores, &labels),
    };
    decided.map_err(|error| {
        let detail = format!("{}: {error}.", output.name);
        Problem::error(ProblemKind::Invalid, "Model's answer cannot be read", detail)
            .at(Path::attribute("endpoint"))
    })
}

fn json_label(value: &serde_json::Value) -> Label {
    match value {
        serde_json::Value::String(text) => label(text),
        other => label(&other.to_string()),
    }
}

#[cfg(test)]
mod tests;
