//! The enumeration of a list that changes while it is read.

mod campaign;
mod changes;
mod checkpoint;
mod forge;
mod limit;
mod lists;
mod memory;
mod model;
mod progress;
mod resume;
mod support;
