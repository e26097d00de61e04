//! Terraform's value model: types, values, numbers, marks, paths and addresses.
