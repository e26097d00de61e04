//! Opens files of one shape: finds columns and types, then gives rows in batches.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow_array::builder::StringBuilder;
use arrow_array::{ArrayRef, StringArray};

use super::error::{Place, TableError};
use super::kind::{ColumnType, Input, TableFormat};
use super::text_file::{Cell, read_csv, read_json};
use super::{convert, parquet_file};

/// Rows of a batch; more are not in memory at a time.
const ROWS: usize = 8192;

/// The columns of all files together, in the order of the first file, with the types that hold them.
///
/// Of texts, only true and false, whole numbers and decimal numbers are told from other text.
///
/// # Errors
/// Files that can't be read or have different columns.
pub fn columns(inputs: &[Input<'_>]) -> Result<Vec<(String, ColumnType)>, TableError> {
    let mut all: Option<(&str, Vec<Seen>)> = None;
    for input in inputs {
        let own = columns_of(input)?;
        all = Some(match all {
            None => (input.name, own),
            Some((first, all)) => (first, join(first, all, input.name, &own)?),
        });
    }
    let (_, all) = all.ok_or_else(|| TableError::Empty { file: "the dataset".to_owned() })?;
    // A column without a single value could be anything, and text is what holds anything.
    let kind = |(name, kind): Seen| (name, kind.unwrap_or(ColumnType::String));
    Ok(all.into_iter().map(kind).collect())
}

/// A column and the type of its values, as soon as there are any.
type Seen = (String, Option<ColumnType>);

/// Some rows of one file; columns in the order asked for, of the file's own types or text.
pub(super) struct Batch {
    pub(super) places: Vec<Place>,
    pub(super) arrays: Vec<ArrayRef>,
}

/// Calls `each` with all rows of the columns, in order.
pub(super) fn batches(
    inputs: &[Input<'_>],
    names: &[String],
    each: &mut dyn FnMut(Batch) -> Result<(), TableError>,
) -> Result<(), TableError> {
    for input in inputs {
        match TableFormat::of(input) {
            TableFormat::Parquet => parquet_file::read(input, names, ROWS, each)?,
            TableFormat::Csv => {
                let mut order: Option<Vec<usize>> = None;
                let mut texts = Texts::new(names.len());
                read_csv(input, &mut |own, place, mut cells| {
                    let at = |name| own.iter().position(|known| known == name);
                    let order = order.get_or_insert_with(|| names.iter().filter_map(at).collect());
                    let cells = order.iter().map(|at| cells[*at].take()).collect();
                    texts.add(place, cells, each)
                })?;
                texts.flush(each)?;
            }
            TableFormat::JsonLines => {
                let mut texts = Texts::new(names.len());
                read_json(input, &mut |place, cells| {
                    let mut cells: BTreeMap<String, Cell> = cells.into_iter().collect();
                    let cells = names.iter().map(|name| cells.remove(name).flatten()).collect();
                    texts.add(place, cells, each)
                })?;
                texts.flush(each)?;
            }
        }
    }
    Ok(())
}

fn columns_of(input: &Input<'_>) -> Result<Vec<Seen>, TableError> {
    let mut types: Vec<Option<ColumnType>> = Vec::new();
    let see = |known: &mut Option<ColumnType>, cell: &Cell| {
        *known = join_seen(*known, cell.as_ref().map(|(_, kind)| *kind));
    };
    let names = match TableFormat::of(input) {
        TableFormat::Parquet => {
            let columns = parquet_file::columns(input)?;
            return Ok(columns.into_iter().map(|(name, kind)| (name, Some(kind))).collect());
        }
        TableFormat::Csv => read_csv(input, &mut |_, _, cells| {
            types.resize(cells.len(), None);
            for (known, cell) in types.iter_mut().zip(&cells) {
                see(known, cell);
            }
            Ok(())
        })?,
        TableFormat::JsonLines => {
            let mut names: Vec<String> = Vec::new();
            let mut index: BTreeMap<String, usize> = BTreeMap::new();
            read_json(input, &mut |_, cells| {
                for (name, cell) in &cells {
                    let at = *index.entry(name.clone()).or_insert_with(|| {
                        names.push(name.clone());
                        types.push(None);
                        names.len() - 1
                    });
                    see(&mut types[at], cell);
                }
                Ok(())
            })?;
            if names.is_empty() {
                return Err(TableError::Empty { file: input.name.to_owned() });
            }
            names
        }
    };
    types.resize(names.len(), None);
    Ok(names.into_iter().zip(types).collect())
}

fn join_seen(left: Option<ColumnType>, right: Option<ColumnType>) -> Option<ColumnType> {
    match (left, right) {
        (Some(left), Some(right)) => Some(left.join(right)),
        (known, None) | (None, known) => known,
    }
}

fn join(
    first: &str,
    mut all: Vec<Seen>,
    file: &str,
    own: &[Seen],
) -> Result<Vec<Seen>, TableError> {
    let names =
        |list: &[Seen]| -> BTreeSet<String> { list.iter().map(|(name, _)| name.clone()).collect() };
    let (known, found) = (names(&all), names(own));
    let list = |kind: &str, names: Vec<&String>| {
        let names: Vec<String> = names.into_iter().map(|name| format!("\"{name}\"")).collect();
        (!names.is_empty()).then(|| format!("{kind} {}", names.join(", ")))
    };
    let differences = [
        list("without", known.difference(&found).collect()),
        list("with", found.difference(&known).collect()),
    ];
    let difference = differences.into_iter().flatten().collect::<Vec<_>>().join(", ");
    if !difference.is_empty() {
        let (file, first) = (file.to_owned(), first.to_owned());
        return Err(TableError::Shape { file, first, difference });
    }
    let own: BTreeMap<&String, _> = own.iter().map(|(name, kind)| (name, *kind)).collect();
    for (name, kind) in &mut all {
        *kind = join_seen(*kind, own.get(name).copied().flatten());
    }
    Ok(all)
}

/// Rows of texts that are not yet a batch.
struct Texts {
    places: Vec<Place>,
    builders: Vec<StringBuilder>,
}

impl Texts {
    fn new(columns: usize) -> Texts {
        let builders = std::iter::repeat_with(StringBuilder::new).take(columns).collect();
        Texts { places: Vec::new(), builders }
    }

    fn add(
        &mut self,
        place: Place,
        cells: Vec<Cell>,
        each: &mut dyn FnMut(Batch) -> Result<(), TableError>,
    ) -> Result<(), TableError> {
        self.places.push(place);
        for (builder, cell) in self.builders.iter_mut().zip(cells) {
            builder.append_option(cell.map(|(text, _)| text));
        }
        if self.places.len() < ROWS { Ok(()) } else { self.flush(each) }
    }

    fn flush(
        &mut self,
        each: &mut dyn FnMut(Batch) -> Result<(), TableError>,
    ) -> Result<(), TableError> {
        let places = std::mem::take(&mut self.places);
        let finish = |builder: &mut StringBuilder| -> ArrayRef {
            let array: StringArray = builder.finish();
            Arc::new(array)
        };
        let arrays = self.builders.iter_mut().map(finish).collect();
        if places.is_empty() { Ok(()) } else { each(Batch { places, arrays }) }
    }
}

impl Batch {
    /// The column `at` as `kind`, each of whose values must fit.
    pub(super) fn column(
        &self,
        at: usize,
        name: &str,
        kind: ColumnType,
    ) -> Result<ArrayRef, TableError> {
        convert::convert(&self.arrays[at], kind).map_err(|(row, value)| TableError::Cast {
            place: self.places[row].clone(),
            column: name.to_owned(),
            value,
            expected: kind,
        })
    }
}
