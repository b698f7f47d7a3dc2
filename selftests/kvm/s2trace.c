// SPDX-License-Identifier: GPL-2.0-only
/* What KVM enters into stage-2 tables, seen by kprobes. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "s2trace.h"

#define TRACEFS	"/sys/kernel/tracing"
#define GROUP	"ascend_kvm"

/* The second to fifth argument of kvm_pgtable_stage2_map(), the same ever since. */
#define MAP_PROBE	"kvm_pgtable_stage2_map addr=%x1 size=%x2 phys=%x3 prot=%x4"

/*
 * Its walker is called through a pointer, so that it is there on every kernel, and
 * gets struct stage2_map_data, whose second word is the attribute: as its sixth
 * argument or as ->arg of the struct that is its first one.
 */
#define LEAF_PROBE	"stage2_map_walker leaf0=+8(%x5):x64 leaf1=+8(+16(%x0)):x64"

static const char *const leaf_keys[S2_LEAVES] = { " leaf0=", " leaf1=" };

static int write_file(const char *path, const char *text, int flags)
{
	size_t len = strlen(text);
	int fd = open(path, O_WRONLY | O_CLOEXEC | flags);
	int err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, len) != (ssize_t)len)
		err = -errno;
	close(fd);
	return err;
}

static int write_in_instance(struct s2trace *trace, const char *file, const char *text)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", trace->dir, file);
	return write_file(path, text, O_TRUNC);
}

static int add_probe(struct s2trace *trace, const char *event, const char *probe)
{
	char text[192];
	int err;

	snprintf(text, sizeof(text), "p:" GROUP "/%s %s", event, probe);
	err = write_file(TRACEFS "/kprobe_events", text, O_APPEND);
	if (err)
		printf("# s2trace: no kprobe \"%s\": %s: mount tracefs at " TRACEFS
		       " on a kernel with CONFIG_KVM and CONFIG_KPROBE_EVENTS\n", probe,
		       strerror(-err));
	else
		trace->probes++;
	return err;
}

static void remove_probe(const char *event)
{
	char text[64];

	snprintf(text, sizeof(text), "-:" GROUP "/%s", event);
	write_file(TRACEFS "/kprobe_events", text, O_APPEND);
}

static int enable(struct s2trace *trace, const char *event, const char *value)
{
	char file[64];

	snprintf(file, sizeof(file), "events/" GROUP "/%s/enable", event);
	return write_in_instance(trace, file, value);
}

/* An instance: whoever else traces is not in the way. */
static int add_instance(struct s2trace *trace, const char *pid)
{
	int err = mkdir(trace->dir, 0700) ? -errno : 0;

	trace->instance = !err;
	if (!err)
		err = write_in_instance(trace, "set_event_pid", pid);
	if (!err)
		err = enable(trace, trace->map, "1");
	if (!err)
		err = enable(trace, trace->leaf, "1");
	if (err)
		printf("# s2trace: cannot trace in %s: %s: mount tracefs at " TRACEFS "\n",
		       trace->dir, strerror(-err));
	return err;
}

int s2trace_open(struct s2trace *trace)
{
	char pid[16];
	int err;

	*trace = (struct s2trace){ 0 };
	snprintf(pid, sizeof(pid), "%d", getpid());
	snprintf(trace->map, sizeof(trace->map), "s2map_%s", pid);
	snprintf(trace->leaf, sizeof(trace->leaf), "s2leaf_%s", pid);
	snprintf(trace->dir, sizeof(trace->dir), TRACEFS "/instances/" GROUP "_%s", pid);

	err = add_probe(trace, trace->map, MAP_PROBE);
	if (!err)
		err = add_probe(trace, trace->leaf, LEAF_PROBE);
	if (!err)
		err = add_instance(trace, pid);
	if (err)
		s2trace_close(trace);
	return err;
}

void s2trace_close(struct s2trace *trace)
{
	if (trace->instance) {
		enable(trace, trace->map, "0");
		enable(trace, trace->leaf, "0");
		rmdir(trace->dir);
	}
	if (trace->probes > 1)
		remove_probe(trace->leaf);
	if (trace->probes)
		remove_probe(trace->map);
	*trace = (struct s2trace){ 0 };
}

int s2trace_clear(struct s2trace *trace)
{
	return write_in_instance(trace, "trace", "");
}

static bool parse_map(const char *line, struct s2_map *map)
{
	const char *fields = strstr(line, " addr=0x");

	*map = (struct s2_map){ 0 };
	return fields && sscanf(fields, " addr=%llx size=%llx phys=%llx prot=%llx", &map->gpa,
				&map->size, &map->phys, &map->prot) == 4;
}

static void parse_leaf(const char *line, struct s2_map *map)
{
	unsigned int i;

	for (i = 0; i < S2_LEAVES; i++) {
		const char *field = strstr(line, leaf_keys[i]);

		if (field)
			map->leaf[i] = strtoull(field + strlen(leaf_keys[i]), NULL, 16);
	}
}

static bool covers(struct s2_map *map, __u64 gpa)
{
	if (!map->size)
		return false;
	/* Some kernels pass the fault's address, not the block's. */
	map->gpa &= ~(map->size - 1);
	return gpa - map->gpa < map->size;
}

int s2trace_find(struct s2trace *trace, __u64 gpa, struct s2_map *map)
{
	char path[128], line[512];
	bool inside = false;
	struct s2_map seen;
	FILE *file;
	int found = 0;

	snprintf(path, sizeof(path), "%s/trace", trace->dir);
	file = fopen(path, "re");
	if (!file)
		return -errno;
	while (fgets(line, sizeof(line), file)) {
		/* One thread: the walker's lines follow the call that they belong to. */
		if (!parse_map(line, &seen)) {
			if (inside)
				parse_leaf(line, map);
			continue;
		}
		inside = covers(&seen, gpa);
		if (inside) {
			*map = seen;
			found = 1;
		}
	}
	fclose(file);
	return found;
}
