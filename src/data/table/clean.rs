//! Cleans a table: leaves out rows and columns, changes types, writes it in another format.

use std::collections::{BTreeMap, HashSet};

use arrow_array::{Array as _, ArrayRef, BooleanArray};
use arrow_select::filter::filter;
use sha2::{Digest as _, Sha256};

use super::convert::texts;
use super::error::TableError;
use super::kind::{ColumnType, Input, TableFormat};
use super::open::{self, Batch};
use super::write::Writer;

/// What is wished. In this order: rows with missing values are dropped, then types change, then
/// repeated rows are dropped, then columns are selected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cleaning {
    /// The columns to keep, in this order; all of them if there is no list.
    pub columns: Option<Vec<String>>,
    /// A row that lacks one of these is dropped.
    pub drop_nulls: Vec<String>,
    /// Of rows that are equal in all of these the first is kept; missing values are equal. With no
    /// names, all rows are kept.
    pub deduplicate: Vec<String>,
    /// Types of columns; others have the type that their values have.
    pub cast: BTreeMap<String, ColumnType>,
    /// How the table is written.
    pub format: TableFormat,
}

/// A clean table, and what was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cleaned {
    /// The table in the format that was wished.
    pub bytes: Vec<u8>,
    /// Rows of all inputs.
    pub rows_read: u64,
    /// Rows dropped because they lacked a value.
    pub dropped_nulls: u64,
    /// Rows dropped because an equal one came before.
    pub duplicates: u64,
    /// Rows of the clean table.
    pub rows_written: u64,
    /// Its columns.
    pub columns: Vec<(String, ColumnType)>,
}

