//! What an endpoint on SageMaker needs, checked without asking the service.

use skyform_provider_sdk::{EndpointSpec, Problem, ProblemKind};
use skyform_value::{Path, Step};

use super::parts::{MAIN, variants};

/// Most variants of an endpoint.
const MOST: usize = 10;

/// Checks what can be checked without asking the service.
pub(crate) fn check(spec: &EndpointSpec) -> Result<(), Problem> {
    let invalid = |attribute: &str, summary: &str, detail: &str| {
        Problem::error(ProblemKind::Invalid, summary, detail).at(Path::attribute(attribute))
    };
    let machines = [
        (spec.subnet.is_some(), "subnet"),
        (!spec.security_groups.is_empty(), "security_groups"),
        (spec.public, "public"),
    ];
    if let Some((_, attribute)) = machines.iter().find(|(asked, _)| *asked) {
        let detail = format!("SageMaker has no {attribute}; it is for machines of the endpoint's.");
        return Err(Problem::error(ProblemKind::Unsupported, "Not supported by SageMaker", detail)
            .at(Path::attribute(*attribute))
            .hint("Leave it out, or set runtime = \"machines\"."));
    }
    if spec.image.is_none() {
        let detail = "SageMaker runs a container, and does not know which.";
        return Err(invalid("image", "Endpoint needs an image", detail)
            .hint("Set image to one in ECR that answers /ping and /invocations on port 8080."));
    }
    if spec.role.is_none() {
        let detail = "SageMaker reads the model and the image with a role of the account.";
        return Err(invalid("role", "Endpoint needs a role", detail)
            .hint("Set role to its ARN; it has to trust sagemaker.amazonaws.com."));
    }
    if !spec.offer.starts_with("ml.") {
        let detail = format!("\"{}\" is no type of instance of SageMaker's.", spec.offer);
        return Err(invalid("offer", "Unknown type of instance", &detail)
            .hint("Set offer to one, as in offer = \"ml.m5.large\"."));
    }
    check_variants(spec)
}

fn check_variants(spec: &EndpointSpec) -> Result<(), Problem> {
    for variant in &spec.variants {
        let name = &variant.name;
        let place = Path::attribute("variant").then(Step::Key(name.as_str().into()));
        let invalid = |summary: &str, detail: &str| {
            Problem::error(ProblemKind::Invalid, summary, detail).at(place.clone())
        };
        let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if !is_plain || name.is_empty() || name.len() > 63 || name.starts_with('-') {
            let detail = format!("\"{name}\" cannot be a variant's name.");
            return Err(invalid("Invalid name of a variant", &detail)
                .hint("Letters, digits and hyphens, at most 63, will do."));
        }
        if name == MAIN {
            let detail = format!("\"{MAIN}\" is the variant of the endpoint's own model.");
            return Err(invalid("Invalid name of a variant", &detail).hint("Take another one."));
        }
        if !variant.offer.starts_with("ml.") {
            let detail = format!("\"{}\" is no type of instance of SageMaker's.", variant.offer);
            return Err(invalid("Unknown type of instance", &detail)
                .hint("Set its offer to one, as in offer = \"ml.m5.large\"."));
        }
    }
    let all = variants(spec);
    if all.len() > MOST {
        let detail = format!("There are {} variants, and SageMaker has at most {MOST}.", all.len());
        return Err(Problem::error(ProblemKind::Invalid, "Too many variants", detail)
            .at(Path::attribute("variant"))
            .hint("Serve some of them by another endpoint."));
    }
    if all.iter().all(|variant| variant.weight == 0) {
        let detail = "No variant has a weight, so none would get a request.";
        return Err(Problem::error(ProblemKind::Invalid, "No weights", detail)
            .at(Path::attribute("weight"))
            .hint("Give at least one a weight above 0."));
    }
    Ok(())
}
