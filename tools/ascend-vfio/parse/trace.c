// SPDX-License-Identifier: GPL-2.0-only
/*
 * A line of trace_pipe:
 *        CPU 0/KVM-2187  [003] .....  1201.118013: ascend_vfio_trap: dev=0000:81:00.0
 *        register=xloader bar=2 offset=0x18208430 size=4 value=0x5a6b7c8d write
 * (one line). A task's name may hold anything, so the line is read from the event's name.
 */
#include <stdio.h>
#include <string.h>

#include "parse.h"

#define EVENT		": ascend_vfio_trap: "
#define MAX_VALUE	64

/* "TASK-PID  [CPU] FLAGS TIME": the pid is behind the last '-' before " [" */
static bool task(const char *line, const char *event, struct trap_event *e)
{
	const char *cpu = NULL, *dash = NULL, *p;
	char digits[12];
	u64 pid;

	for (p = line; p < event - 1; p++)
		if (p[0] == ' ' && p[1] == '[')
			cpu = p;
	if (!cpu)
		return false;
	while (cpu > line && cpu[-1] == ' ')
		cpu--;
	for (p = line; p < cpu; p++)
		if (*p == '-')
			dash = p;
	if (!dash || cpu - dash - 1 >= (long)sizeof(digits))
		return false;
	memcpy(digits, dash + 1, cpu - dash - 1);
	digits[cpu - dash - 1] = '\0';
	line += strspn(line, " ");
	if (!parse_num(digits, &pid) || pid > 0x7fffffff || dash < line ||
	    dash - line >= (long)sizeof(e->task))
		return false;
	e->pid = pid;
	memcpy(e->task, line, dash - line);
	e->task[dash - line] = '\0';
	return true;
}

enum { F_DEV = 1, F_REG = 2, F_BAR = 4, F_OFFSET = 8, F_SIZE = 16, F_VALUE = 32, F_WRITE = 64,
	F_ALL = 127 };

static bool text_field(char *to, size_t size, const char *value)
{
	if (!*value || strlen(value) >= size)
		return false;
	memcpy(to, value, strlen(value) + 1);
	return true;
}

/* Returns the field's bit, 0 for one that is not known, -1 for a wrong value. */
static int field(const char *name, const char *value, struct trap_event *e)
{
	u64 n;

	if (!strcmp(name, "dev")) {
		struct bdf bdf;

		return parse_bdf(value, &bdf) && text_field(e->dev, sizeof(e->dev), value) ?
			F_DEV : -1;
	}
	if (!strcmp(name, "reg") || !strcmp(name, "register"))
		return text_field(e->reg, sizeof(e->reg), value) ? F_REG : -1;
	if (strcmp(name, "bar") && strcmp(name, "offset") && strcmp(name, "size") &&
	    strcmp(name, "value") && strcmp(name, "is_write"))
		return 0;
	if (!parse_num(value, &n))
		return -1;
	switch (name[0]) {
	case 'b':
		e->bar = n;
		return n <= 5 ? F_BAR : -1;
	case 'o':
		e->offset = n;
		return F_OFFSET;
	case 's':
		e->size = n;
		return F_SIZE;
	case 'v':
		e->value = n;
		return F_VALUE;
	default:
		e->is_write = n;
		return n <= 1 ? F_WRITE : -1;
	}
}

bool parse_trace(const char *line, struct trap_event *event)
{
	const char *p = strstr(line, EVENT);
	int seen = 0;

	*event = (struct trap_event){};
	if (!p || !task(line, p, event))
		return false;
	p += strlen(EVENT);
	while (*(p += strspn(p, " ")) && *p != '\n') {
		size_t len = strcspn(p, " \n");
		char word[MAX_VALUE], *value;
		int bit;

		if (len >= sizeof(word))
			return false;
		memcpy(word, p, len);
		word[len] = '\0';
		p += len;
		value = strchr(word, '=');
		if (value) {
			*value++ = '\0';
			bit = field(word, value, event);
		} else {
			event->is_write = !strcmp(word, "write");
			bit = event->is_write || !strcmp(word, "read") ? F_WRITE : -1;
		}
		if (bit < 0 || (bit & seen))
			return false;
		seen |= bit;
	}
	return seen == F_ALL;
}
