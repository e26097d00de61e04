//! What an endpoint on machines needs, checked without asking the service.

use skyform_provider_sdk::{EndpointSpec, MachinesSpec, Problem, ProblemKind};
use skyform_value::Path;

use crate::machines;

/// Checks what the block says.
pub(crate) fn check(spec: &EndpointSpec) -> Result<(), Problem> {
    let invalid = |attribute: &str, summary: &str, detail: &str, hint: &str| {
        let problem = Problem::error(ProblemKind::Invalid, summary, detail);
        Err(problem.at(Path::attribute(attribute)).hint(hint))
    };
    if spec.autoscaling.is_some() {
        let detail = "Nothing watches over the load of endpoints on machines.";
        return Err(Problem::error(ProblemKind::Unsupported, "Not supported on machines", detail)
            .at(Path::attribute("autoscaling"))
            .hint("Leave it out and set replicas, or leave runtime out: SageMaker has it."));
    }
    if spec.image.is_none() {
        let detail = "Nothing says what its machines boot.";
        let hint = "Set image to an AMI that has the program skyform in its PATH.";
        return invalid("image", "Endpoint needs an image", detail, hint);
    }
    if spec.offer.is_empty() || spec.offer.starts_with("ml.") {
        let detail = format!("\"{}\" is no type of machine of EC2's.", spec.offer);
        let hint = "Set offer to one, as in offer = \"c7i.large\".";
        return invalid("offer", "Unknown type of machine", &detail, hint);
    }
    if spec.role.is_none() {
        let detail = "Its machines read the model with a role of their own.";
        let hint = "Set role to the name or ARN of an instance profile that may read the bucket.";
        return invalid("role", "Endpoint needs a role", detail, hint);
    }
    if spec.security_groups.is_empty() {
        let detail = "The network's usual group lets nobody from outside reach port 8080.";
        let hint =
            "Set security_groups to some that let in who is to ask it, and whoever applies this.";
        return invalid("security_groups", "Endpoint needs security groups", detail, hint);
    }
    machines::check(&MachinesSpec {
        image: spec.image.clone().unwrap_or_default(),
        subnet: spec.subnet.clone(),
        security_groups: spec.security_groups.clone(),
        role: spec.role.clone(),
        ..MachinesSpec::default()
    })
}
