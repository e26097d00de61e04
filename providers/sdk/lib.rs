//! What a provider and a cloud are to the engine.
