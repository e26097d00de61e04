//! The classic stack, and one whose buckets are where its task was placed.

use crate::stack::Stack;

const CLASSIC: &str = include_str!("../../testdata/classic/main.hcl");
const PLACED_BUCKETS: &str = include_str!("../../testdata/placed-buckets/main.hcl");

#[test]
fn the_classic_stack_as_it_stands_says_what_is_missing_and_what_would_mend_it() {
    let stack = Stack::new(&[("main.hcl", CLASSIC)]);
    let said = stack.bad(&["plan"]);
    assert!(said.contains("main.hcl:35:1"), "{said}");
    assert!(said.contains("task3 asks for 24 and all clouds together give 22, 2 short"), "{said}");
    assert!(said.contains("lower the demand of task3 to 22"), "{said}");
    let placed = stack.run(&["place", "-json"]);
    assert_eq!(placed.code, 1);
    let json: serde_json::Value = serde_json::from_str(&placed.stdout).expect("JSON");
    let main = &json["placements"]["main"];
    assert_eq!(main["status"], "infeasible");
    let conflict = &main["conflicts"][0];
    assert_eq!(
        (conflict["task"].as_str(), conflict["kind"].as_str()),
        (Some("task3"), Some("demand"))
    );
    let numbers = ["asked", "available", "shortfall"].map(|name| conflict[name].as_f64());
    assert_eq!(numbers, [Some(24.0), Some(22.0), Some(2.0)]);
}

#[test]
fn the_classic_stack_with_less_demand_takes_all_three_clouds() {
    let stack = Stack::new(&[("main.hcl", CLASSIC)]);
    let less = ["-var", "task3_demand=22"];
    let json = stack.json(&["place", "-json", less[0], less[1]]);
    let main = &json["placements"]["main"];
    assert_eq!(main["status"], "optimal");
    assert_eq!((main["cost"].as_f64(), main["bound"].as_f64()), (Some(450.0), Some(450.0)));
    assert_eq!(main["clouds"], serde_json::json!(["a", "b", "c"]));
    assert_eq!(main["assignments"]["task3"]["c/capacity"]["covers"], 10);
    stack.good(&["apply", "-auto-approve", less[0], less[1]]);
    assert_eq!(stack.good(&["output", "-json", "cost"]).trim(), "450");
    let again = stack.run(&["plan", "-detailed-exitcode", less[0], less[1]]);
    assert_eq!(again.code, 0, "{}", again.stdout);
}

#[test]
fn the_demo_stack_costs_what_it_must_and_stays_where_it_is() {
    let stack = Stack::new(&[("main.hcl", PLACED_BUCKETS)]);
    let json = stack.json(&["place", "-json"]);
    let main = &json["placements"]["main"];
    assert_eq!(main["cost"].as_f64(), Some(169.1));
    let units = |where_: &str| main["assignments"]["fraud"][where_]["units"].as_u64();
    assert_eq!((units("east/cpu.small"), units("west/cpu.small")), (Some(2), Some(1)));
    stack.good(&["apply", "-auto-approve"]);
    let plan = stack.run(&["plan", "-detailed-exitcode"]);
    assert_eq!(plan.code, 0, "{}", plan.stdout);
    let plan = stack.good(&["plan", "-var", "demand=45"]);
    assert!(plan.contains("before: 169.10"), "{plan}");
    stack.good(&["destroy", "-auto-approve"]);
    assert_eq!(stack.good(&["state", "list"]), "");
}

#[test]
fn what_a_placement_reads_must_be_known_while_planning() {
    let text = r#"
cloud "a" {
  offer "x" {
    price = 1
  }
}
resource "terraform_data" "later" {
  input = 5
}
task "t" {
  demand     = terraform_data.later.output
  throughput = 1
}
placement "main" {}
"#;
    let said = Stack::new(&[("main.hcl", text)]).bad(&["plan"]);
    assert!(said.contains("Value not known while planning"), "{said}");
    assert!(said.contains("main.hcl:10:1"), "{said}");
}

