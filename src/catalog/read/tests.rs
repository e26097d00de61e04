//! Rows of both formats, good and broken.

use super::*;

fn amount(text: &str) -> Decimal {
    text.parse().expect("a number")
}

const SKYPILOT: &str = "\
InstanceType,AcceleratorName,AcceleratorCount,vCPUs,MemoryGiB,GpuInfo,Price,SpotPrice,Region,AvailabilityZone
a1.large,,,2.0,4.0,,0.051,0.0385,us-east-2,use2-az1
a1.large,,,2.0,4.0,,0.051,0.019,us-east-2,use2-az2
p9.big,V100,8.0,64.0,488.0,\"{'Gpus': [{'Name': 'V100'}], 'TotalGpuMemoryInMiB': 131072}\",24.48,,us-east-1,use1-az1
,TPU,1.0,,,,4.5,,us-central1,us-central1-a
gone.large,,,2.0,4.0,,,,us-east-2,use2-az1
";

#[test]
fn skypilot_rows_are_one_offer_for_each_name_and_region() {
    let found = read(SKYPILOT, Format::Skypilot);
    assert_eq!(found.broken, []);
    let names: Vec<&str> = found.catalog.offers.iter().map(|offer| offer.name.as_str()).collect();
    assert_eq!(names, ["a1.large", "p9.big", "TPU"]);
    let small = &found.catalog.offers[0];
    assert_eq!((small.price, small.spot_price), (amount("0.051"), Some(amount("0.019"))));
    let big = &found.catalog.offers[1];
    let has = |name: &str| big.provides.get(name).copied();
    assert_eq!(has("gpu"), Some(amount("8")));
    assert_eq!(has("gpu_v100"), Some(amount("8")));
    assert_eq!(has("gpu_memory_gib"), Some(amount("128")));
    assert_eq!(has("memory_gib"), Some(amount("488")));
    assert_eq!(big.spot_price, None);
}

#[test]
fn broken_rows_are_said_with_row_column_and_what_was_expected() {
    for (text, format, expected) in [
        (
            "offer,region,price\nx,east,-1\n",
            Format::Skyform,
            "row 2, column price: a number from 0 on was expected, and there is \"-1\"",
        ),
        (
            "# date: 2026-01-01\noffer,region,price\n,east,1\n",
            Format::Skyform,
            "row 3, column offer: text was expected, and there is \"\"",
        ),
        (
            "offer,region,price,gpu\nx,east,1,NaN\n",
            Format::Skyform,
            "row 2, column gpu: a number from 0 on was expected, and there is \"NaN\"",
        ),
        (
            "offer,price\nx,1\n",
            Format::Skyform,
            "row 1, column region: a column of this name was expected, and there is \"offer,price\"",
        ),
        (
            "InstanceType,Price,Region\nx,1,\n",
            Format::Skypilot,
            "row 2, column Region: text was expected, and there is \"\"",
        ),
        (
            "",
            Format::Skyform,
            "row 1, column offer: a column of this name was expected, and there is \"\"",
        ),
    ] {
        let found = read(text, format);
        let said: Vec<String> = found.broken.iter().map(ToString::to_string).collect();
        assert_eq!(said.first().map(String::as_str), Some(expected));
    }
}

#[test]
fn the_rest_is_read_where_rows_are_broken() {
    let found = read("offer,region,price\na,east,1\nb,east,x\nc,east,3\n", Format::Skyform);
    assert_eq!((found.catalog.offers.len(), found.broken.len()), (2, 1));
}

#[test]
fn what_is_written_is_read_again() {
    let found = read(SKYPILOT, Format::Skypilot).catalog;
    let catalog = crate::Catalog {
        date: Some("2026-11-24".to_owned()),
        source: Some("a table, of rows".to_owned()),
        ..found
    };
    let again = read(&crate::write(&catalog), Format::Skyform);
    assert_eq!((again.catalog, again.broken), (catalog, Vec::new()));
}
