//! Speaks HTTP to a gateway on the enforcer's behalf.