/// The configuration in a guide: its HCL blocks.
pub(crate) fn of_guide(text: &str) -> String {
    let blocks = text.split("```hcl\n").skip(1);
    blocks.filter_map(|block| block.split("```").next()).collect()
}

#[test]
fn the_guide_to_the_classic_placement_says_what_comes_out() {
    let text = of_guide(include_str!("../../docs/guides/placement-classic.md"));
    let stack = Stack::new(&[("main.hcl", &text)]);
    let said = stack.bad(&["place"]);
    assert!(said.contains("task3 asks for 24 and all clouds together give 22, 2 short"), "{said}");
    let text = stack.good(&["place", "-var", "task3_demand=22"]);
    assert!(text.contains("450.00 USD a month") && text.contains("optimal"), "{text}");
    assert!(text.contains("one more cannot be had"), "{text}");
    let text = stack.good(&["place", "-var", "task3_demand=16"]);
    assert!(text.contains("450.00 USD a month"), "{text}");
}

#[test]
fn the_guide_to_gpus_places_them_and_plans() {
    let text = of_guide(include_str!("../../docs/guides/placement-gpu.md"));
    let stack = Stack::new(&[("main.hcl", &text)]);
    let json = stack.json(&["place", "-json"]);
    let main = &json["placements"]["main"];
    assert_eq!(main["status"], "optimal", "{main}");
    assert_eq!(main["clouds"], serde_json::json!(["aws", "azure"]));
    let considered = &main["explanation"]["tasks"]["chat"]["considered"];
    assert_eq!(considered["gcp/one-gpu"]["ruled_out"], "residency us not allowed");
    let own = main["assignments"]["chat"].as_object().expect("assignments");
    let spare: u64 = own.values().filter_map(|own| own["headroom_units"].as_u64()).sum();
    assert!(spare > 0, "{main}");
    let text = stack.good(&["place"]);
    assert!(text.lines().all(|line| line.chars().count() <= 120), "{text}");
    let plan = stack.good(&["plan"]);
    assert!(plan.contains("more considered"), "{plan}");
}

#[test]
fn a_problem_may_be_written_in_json() {
    let text = r#"{
      "cloud": {"a": {"driver": "local", "offer": {"x": {"price": 0.1, "quota": 3}}}},
      "task": {"t": {"demand": 2, "throughput": 1}},
      "placement": {"main": {}}
    }"#;
    let json = Stack::new(&[("main.tf.json", text)]).json(&["place", "-json"]);
    assert_eq!(json["placements"]["main"]["status"], "optimal");
    let said = Stack::new(&[("main.tf", "task \"t\" {\n  demand = 1\n}\n")]).bad(&["place"]);
    assert!(said.contains("resource \"task\" \"NAME\" {}"), "{said}");
    let json = Stack::new(&[("main.hcl.json", text)]).json(&["place", "-json"]);
    let main = &json["placements"]["main"];
    assert_eq!((main["status"].as_str(), main["cost"].as_f64()), (Some("optimal"), Some(146.0)));
    let bad = text.replace("0.1", "-0.1");
    let said = Stack::new(&[("main.hcl.json", &bad)]).bad(&["place"]);
    assert!(said.contains("main.hcl.json:2"), "{said}");
}

