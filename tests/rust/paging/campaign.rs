//! The guarantees of an enumeration, in many runs against a list that changes while it is read.

use comfycontrol_runners::paging::{Complete, Consistency, State, Why};
use proptest::prelude::*;

use super::model::{Changes, Outcome, Plan, play};
use crate::random::Random;

/// Mostly short lists: more goes wrong in them in less time.
fn plan(seed: u64, changes: Changes) -> Plan {
    let mut random = Random(seed << 8 | changes as u64);
    let per_page = match random.below(20) {
        0 => 1 + random.below(100),
        1..5 => 1 + random.below(20),
        _ => 1 + random.below(4),
    };
    let pages = random.below(20);
    let (batches, batch) = (1 + random.below(20), 1 + random.below(2 * per_page));
    Plan {
        seed,
        rows: per_page * pages + random.below(per_page),
        per_page: per_page as u32,
        concurrency: 1 + random.below(8) as u32,
        consistency: Consistency::Reconcile,
        changes,
        batches: random.below(batches),
        batch: 1 + random.below(batch),
        same_time: 1 + random.below(4),
        resumes: 0,
    }
}

/// What holds for every run.
fn check(plan: &Plan, outcome: &Outcome) {
    let report = &outcome.report;
    let concurrency = plan.concurrency as usize;
    let at_most = |what: &str, number: usize, most: usize| {
        assert!(number <= most, "{number} {what}, at most {most}: {plan:?}");
    };
    if plan.consistency != Consistency::None {
        assert_eq!(outcome.repeated(), 0, "{plan:?}");
    }
    assert_eq!(report.unique, outcome.handed_over.len() as u64, "{plan:?}");
    at_most("under way", outcome.most_under_way, concurrency);
    at_most("pages held", outcome.most_held, 3 * concurrency);
    if plan.resumes == 0 {
        assert_eq!(report.requests, outcome.requests, "{plan:?}");
        let pages = report.total_start.div_ceil(u64::from(plan.per_page)) as usize;
        let most = 2 * pages + 16 + 4 * concurrency;
        at_most("requests", outcome.requests as usize, most);
    }
    match report.complete {
        Complete::True => {
            assert_eq!(outcome.state, State::Done, "{plan:?}");
            assert_eq!(outcome.lost(), [], "{plan:?}");
        }
        Complete::False => {
            let seen_to_change = plan.consistency != Consistency::Reconcile && outcome.batches > 0;
            // In these cases missing runners do not make the machine read from page 1 again.
            let paused = outcome.batches > 0 && (plan.resumes > 0 || plan.rows > 4096);
            let ended = outcome.state == State::Done;
            assert!(!ended || seen_to_change || paused, "{plan:?}");
        }
        Complete::Unknown => assert_eq!(outcome.state, State::Done, "{plan:?}"),
    }
    if outcome.batches == 0 {
        assert_eq!(outcome.state, State::Done, "{plan:?}");
        assert_eq!(outcome.handed_over, outcome.list, "{plan:?}");
        // Runners that were created at the same time are listed by id.
        let characters = outcome.longest_checkpoint;
        at_most("characters of checkpoint", characters, 123 + 22 * 40);
        if plan.resumes == 0 {
            let pages = (plan.rows as u64).div_ceil(u64::from(plan.per_page)).max(1);
            assert_eq!(outcome.requests, pages, "{plan:?}");
            assert_eq!(report.duplicates, 0, "{plan:?}");
        }
    }
    // The guarantee.
    let visible = outcome.all_changes_shown
        || matches!(
            plan.changes,
            Changes::Leave | Changes::Join | Changes::Visible
        );
    if plan.consistency == Consistency::Reconcile && outcome.state == State::Done && visible {
        assert_eq!(outcome.lost(), [], "{plan:?}");
    }
}

#[derive(Debug, Default)]
struct Sum {
    runs: u64,
    done: u64,
    /// Runs with changes, all of which were shown by an answer.
    shown: u64,
    /// Runs that lost something.
    lost: u64,
}

