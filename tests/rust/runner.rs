use comfycontrol_decode::{Body, Options, is_uuid_text, read_runner};
use comfycontrol_runners::runner::{ManagedRunner, takes_workflow};

#[test]
fn uuids_are_of_any_version_and_case() {
    assert!(is_uuid_text(b"018f9c3e-0000-7000-8000-00000000000a"));
    assert!(is_uuid_text(b"FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF"));
    for text in [
        "",
        "018f9c3e",
        "018f9c3e00007000800000000000000a",
        "018f9c3e-0000-7000-8000-00000000000g",
        "018f9c3e-0000-7000-8000-00000000000a ",
        "018f9c3e-0000-7000-80000-0000000000a",
        "018f9c3e-0000-7000-8000-0000000000é",
        "../../../../../../../../etc/password",
        "------------------------------------",
    ] {
        assert!(!is_uuid_text(text.as_bytes()), "{text}");
    }
}

#[test]
fn a_runner_takes_a_workflow_if_it_has_no_tags_or_all_that_are_required() {
    for (tags, required, takes) in [
        ("", "", true),
        ("", "gpu", true),
        ("gpu", "", true),
        ("gpu eu", "gpu", true),
        ("gpu eu", "eu gpu", true),
        ("gpu eu", "gpu gpu", true),
        ("gpu", "gpu eu", false),
        ("gpu", "eu", false),
        ("gpu", "GPU", false),
        ("gpu:a100", "gpu", false),
    ] {
        let [tags, required] =
            [tags, required].map(|text| text.split_whitespace().map(str::to_owned).collect());
        let (tags, required): (Vec<String>, Vec<String>) = (tags, required);
        assert_eq!(
            takes_workflow(&tags, &required),
            takes,
            "{tags:?} {required:?}"
        );
    }
}

#[test]
fn a_row_is_a_runner_with_all_its_members() {
    let body = concat!(
        r#"{"id":"018F9C3E-0000-7000-8000-00000000000A","name":"r\u00e9nder 😀","#,
        r#""runner_type":"pro","status":"active","tags":["gpu","eu"],"#,
        r#""created_at":"2024-01-15T10:30:00Z","updated_at":"2024-01-16T10:30:00+01:00"}"#
    );
    let page = read_runner(&Body::from(body.as_bytes()), Options::default()).unwrap();
    let runners: Vec<ManagedRunner> = page.runners().map(ManagedRunner::from).collect();
    let expected = ManagedRunner {
        id: "018F9C3E-0000-7000-8000-00000000000A".into(),
        name: "rénder 😀".into(),
        runner_type: "pro".into(),
        status: "active".into(),
        tags: vec!["gpu".into(), "eu".into()],
        created_at: "2024-01-15T10:30:00Z".into(),
        updated_at: "2024-01-16T10:30:00+01:00".into(),
    };
    assert_eq!(runners, [expected]);
}
