//! Amazon S3 and stores that speak its protocol.
//!
//! The `aws` driver uses this for its buckets; `s3`, `alibaba`, `tencent` and `huawei` are this
//! driver with another [`Store`]. Buckets go through the SDK, objects through OpenDAL, both with the
//! credentials of one [`Session`]. Knows neither engine nor blocks.

mod buckets;
mod client;
mod cloud;
mod emptying;
mod error;
mod names;
mod objects;
mod reading;
mod session;
mod settings;
mod store;
mod writing;

pub use aws_sdk_s3::config::{Credentials, SharedCredentialsProvider};
pub use buckets::{OWNER_TAG, TOKEN_TAG};
pub use client::HonourRetryAfter;
pub use cloud::{S3Cloud, S3Driver};
pub use error::{problem, problem_of_create};
pub use names::address_in_tag;
pub use session::{Environment, Limits, Session};
pub use store::{Addressing, Store};
