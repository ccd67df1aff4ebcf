//! The state that both readers of runners share: the position in the body, the rows, and the problems.
//!
//! If a method returns `None`, the body is not JSON, and the scanner is at the first error. Then only
//! [`Reader::finish`] may be called.

use crate::body::Body;
use crate::builder::PageBuilder;
use crate::page::{OnInvalid, Options, Page};
use crate::problem::{Expected, Field, Problem};
use crate::scanner::Scanner;

pub(crate) struct Reader<'a> {
    pub(crate) scanner: Scanner<'a>,
    pub(crate) builder: PageBuilder,
    pub(crate) options: Options,
    /// The first problem that makes the reading fail. If the body is not JSON, that problem replaces it.
    problem: Option<Problem>,
}

/// The state of a member. Offsets are those of [`Problem::offset`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MemberState {
    Missing,
    Valid,
    Invalid { offset: u32 },
    InvalidTag { tag: u32, offset: u32 },
}

impl<'a> Reader<'a> {
    pub(crate) fn new(body: &'a Body, options: Options) -> Self {
        Self {
            scanner: Scanner::new(body),
            builder: PageBuilder::new(body.len(), options.keys),
            options,
            problem: None,
        }
    }

    /// Records a problem. It makes the reading fail, unless problems of its kind are collected.
    #[inline(never)]
    pub(crate) fn note(&mut self, problem: Problem) {
        let is_collected = match self.options.on_invalid {
            OnInvalid::Fail => false,
            OnInvalid::CollectRunners => problem.runner.is_some(),
            OnInvalid::CollectAll => true,
        };
        if is_collected {
            self.builder.push_invalid(problem);
        } else {
            self.problem.get_or_insert(problem);
        }
    }

    /// Records the problems of the members of an object, in their order. Returns whether there are none.
    ///
    /// `object` is the problem of a value that is not an object; the members' problems are made from it.
    #[inline(never)]
    pub(crate) fn note_members(
        &mut self,
        object: Problem,
        fields: &[Field],
        states: &[MemberState],
    ) -> bool {
        let mut is_valid = true;
        for (&field, &state) in fields.iter().zip(states) {
            let mut problem = Problem {
                field: Some(field),
                expected: field.expected(),
                ..object
            };
            match state {
                MemberState::Valid => continue,
                MemberState::Missing => problem.missing = true,
                MemberState::Invalid { offset } => problem.offset = offset,
                MemberState::InvalidTag { tag, offset } => {
                    problem.expected = Expected::String;
                    problem.tag = Some(tag);
                    problem.offset = offset;
                }
            }
            is_valid = false;
            self.note(problem);
        }
        is_valid
    }

    /// Drops all rows and all problems.
    pub(crate) fn clear(&mut self) {
        self.builder.clear();
        self.problem = None;
    }

    /// The page, or why there is none. `read` is what reading the body's value returned.
    pub(crate) fn finish(mut self, read: Option<()>) -> Result<Page, Problem> {
        if read.and_then(|()| self.scanner.end()).is_none() {
            return Err(self.scanner.syntax_problem());
        }
        match self.problem {
            Some(problem) => Err(problem),
            None => Ok(self.builder.finish()),
        }
    }
}
