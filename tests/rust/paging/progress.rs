//! The progress, the estimate and the report of an enumeration.

use comfycontrol_runners::pace::Pace;
use comfycontrol_runners::paging::{
    Complete, Consistency, Enumeration, EnumerationProgress, Report, Throughput, estimated_ms,
};

use serde_json::json;

use super::support::{list, page_of, read};

#[test]
fn the_estimate_takes_the_rate_limit_into_account() {
    // 40 requests per 10 s, so many of which may start now.
    let limit = |free_slots| (Some(Pace::DOCUMENTED), free_slots);
    let cases = [
        // 200 pages: at least 40 s.
        ((200, 0), limit(40), 40_050.0),
        ((200, 0), limit(0), 50_050.0),
        ((40, 0), limit(40), 500.0),
        ((41, 0), limit(40), 10_050.0),
        ((200, 0), (None, 0), 2_500.0),
        ((0, 2), limit(40), 50.0),
        ((0, 0), limit(40), 0.0),
        ((1, 0), limit(0), 10_050.0),
        // The requests under way come first.
        ((5, 4), (None, 0), 150.0),
    ];
    for ((remaining, under_way), (pace, free_slots), expected) in cases {
        let progress = EnumerationProgress {
            delivered: 0,
            total: None,
            requests: 0,
            under_way,
            remaining,
        };
        let throughput = Throughput {
            concurrency: 4,
            latency_ms: 50.0,
            pace,
            free_slots,
        };
        let estimated = estimated_ms(&progress, &throughput);
        assert_eq!(estimated, expected, "{progress:?}, {throughput:?}");
    }
}

#[test]
fn progress_counts_the_pages_still_to_be_requested() {
    let mut machine = Enumeration::new(10, 4, Consistency::Reconcile, None);
    let progress = machine.progress();
    assert_eq!((progress.total, progress.remaining), (None, 0));
    let request = machine.next_request().expect("page 1");
    machine.answered(request.ticket, 95, page_of(&list(95), 1, 10).1, 0);
    assert_eq!(machine.progress().remaining, 9);
    while machine.next_request().is_some() {}
    machine.consumed(3);
    let expected = EnumerationProgress {
        delivered: 3,
        total: Some(95),
        requests: 5,
        under_way: 4,
        remaining: 5,
    };
    assert_eq!(machine.progress(), expected);
}

#[test]
fn nothing_is_left_to_request_at_the_end() {
    let mut done = Enumeration::new(10, 4, Consistency::Reconcile, None);
    read(&mut done, |page, _| page_of(&list(95), page, 10));
    let mut failed = Enumeration::new(10, 4, Consistency::Reconcile, None);
    let first = failed.next_request().expect("page 1");
    failed.answered(first.ticket, 95, page_of(&list(95), 1, 10).1, 0);
    let second = failed.next_request().expect("page 2");
    failed.failed(second.ticket);
    for machine in [done, failed] {
        let progress = machine.progress();
        assert_eq!((progress.remaining, progress.under_way), (0, 0));
        assert_eq!(progress.total, Some(95));
    }
}

#[test]
fn a_consistency_has_one_of_three_names() {
    let cases = [
        ("none", Some(Consistency::None)),
        ("detect", Some(Consistency::Detect)),
        ("reconcile", Some(Consistency::Reconcile)),
        ("None", None),
        ("", None),
    ];
    for (name, expected) in cases {
        assert_eq!(Consistency::named(name), expected, "{name:?}");
    }
}

#[test]
fn a_report_is_serialized_as_javascript_sees_it() {
    let cases = [
        (Complete::False, json!(false)),
        (Complete::True, json!(true)),
        (Complete::Unknown, json!("unknown")),
    ];
    for (complete, written) in cases {
        let report = Report {
            unique: 1,
            duplicates: 2,
            total_start: 3,
            total_end: 4,
            requests: 5,
            complete,
        };
        let expected = json!({
            "unique": 1.0,
            "duplicates": 2.0,
            "totalStart": 3.0,
            "totalEnd": 4.0,
            "requests": 5.0,
            "complete": written,
        });
        assert_eq!(serde_json::to_value(report).expect("serializes"), expected);
    }
}
