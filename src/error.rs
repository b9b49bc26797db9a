//! Failures of every stage, whose fault they are, and what to do next.
