/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The witnesses: what reached the simulated NPU, what the kernel said, and what it called.
 */
#ifndef SELFTESTS_LIB_LOG_H
#define SELFTESTS_LIB_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <linux/types.h>

enum sim_kind {
	SIM_WRITE,
	SIM_READ,
	SIM_RESET,
	SIM_SLEEP,	/* boots; value: for how many ms */
	SIM_AWAKE,
	SIM_OTHER,	/* CONNECT, IRQ, DMA, STATE ... */
};

/**
 * struct sim_event - one line of the log
 * @asleep: the access found the chip booting: a read gave all ones, a write had no effect
 */
struct sim_event {
	enum sim_kind	kind;
	bool		asleep;
	unsigned int	region;
	__u64		offset;
	unsigned int	size;
	__u64		value;
};

/**
 * struct simlog - reader of a simulator's log
 * @pos: how far the file was read
 * @head: how far @buf was parsed
 * @fill: how far @buf is filled
 */
struct simlog {
	int	fd;
	off_t	pos;
	size_t	head;
	size_t	fill;
	char	buf[65536];
};

/* Open at the end: only what arrives from now on is seen */
int simlog_open(struct simlog *log, const char *path);
void simlog_close(struct simlog *log);
/* Forget everything logged so far */
int simlog_mark(struct simlog *log);
/* The next line: 1, 0 when there is none yet, -errno, -EPROTO for a strange line */
int simlog_next(struct simlog *log, struct sim_event *event);
/* Whether the device was reset since the last call: 1, 0, -errno, -EPROTO */
int simlog_was_reset(struct simlog *log);

/**
 * struct kmsg - what the kernel logged since kmsg_open()
 */
struct kmsg {
	int	fd;
	char	*text;
	size_t	len;
};

int kmsg_open(struct kmsg *k);
void kmsg_close(struct kmsg *k);
/* The first line so far that holds both strings (@b may be NULL), or NULL */
const char *kmsg_find(struct kmsg *k, const char *a, const char *b);
/* How many lines so far hold both strings */
unsigned int kmsg_count(struct kmsg *k, const char *a, const char *b);
/* A line that no test may cause (WARNING, BUG, Oops ...), or NULL */
const char *kmsg_trouble(struct kmsg *k);

/* Count calls of a kernel function: 0, -ENOENT without kprobe events, or -errno */
int calls_start(const char *function);
/* How many since calls_start(), -ENOENT when nothing counts */
long calls_seen(void);
/* May be called whether or not something counts */
void calls_stop(void);

#endif /* SELFTESTS_LIB_LOG_H */
