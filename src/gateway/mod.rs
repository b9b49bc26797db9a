//! Serves the HARP gateway binding: routes, exchanges, store, streams.
