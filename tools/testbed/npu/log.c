// SPDX-License-Identifier: GPL-2.0
/* The event log: one line per event, each a single write(2). */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "log.h"

#define LINE_SIZE	512
#define LONG_DATA_SHOWN	64

static int log_fd = STDERR_FILENO;

int npu_log_open(const char *path)
{
	int fd;

	if (!path)
		return 0;
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (fd < 0)
		return -1;
	log_fd = fd;
	return 0;
}

/* CLOCK_MONOTONIC: the logs of two simulators on one machine can be merged */
static int put_time(char *line, size_t size)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return snprintf(line, size, "%lld.%06ld ", (long long)now.tv_sec, now.tv_nsec / 1000);
}

void npu_log(const char *fmt, ...)
{
	char line[LINE_SIZE];
	va_list args;
	size_t len;
	ssize_t ret;

	len = put_time(line, sizeof(line));
	va_start(args, fmt);
	len += vsnprintf(line + len, sizeof(line) - len, fmt, args);
	va_end(args);
	if (len > sizeof(line) - 1)
		len = sizeof(line) - 1;
	line[len++] = '\n';

	do {
		ret = write(log_fd, line, len);
	} while (ret < 0 && errno == EINTR);
	if (ret == (ssize_t)len)
		return;

	fprintf(stderr, "npu-sim: cannot write the log (%s): make room for it and start again\n",
		ret < 0 ? strerror(errno) : "short write");
	exit(1);
}

void npu_log_access(const char *what, u32 region, u64 offset, const u8 *data, u32 size,
		    const char *note)
{
	char hex[2 * LONG_DATA_SHOWN + 1] = "";
	u64 value = 0;

	if (size <= sizeof(value)) {
		for (u32 i = 0; i < size; i++)
			value |= (u64)data[i] << (8 * i);
		npu_log("%s region=%u offset=0x%llx size=%u value=0x%llx%s",
			what, region, offset, size, value, note);
		return;
	}

	for (u32 i = 0; i < size && i < LONG_DATA_SHOWN; i++)
		snprintf(hex + 2UL * i, 3, "%02x", data[i]);
	npu_log("%s region=%u offset=0x%llx size=%u data=%s%s%s",
		what, region, offset, size, hex, size > LONG_DATA_SHOWN ? "..." : "", note);
}
