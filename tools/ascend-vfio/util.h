/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ascend-vfio - what every file needs: messages, memory, exit codes
 *
 * Memory: a command runs for a moment, so strings and arrays come from one arena that
 * lives as long as the process (what runs for long gives its part back by a mark).
 */
#ifndef ASCEND_UTIL_H
#define ASCEND_UTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define BIT(n)		(1ULL << (n))
#define KIB		1024ULL
#define MIB		(1024 * KIB)
#define GIB		(1024 * MIB)
#define TIB		(1024 * GIB)

/* A promise, documented in the man page: scripts depend on them. */
enum exit_code {
	EXIT_DONE	= 0,
	EXIT_FAILED	= 1,	/* check: warnings, no problem */
	EXIT_PROBLEMS	= 2,	/* check: problems; verify: not write combining */
	EXIT_REFUSED	= 3,	/* nothing was changed, as it would have done harm */
	EXIT_USAGE	= 64,	/* the command line is wrong */
};

/* The command that runs, for messages; quiet: only errors are said. */
extern const char *msg_command;
extern bool msg_quiet;

void error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void note(const char *format, ...) __attribute__((format(printf, 1, 2)));
void die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* From the arena; they end the process where there is no memory. */
void *zalloc(size_t size);
char *copy(const char *text);
char *fmt(const char *format, ...) __attribute__((format(printf, 1, 2)));
size_t arena_mark(void);
void arena_release(size_t mark);

/* Adds @text to a list "a, b": for messages. */
char *join(char *list, const char *separator, const char *text);

/* "64G": a power-of-two multiple, shortest form. */
char *size_text(u64 bytes);
u64 align_up(u64 value, u64 to);
u64 roundup_pow2(u64 value);
bool starts_with(const char *text, const char *start);

#endif
