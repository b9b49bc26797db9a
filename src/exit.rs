//! The numbers a caller sees: only this file knows them.
