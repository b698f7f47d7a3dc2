// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sysfs files, and which driver has the device.
 *
 * Binding goes by driver_override and drivers_probe, as driverctl and libvirt do
 * it, so that no id has to be added to any driver.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kselftest.h"
#include "npu.h"

#define PCI_DEVICES	"/sys/bus/pci/devices"
#define PCI_DRIVERS	"/sys/bus/pci/drivers"
#define NO_OVERRIDE	"(null)"	/* what driver_override reads when it is not set */

ssize_t sysfs_read(const char *path, char *buf, size_t size)
{
	ssize_t len;
	int fd;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	len = read(fd, buf, size - 1);
	if (len < 0)
		len = -errno;
	close(fd);
	if (len < 0)
		return len;
	if (len && buf[len - 1] == '\n')
		len--;
	buf[len] = '\0';
	return len;
}

int sysfs_write(const char *path, const char *text)
{
	int fd, ret = 0;

	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		ret = -errno;
	close(fd);
	return ret;
}

ssize_t npu_attr(const char *bdf, const char *file, char *buf, size_t size)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), PCI_DEVICES "/%s/%s", bdf, file);
	return sysfs_read(path, buf, size);
}

long long npu_attr_num(const char *bdf, const char *file)
{
	char text[64], *end;
	long long value;
	ssize_t len;

	len = npu_attr(bdf, file, text, sizeof(text));
	if (len < 0)
		return len;
	errno = 0;
	value = strtoll(text, &end, 0);
	return errno || end == text || *end ? -EINVAL : value;
}

void npu_driver(const char *bdf, char *buf, size_t size)
{
	char path[PATH_MAX], target[PATH_MAX];
	ssize_t len;

	snprintf(path, sizeof(path), PCI_DEVICES "/%s/driver", bdf);
	len = readlink(path, target, sizeof(target) - 1);
	target[len < 0 ? 0 : len] = '\0';
	snprintf(buf, size, "%s", len < 0 ? "" : basename(target));
}

bool npu_driver_loaded(const char *driver)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), PCI_DRIVERS "/%s", driver);
	return access(path, F_OK) == 0;
}

static int set_override(const char *bdf, const char *driver)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), PCI_DEVICES "/%s/driver_override", bdf);
	/* A lone newline clears it, for an empty write does nothing */
	return sysfs_write(path, *driver ? driver : "\n");
}

static int release(const char *bdf)
{
	char path[PATH_MAX], driver[64];

	npu_driver(bdf, driver, sizeof(driver));
	if (!*driver)
		return 0;
	snprintf(path, sizeof(path), PCI_DEVICES "/%s/driver/unbind", bdf);
	return sysfs_write(path, bdf);
}

int npu_bind(const char *bdf, const char *driver)
{
	char now[64], override[64];
	int ret;

	npu_driver(bdf, now, sizeof(now));
	if (npu_attr(bdf, "driver_override", override, sizeof(override)) < 0)
		override[0] = '\0';
	if (!strcmp(now, driver) && !strcmp(override, driver))
		return strcmp(driver, GUARDED) ? 0 : npu_write_rules(bdf);

	ret = set_override(bdf, driver);
	if (!ret)
		ret = release(bdf);
	if (!ret)
		ret = sysfs_write("/sys/bus/pci/drivers_probe", bdf);
	if (ret)
		return ret;
	npu_driver(bdf, now, sizeof(now));
	if (strcmp(now, driver))
		return -ENODEV;
	return strcmp(driver, GUARDED) ? 0 : npu_write_rules(bdf);
}

int npu_unbind(const char *bdf)
{
	int ret = set_override(bdf, "");

	return ret ? ret : release(bdf);
}

/* What to give back; more than two devices take part in no test */
static struct {
	char bdf[16];
	char driver[64];
	char override[64];
} saved[2];
static unsigned int nr_saved;
static pid_t saved_by;

static void restore(void)
{
	/* The harness's children inherit this and must not act on it */
	if (getpid() != saved_by)
		return;
	while (nr_saved) {
		const char *bdf = saved[--nr_saved].bdf;
		const char *driver = saved[nr_saved].driver;
		const char *override = saved[nr_saved].override;
		char now[64];

		npu_driver(bdf, now, sizeof(now));
		if (strcmp(now, driver))
			release(bdf);
		if (*driver && strcmp(now, driver)) {
			set_override(bdf, driver);
			sysfs_write("/sys/bus/pci/drivers_probe", bdf);
		}
		set_override(bdf, override);
	}
}

static void restore_and_die(int sig)
{
	restore();
	_exit(128 + sig);
}

void npu_restore_at_exit(const char *bdf)
{
	unsigned int n = nr_saved;

	if (n == ARRAY_SIZE(saved))
		return;
	if (!n) {
		saved_by = getpid();
		atexit(restore);
		signal(SIGINT, restore_and_die);
		signal(SIGTERM, restore_and_die);
	}
	snprintf(saved[n].bdf, sizeof(saved[n].bdf), "%s", bdf);
	npu_driver(bdf, saved[n].driver, sizeof(saved[n].driver));
	if (npu_attr(bdf, "driver_override", saved[n].override, sizeof(saved[n].override)) < 0 ||
	    !strcmp(saved[n].override, NO_OVERRIDE))
		saved[n].override[0] = '\0';
	nr_saved++;
}
