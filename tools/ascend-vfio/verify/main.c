// SPDX-License-Identifier: GPL-2.0-only
/*
 * ascend-vfio-verify [--force] [--attempt] [BDF...]: static, for guests. As PID 1 (the
 * initramfs of "make guest-verify") it mounts what it needs, and powers off when done;
 * "verify_attempt" on the kernel's command line is --attempt.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <unistd.h>

#include "probe.h"

static int worst;

static void probe(const char *bdf, const struct probe_options *options)
{
	int status = probe_device(bdf, options);

	if (status > worst)
		worst = status;
}

static int probe_all(const struct probe_options *options)
{
	DIR *dir = opendir("/sys/bus/pci/devices");
	struct dirent *entry;
	int n = 0;

	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || !probe_is_npu(entry->d_name))
			continue;
		probe(entry->d_name, options);
		n++;
	}
	if (dir)
		closedir(dir);
	if (!n)
		printf("ascend-vfio-verify: there is no Ascend NPU here\n");
	return n;
}

static void as_init(struct probe_options *options)
{
	char cmdline[4096] = "", value[8];
	int fd;

	mount("proc", "/proc", "proc", 0, NULL);
	mount("sysfs", "/sys", "sysfs", 0, NULL);
	fd = open("/proc/cmdline", O_RDONLY);
	if (fd >= 0) {
		ssize_t n = read(fd, cmdline, sizeof(cmdline) - 1);

		cmdline[n < 0 ? 0 : n] = '\0';
		close(fd);
	}
	options->attempt = cmdline_value(cmdline, "verify_attempt", value, sizeof(value));
}

int main(int argc, char **argv)
{
	struct probe_options options = {};
	bool named = false;
	struct bdf bdf;

	if (getpid() == 1) {
		as_init(&options);
		if (!probe_all(&options))
			worst = EXIT_FAILED;
		printf("ascend-vfio-verify: exit status %d\n", worst);
		fflush(stdout);
		sync();
		reboot(RB_POWER_OFF);
		return 1;
	}
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--force")) {
			options.force = true;
		} else if (!strcmp(argv[i], "--attempt")) {
			options.attempt = true;
		} else if (!strcmp(argv[i], "--version")) {
			puts("ascend-vfio-verify " VERSION);
			return EXIT_DONE;
		} else if (!parse_bdf(argv[i], &bdf)) {
			fprintf(stderr, "usage: ascend-vfio-verify [--force] [--attempt] [BDF...]\n");
			return EXIT_USAGE;
		}
	}
	for (int i = 1; i < argc; i++) {
		char text[BDF_SIZE];

		if (!parse_bdf(argv[i], &bdf))
			continue;
		named = true;
		bdf_text(&bdf, text);
		probe(text, &options);
	}
	if (!named && !probe_all(&options))
		return EXIT_FAILED;
	return worst;
}
