//! Why a call failed.

use wasm_bindgen::prelude::*;

use super::error::caused;
use super::response_of::AnswerInfo;
use crate::error::Failure;

/// Why a call failed. Several callers may wait for one call: each gets an error object of its own.
pub enum CallError {
    /// An error of this package.
    Failure {
        failure: Box<Failure>,
        /// What the host threw, if it did.
        cause: Option<JsValue>,
        answer: Option<AnswerInfo>,
    },
    /// What is passed on as it is: the reason of an abort.
    Thrown(JsValue),
}

impl CallError {
    pub fn new(failure: Failure, cause: Option<JsValue>, answer: Option<AnswerInfo>) -> Self {
        Self::Failure {
            failure: Box::new(failure),
            cause,
            answer,
        }
    }

    /// What the caller's promise rejects with.
    pub fn to_js(&self) -> JsValue {
        let (failure, cause, answer) = match self {
            Self::Thrown(thrown) => return thrown.clone(),
            Self::Failure {
                failure,
                cause,
                answer,
            } => (failure, cause, answer),
        };
        let error = match cause {
            Some(cause) => caused(failure, cause),
            None => JsValue::from(failure.as_ref()),
        };
        if let Some(answer) = answer {
            answer.remember(&error);
        }
        error
    }
}

impl From<Failure> for CallError {
    fn from(failure: Failure) -> Self {
        Self::new(failure, None, None)
    }
}

impl From<JsValue> for CallError {
    fn from(thrown: JsValue) -> Self {
        Self::Thrown(thrown)
    }
}
