//! What fuzz targets share. Nothing here may fail but for a defect in what is tested.

mod evaluate;
mod one_file;

pub use evaluate::evaluate;
pub use one_file::OneFile;
