//! palisade-store-sqlite
