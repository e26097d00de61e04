//! Graph, refresh, diff, plan and apply.
