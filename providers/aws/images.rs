//! Which image machines boot: an AMI, a parameter that names one, or the newest of an owner's by name.

use aws_sdk_ec2::types::Filter;
use skyform_provider_s3::problem;
use skyform_provider_sdk::{Problem, ProblemKind};
use skyform_value::Path;

use crate::machines::Machines;

/// Before the owner and the pattern of an image's name.
const NEWEST: &str = "newest:";
/// What each form looks like.
const FORMS: &str = "Set image to an AMI (ami-...), to a parameter that names one (resolve:ssm:/...), or to the newest of an owner's (newest:amazon/al2023-ami-2023.*-x86_64).";

/// Checks the form of an image.
pub(crate) fn check(image: &str) -> Result<(), Problem> {
    let is_known = image.starts_with("ami-")
        || image.starts_with("resolve:ssm:")
        || newest(image).is_some_and(|(owner, name)| !owner.is_empty() && !name.is_empty());
    if is_known {
        return Ok(());
    }
    let detail = format!("\"{image}\" is no machine image.");
    Err(Problem::error(ProblemKind::Invalid, "Unknown image", detail)
        .at(Path::attribute("image"))
        .hint(FORMS))
}

/// Owner and pattern. Names are everybody's, so whose image it is must be said.
fn newest(image: &str) -> Option<(&str, &str)> {
    image.strip_prefix(NEWEST)?.split_once('/')
}

impl Machines {
    /// The image that an order names. EC2 itself looks up parameters.
    pub(crate) async fn image(&self, image: &str) -> Result<String, Problem> {
        let Some((owner, pattern)) = newest(image) else { return Ok(image.to_owned()) };
        let filter = |name: &str, value: &str| Filter::builder().name(name).values(value).build();
        let asked = self
            .client()
            .await?
            .describe_images()
            .owners(owner)
            .filters(filter("name", pattern))
            .filters(filter("state", "available"));
        let mut pages = asked.into_paginator().send();
        let mut found: Option<(String, String)> = None;
        while let Some(page) = pages.next().await {
            let action = format!("looking for the image {pattern} of {owner}");
            let page = page.map_err(|error| problem(&action, &error))?;
            let dated = page.images().iter().filter_map(|image| {
                Some((image.creation_date()?.to_owned(), image.image_id()?.to_owned()))
            });
            found = dated.chain(found).max();
        }
        found.map(|(_, id)| id).ok_or_else(|| {
            let detail = format!("{owner} has no image that is named {pattern}.");
            Problem::error(ProblemKind::NotFound, "No such image", detail)
                .at(Path::attribute("image"))
                .hint("* stands for any text; an owner is an account's number, self, amazon or aws-marketplace.")
        })
    }
}
