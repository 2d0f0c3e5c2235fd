//! The emulator module.
