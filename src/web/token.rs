//! Asks the caller for the token of a request.

use web_sys::AbortSignal;

use super::call_error::CallError;
use super::cancellation::check_aborted;
use super::client::{Client, check_token};
use super::context::AsyncContext;
use super::error::unexpected_value;
use super::host::{self, Ending, Outcome};
use super::options::Token;
use crate::error::Failure;

/// Where and how long to ask.
#[derive(Clone, Copy)]
pub struct Asking<'a> {
    pub context: Option<&'a AsyncContext>,
    pub timeout_ms: u32,
    pub signal: Option<&'a AbortSignal>,
}

impl Asking<'_> {
    /// The client's token for the next request; `None` if it has none.
    ///
    /// # Errors
    /// `invalid_options` or `timeout` if the caller's function gives none; the signal's reason.
    pub async fn token_of(self, client: &Client) -> Result<Option<String>, CallError> {
        match &client.token {
            None => Ok(None),
            Some(Token::Fixed(token)) => Ok(Some(token.clone())),
            Some(Token::Function(function)) => {
                let asked = host::call(self.context, function, self.timeout_ms, self.signal);
                self.given(&asked.await?).map(Some)
            }
        }
    }

    /// What the caller's function gave for a token.
    fn given(self, outcome: &Outcome) -> Result<String, CallError> {
        let value = outcome.value();
        check_aborted(self.signal)?;
        match outcome.ending() {
            Ending::Done => {
                let token = value.as_string().ok_or_else(|| {
                    unexpected_value("token", "a function that returns a string", &value)
                })?;
                check_token(&token, "token")?;
                Ok(token)
            }
            Ending::Failed => {
                let expected = "a function that returns a token";
                let failure = Failure::option("token", expected, "one that throws");
                Err(CallError::new(failure, Some(value), None))
            }
            _ => Err(Failure::token_timeout(self.timeout_ms).into()),
        }
    }
}
