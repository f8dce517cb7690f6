//! Core errors as JavaScript errors with a stable `code`.

/// The `code` property.
pub struct Code(&'static str);

impl AsRef<str> for Code {
    fn as_ref(&self) -> &str {
        self.0
    }
}

impl From<napi::Status> for Code {
    fn from(_: napi::Status) -> Self {
        Self("ERR_SYSTEM")
    }
}

/// What every fallible export returns.
pub type Result<T> = std::result::Result<T, napi::Error<Code>>;

pub(crate) fn thrown(error: manyhands_sync::Error) -> napi::Error<Code> {
    napi::Error::new(Code(error.code()), error.to_string())
}

pub(crate) fn refused(code: &'static str, message: &str) -> napi::Error<Code> {
    napi::Error::new(Code(code), message.to_owned())
}
