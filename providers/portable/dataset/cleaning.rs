//! How a dataset is cleaned: from the block's arguments, and in words.

use std::collections::BTreeMap;

use skyform_data::table::{self, Cleaned, Cleaning, ColumnType, Input, TableError, TableFormat};
use skyform_provider_sdk::{Problem, ProblemKind};
use skyform_value::{Path, Step, Value};

use crate::names::name_from_address;
use crate::object::{given, text, texts};

/// What the block's `clean` asks for; none without it.
pub(super) fn read(config: &Value) -> Result<Option<Cleaning>, Problem> {
    let Some(clean) = given(config, "clean") else { return Ok(None) };
    let mut cast = BTreeMap::new();
    for (column, ty) in
        given(&clean, "cast").as_ref().and_then(Value::as_table).into_iter().flatten()
    {
        let Some(name) = ty.as_str() else { continue };
        let ty = ColumnType::named(name)
            .ok_or_else(|| unknown("type", name, "cast", &ColumnType::ALL.map(ColumnType::name)))?;
        cast.insert(column.to_string(), ty);
    }
    let format = text(&clean, "format");
    let format = match format.as_str() {
        "" => TableFormat::Csv,
        name => TableFormat::named(name).ok_or_else(|| {
            unknown("format", name, "format", &TableFormat::ALL.map(TableFormat::name))
        })?,
    };
    let columns = given(&clean, "columns").map(|_| texts(&clean, "columns"));
    Ok(Some(Cleaning {
        columns,
        drop_nulls: texts(&clean, "drop_nulls"),
        deduplicate: texts(&clean, "deduplicate"),
        cast,
        format,
    }))
}

fn unknown(what: &str, name: &str, at: &str, known: &[&str]) -> Problem {
    let detail = format!("There is no {what} \"{name}\".");
    Problem::error(ProblemKind::Invalid, "Unknown name in a dataset's clean block", detail)
        .at(place(at))
        .hint(format!("Available: {}.", known.join(", ")))
}

fn place(argument: &str) -> Path {
    Path::attribute("clean").then(Step::Attribute(argument.into()))
}

/// Cleans files into one table; its file name and what came out.
pub(super) async fn clean(
    address: &str,
    files: Vec<(String, Vec<u8>)>,
    cleaning: &Cleaning,
) -> Result<(String, Cleaned), Problem> {
    let stem = match files.as_slice() {
        [(name, _)] => {
            let file = name.rsplit('/').next().unwrap_or(name);
            file.rsplit_once('.').map_or(file, |(stem, _)| stem).to_owned()
        }
        _ => name_from_address(address),
    };
    let name = format!("{stem}.{}", cleaning.format.name());
    let cleaning = cleaning.clone();
    let work = move || {
        let inputs = files.iter().map(|(name, bytes)| Input { name, bytes });
        let inputs: Vec<Input<'_>> = inputs.collect();
        table::clean(&inputs, &cleaning)
    };
    let done = tokio::task::spawn_blocking(work).await;
    let done = done.map_err(|error| {
        Problem::error(ProblemKind::Other, "Cleaning was cut off", format!("{error}."))
    })?;
    done.map(|cleaned| (name, cleaned)).map_err(|error| in_table(&error))
}

/// What is wrong with a table, at the argument that found it out.
fn in_table(error: &TableError) -> Problem {
    let problem =
        Problem::error(ProblemKind::Invalid, "Data cannot be cleaned", format!("{error}."));
    match error {
        TableError::UnknownColumn { argument, known, .. } => {
            problem.at(place(argument)).hint(format!("Columns are: {}.", known.join(", ")))
        }
        TableError::SelectedTwice(_) => problem.at(place("columns")),
        TableError::Cast { .. } => problem.at(place("cast")),
        _ => problem.at(Path::attribute("source")),
    }
}

/// What cleaning will do, a line each.
pub(super) fn in_words(cleaning: &Cleaning) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = |what: &str, columns: &[String]| {
        if !columns.is_empty() {
            lines.push(format!("{what} {}", columns.join(", ")));
        }
    };
    line("keeps the columns", cleaning.columns.as_deref().unwrap_or_default());
    line("drops rows without", &cleaning.drop_nulls);
    line("keeps the first row of each", &cleaning.deduplicate);
    let casts: Vec<String> =
        cleaning.cast.iter().map(|(column, ty)| format!("{column} as {}", ty.name())).collect();
    line("writes", &casts);
    lines.push(format!("stores the rows as {}", cleaning.format.name()));
    lines
}

/// What cleaning has done.
pub(super) fn outcome(cleaned: &Cleaned) -> String {
    format!(
        "Cleaned: {} rows read, {} without a value and {} duplicates dropped, {} written",
        cleaned.rows_read, cleaned.dropped_nulls, cleaned.duplicates, cleaned.rows_written
    )
}
