//! palisade-macros
