//! The plan as data: a graph of explicit actions, and its file format.
