//! Short ways to build and return errors, so that a good one is the easy one to write.

/// Builds an error [`Diagnostic`](crate::Diagnostic).
///
/// ```
/// # use skyform_diag::{error_at, SourceId, Span};
/// # let (span, name) = (Span::new(SourceId(0), 0, 1), "sice");
/// let error = error_at!(span, "Unsupported argument", "An argument named \"{name}\" is not expected here.";
///     hint: "Did you mean \"size\"?");
/// assert_eq!(error.detail, "An argument named \"sice\" is not expected here.");
/// ```
#[macro_export]
macro_rules! error_at {
    ($location:expr, $summary:expr, $($detail:expr),+ $(,)?) => {
        $crate::Diagnostic::error($location, $summary, format!($($detail),+))
    };
    ($location:expr, $summary:expr, $($detail:expr),+ ; hint: $($hint:expr),+ $(,)?) => {
        $crate::Diagnostic::error($location, $summary, format!($($detail),+)).hint(format!($($hint),+))
    };
}

/// Returns an error diagnostic from the function, converted into its error type.
#[macro_export]
macro_rules! bail_at {
    ($($arguments:tt)+) => {
        return Err($crate::error_at!($($arguments)+).into())
    };
}
