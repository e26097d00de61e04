//! SkyPilot's catalogues: `InstanceType,AcceleratorName,AcceleratorCount,vCPUs,MemoryGiB,GpuInfo,Price,
//! SpotPrice,Region,AvailabilityZone`. Rows without a price are offers that cannot be had.

use rust_decimal::Decimal;

use crate::read::Row;
use crate::{CatalogOffer, RowError};

/// Columns that must be there.
pub(crate) const COLUMNS: &[&str] = &["InstanceType", "Price", "Region"];

pub(crate) fn offer(row: &Row<'_>) -> Result<Option<CatalogOffer>, RowError> {
    let spot_price = row.number("SpotPrice")?;
    let Some(price) = row.number("Price")? else { return Ok(None) };
    let accelerator = row.text("AcceleratorName").to_owned();
    let name = match row.text("InstanceType") {
        // Where accelerators are added to any machine, they are offers of their own.
        "" if !accelerator.is_empty() => accelerator.clone(),
        "" => return Err(row.error("InstanceType", "text")),
        name => name.to_owned(),
    };
    let mut offer = CatalogOffer {
        name,
        region: row.some_text("Region")?,
        price,
        spot_price,
        ..CatalogOffer::default()
    };
    for (column, resource) in [("vCPUs", "vcpu"), ("MemoryGiB", "memory_gib")] {
        if let Some(amount) = row.number(column)? {
            offer.provides.insert(resource.to_owned(), amount.normalize());
        }
    }
    if let Some(count) = row.number("AcceleratorCount")?.filter(|_| !accelerator.is_empty()) {
        let count = count.normalize();
        offer.provides.insert("gpu".to_owned(), count);
        offer.provides.insert(format!("gpu_{}", accelerator.to_lowercase()), count);
    }
    if let Some(memory) = gpu_memory(row.text("GpuInfo")) {
        offer.provides.insert("gpu_memory_gib".to_owned(), memory);
    }
    Ok(Some(offer))
}

/// The accelerators' memory in GiB, out of what is written in the manner of Python.
fn gpu_memory(info: &str) -> Option<Decimal> {
    let (_, rest) = info.split_once("TotalGpuMemoryInMiB")?;
    let digits: String =
        rest.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    let mebibytes: Decimal = digits.parse().ok()?;
    Some((mebibytes / Decimal::from(1024)).round_dp(3).normalize())
}
