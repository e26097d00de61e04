//! How large the variants of an endpoint are, and which part of the requests each gets: changed in place,
//! without other instances.

use aws_sdk_sagemaker::types::{DesiredWeightAndCapacity, ProductionVariantSummary};
use skyform_provider_s3::problem;
use skyform_provider_sdk::{EndpointSpec, Problem, VariantInfo};

use super::parts::{count, variants, weight};
use super::{Endpoints, Found};

impl Endpoints {
    /// Asks for sizes and weights that differ from what is wanted; whether any do. The sizes of those that
    /// scale are the service's.
    pub(super) async fn resize(&self, spec: &EndpointSpec, found: &Found) -> Result<bool, Problem> {
        let mut changes = Vec::new();
        for variant in variants(spec) {
            let Some(there) = found.variant(&variant.name) else { continue };
            let is_scaled = variant.autoscaling.is_some();
            let other_size = !is_scaled
                && there.desired_instance_count().is_some_and(|now| now != count(variant.replicas));
            let other_weight =
                there.desired_weight().is_some_and(|now| now != weight(variant.weight));
            if other_size || other_weight {
                let size = there.desired_instance_count().filter(|_| is_scaled);
                let change = DesiredWeightAndCapacity::builder()
                    .variant_name(&variant.name)
                    .desired_weight(weight(variant.weight))
                    .desired_instance_count(size.unwrap_or_else(|| count(variant.replicas)));
                changes.push(change.build());
            }
        }
        if changes.is_empty() {
            return Ok(false);
        }
        let order = self.client().await?.update_endpoint_weights_and_capacities();
        let order =
            order.endpoint_name(&spec.name).set_desired_weights_and_capacities(Some(changes));
        let action = format!("resizing the endpoint \"{}\"", spec.name);
        order.send().await.map(|_| true).map_err(|error| problem(&action, &error))
    }

    /// The variants that are there.
    pub(super) async fn there(
        &self,
        name: &str,
        found: &Found,
    ) -> Result<Vec<VariantInfo>, Problem> {
        let mut ranges = match found.tag("skyform-autoscaling") {
            "yes" => self.scaling.ranges(name, &found.variants()).await?,
            _ => Default::default(),
        };
        let mut all = Vec::new();
        for variant in found.variants() {
            let autoscaling = ranges.remove(&variant);
            let there = found.variant(&variant);
            let now = there.and_then(ProductionVariantSummary::desired_instance_count);
            let now = now.and_then(|count| u64::try_from(count).ok());
            let asked = found.tag(&format!("skyform-replicas-{variant}")).parse().ok();
            // Where the service decides how many there are, what was asked for is not undone by it.
            let replicas = if autoscaling.is_some() { asked.or(now) } else { now.or(asked) };
            let weight = there.and_then(ProductionVariantSummary::desired_weight);
            all.push(VariantInfo {
                name: variant,
                // Weights that Skyform sets are whole numbers; another one is none of them.
                weight: weight.map_or(1, |weight| weight.round() as u64),
                replicas: replicas.unwrap_or(1),
                autoscaling,
            });
        }
        Ok(all)
    }
}

impl Found {
    fn variant(&self, name: &str) -> Option<&ProductionVariantSummary> {
        self.about.production_variants().iter().find(|there| there.variant_name() == Some(name))
    }
}
