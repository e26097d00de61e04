//! Words of the guard; what it does is tested by whole plans and applies in `apply/faults.rs`.

use super::*;

#[test]
fn limits_are_shown_in_the_unit_that_they_are_given_in() {
    let cases = [(6 * 3600, "6 h"), (600, "10 min"), (90, "90 s"), (0, "0 ms")];
    for (seconds, expected) in cases {
        assert_eq!(shown(Duration::from_secs(seconds)), expected);
    }
}

#[test]
fn a_panic_says_what_it_said() {
    let text: Box<dyn std::any::Any + Send> = Box::new("out of luck");
    let owned: Box<dyn std::any::Any + Send> = Box::new("no".to_owned());
    let other: Box<dyn std::any::Any + Send> = Box::new(7);
    assert_eq!(
        [message(&*text), message(&*owned), message(&*other)],
        ["out of luck", "no", "a panic"]
    );
}
