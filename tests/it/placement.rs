//! The classic stack and the demo stack.

use crate::stack::Stack;

const CLASSIC: &str = include_str!("../../testdata/classic/main.hcl");
const DEMO: &str = include_str!("../../testdata/demo/main.hcl");

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
    let stack = Stack::new(&[("main.hcl", DEMO)]);
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
