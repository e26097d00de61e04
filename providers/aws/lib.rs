//! Amazon Web Services: buckets on S3, machines on EC2.
//!
//! Buckets are those of the `s3` driver with Amazon's own ways. Knows neither engine nor blocks.

mod driver;
mod machines;

pub use driver::AwsDriver;
