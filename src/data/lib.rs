//! Datasets and models: copy, clean, recognise, measure.
