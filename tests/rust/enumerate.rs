use comfycontrol_runners::enumerate::{Complete, Consistency, State, Why};

use crate::enumerate_model::{Changes, Outcome, Plan, Random, play};

/// Plays many plans that a seed decides, and checks what holds for every one of them. The environment
/// variable `CAMPAIGN` multiplies how many.
fn campaign(changes: Changes, runs: u64, resumes: usize) -> [u64; 4] {
    let [mut done, mut failed, mut lost, mut requests, mut told] = [0; 5];
    let factor = std::env::var("CAMPAIGN").map_or(1, |factor| factor.parse().expect("a number"));
    let runs = runs * factor;
    for seed in 0..runs {
        let mut random = Random(seed << 8 | changes as u64);
        // Mostly short lists, in which more goes wrong in less time.
        let per_page = match random.below(20) {
            0 => 1 + random.below(100),
            1..5 => 1 + random.below(20),
            _ => 1 + random.below(4),
        };
        let pages = random.below(20);
        let (batches, batch) = (1 + random.below(20), 1 + random.below(2 * per_page));
        let plan = Plan {
            seed,
            rows: per_page * pages + random.below(per_page),
            per_page: per_page as u32,
            concurrency: 1 + random.below(8) as u32,
            consistency: Consistency::Reconcile,
            changes,
            batches: random.below(batches),
            batch: 1 + random.below(batch),
            same_time: 1 + random.below(4),
            resumes,
        };
        let outcome = play(&plan);
        check(&plan, &outcome);
        told += u64::from(outcome.told && outcome.batches > 0);
        requests += outcome.sent;
        match outcome.state {
            State::Done => done += 1,
            _ => failed += 1,
        }
        if outcome.state == State::Done && !outcome.lost().is_empty() {
            lost += 1;
            let unseen = matches!(changes, Changes::Any | Changes::Told) && !outcome.told;
            assert!(
                unseen,
                "lost {} of {}, {outcome:?}\n{plan:?}",
                outcome.lost().len(),
                outcome.always.len(),
            );
        }
    }
    println!(
        "{changes:?}: {runs} runs, {done} done, {failed} failed, {told} told, {lost} with a loss, {requests} requests"
    );
    [done, failed, lost, requests]
}

fn check(plan: &Plan, outcome: &Outcome) {
    let report = &outcome.report;
    assert_eq!(outcome.repeated(), 0, "{plan:?}");
    assert_eq!(report.unique, outcome.handed.len() as u64, "{plan:?}");
    assert!(
        outcome.most_held <= 3 * plan.concurrency as usize,
        "{} held, {plan:?}",
        outcome.most_held
    );
    assert!(
        outcome.most_under_way <= plan.concurrency as usize,
        "{plan:?}"
    );
    assert!(
        report.requests >= outcome.sent || plan.resumes > 0,
        "{plan:?}"
    );
    if outcome.state == State::Failed(Why::ListChanged) {
        assert_ne!(plan.changes, Changes::None, "{plan:?}");
    }
    if plan.changes == Changes::None {
        // Runners of one moment are listed by id.
        let known = outcome.longest_checkpoint.saturating_sub(102) as f64 / 21.3;
        assert!(known <= 40.0, "{known} ids, {plan:?}");
    }
    match report.complete {
        Complete::True => assert!(outcome.lost().is_empty(), "{plan:?}"),
        Complete::False => {}
        Complete::Unknown => assert_eq!(outcome.state, State::Done),
    }
    if outcome.batches == 0 && plan.resumes == 0 {
        assert_eq!(outcome.handed, outcome.list, "{plan:?}");
        let pages = (plan.rows as u64).div_ceil(u64::from(plan.per_page)).max(1);
        assert_eq!((outcome.sent, report.duplicates), (pages, 0), "{plan:?}");
    }
}

#[test]
fn nothing_is_lost_while_runners_leave() {
    campaign(Changes::Leave, 2000, 0);
}

#[test]
fn nothing_is_lost_while_runners_join() {
    campaign(Changes::Join, 2000, 0);
}

#[test]
fn nothing_is_lost_while_every_change_moves_total() {
    campaign(Changes::Visible, 4000, 0);
}

#[test]
fn nothing_is_lost_while_every_change_is_told() {
    campaign(Changes::Told, 6000, 0);
}

#[test]
fn any_changes() {
    campaign(Changes::Any, 3000, 0);
}

#[test]
fn an_interrupted_enumeration_goes_on_as_if_nothing_had_happened() {
    for changes in [
        Changes::None,
        Changes::Leave,
        Changes::Join,
        Changes::Visible,
        Changes::Told,
    ] {
        campaign(changes, 1500, 3);
    }
}
