//! Least-cost placement of tasks on clouds, with a proven bound.
