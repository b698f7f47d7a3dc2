// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the kernel logged while a test ran.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kselftest.h"
#include "log.h"

int kmsg_open(struct kmsg *k)
{
	k->text = NULL;
	k->len = 0;
	k->fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (k->fd < 0)
		return -errno;
	return lseek(k->fd, 0, SEEK_END) < 0 ? -errno : 0;
}

void kmsg_close(struct kmsg *k)
{
	close(k->fd);
	free(k->text);
	k->text = NULL;
}

/* One record per read; EPIPE says that older ones were overwritten meanwhile */
static void collect(struct kmsg *k)
{
	char record[8192], *text;
	ssize_t len;

	for (;;) {
		len = read(k->fd, record, sizeof(record) - 1);
		if (len < 0 && (errno == EPIPE || errno == EINTR))
			continue;
		if (len <= 0)
			return;
		text = realloc(k->text, k->len + len + 1);
		if (!text)
			return;
		k->text = text;
		memcpy(k->text + k->len, record, len);
		k->len += len;
		k->text[k->len] = '\0';
	}
}

/* Count the lines that hold both strings and keep the first in @first */
static unsigned int search(struct kmsg *k, const char *a, const char *b, char *first, size_t size)
{
	char line[1024];
	const char *pos;
	unsigned int n = 0;

	collect(k);
	for (pos = k->text; pos && *pos; pos += strcspn(pos, "\n"), pos += *pos == '\n') {
		snprintf(line, sizeof(line), "%.*s", (int)strcspn(pos, "\n"), pos);
		if (!strstr(line, a) || (b && !strstr(line, b)))
			continue;
		if (!n++)
			snprintf(first, size, "%s", line);
	}
	return n;
}

unsigned int kmsg_count(struct kmsg *k, const char *a, const char *b)
{
	char first[1];

	return search(k, a, b, first, sizeof(first));
}

const char *kmsg_find(struct kmsg *k, const char *a, const char *b)
{
	static char first[1024];

	return search(k, a, b, first, sizeof(first)) ? first : NULL;
}

const char *kmsg_trouble(struct kmsg *k)
{
	static const char * const signs[] = {
#define COMPLAINT(text) text,
#include "kernel_complaints.h"
#undef COMPLAINT
	};

	for (size_t i = 0; i < ARRAY_SIZE(signs); i++) {
		const char *line = kmsg_find(k, signs[i], NULL);

		if (line)
			return line;
	}
	return NULL;
}
