/*
 * Dunlin: sockets, HTTP and driver tables for firmware.
 *
 * Made from src/ by `cargo xtask header`; change the Rust source, not this file.
 * SPDX-License-Identifier: Apache-2.0 OR MIT
 *
 * Results are int32_t (dunlin_ssize_t for byte counts): >= 0 is success, a count or a handle;
 * < 0 is an error of enum dunlin_err, or a driver's own (<= -10000). See the README for the
 * conventions of handles, strings, structs, deadlines and tasks.
 */
#ifndef DUNLIN_DUNLIN_H
#define DUNLIN_DUNLIN_H

#include <stddef.h>
#include <stdint.h>

#define DUNLIN_VERSION "@VERSION@"

/* What a pointer may be; checked by clang, and by Dunlin itself at run time. */
#if defined(__clang__)
#define DUNLIN_NONNULL _Nonnull
#define DUNLIN_NULLABLE _Nullable
#else
#define DUNLIN_NONNULL
#define DUNLIN_NULLABLE
#endif

#if defined(__GNUC__) || defined(__clang__)
#define DUNLIN_MUST_USE __attribute__((warn_unused_result))
#define DUNLIN_NORETURN __attribute__((noreturn))
#define DUNLIN_DEPRECATED __attribute__((deprecated))
#define DUNLIN_DEPRECATED_NOTE(text) __attribute__((deprecated(text)))
#else
#define DUNLIN_MUST_USE
#define DUNLIN_NORETURN
#define DUNLIN_DEPRECATED
#define DUNLIN_DEPRECATED_NOTE(text)
#endif

#ifdef __cplusplus
extern "C" {
#endif

