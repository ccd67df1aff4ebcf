//! Bytes in, checked columns out.
