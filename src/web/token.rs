//! Asks the caller for the token of a request.

use web_sys::AbortSignal;

use super::call_error::CallError;
use super::cancellation::check_aborted;
use super::client::{Client, check_token};
use super::context::AsyncContext;
use super::error::unexpected_value;
use super::host::{self, Ending};
use super::options::Token;
use crate::error::Failure;

/// The client's token for the next request; `None` if it has none. A function of the caller is asked for it, in
/// `context`, for `timeout_ms` at most.
///
/// # Errors
/// `invalid_options` or `timeout` if the caller's function gives none; the signal's reason.
pub async fn ask(
    client: &Client,
    context: Option<&AsyncContext>,
    timeout_ms: u32,
    signal: Option<&AbortSignal>,
) -> Result<Option<String>, CallError> {
    let function = match &client.token {
        None => return Ok(None),
        Some(Token::Fixed(token)) => return Ok(Some(token.clone())),
        Some(Token::Function(function)) => function,
    };
    let outcome = host::call(context, function, timeout_ms, signal).await?;
    check_aborted(signal)?;
    let value = outcome.value();
    match outcome.ending() {
        Ending::Done => {
            let token = value.as_string().ok_or_else(|| {
                unexpected_value("token", "a function that returns a string", &value)
            })?;
            check_token(&token, "token")?;
            Ok(Some(token))
        }
        Ending::Failed => {
            let expected = "a function that returns a token";
            let failure = Failure::option("token", expected, "one that throws");
            Err(CallError::new(failure, Some(value), None))
        }
        _ => Err(Failure::token_timeout(timeout_ms).into()),
    }
}
