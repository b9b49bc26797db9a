//! Holds the only unsafe code: fork, exec, ptys, descriptors.
