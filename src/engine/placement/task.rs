//! A `task` block's value as a task.

use skyform_diag::{Diagnostics, error_at};
use skyform_placement::{Data, Task};
use skyform_value::Value;

use super::places::Places;
use super::problem::not_known;
use super::values::{amount, amounts, count, names, text};

pub(super) fn task(name: &str, value: &Value, places: &Places) -> Result<Task, Diagnostics> {
    if !value.is_wholly_known() {
        return Err(not_known(places.header, "task").into());
    }
    let mut diagnostics = Diagnostics::new();
    let mut data = Vec::new();
    for own in value.get("data").and_then(Value::as_slice).unwrap_or_default() {
        let (bucket, cloud) = (text(own, "bucket"), text(own, "cloud"));
        if bucket.is_some() == cloud.is_some() {
            diagnostics.push(error_at!(
                places.argument("data"),
                "Data lies in one place",
                "A data block of task \"{name}\" must have either a bucket or a cloud.";
                hint: "Write bucket = bucket.NAME, or cloud = cloud.NAME."
            ));
        }
        data.push(Data {
            cloud: bucket.or(cloud).unwrap_or_default(),
            gib_per_month: amount(own, "gib_per_month").unwrap_or_default(),
            price_per_gib: amount(own, "price_per_gib"),
        });
    }
    let defaults = Task::default();
    let min_clouds = match count(value, "min_clouds", places.argument("min_clouds")) {
        Ok(count) => count,
        Err(found) => {
            diagnostics.push(found);
            None
        }
    };
    let task = Task {
        demand: amount(value, "demand").unwrap_or_default(),
        max_demand: amount(value, "max_demand"),
        headroom: amount(value, "headroom").unwrap_or(defaults.headroom),
        requires: amounts(value, "requires"),
        needs: amounts(value, "needs"),
        throughput: amount(value, "throughput"),
        min_clouds: min_clouds.unwrap_or(defaults.min_clouds),
        max_share: amount(value, "max_share").unwrap_or(defaults.max_share),
        clouds: names(value, "clouds"),
        regions: names(value, "regions"),
        residency: names(value, "residency"),
        from: text(value, "from"),
        max_latency_ms: amount(value, "max_latency_ms"),
        max_interruption: amount(value, "max_interruption").unwrap_or_default(),
        min_on_demand: amount(value, "min_on_demand").unwrap_or_default(),
        apart_from: names(value, "apart_from").unwrap_or_default(),
        together_with: names(value, "together_with").unwrap_or_default(),
        data,
    };
    diagnostics.into_result(task)
}
