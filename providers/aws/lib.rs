//! Amazon Web Services: buckets on S3, machines on EC2, endpoints on SageMaker.
//!
//! Buckets are those of the `s3` driver with Amazon's own ways. Knows neither engine nor blocks.

mod driver;
mod endpoints;
mod machines;
mod scaling;

pub use driver::AwsDriver;
