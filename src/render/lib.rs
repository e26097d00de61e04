//! Plans, states, placements and diagnostics as text, JSON and HTML.
