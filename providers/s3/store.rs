//! Stores that speak the protocol: where they are and what they understand of it.

/// Where a bucket's name stands in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Addressing {
    /// In the path: `https://HOST/BUCKET/KEY`.
    Path,
    /// In the host's name: `https://BUCKET.HOST/KEY`.
    Host,
}

/// What a kind of store is and can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Store {
    /// The driver's name.
    pub driver: &'static str,
    /// What people call it.
    pub name: &'static str,
    /// Its URL, with `{region}` in it; none: it has to be given.
    pub endpoint: Option<&'static str>,
    /// Where a bucket's name stands.
    pub addressing: Addressing,
    /// Regions that are known; a label among them is the cloud's region.
    pub regions: &'static [&'static str],
    /// Variables of the environment that its own tools read the two parts of a key from.
    pub key_variables: Option<[&'static str; 2]>,
    /// Whether tags can be given together with the order to make a bucket.
    pub tags_at_create: bool,
    /// Whether buckets have tags.
    pub tags: bool,
    /// Whether old versions can be kept.
    pub versioning: bool,
    /// Whether objects can be encrypted by default.
    pub encryption: bool,
    /// Whether objects can expire.
    pub lifecycle: bool,
    /// Whether browsers of other sites can be let in.
    pub cors: bool,
    /// Whether a policy can let anyone read.
    pub policy: bool,
    /// Whether public access has to be let in, and can be ruled out whatever policies say.
    pub access_block: bool,
}

impl Store {
    /// Amazon S3.
    pub const AWS: Self = Self {
        driver: "aws",
        name: "Amazon S3",
        endpoint: Some("https://s3.{region}.amazonaws.com"),
        addressing: Addressing::Host,
        regions: &[],
        key_variables: None,
        tags_at_create: true,
        tags: true,
        versioning: true,
        encryption: true,
        lifecycle: true,
        cors: true,
        policy: true,
        access_block: true,
    };

    /// Any store at a URL: MinIO, Ceph, R2. What it does not understand it says itself.
    pub const S3: Self = Self {
        driver: "s3",
        name: "the S3-compatible store",
        endpoint: None,
        addressing: Addressing::Path,
        tags_at_create: false,
        access_block: false,
        ..Self::AWS
    };

    /// Alibaba Cloud Object Storage Service.
    ///
    /// Source: <https://www.alibabacloud.com/help/en/oss/developer-reference/compatibility-with-amazon-s3>
    /// and <https://www.alibabacloud.com/help/en/oss/user-guide/regions-and-endpoints>, as of 2026-11.
    /// Of a bucket's settings its S3 protocol knows the lifecycle only.
    pub const ALIBABA: Self = Self {
        driver: "alibaba",
        name: "Alibaba Cloud OSS",
        endpoint: Some("https://s3.oss-{region}.aliyuncs.com"),
        addressing: Addressing::Host,
        regions: &[
            "ap-northeast-1",
            "ap-southeast-1",
            "ap-southeast-3",
            "ap-southeast-5",
            "cn-beijing",
            "cn-chengdu",
            "cn-guangzhou",
            "cn-hangzhou",
            "cn-heyuan",
            "cn-hongkong",
            "cn-huhehaote",
            "cn-qingdao",
            "cn-shanghai",
            "cn-shenzhen",
            "cn-wulanchabu",
            "cn-zhangjiakou",
            "eu-central-1",
            "eu-west-1",
            "me-east-1",
            "us-east-1",
            "us-west-1",
        ],
        key_variables: Some(["ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET"]),
        tags_at_create: false,
        tags: false,
        versioning: false,
        encryption: false,
        lifecycle: true,
        cors: false,
        policy: false,
        access_block: false,
    };

    /// Tencent Cloud Object Storage. Names of buckets end in the account's number, `-1250000000`.
    ///
    /// Source: <https://www.tencentcloud.com/document/product/436/32537> (the S3 protocol) and
    /// <https://www.tencentcloud.com/document/product/436/6224> (regions), as of 2026-11.
    pub const TENCENT: Self = Self {
        driver: "tencent",
        name: "Tencent Cloud COS",
        endpoint: Some("https://cos.{region}.myqcloud.com"),
        addressing: Addressing::Host,
        regions: &[
            "ap-bangkok",
            "ap-beijing",
            "ap-chengdu",
            "ap-chongqing",
            "ap-guangzhou",
            "ap-hongkong",
            "ap-jakarta",
            "ap-mumbai",
            "ap-nanjing",
            "ap-seoul",
            "ap-shanghai",
            "ap-singapore",
            "ap-tokyo",
            "eu-frankfurt",
            "na-ashburn",
            "na-siliconvalley",
            "sa-saopaulo",
        ],
        key_variables: Some(["TENCENTCLOUD_SECRET_ID", "TENCENTCLOUD_SECRET_KEY"]),
        tags_at_create: false,
        tags: true,
        versioning: true,
        encryption: true,
        lifecycle: true,
        cors: true,
        policy: true,
        access_block: false,
    };

    /// Huawei Cloud Object Storage Service.
    ///
    /// Source: <https://support.huaweicloud.com/intl/en-us/productdesc-obs/obs_03_0152.html>
    /// (`BUCKET.obs.REGION.myhuaweicloud.com`), as of 2026-11.
    pub const HUAWEI: Self = Self {
        driver: "huawei",
        name: "Huawei Cloud OBS",
        endpoint: Some("https://obs.{region}.myhuaweicloud.com"),
        addressing: Addressing::Host,
        regions: &[
            "af-south-1",
            "ap-southeast-1",
            "ap-southeast-2",
            "ap-southeast-3",
            "cn-east-2",
            "cn-east-3",
            "cn-north-1",
            "cn-north-4",
            "cn-north-9",
            "cn-south-1",
            "cn-southwest-2",
            "la-north-2",
            "la-south-2",
            "sa-brazil-1",
        ],
        key_variables: Some(["HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK"]),
        tags_at_create: false,
        tags: true,
        versioning: true,
        encryption: true,
        lifecycle: true,
        cors: true,
        policy: true,
        access_block: false,
    };

    /// Its usual URL in a region.
    pub fn endpoint_in(&self, region: &str) -> Option<String> {
        let url = self.endpoint?.replace("{region}", region);
        // Amazon's regions in China have a domain of their own.
        Some(match self.driver == "aws" && region.starts_with("cn-") {
            true => format!("{url}.cn"),
            false => url,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_store_has_its_url() {
        for (store, region, expected) in [
            (Store::AWS, "eu-central-1", Some("https://s3.eu-central-1.amazonaws.com")),
            (Store::AWS, "cn-north-1", Some("https://s3.cn-north-1.amazonaws.com.cn")),
            (Store::ALIBABA, "cn-hangzhou", Some("https://s3.oss-cn-hangzhou.aliyuncs.com")),
            (Store::TENCENT, "ap-guangzhou", Some("https://cos.ap-guangzhou.myqcloud.com")),
            (Store::HUAWEI, "cn-north-4", Some("https://obs.cn-north-4.myhuaweicloud.com")),
            (Store::S3, "auto", None),
        ] {
            assert_eq!(store.endpoint_in(region).as_deref(), expected);
        }
    }
}
