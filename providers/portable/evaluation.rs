//! `evaluation`: a dataset sent through an endpoint, and the metrics of what comes back. Its
//! requirements are a gate: where they are not met, what depends on it does not happen.

use async_trait::async_trait;
use skyform_data::metrics::{Average, Label, Metric, Scores, classification};
use skyform_provider_sdk::schema::{Attribute, Block, Nesting, Schema};
use skyform_provider_sdk::{
    ApplyRequest, LookupAnswer, LookupRequest, PlanRequest, PlanResponse, Problem, ProblemKind,
    Problems, ProgressEvent, ReadRequest, ReadResponse, Traits,
};
use skyform_value::{Kind, Number, Path, Step, Type, Value};

use crate::clouds::Clouds;
use crate::object::{changed, given, part, text, texts, unknown_text, with};
use crate::predictions::{self, Prediction};
use crate::stored::{StoredBlock, planning};

/// The block type.
pub(crate) struct Evaluation;

/// What its results are made from.
const INPUTS: [&str; 8] =
    ["endpoint", "dataset", "label", "features", "metrics", "average", "positive", "threshold"];
const AVERAGES: [&str; 4] = ["binary", "macro", "micro", "weighted"];

#[async_trait]
impl StoredBlock for Evaluation {
    fn schema(&self) -> Schema {
        schema()
    }

    fn traits(&self) -> Traits {
        // It looks, and leaves nothing behind.
        Traits { gate: true, pure: true, ..Traits::default() }
    }

    async fn plan(
        &self,
        _clouds: &Clouds,
        request: &PlanRequest<'_>,
    ) -> Result<PlanResponse, Problems> {
        let (prior, proposed) = (&request.prior, &request.proposed);
        check(&request.config)?;
        let inputs = changed(prior, proposed, &INPUTS);
        let again = prior.is_null() || !inputs.is_empty();
        let mut planned = proposed.clone();
        if again {
            planned = with(
                &planned,
                [
                    ("results", Value::unknown(Type::map(Type::Number))),
                    ("rows", Value::unknown(Type::Number)),
                ],
            );
        } else if prior.get("require") != proposed.get("require") {
            // The results are there: what is asked of them can be checked now.
            gate(proposed, &numbers(&part(prior, "results")))?;
        }
        if prior.is_null() {
            planned = with(&planned, [("id", unknown_text())]);
        }
        Ok(planning(planned, request))
    }

    async fn read(
        &self,
        _clouds: &Clouds,
        request: ReadRequest<'_>,
    ) -> Result<ReadResponse, Problems> {
        let (state, private) = (request.current, request.private);
        Ok(ReadResponse { state, private, problems: Problems::new() })
    }

    async fn apply(
        &self,
        clouds: &Clouds,
        request: &ApplyRequest<'_>,
    ) -> Result<(Value, Vec<u8>), Problem> {
        let planned = &request.planned;
        if planned.is_null() || planned.is_wholly_known() {
            return Ok((planned.clone(), Vec::new()));
        }
        let prediction = predictions::of_dataset(clouds, planned, &*request.progress).await?;
        let scores = score(planned, &prediction)?;
        let results = metrics(&request.config).map(|metric| (metric, scores.get(metric)));
        let results: Vec<(Metric, f64)> = results.collect();
        let said: Vec<String> =
            results.iter().map(|(metric, value)| format!("{} {value:.4}", metric.name())).collect();
        request.progress.report(ProgressEvent::Step(said.join(", ")));
        let table: Vec<(String, f64)> =
            results.iter().map(|(metric, value)| (metric.name().to_owned(), *value)).collect();
        gate(planned, &table)?;
        let id = given(&request.prior, "id").unwrap_or_else(|| Value::from(request.token));
        let value = |number: f64| {
            // The shortest decimal that is this float, as everyone else prints it.
            let number = Number::parse(&number.to_string());
            number.map_or_else(|| Value::null_of(Type::Number), Value::from)
        };
        let map = table.iter().map(|(name, number)| (name.as_str().into(), value(*number)));
        let state = with(
            planned,
            [
                ("results", Value::map(Type::Number, map.collect())),
                ("rows", Value::from(prediction.truth.len() as u64)),
                ("id", id),
            ],
        );
        Ok((state, Vec::new()))
    }

    async fn lookup(&self, _clouds: &Clouds, _request: LookupRequest<'_>) -> LookupAnswer {
        LookupAnswer::Absent
    }
}

fn schema() -> Schema {
    let require = Block::with([
        ("metric", Attribute::required(Type::String).describe("One of `metrics`.")),
        ("at_least", Attribute::optional(Type::Number).describe("The least that it may be.")),
        ("at_most", Attribute::optional(Type::Number).describe("The most that it may be.")),
    ]);
    let block = Block::with([
        (
            "endpoint",
            Attribute::required(Type::String)
                .reference("model_url")
                .describe("The endpoint that is judged, by reference or its `model_url`."),
        ),
        (
            "dataset",
            Attribute::required(Type::String)
                .reference("manifest")
                .describe("The data that it is judged by, by reference or its `manifest`."),
        ),
        ("label", Attribute::required(Type::String).describe("The column with the truth.")),
        (
            "features",
            Attribute::optional(Type::list(Type::String)).describe(
                "Columns that the model is given, in its order; those that the model names itself, else all numbers but the label.",
            ),
        ),
        (
            "metrics",
            Attribute::optional(Type::list(Type::String))
                .describe("Of `accuracy`, `precision`, `recall`, `f1`; all without it."),
        ),
        (
            "average",
            Attribute::optional(Type::String).describe(
                "How labels are averaged: `binary` (the default), `macro`, `micro`, `weighted`.",
            ),
        ),
        (
            "positive",
            Attribute::optional(Type::String)
                .describe("For `binary`: the label that counts; `1` without it."),
        ),
        (
            "threshold",
            Attribute::optional(Type::Number)
                .describe("Above which probability a row is positive; 0.5 without it."),
        ),
        (
            "results",
            Attribute::computed(Type::map(Type::Number)).describe("The metrics, by name."),
        ),
        ("rows", Attribute::computed(Type::Number).describe("How many rows were judged.")),
        ("id", Attribute::computed(Type::String).describe("An identifier.")),
    ])
    .nest("require", Nesting::List, require);
    Schema { version: 0, block }
}

