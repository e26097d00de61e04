//! Data and models: sources, cleaning, formats, digests, metrics.
