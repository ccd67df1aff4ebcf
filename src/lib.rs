//! The client for ComfyControl's managed runners.
