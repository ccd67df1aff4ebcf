use comfycontrol_runners::runner::{accepts, is_uuid};

#[test]
fn a_runner_takes_a_workflow_if_it_carries_all_its_tags_or_has_none() {
    let cases: [(&[&str], &[&str], bool); 7] = [
        (&["gpu", "eu"], &["gpu"], true),
        (&["gpu", "eu"], &["eu", "gpu"], true),
        (&["gpu"], &["gpu", "eu"], false),
        (&["GPU"], &["gpu"], false),
        (&[], &["gpu"], true),
        (&["gpu"], &[], true),
        (&[], &[], true),
    ];
    for (tags, required, expected) in cases {
        let found = accepts(tags.len() as u32, required, |tag| tags.contains(tag));
        assert_eq!(found, expected, "{tags:?} {required:?}");
    }
}

#[test]
fn uuids_of_any_version_and_case() {
    assert!(is_uuid("018f9c3e-0000-7000-8000-00000000000a"));
    assert!(is_uuid("FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF"));
    for text in [
        "",
        "018f9c3e",
        "018f9c3e00007000800000000000000a",
        "018f9c3e-0000-7000-8000-00000000000g",
        "018f9c3e-0000-7000-8000-00000000000a ",
        "../../etc/passwd",
        "018f9c3e-0000-7000-80000-0000000000a",
    ] {
        assert!(!is_uuid(text), "{text}");
    }
}
