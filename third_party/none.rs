//! Nothing: the manifest beside this file is for its pins.
