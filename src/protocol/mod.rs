//! Describes what goes over the wire: no I/O.
