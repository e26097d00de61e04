//! What a size of Azure's machines has, by its name: the price list does not say it.
//!
//! A name is `Standard_`, a family in capitals, the number of vCPUs, `-` and how many of them can be used
//! where that is fewer, features in small letters, accelerators, and a version.
//! Source: <https://learn.microsoft.com/azure/virtual-machines/vm-naming-conventions>. Memory follows from
//! the number of vCPUs in some families, up to a size; the pages of the sizes say so.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

/// A name's parts.
struct Name<'a> {
    family: &'a str,
    vcpus: i64,
    /// Those that can be used.
    usable: i64,
    features: &'a str,
    version: u32,
}

/// A size with accelerators: memory in GiB, how many, what they are, and the memory of all of them.
/// Source: <https://learn.microsoft.com/azure/virtual-machines/sizes/overview>, its GPU families.
const ACCELERATED: [(&str, i64, i64, &str, i64); 19] = [
    ("NC4as_T4_v3", 28, 1, "t4", 16),
    ("NC8as_T4_v3", 56, 1, "t4", 16),
    ("NC16as_T4_v3", 110, 1, "t4", 16),
    ("NC64as_T4_v3", 440, 4, "t4", 64),
    ("NC6s_v3", 112, 1, "v100", 16),
    ("NC12s_v3", 224, 2, "v100", 32),
    ("NC24s_v3", 448, 4, "v100", 64),
    ("NC24rs_v3", 448, 4, "v100", 64),
    ("NC24ads_A100_v4", 220, 1, "a100-80gb", 80),
    ("NC48ads_A100_v4", 440, 2, "a100-80gb", 160),
    ("NC96ads_A100_v4", 880, 4, "a100-80gb", 320),
    ("NC40ads_H100_v5", 320, 1, "h100", 94),
    ("NC80adis_H100_v5", 640, 2, "h100", 188),
    ("ND96asr_v4", 900, 8, "a100", 320),
    ("ND96amsr_A100_v4", 1900, 8, "a100-80gb", 640),
    ("ND96isr_H100_v5", 1900, 8, "h100", 640),
    ("NV36ads_A10_v5", 440, 1, "a10", 24),
    ("NV36adms_A10_v5", 880, 1, "a10", 24),
    ("NV72ads_A10_v5", 880, 2, "a10", 48),
];

/// What a unit has, as far as it is known: `vcpu`, `memory_gib`, `gpu`, `gpu_NAME`, `gpu_memory_gib`.
pub fn azure_provides(size: &str) -> BTreeMap<String, Decimal> {
    let mut provides = BTreeMap::new();
    let mut add = |resource: &str, amount: i64| {
        provides.insert(resource.to_owned(), Decimal::from(amount));
    };
    let Some(rest) = size.strip_prefix("Standard_") else { return provides };
    let name = Name::of(rest);
    if let Some(name) = &name {
        add("vcpu", name.usable);
    }
    let accelerated = ACCELERATED.iter().find(|(known, ..)| *known == rest);
    if let Some((_, memory, count, accelerator, accelerator_memory)) = accelerated {
        add("memory_gib", *memory);
        add("gpu", *count);
        add(&format!("gpu_{accelerator}"), *count);
        add("gpu_memory_gib", *accelerator_memory);
    } else if let Some(memory) = name.and_then(|name| name.memory()) {
        add("memory_gib", memory);
    }
    provides
}

impl<'a> Name<'a> {
    /// The parts of a name after `Standard_`; none where the number is not that of the vCPUs, as in those
    /// without a version and in the second one of D.
    fn of(text: &'a str) -> Option<Self> {
        let (text, version) = text.rsplit_once("_v")?;
        let version: u32 = version.parse().ok()?;
        let size = text.split('_').next()?;
        let digits = size.find(|c: char| c.is_ascii_digit())?;
        let (family, rest) = size.split_at(digits);
        let number = |text: &'a str| {
            let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
            let (number, rest) = text.split_at(end);
            Some((number.parse::<i64>().ok()?, rest))
        };
        let (vcpus, rest) = number(rest)?;
        let (usable, features) = match rest.strip_prefix('-') {
            Some(rest) => number(rest)?,
            None => (vcpus, rest),
        };
        let is_other = family.starts_with('D') && version < 3;
        let is_whole = !family.is_empty() && family.chars().all(|c| c.is_ascii_uppercase());
        (is_whole && !is_other).then_some(Self { family, vcpus, usable, features, version })
    }

    /// GiB, in families and sizes where so many go with each vCPU.
    fn memory(&self) -> Option<i64> {
        let has = |feature: char| self.features.contains(feature);
        let (each, most) = match (self.family, self.version) {
            ("D", 3..=5) if has('l') => (2, 48),
            ("D", 3..=5) => (4, if has('p') { 48 } else { 96 }),
            ("E", 3..=5) if !has('p') => (8, 48),
            ("F", 2) => (2, 72),
            ("L", 2..=3) => (8, 80),
            _ => return None,
        };
        (self.vcpus <= most).then_some(self.vcpus * each)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_sizes_have() {
        for (size, expected) in [
            ("Standard_D4s_v5", "memory_gib 16, vcpu 4"),
            ("Standard_D4ls_v5", "memory_gib 8, vcpu 4"),
            ("Standard_D64ps_v5", "vcpu 64"),
            ("Standard_E16-4ds_v5", "memory_gib 128, vcpu 4"),
            ("Standard_E96ds_v5", "vcpu 96"),
            ("Standard_F8s_v2", "memory_gib 16, vcpu 8"),
            ("Standard_L8s_v3", "memory_gib 64, vcpu 8"),
            ("Standard_M208ms_v2", "vcpu 208"),
            ("Standard_NV12ads_A10_v5", "vcpu 12"),
            ("Standard_NC4as_T4_v3", "gpu 1, gpu_memory_gib 16, gpu_t4 1, memory_gib 28, vcpu 4"),
            // The number is not that of the vCPUs here.
            ("Standard_D11_v2", ""),
            ("Standard_DS3_v2", ""),
            ("Standard_B2ms", ""),
            ("Basic_A1", ""),
            ("Standard_", ""),
            ("Standard_v5", ""),
            ("Standard_D_v5", ""),
            ("Standard_D99999999999999999999s_v5", ""),
        ] {
            let found: Vec<String> = azure_provides(size)
                .iter()
                .map(|(name, amount)| format!("{name} {amount}"))
                .collect();
            assert_eq!(found.join(", "), expected, "{size}");
        }
    }
}
