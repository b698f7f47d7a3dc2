// SPDX-License-Identifier: GPL-2.0-only
/*
 * Counts how often a function of the kernel is called, with a kprobe event.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "npu.h"

#define TRACING		"/sys/kernel/tracing"
#define EVENTS		TRACING "/kprobe_events"
#define NAME		"ascend_calls"
#define ENABLE		TRACING "/events/kprobes/" NAME "/enable"

int calls_start(const char *function)
{
	char text[128];
	int ret;

	if (access(EVENTS, W_OK))
		return -ENOENT;
	snprintf(text, sizeof(text), "p:" NAME " %s", function);
	ret = sysfs_write(EVENTS, text);
	return ret ? ret : sysfs_write(ENABLE, "1");
}

long calls_seen(void)
{
	FILE *f = fopen(TRACING "/kprobe_profile", "r");
	char line[256], name[64];
	long hits, found = -ENOENT;

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%63s %ld", name, &hits) == 2 && !strcmp(name, NAME))
			found = hits;
	if (f)
		fclose(f);
	return found;
}

void calls_stop(void)
{
	sysfs_write(ENABLE, "0");
	sysfs_write(EVENTS, "-:" NAME);
}
