//! The portable AI blocks as one provider, over any cloud.
