//! Tests of the metrics, as a scraper reads them.

use super::*;

/// The lines of a metric, sorted.
fn lines(text: &str, name: &str) -> Vec<String> {
    let mut lines: Vec<String> = text
        .lines()
        .filter(|line| line.starts_with(name) && !line.starts_with('#'))
        .map(str::to_owned)
        .collect();
    lines.sort();
    lines
}

#[test]
fn everything_counted_is_in_the_text() {
    let metrics = Metrics::new("fraud", "tract", 2);
    metrics.answered("infer", 200);
    metrics.answered("infer", 200);
    metrics.answered("infer", 400);
    metrics.ran(5, Duration::from_micros(10));
    metrics.ran(1, Duration::from_millis(1));
    let in_flight = metrics.in_flight();
    let text = metrics.text();
    drop(in_flight);
    let cases: [(&str, &[&str]); 6] = [
        (
            "skyform_requests_total",
            &[
                "skyform_requests_total{model=\"fraud\",method=\"infer\",code=\"200\"} 2",
                "skyform_requests_total{model=\"fraud\",method=\"infer\",code=\"400\"} 1",
            ],
        ),
        ("skyform_rows_total", &["skyform_rows_total{model=\"fraud\"} 6"]),
        ("skyform_in_flight", &["skyform_in_flight{model=\"fraud\"} 1"]),
        ("skyform_replicas", &["skyform_replicas{model=\"fraud\"} 2"]),
        (
            "skyform_build_info",
            &[concat!(
                "skyform_build_info{version=\"",
                env!("CARGO_PKG_VERSION"),
                "\",runtime=\"tract\"} 1"
            )],
        ),
        (
            "skyform_inference_duration_seconds_count",
            &["skyform_inference_duration_seconds_count{model=\"fraud\"} 2"],
        ),
    ];
    for (name, expected) in cases {
        assert_eq!(lines(&text, name), expected, "{text}");
    }
    let in_flight = lines(&metrics.text(), "skyform_in_flight");
    assert_eq!(in_flight, ["skyform_in_flight{model=\"fraud\"} 0"]);
}

#[test]
fn buckets_reach_from_microseconds_to_seconds() {
    let metrics = Metrics::new("fraud", "tract", 1);
    metrics.ran(1, Duration::from_micros(3));
    metrics.ran(1, Duration::from_millis(400));
    metrics.ran(1, Duration::from_secs(60));
    let text = metrics.text();
    let counts: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("skyform_inference_duration_seconds_bucket"))
        .filter_map(|line| line.rsplit(' ').next())
        .collect();
    // Each counts what is below it too: the last of all, over 2.5 seconds, counts everything.
    let expected = [vec!["1"; 15], vec!["2"; 3], vec!["3"]].concat();
    assert_eq!(counts, expected, "{text}");
}
