//! State v4, journal, locks and stores.
