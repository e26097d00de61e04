//! How many instances an endpoint has, left to Application Auto Scaling within a range.

use std::sync::Arc;

use aws_sdk_applicationautoscaling::Client;
use aws_sdk_applicationautoscaling::types::{
    MetricType, PolicyType, PredefinedMetricSpecification, ScalableDimension, ServiceNamespace,
    TargetTrackingScalingPolicyConfiguration,
};
use skyform_provider_s3::{HonourRetryAfter, Session, problem};
use skyform_provider_sdk::{Autoscaling, Problem, ProblemKind};
use tokio::sync::OnceCell;

use crate::endpoints::VARIANT;

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

    /// Leaves the number of an endpoint's instances to the service.
    pub(crate) async fn set(&self, endpoint: &str, range: &Autoscaling) -> Result<(), Problem> {
        let client = self.client().await?;
        let action = format!("setting the scaling of the endpoint \"{endpoint}\"");
        let number = |count: u64| i32::try_from(count).unwrap_or(i32::MAX);
        let order = client
            .register_scalable_target()
            .service_namespace(ServiceNamespace::Sagemaker)
            .resource_id(resource(endpoint))
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
            .policy_name(format!("skyform-{endpoint}"))
            .service_namespace(ServiceNamespace::Sagemaker)
            .resource_id(resource(endpoint))
            .scalable_dimension(ScalableDimension::SageMakerVariantDesiredInstanceCount)
            .policy_type(PolicyType::TargetTrackingScaling)
            .target_tracking_scaling_policy_configuration(policy);
        order.send().await.map(drop).map_err(|error| problem(&action, &error))
    }

    /// Takes it back; its policies go with it.
    pub(crate) async fn remove(&self, endpoint: &str) -> Result<(), Problem> {
        let action = format!("ending the scaling of the endpoint \"{endpoint}\"");
        let order = self
            .client()
            .await?
            .deregister_scalable_target()
            .service_namespace(ServiceNamespace::Sagemaker)
            .resource_id(resource(endpoint))
            .scalable_dimension(ScalableDimension::SageMakerVariantDesiredInstanceCount);
        match order.send().await.map_err(|error| problem(&action, &error)) {
            Err(problem) if problem.detail.contains("No scalable target found") => Ok(()),
            Err(problem) if problem.kind == ProblemKind::NotFound => Ok(()),
            other => other.map(drop),
        }
    }
}

fn resource(endpoint: &str) -> String {
    format!("endpoint/{endpoint}/variant/{VARIANT}")
}
