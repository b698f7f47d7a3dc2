// SPDX-License-Identifier: GPL-2.0-only
/* ascend-vfio - messages and memory */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

const char *msg_command;
bool msg_quiet;

static void say(const char *kind, const char *format, va_list ap)
{
	fflush(stdout);
	fprintf(stderr, "ascend-vfio%s%s: %s", msg_command ? " " : "",
		msg_command ? msg_command : "", kind);
	vfprintf(stderr, format, ap);
	fputc('\n', stderr);
}

void error(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say("", format, ap);
	va_end(ap);
}

void warning(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say("warning: ", format, ap);
	va_end(ap);
}

void note(const char *format, ...)
{
	va_list ap;

	if (msg_quiet)
		return;
	va_start(ap, format);
	say("", format, ap);
	va_end(ap);
}

void die(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	say("", format, ap);
	va_end(ap);
	exit(EXIT_FAILED);
}

static void **arena;
static size_t arena_used, arena_room;

void *zalloc(size_t size)
{
	if (arena_used == arena_room) {
		size_t room = arena_room ? 2 * arena_room : 256;
		void **more = realloc(arena, room * sizeof(*more));

		if (!more)
			die("out of memory");
		arena = more;
		arena_room = room;
	}
	arena[arena_used] = calloc(1, size ? size : 1);
	if (!arena[arena_used])
		die("out of memory");
	return arena[arena_used++];
}

size_t arena_mark(void)
{
	return arena_used;
}

void arena_release(size_t mark)
{
	while (arena_used > mark)
		free(arena[--arena_used]);
}

char *copy(const char *text)
{
	size_t size = strlen(text) + 1;

	return memcpy(zalloc(size), text, size);
}

char *fmt(const char *format, ...)
{
	va_list ap;
	char *text;
	int len;

	va_start(ap, format);
	len = vsnprintf(NULL, 0, format, ap);
	va_end(ap);
	if (len < 0)
		die("out of memory");
	text = zalloc(len + 1);
	va_start(ap, format);
	vsnprintf(text, len + 1, format, ap);
	va_end(ap);
	return text;
}

char *join(char *list, const char *separator, const char *text)
{
	return list && *list ? fmt("%s%s%s", list, separator, text) : copy(text);
}

char *size_text(u64 bytes)
{
	static const char units[] = "\0KMGTPE";
	unsigned int i = 0;

	while (bytes && bytes % 1024 == 0 && i < 6) {
		bytes /= 1024;
		i++;
	}
	return units[i] ? fmt("%llu%c", (unsigned long long)bytes, units[i]) :
			  fmt("%llu", (unsigned long long)bytes);
}

u64 align_up(u64 value, u64 to)
{
	return (value + to - 1) / to * to;
}

u64 roundup_pow2(u64 value)
{
	u64 power = 1;

	while (power < value && power << 1)
		power <<= 1;
	return power;
}

bool starts_with(const char *text, const char *start)
{
	return !strncmp(text, start, strlen(start));
}
