// SPDX-License-Identifier: GPL-2.0-only
/* File systems, kernel modules, and which PCI function each NPU became. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "init.h"

#define VIRTIO_9P	"/sys/bus/virtio/drivers/9pnet_virtio"
#define FAIR_SERVERS	"/sys/kernel/debug/sched/fair_server/cpu*/runtime"

static const struct {
	const char *source, *target, *type;
	int optional;
} mounts[] = {
	{ "devtmpfs",	"/dev",			"devtmpfs" },
	{ "proc",	"/proc",		"proc" },
	{ "sysfs",	"/sys",			"sysfs" },
	{ "tmpfs",	"/run",			"tmpfs" },
	{ "tmpfs",	"/tmp",			"tmpfs" },
	{ "tmpfs",	"/dev/shm",		"tmpfs" },
	{ "devpts",	"/dev/pts",		"devpts",	1 },
	{ "debugfs",	"/sys/kernel/debug",	"debugfs",	1 },
	{ "tracefs",	"/sys/kernel/tracing",	"tracefs",	1 },
};

int mount_all(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(mounts); i++) {
		/* Fails where sysfs has the directory already: no matter. */
		mkdir(mounts[i].target, 0755);
		if (mount(mounts[i].source, mounts[i].target, mounts[i].type, 0, NULL) &&
		    errno != EBUSY && !mounts[i].optional) {
			results_line("# testbed: cannot mount %s: %s", mounts[i].target,
				     strerror(errno));
			return -1;
		}
	}
	return 0;
}

/*
 * The scheduler's fair servers keep real-time tasks, of which nothing here has busy ones, from
 * taking a processor for themselves. Their timer's handler, dl_server_timer() of
 * kernel/sched/deadline.c, can find that the timer was started anew meanwhile, by its own
 * update_curr() or by another processor before it got the lock of the run queue, and forwards it
 * all the same; which is a WARN_ON() of hrtimer_forward() if it has expired by then. A processor
 * has to stand still in that place for about a second: ours are threads of a machine that does
 * much else. Seen with Linux 7.3.4. Until here, while the kernel boots, it can still happen.
 * Kernels that have no such servers have no such files.
 */
int stop_fair_servers(void)
{
	glob_t files;
	int ret = 0;

	if (glob(FAIR_SERVERS, 0, NULL, &files))
		return 0;
	for (size_t i = 0; !ret && i < files.gl_pathc; i++) {
		int fd = open(files.gl_pathv[i], O_WRONLY | O_CLOEXEC);

		if (fd < 0 || write(fd, "0", 1) != 1) {
			results_line("# testbed: cannot write 0 to %s: %s", files.gl_pathv[i],
				     strerror(errno));
			ret = -1;
		}
		if (fd >= 0)
			close(fd);
	}
	globfree(&files);
	return ret;
}

static int load_module(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int ret;

	if (fd < 0) {
		results_line("# testbed: cannot open %s: %s", path, strerror(errno));
		return -1;
	}
	ret = syscall(SYS_finit_module, fd, "", 0);
	if (ret && errno == EEXIST)
		ret = 0;
	if (ret)
		results_line("# testbed: cannot load %s: %s (the console says why)", path,
			     strerror(errno));
	close(fd);
	return ret;
}

int load_modules(const char *list)
{
	FILE *f = fopen(list, "re");
	char path[PATH_MAX];
	int ret = 0;

	if (!f) {
		results_line("# testbed: cannot open %s: %s", list, strerror(errno));
		return -1;
	}
	while (!ret && fgets(path, sizeof(path), f)) {
		path[strcspn(path, "\n")] = '\0';
		if (path[0])
			ret = load_module(path);
	}
	fclose(f);
	return ret;
}

/* Every 9p share the host offers: tag "run" on /run/host, others on /mnt/TAG. */
void mount_shares(void)
{
	DIR *devices = opendir(VIRTIO_9P);
	struct dirent *device;

	if (!devices)
		return;
	while ((device = readdir(devices))) {
		char path[PATH_MAX], tag[NAME_LEN], target[PATH_MAX];

		snprintf(path, sizeof(path), VIRTIO_9P "/%s/mount_tag", device->d_name);
		if (read_line(path, tag, sizeof(tag)))
			continue;
		mkdir("/mnt", 0755);
		if (!strcmp(tag, "run"))
			snprintf(target, sizeof(target), "/run/host");
		else
			snprintf(target, sizeof(target), "/mnt/%s", tag);
		mkdir(target, 0755);
		/* No caching: the simulators' logs grow while they are read. */
		if (mount(tag, target, "9p", MS_RDONLY,
			  "trans=virtio,version=9p2000.L,msize=262144,cache=none"))
			results_line("# testbed: cannot mount share %s: %s", tag,
				     strerror(errno));
	}
	closedir(devices);
}

/* The function behind root port @port: the port's only child named like a BDF. */
static int child_of_port(const char *port, char *bdf, size_t len)
{
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *dir;
	int ret = -1;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s", port);
	dir = opendir(path);
	if (!dir)
		return -1;
	while (ret && (entry = readdir(dir))) {
		unsigned int d, b, s, f;
		int end = 0;

		if (sscanf(entry->d_name, "%4x:%2x:%2x.%1u%n", &d, &b, &s, &f, &end) != 4 ||
		    entry->d_name[end])
			continue;
		snprintf(bdf, len, "%.*s", (int)len - 1, entry->d_name);
		ret = 0;
	}
	closedir(dir);
	return ret;
}

/*
 * Bus numbers are the guest kernel's choice, so the scene names root ports. What
 * they became is left for commands in @out, lines "name bdf model".
 */
int find_npus(const char *scene, const char *out, struct npu *npus, size_t max)
{
	FILE *in = fopen(scene, "re"), *to = fopen(out, "we");
	char port[NAME_LEN];
	size_t n = 0;
	int ret = -1;

	if (!in || !to) {
		results_line("# testbed: cannot open %s or %s: %s", scene, out, strerror(errno));
		goto close;
	}
	while (n < max &&
	       fscanf(in, "%63s %63s %63s", npus[n].name, port, npus[n].model) == 3) {
		if (child_of_port(port, npus[n].bdf, sizeof(npus[n].bdf))) {
			results_line("# testbed: NPU %s (%s) is missing behind root port %s",
				     npus[n].name, npus[n].model, port);
			goto close;
		}
		fprintf(to, "%s %s %s\n", npus[n].name, npus[n].bdf, npus[n].model);
		n++;
	}
	ret = n;
close:
	if (in)
		fclose(in);
	if (to)
		fclose(to);
	return ret;
}
