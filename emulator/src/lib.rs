//! The documented API as a local server.