/// Checks names and numbers.
fn check(config: &Value) -> Result<(), Problem> {
    let known: Vec<&str> = Metric::ALL.iter().map(|metric| metric.name()).collect();
    let unknown = |name: &str, what: &str, at: &str, known: &[&str]| {
        let detail = format!("There is no {what} \"{name}\".");
        Problem::error(ProblemKind::Invalid, "Unknown name in an evaluation", detail)
            .at(Path::attribute(at))
            .hint(format!("Available: {}.", known.join(", ")))
    };
    let asked = texts(config, "metrics");
    if let Some(name) = asked.iter().find(|name| Metric::named(name).is_none()) {
        return Err(unknown(name, "metric", "metrics", &known));
    }
    let average = text(config, "average");
    if !average.is_empty() && !AVERAGES.contains(&average.as_str()) {
        return Err(unknown(&average, "average", "average", &AVERAGES));
    }
    let computed: Vec<&str> = metrics(config).map(Metric::name).collect();
    for (requirement, index) in requirements(config).iter().zip(0..) {
        let name = text(requirement, "metric");
        let bounds = ["at_least", "at_most"].map(|bound| given(requirement, bound).is_some());
        if !computed.contains(&name.as_str())
            && requirement.get("metric").is_some_and(Value::is_known)
        {
            let problem = unknown(&name, "computed metric", "require", &computed);
            return Err(problem.at(place(index, "metric")));
        }
        if bounds == [false, false] {
            let detail = format!("A requirement for {name} says neither at_least nor at_most.");
            return Err(Problem::error(
                ProblemKind::Invalid,
                "Requirement without a bound",
                detail,
            )
            .at(Path::attribute("require")));
        }
    }
    Ok(())
}

/// An argument of one requirement.
fn place(index: u64, argument: &str) -> Path {
    Path::attribute("require").then(Step::Index(index)).then(Step::Attribute(argument.into()))
}

fn requirements(object: &Value) -> &[Value] {
    object.get("require").and_then(Value::as_slice).unwrap_or_default()
}

/// The metrics that are asked for.
fn metrics(config: &Value) -> impl Iterator<Item = Metric> {
    let asked = texts(config, "metrics");
    let wanted =
        move |metric: &Metric| asked.is_empty() || asked.iter().any(|name| name == metric.name());
    Metric::ALL.into_iter().filter(wanted)
}

fn score(planned: &Value, prediction: &Prediction) -> Result<Scores, Problem> {
    let average = match text(planned, "average").as_str() {
        "macro" => Average::Macro,
        "micro" => Average::Micro,
        "weighted" => Average::Weighted,
        _ => Average::Binary { positive: positive(planned) },
    };
    classification(&prediction.truth, &prediction.predicted, &average).map_err(|error| {
        let detail = format!("{error}.");
        Problem::error(ProblemKind::Invalid, "Metrics cannot be computed", detail)
            .at(Path::attribute("label"))
            .hint("With more than two labels, set average to macro, micro or weighted.")
    })
}

/// The label that counts as positive.
pub(crate) fn positive(planned: &Value) -> Label {
    match given(planned, "positive").as_ref().and_then(Value::as_str) {
        Some(text) => predictions::label(text),
        None => Label::from(1),
    }
}

fn numbers(results: &Value) -> Vec<(String, f64)> {
    let Kind::Map(table) = results.kind() else { return Vec::new() };
    let number = |value: &Value| value.as_number().map_or(0.0, Number::to_f64);
    table.items.iter().map(|(name, value)| (name.to_string(), number(value))).collect()
}

/// Fails if a requirement is not met, naming all that are not.
fn gate(planned: &Value, results: &[(String, f64)]) -> Result<(), Problem> {
    let mut unmet = Vec::new();
    let mut first = None;
    for (requirement, index) in requirements(planned).iter().zip(0..) {
        let name = text(requirement, "metric");
        let Some((_, value)) = results.iter().find(|(known, _)| *known == name) else { continue };
        let bound =
            |which: &str| requirement.get(which).and_then(Value::as_number).map(Number::to_f64);
        match (bound("at_least"), bound("at_most")) {
            (Some(least), _) if *value < least => {
                first = first.or(Some(place(index, "at_least")));
                unmet.push(format!("{name} is {value:.4}, and must be at least {least}"));
            }
            (_, Some(most)) if *value > most => {
                first = first.or(Some(place(index, "at_most")));
                unmet.push(format!("{name} is {value:.4}, and must be at most {most}"));
            }
            _ => {}
        }
    }
    let Some(first) = first else { return Ok(()) };
    let detail = format!("{}. What depends on this evaluation does not happen.", unmet.join("; "));
    Err(Problem::error(ProblemKind::NotMet, "Requirement of an evaluation is not met", detail)
        .at(first)
        .hint("Serve a better model, or ask for less."))
}

#[cfg(test)]
mod tests;
