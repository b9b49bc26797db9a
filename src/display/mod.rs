//! Makes untrusted text safe to show to a person.
