//! What an endpoint consists of: revisions, the models of its variants, containers and tags.

use aws_sdk_sagemaker::types::{
    ContainerDefinition, ModelCompressionType, ModelDataSource, ProductionVariant,
    ProductionVariantInstanceType, S3ModelDataSource, S3ModelDataType, Tag,
};
use sha2::{Digest as _, Sha256};
use skyform_provider_s3::{OWNER_TAG, TOKEN_TAG, address_in_tag};
use skyform_provider_sdk::{EndpointSpec, ServedModel, VariantSpec};

/// The variant of an endpoint's own model.
pub(crate) const MAIN: &str = "main";
/// The tag with the revision that was the last to serve.
pub(crate) const REVISION_TAG: &str = "skyform-revision";
/// The longest name that the service takes.
const LONGEST: usize = 63;

/// All variants of an endpoint, its own model's first.
pub(crate) fn variants(spec: &EndpointSpec) -> Vec<VariantSpec> {
    let own = VariantSpec {
        name: MAIN.to_owned(),
        model: spec.model.clone(),
        weight: spec.weight.unwrap_or(1),
        replicas: spec.replicas,
        offer: spec.offer.clone(),
        autoscaling: spec.autoscaling.clone(),
    };
    std::iter::once(own).chain(spec.variants.iter().cloned()).collect()
}

/// The name of what an endpoint serves and how: another one for every change but of sizes and weights,
/// which can be changed in place.
pub(crate) fn revision(spec: &EndpointSpec) -> String {
    let mut text = format!("{:?}\0{:?}", spec.image, spec.role);
    for VariantSpec { name, model, offer, .. } in variants(spec) {
        let ServedModel { bucket, key, sha256, .. } = model;
        text.push_str(&format!("\0{name}\0{sha256}\0{bucket}\0{key}\0{offer}"));
    }
    named(&spec.name, &text)
}

/// The name of a variant's model in a revision.
pub(crate) fn model_of(spec: &EndpointSpec, variant: &str) -> String {
    let revision = revision(spec);
    if variant == MAIN { revision } else { named(&spec.name, &format!("{revision}\0{variant}")) }
}

fn named(endpoint: &str, text: &str) -> String {
    let digest: String =
        Sha256::digest(text).iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    let name = endpoint.get(..LONGEST - digest.len() - 1).unwrap_or(endpoint);
    format!("{}-{digest}", name.trim_end_matches('-'))
}

/// A variant as its configuration has it.
pub(crate) fn production_variant(spec: &EndpointSpec, variant: &VariantSpec) -> ProductionVariant {
    ProductionVariant::builder()
        .variant_name(&variant.name)
        .model_name(model_of(spec, &variant.name))
        .initial_instance_count(count(variant.replicas))
        .initial_variant_weight(weight(variant.weight))
        .instance_type(ProductionVariantInstanceType::from(variant.offer.as_str()))
        .build()
}

/// A number of instances as the service has it.
pub(crate) fn count(replicas: u64) -> i32 {
    i32::try_from(replicas).unwrap_or(i32::MAX)
}

/// A weight as the service has it.
pub(crate) fn weight(weight: u64) -> f32 {
    f32::from(u16::try_from(weight).unwrap_or(u16::MAX))
}

pub(crate) fn container(image: Option<&String>, model: &ServedModel) -> ContainerDefinition {
    let ServedModel { name, version, bucket, key, sha256 } = model;
    let folder = key.rsplit_once('/').map_or("", |(folder, _)| folder);
    let source = S3ModelDataSource::builder()
        .s3_uri(format!("s3://{bucket}/{folder}/"))
        .s3_data_type(S3ModelDataType::S3Prefix)
        .compression_type(ModelCompressionType::None);
    let data = ModelDataSource::builder().s3_data_source(source.build()).build();
    let file = key.rsplit_once('/').map_or(key.as_str(), |(_, file)| file);
    ContainerDefinition::builder()
        .set_image(image.cloned())
        .model_data_source(data)
        .environment("SKYFORM_MODEL", format!("/opt/ml/model/{file}"))
        .environment("SKYFORM_LISTEN", "0.0.0.0:8080")
        .environment("SKYFORM_MODEL_NAME", name)
        .environment("SKYFORM_MODEL_VERSION", version)
        .environment("SKYFORM_MODEL_SHA256", sha256)
        .build()
}

pub(crate) fn tags(spec: &EndpointSpec) -> Vec<Tag> {
    let model = &spec.model;
    let is_scaled = variants(spec).iter().any(|variant| variant.autoscaling.is_some());
    let all = [
        (TOKEN_TAG, spec.token.clone()),
        (OWNER_TAG, address_in_tag(&spec.owner)),
        (REVISION_TAG, revision(spec)),
        ("skyform-model", model.name.clone()),
        ("skyform-version", model.version.clone()),
        ("skyform-bucket", model.bucket.clone()),
        ("skyform-key", model.key.clone()),
        ("skyform-sha256", model.sha256.clone()),
        ("skyform-autoscaling", if is_scaled { "yes" } else { "no" }.to_owned()),
    ];
    let sizes = variants(spec).into_iter().map(|variant| {
        (format!("skyform-replicas-{}", variant.name), variant.replicas.to_string())
    });
    let all = all.map(|(name, value)| (name.to_owned(), value)).into_iter().chain(sizes);
    all.map(|(name, value)| Tag::builder().key(name).value(value).build()).collect()
}
