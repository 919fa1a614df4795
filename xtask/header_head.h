/*
 * Dunlin: sockets, HTTP and driver tables for firmware.
 *
 * Made from src/ by `cargo xtask header`; change the Rust source, not this file.
 * SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Results are int32_t (dunlin_ssize_t for byte counts): >= 0 is success, a count or a handle;
 * < 0 is an error of enum dunlin_err, or a driver's own (<= -10000). See the README for the
 * conventions of handles, strings, structs, deadlines and tasks.
 *
 * Beside what its comment lists, every function that needs the library may return
 * DUNLIN_ERR_STATE before dunlin_init(), DUNLIN_ERR_REENTRANT from inside a driver's function,
 * DUNLIN_ERR_NAME_TOO_LONG for a string without an end; and one that blocks DUNLIN_ERR_NO_SLOT
 * when DUNLIN_MAX_TASKS tasks wait already. Nothing given by pointer is kept past the call
 * unless the comment says so.
 */
#ifndef DUNLIN_DUNLIN_H
#define DUNLIN_DUNLIN_H

#include <stddef.h>
#include <stdint.h>

#define DUNLIN_VERSION "@VERSION@"

#ifdef __cplusplus
extern "C" {
#endif

