//! How many instances an endpoint has, left to Application Auto Scaling within a range.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_sdk_applicationautoscaling::Client;
use aws_sdk_applicationautoscaling::types::{
    MetricType, PolicyType, PredefinedMetricSpecification, ScalableDimension, ServiceNamespace,
    TargetTrackingScalingPolicyConfiguration,
};
use skyform_provider_s3::{HonourRetryAfter, Session, problem};
use skyform_provider_sdk::{Autoscaling, Problem, ProblemKind};
use tokio::sync::OnceCell;

/// The scaling of endpoints of an account in a region.
#[derive(Debug)]
pub(crate) struct Scaling {
    pub(crate) session: Arc<Session>,
    pub(crate) client: OnceCell<Client>,
}

impl Scaling {
    async fn client(&self) -> Result<&Client, Problem> {
        let make = || async {
            let config = self.session.config().await?;
            let mut config = aws_sdk_applicationautoscaling::config::Builder::from(config)
                .retry_classifier(HonourRetryAfter);
            config.set_endpoint_url(self.session.endpoint("application-autoscaling"));
            Ok(Client::from_conf(config.build()))
        };
        self.client.get_or_try_init(make).await
    }

    /// Leaves the number of a variant's instances to the service.
    pub(crate) async fn set(
        &self,
        endpoint: &str,
        variant: &str,
        range: &Autoscaling,
    ) -> Result<(), Problem> {
        let client = self.client().await?;
        let action = format!("setting the scaling of the endpoint \"{endpoint}\"");
        let number = |count: u64| i32::try_from(count).unwrap_or(i32::MAX);
        let order = client
            .register_scalable_target()
            .service_namespace(ServiceNamespace::Sagemaker)
            .resource_id(resource(endpoint, variant))
            .scalable_dimension(ScalableDimension::SageMakerVariantDesiredInstanceCount)
            .min_capacity(number(range.min))
            .max_capacity(number(range.max));
        order.send().await.map_err(|error| problem(&action, &error))?;
        let metric = PredefinedMetricSpecification::builder()
            .predefined_metric_type(MetricType::SageMakerVariantInvocationsPerInstance)
            .build()
            .map_err(|error| {
                Problem::error(ProblemKind::Other, "Scaling failed", error.to_string())
            })?;
        let policy = TargetTrackingScalingPolicyConfiguration::builder()
            .target_value(f64::from(u32::try_from(range.requests_per_minute).unwrap_or(u32::MAX)))
            .predefined_metric_specification(metric)
            .build();
        let policy = policy.map_err(|error| {
            Problem::error(ProblemKind::Other, "Scaling failed", error.to_string())
        })?;
        let order = client
            .put_scaling_policy()
            .policy_name(policy_of(endpoint))
            .service_namespace(ServiceNamespace::Sagemaker)
            .resource_id(resource(endpoint, variant))
            .scalable_dimension(ScalableDimension::SageMakerVariantDesiredInstanceCount)
            .policy_type(PolicyType::TargetTrackingScaling)
            .target_tracking_scaling_policy_configuration(policy);
        order.send().await.map(drop).map_err(|error| problem(&action, &error))
    }

    /// Ranges within which the service decides, by variant.
    pub(crate) async fn ranges(
        &self,
        endpoint: &str,
        variants: &[String],
    ) -> Result<BTreeMap<String, Autoscaling>, Problem> {
        let client = self.client().await?;
        let action = format!("looking at the scaling of the endpoint \"{endpoint}\"");
        let mut ranges = BTreeMap::new();
        for variant in variants {
            let resource = resource(endpoint, variant);
            let asked = client
                .describe_scalable_targets()
                .service_namespace(ServiceNamespace::Sagemaker)
                .resource_ids(&resource)
                .send();
            let found = asked.await.map_err(|error| problem(&action, &error))?;
            let Some(target) = found.scalable_targets().first() else { continue };
            let asked = client
                .describe_scaling_policies()
                .service_namespace(ServiceNamespace::Sagemaker)
                .resource_id(&resource)
                .send();
            let policies = asked.await.map_err(|error| problem(&action, &error))?;
            let mut policies = policies.scaling_policies().iter();
            let own = policies.find(|found| found.policy_name() == policy_of(endpoint));
            let target_value = own
                .and_then(|found| found.target_tracking_scaling_policy_configuration())
                .map(|tracking| tracking.target_value());
            let whole = |number: i32| u64::try_from(number).unwrap_or_default();
            let range = Autoscaling {
                min: whole(target.min_capacity()),
                max: whole(target.max_capacity()),
                requests_per_minute: target_value.map_or(0, |value| value.round() as u64),
            };
            ranges.insert(variant.clone(), range);
        }
        Ok(ranges)
    }

    /// Takes it back, from all these variants; their policies go with it.
    pub(crate) async fn remove(&self, endpoint: &str, variants: &[String]) -> Result<(), Problem> {
        let action = format!("ending the scaling of the endpoint \"{endpoint}\"");
        for variant in variants {
            let order = self
                .client()
                .await?
                .deregister_scalable_target()
                .service_namespace(ServiceNamespace::Sagemaker)
                .resource_id(resource(endpoint, variant))
                .scalable_dimension(ScalableDimension::SageMakerVariantDesiredInstanceCount);
            match order.send().await.map_err(|error| problem(&action, &error)) {
                Err(problem) if problem.detail.contains("No scalable target found") => {}
                Err(problem) if problem.kind == ProblemKind::NotFound => {}
                other => other.map(drop)?,
            }
        }
        Ok(())
    }
}

fn resource(endpoint: &str, variant: &str) -> String {
    format!("endpoint/{endpoint}/variant/{variant}")
}

fn policy_of(endpoint: &str) -> String {
    format!("skyform-{endpoint}")
}
