// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reader of the NPU simulator's log.
 *
 * The simulator writes a line before it answers the access, so whoever saw the
 * access complete finds the line: there is nothing to wait for.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"

int simlog_open(struct simlog *log, const char *path)
{
	log->pos = 0;
	log->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (log->fd < 0)
		return -errno;
	return simlog_mark(log);
}

void simlog_close(struct simlog *log)
{
	if (log->fd >= 0)
		close(log->fd);
	log->fd = -1;
}

/* Reads to the end: the size in the inode may be stale on a network file system */
int simlog_mark(struct simlog *log)
{
	off_t end = lseek(log->fd, 0, SEEK_END);
	ssize_t len;

	if (end > log->pos)
		log->pos = end;
	do {
		len = pread(log->fd, log->buf, sizeof(log->buf), log->pos);
		if (len > 0)
			log->pos += len;
	} while (len > 0);
	log->head = 0;
	log->fill = 0;
	return len < 0 ? -errno : 0;
}

/* The number after @key, which must be what comes next in the line */
static int take(const char **pos, const char *key, __u64 *value)
{
	size_t len = strlen(key);
	char *end;

	if (strncmp(*pos, key, len))
		return -EPROTO;
	errno = 0;
	*value = strtoull(*pos + len, &end, 0);
	if (errno || end == *pos + len)
		return -EPROTO;
	*pos = end;
	return 0;
}

/* "<time> WRITE region=2 offset=0x18208430 size=4 value=0x0"; there are many of them */
static int parse(const char *line, struct sim_event *event)
{
	const char *pos = strchr(line, ' ');
	__u64 region, offset, size, value;

	if (!pos)
		return -EPROTO;
	*event = (struct sim_event) { .kind = SIM_OTHER };
	if (!strcmp(pos, " RESET"))
		event->kind = SIM_RESET;
	else if (!strcmp(pos, " AWAKE"))
		event->kind = SIM_AWAKE;
	else if (!strncmp(pos, " SLEEP", 6))
		event->kind = SIM_SLEEP;
	else if (!strncmp(pos, " WRITE", 6))
		event->kind = SIM_WRITE;
	else if (!strncmp(pos, " READ", 5))
		event->kind = SIM_READ;
	if (event->kind == SIM_SLEEP) {
		pos += strlen(" SLEEP");
		return take(&pos, " ms=", &event->value) ? -EPROTO : 1;
	}
	if (event->kind != SIM_WRITE && event->kind != SIM_READ)
		return 1;

	pos = strchr(pos + 1, ' ');
	if (!pos || take(&pos, " region=", &region) || take(&pos, " offset=", &offset) ||
	    take(&pos, " size=", &size) || take(&pos, " value=", &value))
		return -EPROTO;
	event->region = region;
	event->offset = offset;
	event->size = size;
	event->value = value;
	event->asleep = !strcmp(pos, " asleep");
	return 1;
}

/* Move what is left to the front and read more: bytes read, 0, -errno */
static ssize_t refill(struct simlog *log)
{
	ssize_t len;

	log->fill -= log->head;
	memmove(log->buf, log->buf + log->head, log->fill);
	log->head = 0;
	if (log->fill == sizeof(log->buf))
		return -EPROTO;
	len = pread(log->fd, log->buf + log->fill, sizeof(log->buf) - log->fill, log->pos);
	if (len < 0)
		return -errno;
	log->fill += len;
	log->pos += len;
	return len;
}

int simlog_next(struct simlog *log, struct sim_event *event)
{
	char *line, *nl;
	ssize_t len;

	while (!(nl = memchr(log->buf + log->head, '\n', log->fill - log->head))) {
		len = refill(log);
		if (len <= 0)
			return len;
	}
	*nl = '\0';
	line = log->buf + log->head;
	log->head = nl + 1 - log->buf;
	return parse(line, event);
}

int simlog_was_reset(struct simlog *log)
{
	struct sim_event e;
	int ret, reset = 0;

	while ((ret = simlog_next(log, &e)) > 0)
		reset |= e.kind == SIM_RESET;
	return ret ? ret : reset;
}
