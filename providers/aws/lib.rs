//! Amazon Web Services: buckets on S3, machines on EC2, endpoints on SageMaker or on machines.
//!
//! Buckets are those of the `s3` driver with Amazon's own ways. Knows neither engine nor blocks.

mod asking;
mod boot;
mod driver;
mod endpoints;
#[cfg(test)]
mod faults;
mod fleet;
mod images;
mod invoking;
mod machines;
mod scaling;
#[cfg(test)]
mod testing;

pub use driver::AwsDriver;
