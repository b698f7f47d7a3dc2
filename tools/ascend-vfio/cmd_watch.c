// SPDX-License-Identifier: GPL-2.0-only
/*
 * ascend-vfio watch
 *
 * In a trace instance of its own, so that nobody else's tracing is touched. It is named
 * after the process, and what a killed one has left is removed by the next.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "commands.h"
#include "npu.h"
#include "out.h"
#include "root.h"

#define INSTANCES	"/sys/kernel/tracing/instances"
#define PREFIX		"ascend-vfio-"
#define EVENT		"events/ascend_vfio/ascend_vfio_trap/enable"

static volatile sig_atomic_t stop;

static void on_signal(int sig)
{
	(void)sig;
	stop = 1;
}

static void remove_stale(void)
{
	for (char **name = root_list(INSTANCES); *name; name++) {
		u64 pid;

		if (!starts_with(*name, PREFIX) || !parse_num(*name + strlen(PREFIX), &pid) ||
		    (pid <= 0x7fffffff && !kill(pid, 0)))
			continue;
		root_write(fmt("%s/%s/%s", INSTANCES, *name, EVENT), "0");
		rmdir(root_path(fmt("%s/%s", INSTANCES, *name)));
	}
}

/* Its trace_pipe, or -errno; *dir is set once there is something to remove. */
static int start(char **dir)
{
	char *path = fmt("%s/" PREFIX "%d", INSTANCES, getpid());
	int ret, fd;

	if (!driver_loaded(DRIVER))
		die(DRIVER " is not loaded, so there is nothing to watch");
	remove_stale();
	if (mkdir(root_path(path), 0700))
		return -errno;
	*dir = path;
	ret = root_write(fmt("%s/%s", path, EVENT), "1");
	if (ret)
		return ret;
	fd = open(root_path(fmt("%s/trace_pipe", path)), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

static bool wanted(const struct args *args, const struct trap_event *e)
{
	struct bdf bdf;

	if (!e->is_write && !given(args, OPT_READS))
		return false;
	if (!args->nr_bdfs)
		return true;
	if (!parse_bdf(e->dev, &bdf))
		return false;
	for (unsigned int i = 0; i < args->nr_bdfs; i++)
		if (same_bdf(&args->bdfs[i], &bdf))
			return true;
	return false;
}

/* The guest's name, as its process tells; the process may be gone, or another by now. */
static const char *guest_of(const struct trap_event *e)
{
	char name[128], *cmdline;
	size_t len;

	cmdline = root_read_all(fmt("/proc/%u/cmdline", e->pid), &len);
	return cmdline && guest_name(cmdline, len, name, sizeof(name)) ? copy(name) : NULL;
}

/* A task's name is the task's own choice, and goes to a terminal. */
static char *clean(const char *text)
{
	char *out = copy(text);

	for (char *p = out; *p; p++)
		if ((unsigned char)*p < ' ' || (unsigned char)*p >= 0x7f)
			*p = '?';
	return out;
}

static void print_event(const struct args *args, const struct trap_event *e)
{
	const char *guest = guest_of(e);
	struct json_object *o;

	if (!given(args, OPT_JSON)) {
		printf("%s: %s %s BAR%u+0x%llx, %llu bytes, 0x%llx: %s%s%s, pid %u\n", e->dev,
		       e->is_write ? "dropped write to" : "read of", clean(e->reg), e->bar,
		       (unsigned long long)e->offset, (unsigned long long)e->size,
		       (unsigned long long)e->value, guest ? "guest " : "",
		       guest ? guest : clean(e->task), guest ? fmt(" (%s)", clean(e->task)) : "",
		       e->pid);
		fflush(stdout);
		return;
	}
	/* One object a line: it has no end. */
	o = json_object_new_object();
	json_u64(o, "format", 1);
	json_str(o, "address", e->dev);
	json_str(o, "access", e->is_write ? "write" : "read");
	json_str(o, "register", e->reg);
	json_u64(o, "bar", e->bar);
	json_u64(o, "offset", e->offset);
	json_u64(o, "size", e->size);
	json_u64(o, "value", e->value);
	json_str(o, "task", e->task);
	json_u64(o, "pid", e->pid);
	json_str(o, "guest", guest);
	puts(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN));
	json_object_put(o);
	fflush(stdout);
}

/* false: the line has the event, but is not understood */
static bool handle_line(const struct args *args, const char *line)
{
	struct trap_event e;
	size_t mark = arena_mark();

	if (!parse_trace(line, &e))
		return !strstr(line, "ascend_vfio_trap:");
	if (wanted(args, &e))
		print_event(args, &e);
	arena_release(mark);
	return true;
}

/* Until the end of the file, or a signal. Returns how many lines were not understood. */
static unsigned int follow(const struct args *args, int fd)
{
	char buf[4096];
	size_t used = 0;
	unsigned int bad = 0;

	while (!stop) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		ssize_t n = read(fd, buf + used, sizeof(buf) - 1 - used);
		char *line = buf, *end;

		if (n < 0 && errno == EAGAIN) {
			poll(&p, 1, 500);
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		used += n;
		buf[used] = '\0';
		for (; (end = strchr(line, '\n')); line = end + 1) {
			*end = '\0';
			bad += !handle_line(args, line);
		}
		used = strlen(line);
		memmove(buf, line, used);
		/* A line longer than any of ours, or one with a NUL in it */
		if (used == sizeof(buf) - 1)
			used = 0;
	}
	return bad;
}

int cmd_watch(const struct args *args)
{
	struct sigaction act = { .sa_handler = on_signal };
	const char *from = args->text[OPT_FROM];
	char *dir = NULL;
	unsigned int bad = 0;
	int fd;

	sigaction(SIGINT, &act, NULL);
	sigaction(SIGTERM, &act, NULL);
	sigaction(SIGHUP, &act, NULL);
	if (from)
		fd = strcmp(from, "-") ? open(from, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
	else
		fd = start(&dir);
	if (fd < 0)
		error("%s: %s", from ? from : "the kernel's tracing", strerror(from ? errno : -fd));
	else
		bad = follow(args, fd);
	if (fd >= 0)
		close(fd);
	if (dir) {
		root_write(fmt("%s/%s", dir, EVENT), "0");
		rmdir(root_path(dir));
	}
	if (bad)
		error("%u lines of the trace were not understood", bad);
	return fd < 0 || bad ? EXIT_FAILED : EXIT_DONE;
}