/// Cleans files of one shape into one table. The order of rows is kept.
///
/// ```
/// use skyform_data::table::{Cleaning, Input, TableFormat, clean};
///
/// let cleaning = Cleaning {
///     columns: None,
///     drop_nulls: vec!["label".to_owned()],
///     deduplicate: vec!["id".to_owned()],
///     cast: Default::default(),
///     format: TableFormat::Csv,
/// };
/// let input = Input { name: "claims.csv", bytes: b"id,label\n1,0\n2,\n1,1\n" };
/// let cleaned = clean(&[input], &cleaning).unwrap();
/// assert_eq!(cleaned.bytes, b"id,label\n1,0\n");
/// assert_eq!((cleaned.dropped_nulls, cleaned.duplicates), (1, 1));
/// ```
///
/// # Errors
/// Files that can't be read or have different columns; columns that are not there; values that the
/// wished type can't hold.
pub fn clean(inputs: &[Input<'_>], cleaning: &Cleaning) -> Result<Cleaned, TableError> {
    let mut known = open::columns(inputs)?;
    let wishes = Wishes::resolve(cleaning, &known)?;
    for (name, kind) in &mut known {
        *kind = cleaning.cast.get(name).copied().unwrap_or(*kind);
    }
    let columns: Vec<_> = wishes.selected.iter().map(|at| known[*at].clone()).collect();
    let mut writer = Writer::new(cleaning.format, &columns)?;
    let names: Vec<String> = known.iter().map(|(name, _)| name.clone()).collect();
    let mut cleaned = Cleaned {
        bytes: Vec::new(),
        rows_read: 0,
        dropped_nulls: 0,
        duplicates: 0,
        rows_written: 0,
        columns,
    };
    let mut seen = Seen::default();
    open::batches(inputs, &names, &mut |batch| {
        cleaned.rows_read += batch.places.len() as u64;
        let whole = wishes.whole_rows(batch, &mut cleaned.dropped_nulls)?;
        let column =
            |(at, (name, kind)): (usize, &(String, ColumnType))| whole.column(at, name, *kind);
        let arrays: Vec<ArrayRef> =
            known.iter().enumerate().map(column).collect::<Result<_, _>>()?;
        let first = seen.first_rows(&arrays, &wishes.deduplicate, whole.places.len());
        cleaned.duplicates += first.false_count() as u64;
        cleaned.rows_written += first.true_count() as u64;
        let selected: Vec<ArrayRef> = wishes
            .selected
            .iter()
            .map(|at| filtered(&arrays[*at], &first))
            .collect::<Result<_, _>>()?;
        writer.write(&selected)
    })?;
    cleaned.bytes = writer.finish()?;
    Ok(cleaned)
}

/// The wishes, with places of columns for their names.
struct Wishes {
    selected: Vec<usize>,
    drop_nulls: Vec<usize>,
    deduplicate: Vec<usize>,
}

impl Wishes {
    fn resolve(cleaning: &Cleaning, known: &[(String, ColumnType)]) -> Result<Wishes, TableError> {
        let places = |names: &mut dyn Iterator<Item = &String>, argument| {
            names.map(|name| place(known, name, argument)).collect::<Result<Vec<_>, _>>()
        };
        places(&mut cleaning.cast.keys(), "cast")?;
        let mut selected: Vec<usize> = (0..known.len()).collect();
        if let Some(names) = &cleaning.columns {
            selected = places(&mut names.iter(), "columns")?;
            let twice = (1..names.len()).find(|at| names[..*at].contains(&names[*at]));
            if let Some(at) = twice {
                return Err(TableError::SelectedTwice(names[at].clone()));
            }
        }
        Ok(Wishes {
            selected,
            drop_nulls: places(&mut cleaning.drop_nulls.iter(), "drop_nulls")?,
            deduplicate: places(&mut cleaning.deduplicate.iter(), "deduplicate")?,
        })
    }

    /// Leaves out rows that lack a value, and counts them.
    fn whole_rows(&self, batch: Batch, dropped: &mut u64) -> Result<Batch, TableError> {
        let lacks = |row| self.drop_nulls.iter().any(|at| batch.arrays[*at].is_null(row));
        let keep: BooleanArray = (0..batch.places.len()).map(|row| Some(!lacks(row))).collect();
        let count = keep.false_count() as u64;
        if count == 0 {
            return Ok(batch);
        }
        *dropped += count;
        let arrays = batch.arrays.iter().map(|array| filtered(array, &keep));
        let arrays = arrays.collect::<Result<_, _>>()?;
        let places = batch.places.into_iter().enumerate();
        let places = places.filter(|(row, _)| keep.value(*row)).map(|(_, place)| place).collect();
        Ok(Batch { places, arrays })
    }
}

/// The place of a column.
pub(super) fn place(
    known: &[(String, ColumnType)],
    name: &str,
    argument: &'static str,
) -> Result<usize, TableError> {
    known.iter().position(|(known, _)| known == name).ok_or_else(|| TableError::UnknownColumn {
        name: name.to_owned(),
        argument,
        known: known.iter().map(|(name, _)| name.clone()).collect(),
    })
}

fn filtered(array: &ArrayRef, keep: &BooleanArray) -> Result<ArrayRef, TableError> {
    filter(array, keep).map_err(|error| TableError::Write(error.to_string()))
}

/// Keys of the rows so far, each as 128 bits of a digest, so that long keys take no memory.
#[derive(Default)]
struct Seen {
    keys: HashSet<[u8; 16]>,
}

impl Seen {
    /// Which rows are the first with their key.
    fn first_rows(&mut self, arrays: &[ArrayRef], key: &[usize], rows: usize) -> BooleanArray {
        if key.is_empty() {
            return vec![true; rows].into();
        }
        let columns: Vec<_> = key.iter().map(|at| texts(&arrays[*at])).collect();
        let mut is_first = |row: usize| {
            let mut hasher = Sha256::new();
            for column in &columns {
                match &column[row] {
                    None => hasher.update([0]),
                    // The length keeps ("a", "bc") and ("ab", "c") apart.
                    Some(text) => {
                        hasher.update([1]);
                        hasher.update((text.len() as u64).to_le_bytes());
                        hasher.update(text);
                    }
                }
            }
            let digest = hasher.finalize();
            let mut key = [0; 16];
            key.copy_from_slice(&digest[..16]);
            self.keys.insert(key)
        };
        (0..rows).map(|row| Some(is_first(row))).collect()
    }
}
