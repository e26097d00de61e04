//! Buckets of the local cloud: made, changed, lost and found again, also after a kill.

use crate::stack::{Stack, kill_when};

const BUCKETS: &str = r#"
variable "versioning" {
  default = false
}

cloud "east" {
  driver = "local"
}

bucket "data" {
  cloud      = cloud.east
  versioning = var.versioning
}

bucket "many" {
  count = 2
  cloud = "east"
  name  = "many-${count.index}"
}

output "url" {
  value = bucket.data.url
}
"#;

#[test]
fn a_bucket_that_is_lost_is_noticed_and_made_again() {
    let stack = Stack::new(&[("main.hcl", BUCKETS)]);
    stack.good(&["apply", "-auto-approve"]);
    assert_eq!(stack.good(&["output", "-raw", "url"]), "local://east/data");
    assert_eq!(stack.run(&["plan", "-detailed-exitcode"]).code, 0);
    let folder = stack.path().join(".skyform/local/east/buckets/data");
    std::fs::remove_dir_all(&folder).expect("it is there");
    let plan = stack.run(&["plan", "-detailed-exitcode"]);
    assert_eq!(plan.code, 2);
    assert!(plan.stdout.contains("bucket.data has been deleted"), "{}", plan.stdout);
    assert!(plan.stdout.contains("1 to add, 0 to change, 0 to destroy"), "{}", plan.stdout);
    stack.good(&["apply", "-auto-approve"]);
    assert!(folder.join("bucket.json").exists());
    let changed = stack.good(&["apply", "-auto-approve", "-var", "versioning=true"]);
    assert!(changed.contains("0 added, 1 changed, 0 destroyed"), "{changed}");
    assert!(stack.read(".skyform/local/east/buckets/data/bucket.json").contains("true"));
    stack.good(&["destroy", "-auto-approve"]);
    assert!(!folder.exists());
}

#[test]
fn a_full_bucket_is_not_destroyed_by_accident() {
    let stack = Stack::new(&[("main.hcl", BUCKETS)]);
    stack.good(&["apply", "-auto-approve"]);
    stack.write(".skyform/local/east/buckets/data/objects/a.csv", "1,2\n");
    let said = stack.bad(&["destroy", "-auto-approve"]);
    assert!(said.contains("Bucket is not empty") && said.contains("force_destroy"), "{said}");
    // The others are gone, this one is still known.
    assert_eq!(stack.good(&["state", "list"]), "bucket.data\n");
    let forced = BUCKETS.replace("versioning = var.versioning", "force_destroy = true");
    stack.write("main.hcl", &forced);
    stack.good(&["apply", "-auto-approve", "-target=bucket.data"]);
    stack.good(&["destroy", "-auto-approve"]);
    assert_eq!(stack.good(&["state", "list"]), "");
}

#[test]
fn mistakes_about_clouds_are_said_at_their_line() {
    for (from, to, expected) in [
        ("driver = \"local\"", "driver = \"rocket\"", ["Driver not available", "main.hcl:11:16"]),
        ("cloud = \"east\"", "cloud = \"wset\"", ["Unknown cloud", "main.hcl:17:11"]),
        ("cloud.east", "cloud.esat", ["Did you mean \"cloud.east\"?", "main.hcl:11:16"]),
        ("\"many-${count.index}\"", "\"NO\"", ["Invalid bucket name", "main.hcl:15"]),
    ] {
        let stack = Stack::new(&[("main.hcl", &BUCKETS.replace(from, to))]);
        let said = stack.bad(&["apply", "-auto-approve"]);
        for part in expected {
            assert!(said.contains(part), "{to}: {part} in {said}");
        }
    }
}

#[test]
fn buckets_of_a_run_that_was_killed_are_all_known() {
    let text = BUCKETS.replace("count = 2", "count = 60");
    let (mut kills, mut found) = (0, 0);
    for round in 0..8 {
        let stack = Stack::new(&[("main.hcl", &text)]);
        let mut child = stack
            .command(&["apply", "-auto-approve", "-parallelism=4"])
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .expect("the program runs");
        let folder = stack.path().join(".skyform/local/east/buckets");
        let count = || {
            let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten();
            entries.filter(|entry| entry.path().join("bucket.json").exists()).count()
        };
        kills += kill_when(&mut child, || count() > 6 * round);
        let made = count();
        // The next plan counts only what is missing: everything made is known to it.
        let plan = stack.good(&["plan"]);
        let missing = format!("{} to add", 61 - made);
        let complete = made == 61 && !plan.contains("to add");
        assert!(complete || plan.contains(&missing), "round {round}: {made} made\n{plan}");
        found += usize::from(made > 0 && made < 61);
        stack.good(&["apply", "-auto-approve"]);
        assert_eq!(count(), 61);
        assert_eq!(stack.run(&["plan", "-detailed-exitcode"]).code, 0);
        stack.good(&["destroy", "-auto-approve"]);
        assert_eq!(count(), 0, "round {round}: nothing is left behind");
    }
    assert!(kills > 2 && found > 1, "{kills} kills, {found} of them in the middle, say nothing");
}

#[test]
fn a_bucket_that_is_there_is_taken_over_by_its_url() {
    let stack = Stack::new(&[("main.hcl", BUCKETS)]);
    stack.good(&["apply", "-auto-approve"]);
    stack.good(&["state", "rm", "bucket.data"]);
    let exists = stack.bad(&["apply", "-auto-approve"]);
    assert!(exists.contains("Bucket exists already"), "{exists}");
    let import = "\nimport {\n  to = bucket.data\n  id = \"local://east/data\"\n}\n";
    stack.write("main.hcl", &format!("{BUCKETS}{import}"));
    let plan = stack.good(&["plan"]);
    assert!(plan.contains("1 to import, 0 to add, 0 to change, 0 to destroy"), "{plan}");
    stack.good(&["apply", "-auto-approve"]);
    assert_eq!(stack.run(&["plan", "-detailed-exitcode"]).code, 0);
    stack.write("main.hcl", BUCKETS);
    stack.good(&["state", "rm", "bucket.data"]);
    stack.good(&["import", "bucket.data", "local://east/data"]);
    assert_eq!(stack.run(&["plan", "-detailed-exitcode"]).code, 0);
    stack.good(&["state", "rm", "bucket.data"]);
    let nothing = stack.bad(&["import", "bucket.data", "local://east/none"]);
    assert!(nothing.contains("Nothing to import"), "{nothing}");
}
