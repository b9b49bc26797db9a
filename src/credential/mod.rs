//! Keeps secrets in files that only their owner can read.
