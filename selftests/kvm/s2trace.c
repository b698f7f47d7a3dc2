// SPDX-License-Identifier: GPL-2.0
/* What KVM enters into stage-2 tables, seen by a kprobe on kvm_pgtable_stage2_map. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "s2trace.h"

#define TRACEFS	"/sys/kernel/tracing"
#define GROUP	"ascend_kvm"

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

/* The second to fifth argument of kvm_pgtable_stage2_map(), the same ever since. */
static int add_probe(struct s2trace *trace)
{
	char text[128];
	int err;

	snprintf(text, sizeof(text),
		 "p:" GROUP "/%s kvm_pgtable_stage2_map addr=%%x1 size=%%x2 phys=%%x3 prot=%%x4",
		 trace->event);
	err = write_file(TRACEFS "/kprobe_events", text, O_APPEND);
	trace->probe = !err;
	return err;
}

int s2trace_open(struct s2trace *trace)
{
	char file[64], pid[16];
	int err;

	*trace = (struct s2trace){ 0 };
	snprintf(pid, sizeof(pid), "%d", getpid());
	snprintf(trace->event, sizeof(trace->event), "s2map_%s", pid);
	snprintf(trace->dir, sizeof(trace->dir), TRACEFS "/instances/" GROUP "_%s", pid);

	err = add_probe(trace);
	if (!err) {
		/* An instance: whoever else traces is not in the way. */
		err = mkdir(trace->dir, 0700) ? -errno : 0;
		trace->instance = !err;
	}
	if (!err)
		err = write_in_instance(trace, "set_event_pid", pid);
	snprintf(file, sizeof(file), "events/" GROUP "/%s/enable", trace->event);
	if (!err)
		err = write_in_instance(trace, file, "1");
	if (!err)
		return 0;

	printf("# s2trace: no kprobe on kvm_pgtable_stage2_map: %s: mount tracefs at " TRACEFS
	       " on a kernel with CONFIG_KVM and CONFIG_KPROBE_EVENTS\n", strerror(-err));
	s2trace_close(trace);
	return err;
}

void s2trace_close(struct s2trace *trace)
{
	char text[64];

	if (trace->instance) {
		snprintf(text, sizeof(text), "events/" GROUP "/%s/enable", trace->event);
		write_in_instance(trace, text, "0");
		rmdir(trace->dir);
	}
	if (trace->probe) {
		snprintf(text, sizeof(text), "-:" GROUP "/%s", trace->event);
		write_file(TRACEFS "/kprobe_events", text, O_APPEND);
	}
	*trace = (struct s2trace){ 0 };
}

int s2trace_clear(struct s2trace *trace)
{
	return write_in_instance(trace, "trace", "");
}

static bool parse(const char *line, struct s2_map *map)
{
	const char *fields = strstr(line, " addr=0x");

	return fields && sscanf(fields, " addr=%llx size=%llx phys=%llx prot=%llx", &map->gpa,
				&map->size, &map->phys, &map->prot) == 4;
}

int s2trace_find(struct s2trace *trace, __u64 gpa, struct s2_map *map)
{
	struct s2_map seen;
	char path[128], line[512];
	FILE *file;
	int found = 0;

	snprintf(path, sizeof(path), "%s/trace", trace->dir);
	file = fopen(path, "re");
	if (!file)
		return -errno;
	while (fgets(line, sizeof(line), file)) {
		if (!parse(line, &seen) || !seen.size)
			continue;
		/* Some kernels pass the fault's address, not the block's. */
		seen.gpa &= ~(seen.size - 1);
		if (gpa - seen.gpa >= seen.size)
			continue;
		*map = seen;
		found = 1;
	}
	fclose(file);
	return found;
}
