use comfycontrol_runners::page::page_count;

#[test]
fn page_count_rounds_up() {
    for (total, per_page, count) in [
        (0, 10, 0),
        (1, 10, 1),
        (10, 10, 1),
        (11, 10, 2),
        (1_000, 100, 10),
        (u64::MAX, 1, u64::MAX),
        // No page size, but no reason to end the process either.
        (5, 0, 5),
    ] {
        assert_eq!(page_count(total, per_page), count);
    }
}
