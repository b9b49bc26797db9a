//! Holds the approver's keys, reads its inbox and signs decisions.