#[test]
fn bad_numbers_are_said_where_they_are_written() {
    let check = |cloud: &str, task: &str, expected: &[&str]| {
        let text = format!(
            "cloud \"a\" {{\n  driver = \"local\"\n  {cloud}\n}}\n\ntask \"t\" {{\n  {task}\n}}\n\nplacement \"main\" {{}}\n"
        );
        let said = Stack::new(&[("main.hcl", &text)]).bad(&["place"]);
        for part in expected {
            assert!(said.contains(part), "expected {part:?} in:\n{said}");
        }
    };
    let offer = "offer \"x\" {\n    price = 1\n  }";
    check(
        "offer \"x\" {\n    price = -1\n  }",
        "demand = 1",
        &["main.hcl:4:5", "must not be negative"],
    );
    check(
        "offer \"x\" {\n    price = 1\n    quota = 1.5\n  }",
        "demand = 1",
        &["main.hcl:5:5", "whole number"],
    );
    check(
        "offer \"x\" {\n    price = 1\n    serves = { u = 1 }\n  }",
        "demand = 1",
        &["main.hcl:5:5", "no task of that name"],
    );
    check("capacity = { u = 1 }", "demand = 1", &["main.hcl:3:3", "no task of that name"]);
    check(offer, "demand = -1", &["main.hcl:9:3", "must not be negative"]);
    check(
        offer,
        "demand = 1\n  throughput = 1\n  min_clouds = -1",
        &["main.hcl:11:3", "whole number"],
    );
    check(
        offer,
        "demand = 1\n  throughput = 1\n  max_share = 2",
        &["main.hcl:11:3", "from 0 to 1"],
    );
    check(offer, "demand = 1e20\n  throughput = 1", &["main.hcl:9:3", "at most"]);
    check(
        "offer \"x\" {\n    price = 1\n    provides = { gpu = 1 }\n  }",
        "demand = 1\n  throughput = 1\n  requires = { gpu = 2 }",
        &["main.hcl:9:1", "a/x: gpu 1 of 2 required", "lower the gpu that t requires to 1"],
    );
    check(
        offer,
        "demand = 1\n  throughput = 1\n  data {\n    gib_per_month = 1\n  }",
        &["Data lies in one place"],
    );
}

#[test]
fn offers_come_from_a_catalogue() {
    let text = r#"
catalog "own" {
  source = "prices.csv"
  ON_ERROR
}
cloud "a" {
  driver = "local"
  offers = { for name, offer in catalog.own.offers : name => offer if offer.region == "east" }
}
task "t" {
  demand     = 2
  throughput = 1
  requires   = { gpu = 1 }
}
placement "main" {}
"#;
    let stack = |on_error: &str, prices: &str| {
        let text = text.replace("ON_ERROR", on_error);
        Stack::new(&[("main.hcl", &text), ("prices.csv", prices)])
    };
    let good = "# date: 2020-01-01\noffer,region,price,gpu\nbig,east,0.5,1\nsmall,east,0.1,\nbig,west,0.1,1\n";
    let json = stack("", good).json(&["place", "-json"]);
    let main = &json["placements"]["main"];
    assert_eq!(main["cost"].as_f64(), Some(730.0));
    assert_eq!(main["assignments"]["t"]["a/big@east"]["units"], 2);
    let note = main["notes"][0].as_str().expect("a note");
    assert!(note.starts_with("catalogue own: prices of 2020-01-01, "), "{note}");
    let broken = format!("{good}odd,east,much,1\n");
    let said = stack("", &broken).bad(&["place"]);
    assert!(said.contains("Row 6, column price: a number from 0 on was expected"), "{said}");
    assert!(said.contains("main.hcl:3:3"), "{said}");
    let run = stack("on_error = \"skip\"", &broken).run(&["place"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stderr.contains("Catalogue is out of date"), "{}", run.stderr);
    let said = stack("format = \"xml\"", good).bad(&["place"]);
    assert!(said.contains("There is no catalogue format"), "{said}");
}

#[test]
fn a_first_try_needs_no_catalogue_file() {
    let text = r#"
catalog "aws" {}
cloud "aws" {
  driver = "local"
  offers = { for name, offer in catalog.aws.offers : name => offer if offer.region == "us-east-1" }
}
task "t" {
  demand     = 3
  throughput = 1
  requires   = { vcpu = 4 }
}
placement "main" {}
"#;
    let json = Stack::new(&[("main.hcl", text)]).json(&["place", "-json"]);
    assert_eq!(
        json["placements"]["main"]["assignments"]["t"]["aws/a1.xlarge@us-east-1"]["units"],
        3
    );
}
