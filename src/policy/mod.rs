//! Judges a request without asking a person.