/// Plays many runs; `CAMPAIGN` times as many if that environment variable is set.
fn campaign(changes: Changes, runs: u64, adapt: impl Fn(&mut Plan)) -> Sum {
    let factor = std::env::var("CAMPAIGN").map_or(1, |factor| factor.parse().expect("a number"));
    let mut sum = Sum::default();
    for seed in 0..runs * factor {
        let mut plan = plan(seed, changes);
        adapt(&mut plan);
        let outcome = play(&plan);
        check(&plan, &outcome);
        let done = outcome.state == State::Done;
        sum.runs += 1;
        sum.done += u64::from(done);
        sum.shown += u64::from(outcome.all_changes_shown && outcome.batches > 0);
        sum.lost += u64::from(done && !outcome.lost().is_empty());
    }
    println!("{changes:?}: {sum:?}");
    sum
}

fn as_planned(_: &mut Plan) {}

#[test]
fn nothing_is_lost_while_runners_leave() {
    let sum = campaign(Changes::Leave, 1_500, as_planned);
    assert!(sum.done * 1000 >= sum.runs * 999 && sum.lost == 0);
}

#[test]
fn nothing_is_lost_while_runners_join() {
    let sum = campaign(Changes::Join, 1_500, as_planned);
    assert!(sum.done * 1000 >= sum.runs * 999 && sum.lost == 0);
}

#[test]
fn nothing_is_lost_while_every_change_moves_total() {
    let sum = campaign(Changes::Visible, 3_000, as_planned);
    assert!(sum.done * 1000 >= sum.runs * 999 && sum.lost == 0);
}

#[test]
fn nothing_is_lost_while_the_answers_show_every_change() {
    let sum = campaign(Changes::Shown, 8_000, as_planned);
    assert!(sum.done * 1000 >= sum.runs * 999 && sum.shown > sum.runs / 3);
}

#[test]
fn a_loss_that_cannot_be_seen_is_rare_and_never_denied() {
    let sum = campaign(Changes::Any, 6_000, as_planned);
    assert!(sum.lost > 0 && sum.lost < sum.runs / 100);
}

#[test]
fn an_interrupted_enumeration_goes_on_as_if_nothing_had_happened() {
    for changes in [
        Changes::None,
        Changes::Leave,
        Changes::Join,
        Changes::Visible,
        Changes::Shown,
    ] {
        let sum = campaign(changes, 1_500, |plan| plan.resumes = 3);
        assert!(sum.done * 1000 >= sum.runs * 999);
    }
}

#[test]
fn a_list_that_never_stops_changing_ends_in_list_changed() {
    for changes in [
        Changes::Leave,
        Changes::Join,
        Changes::Visible,
        Changes::Shown,
        Changes::Any,
    ] {
        let sum = campaign(changes, 150, |plan| {
            plan.rows *= 3;
            plan.batches = usize::MAX;
        });
        assert!(sum.done < sum.runs || changes == Changes::Leave);
    }
}

#[test]
fn without_reading_again_runners_are_lost_and_changes_reported() {
    for consistency in [Consistency::None, Consistency::Detect] {
        let sum = campaign(Changes::Leave, 1_000, |plan| plan.consistency = consistency);
        assert!(sum.lost > sum.runs / 10);
    }
}

#[test]
fn long_lists_forget_what_is_far_behind() {
    let sum = campaign(Changes::Visible, 4, |plan| {
        plan.rows = 14_000;
        (plan.per_page, plan.concurrency, plan.batches, plan.batch) = (50, 2, 20, 100);
    });
    assert_eq!(sum.done, sum.runs);
}

fn any_plan() -> impl Strategy<Value = Plan> {
    let changes = [
        Changes::Leave,
        Changes::Join,
        Changes::Visible,
        Changes::Shown,
        Changes::Any,
    ];
    let size = (0..60_usize, 1..=100_u32, 1..=8_u32);
    let traffic = (
        prop::sample::select(changes.to_vec()),
        0..20_usize,
        1..10_usize,
        1..6_usize,
        0..4_usize,
    );
    (any::<u64>(), size, traffic).prop_map(|(seed, (rows, per_page, concurrency), traffic)| {
        let (changes, batches, batch, same_time, resumes) = traffic;
        Plan {
            seed,
            rows,
            per_page: per_page.min(1 + rows as u32),
            concurrency,
            consistency: Consistency::Reconcile,
            changes,
            batches,
            batch,
            same_time,
            resumes,
        }
    })
}

proptest! {
    /// The same with plans that shrink when they fail.
    #[test]
    fn the_guarantee_holds(plan in any_plan()) {
        let outcome = play(&plan);
        check(&plan, &outcome);
        prop_assert_ne!(outcome.state, State::Failed(Why::Request));
    }
}
