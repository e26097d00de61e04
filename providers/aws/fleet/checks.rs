//! What an endpoint on machines needs, checked without asking the service.

use skyform_provider_sdk::{EndpointSpec, Problem, ProblemKind};
use skyform_value::Path;

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
    match spec.image.as_deref() {
        None => {
            let detail = "Nothing says what its machines boot.";
            let hint = "Set image to an AMI that has the program skyform in its PATH.";
            return invalid("image", "Endpoint needs an image", detail, hint);
        }
        Some(image) if !image.starts_with("ami-") && !image.starts_with("resolve:ssm:") => {
            let detail = format!("\"{image}\" is no machine image.");
            let hint = "Set image to an AMI (ami-...), or to a parameter that names one (resolve:ssm:/...). Containers are for SageMaker, without runtime.";
            return invalid("image", "Unknown image", &detail, hint);
        }
        Some(_) => {}
    }
    if spec.offer.is_empty() || spec.offer.starts_with("ml.") {
        let detail = format!("\"{}\" is no type of machine of EC2's.", spec.offer);
        let hint = "Set offer to one, as in offer = \"c7i.large\".";
        return invalid("offer", "Unknown type of machine", &detail, hint);
    }
    match spec.role.as_deref() {
        None => {
            let detail = "Its machines read the model with a role of their own.";
            let hint =
                "Set role to the name or ARN of an instance profile that may read the bucket.";
            return invalid("role", "Endpoint needs a role", detail, hint);
        }
        Some(role) if role.starts_with("arn:") && !role.contains(":instance-profile/") => {
            let detail = format!("{role} is no instance profile.");
            let hint = "Machines get their role through an instance profile; set role to the ARN or name of that.";
            return invalid("role", "Role cannot be given to machines", &detail, hint);
        }
        Some(_) => {}
    }
    if let Some(subnet) = spec.subnet.as_deref().filter(|subnet| !subnet.starts_with("subnet-")) {
        let detail = format!("\"{subnet}\" is no subnet's identifier.");
        let hint = "Set subnet to one, as in subnet = \"subnet-0a1b\".";
        return invalid("subnet", "Unknown subnet", &detail, hint);
    }
    if spec.security_groups.is_empty() {
        let detail = "The network's usual group lets nobody from outside reach port 8080.";
        let hint =
            "Set security_groups to some that let in who is to ask it, and whoever applies this.";
        return invalid("security_groups", "Endpoint needs security groups", detail, hint);
    }
    match spec.security_groups.iter().find(|group| !group.starts_with("sg-")) {
        Some(group) => {
            let detail = format!("\"{group}\" is no security group's identifier.");
            let hint = "Set security_groups to some, as in security_groups = [\"sg-0a1b\"].";
            invalid("security_groups", "Unknown security group", &detail, hint)
        }
        None => Ok(()),
    }
}
