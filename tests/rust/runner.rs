use comfycontrol_runners::runner::is_uuid;

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
