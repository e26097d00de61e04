//! The configuration language: syntax, configuration tree, evaluation, functions.
