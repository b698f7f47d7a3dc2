// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the kernel does when its PCI files are written to, played on a recorded tree.
 * Loaded into the tool with LD_PRELOAD:
 *   FAKE_ROOT     the tree
 *   FAKE_NATIVE   the driver that takes NPUs without an override
 *   FAKE_REFUSE   addresses that ascend_vfio_pci refuses
 *   FAKE_KILL_AT  SIGKILL instead of the Nth change to a file
 *   FAKE_FAIL_AT  the Nth change fails with EIO
 *   FAKE_COUNT    file that gets the number of changes
 *   FAKE_GROUP    number of the IOMMU group that a device without one gets when it is bound
 *   FAKE_VANISH   a reset makes the device vanish; it comes back at the Nth rescan
 *   FAKE_GIVE_UP  such a reset fails then; without FAKE_VANISH: it is none, and fails
 * Sleeping takes no time: a clock that runs with it is played as well.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define REAL(fn)	((__typeof__(fn) *)dlsym(RTLD_NEXT, #fn))

static const char *root(void)
{
	return getenv("FAKE_ROOT");
}

/* --- counting, killing, failing -------------------------------------------------- */

static long changes;

static long env_number(const char *name)
{
	const char *value = getenv(name);

	return value ? atol(value) : 0;
}

/* Before each change. Returns -1 where it is to fail. */
static int change(void)
{
	const char *count = getenv("FAKE_COUNT");

	changes++;
	if (count) {
		FILE *f = fopen(count, "w");

		if (!f)
			abort();
		fprintf(f, "%ld\n", changes);
		fclose(f);
	}
	if (changes == env_number("FAKE_KILL_AT"))
		raise(SIGKILL);
	if (changes == env_number("FAKE_FAIL_AT")) {
		errno = EIO;
		return -1;
	}
	return 0;
}

/* --- the tree ---------------------------------------------------------------------- */

static char *path(char buf[PATH_MAX], const char *format, ...)
{
	va_list ap;
	int len = snprintf(buf, PATH_MAX, "%s/sys/bus/pci/", root());

	va_start(ap, format);
	vsnprintf(buf + len, PATH_MAX - len, format, ap);
	va_end(ap);
	return buf;
}

static void set_file(const char *file, const char *text)
{
	int fd = open(file, O_WRONLY | O_TRUNC);

	if (fd < 0)
		return;
	if (REAL(write)(fd, text, strlen(text)) < 0)
		abort();
	close(fd);
}

static int get_file(const char *file, char *text, size_t size)
{
	int fd = open(file, O_RDONLY);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = read(fd, text, size - 1);
	close(fd);
	text[n < 0 ? 0 : n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return 0;
}

static int is_there(const char *file)
{
	return !access(file, F_OK);
}

static void remove_group(const char *bdf)
{
	static const char * const files[] = { "layout", "normal_nc_bars", "dropped_writes",
					      "needs_reset" };
	char p[PATH_MAX];

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		REAL(unlink)(path(p, "devices/%s/ascend_vfio/%s", bdf, files[i]));
	rmdir(path(p, "devices/%s/ascend_vfio", bdf));
}

static int do_unbind(const char *driver, const char *bdf)
{
	char p[PATH_MAX];

	if (REAL(unlink)(path(p, "drivers/%s/%s", driver, bdf))) {
		errno = ENODEV;
		return -1;
	}
	REAL(unlink)(path(p, "devices/%s/driver", bdf));
	remove_group(bdf);
	return 0;
}

static int do_bind(const char *driver, const char *bdf)
{
	char p[PATH_MAX], target[PATH_MAX], override[64];

	if (!is_there(path(p, "drivers/%s", driver)) || is_there(path(p, "devices/%s/driver", bdf)) ||
	    get_file(path(p, "devices/%s/driver_override", bdf), override, sizeof(override))) {
		errno = ENODEV;
		return -1;
	}
	if (strcmp(override, "(null)") && strcmp(override, driver)) {
		errno = ENODEV;
		return -1;
	}
	if (!strcmp(driver, "ascend_vfio_pci")) {
		const char *refuse = getenv("FAKE_REFUSE");

		if (strcmp(override, driver) || (refuse && strstr(refuse, bdf))) {
			errno = ENODEV;
			return -1;
		}
	}
	if (getenv("FAKE_GROUP")) {
		snprintf(target, sizeof(target), "%s/sys/kernel/iommu_groups/%s", root(),
			 getenv("FAKE_GROUP"));
		if (symlink(target, path(p, "devices/%s/iommu_group", bdf)) && errno != EEXIST)
			return -1;
	}
	/* Absolute, as it is no matter here how deep the device is */
	snprintf(target, sizeof(target), "%s/sys/bus/pci/drivers/%s", root(), driver);
	if (symlink(target, path(p, "devices/%s/driver", bdf)))
		return -1;
	snprintf(target, sizeof(target), "../../devices/%s", bdf);
	if (symlink(target, path(p, "drivers/%s/%s", driver, bdf)))
		return -1;
	return 0;
}

static void do_probe(const char *bdf)
{
	char p[PATH_MAX], override[64];
	const char *native = getenv("FAKE_NATIVE");

	if (get_file(path(p, "devices/%s/driver_override", bdf), override, sizeof(override)))
		return;
	if (strcmp(override, "(null)"))
		do_bind(override, bdf);
	else if (native && *native)
		do_bind(native, bdf);
}

/* --- vanishing and coming back ------------------------------------------------------- */

static char gone[64];
static long rescans;

/* A device that goes away loses its driver, and comes back without an override. */
static void drop_driver(const char *bdf)
{
	char p[PATH_MAX], driver[PATH_MAX];
	ssize_t n = readlink(path(p, "devices/%s/driver", bdf), driver, sizeof(driver) - 1);

	if (n > 0) {
		driver[n] = '\0';
		do_unbind(strrchr(driver, '/') + 1, bdf);
	}
	set_file(path(p, "devices/%s/driver_override", bdf), "(null)\n");
}

static void vanish(const char *bdf)
{
	char p[PATH_MAX], q[PATH_MAX];

	drop_driver(bdf);
	/* In the same folder, so that its relative link stays right */
	REAL(rename)(path(p, "devices/%s", bdf), path(q, "devices/.%s", bdf));
	snprintf(gone, sizeof(gone), "%s", bdf);
	rescans = 0;
}

static void come_back(void)
{
	char p[PATH_MAX], q[PATH_MAX], autoprobe[8];

	REAL(rename)(path(p, "devices/.%s", gone), path(q, "devices/%s", gone));
	if (!get_file(path(p, "drivers_autoprobe"), autoprobe, sizeof(autoprobe)) &&
	    !strcmp(autoprobe, "1"))
		do_probe(gone);
	gone[0] = '\0';
}

static void do_rescan(void)
{
	if (*gone && ++rescans >= env_number("FAKE_VANISH"))
		come_back();
}

/* As vfio_pci_bus_notifier() does for the VFs of its PFs, with its own driver here */
static void give_pfs_driver(const char *pf, const char *vf)
{
	char p[PATH_MAX];

	if (!is_there(path(p, "drivers/ascend_vfio_pci/%s", pf)))
		return;
	set_file(path(p, "devices/%s/driver_override", vf), "ascend_vfio_pci\n");
	do_bind("ascend_vfio_pci", vf);
}

static void make_vfs(const char *bdf, long n)
{
	char p[PATH_MAX], q[PATH_MAX];

	/* Those that the tree has, as hidden entries */
	for (int i = 1; i <= n && i < 8; i++) {
		char vf[64];

		snprintf(vf, sizeof(vf), "%.*s%d", (int)strlen(bdf) - 1, bdf, i);
		if (!REAL(rename)(path(p, "devices/.%s", vf), path(q, "devices/%s", vf)))
			give_pfs_driver(bdf, vf);
	}
	for (int i = n + 1; i < 8; i++) {
		char vf[64];

		snprintf(vf, sizeof(vf), "%.*s%d", (int)strlen(bdf) - 1, bdf, i);
		drop_driver(vf);
		REAL(rename)(path(p, "devices/%s", vf), path(q, "devices/.%s", vf));
	}
}

/* --- what a write to a file means ----------------------------------------------------- */

/* "rest" is behind FAKE_ROOT/sys/: of the file itself, all links followed */
static int written(const char *file, const char *rest, const char *text)
{
	const char *name = strrchr(file, '/') + 1;
	char dir[PATH_MAX];
	const char *bdf;

	snprintf(dir, sizeof(dir), "%.*s", (int)(name - 1 - file), file);
	bdf = strrchr(dir, '/') + 1;
	if (!strcmp(name, "driver_override")) {
		char value[80];

		snprintf(value, sizeof(value), "%s\n", *text == '\n' ? "(null)" : text);
		set_file(file, value);
	} else if (!strcmp(name, "unbind")) {
		return do_unbind(bdf, text);
	} else if (!strcmp(name, "bind")) {
		return do_bind(bdf, text);
	} else if (!strcmp(name, "drivers_probe")) {
		do_probe(text);
	} else if (!strcmp(name, "rescan")) {
		do_rescan();
	} else if (!strcmp(name, "remove")) {
		if (!*gone || strcmp(gone, bdf))
			vanish(bdf);
	} else if (!strcmp(name, "reset") || !strcmp(name, "reset_subordinate")) {
		if (getenv("FAKE_VANISH"))
			vanish(bdf);
		if (getenv("FAKE_GIVE_UP")) {
			errno = ENOTTY;
			return -1;
		}
	} else if (!strcmp(name, "sriov_numvfs")) {
		char now[16];

		if (!get_file(file, now, sizeof(now)) && atol(now) && atol(text)) {
			errno = EBUSY;
			return -1;
		}
		set_file(file, text);
		make_vfs(bdf, atol(text));
	} else {
		set_file(file, text);
	}
	(void)rest;
	return 0;
}

ssize_t write(int fd, const void *buf, size_t len)
{
	char link[64], file[PATH_MAX], text[256], sys[PATH_MAX];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, file, sizeof(file) - 1);
	if (n <= 0 || !root())
		return REAL(write)(fd, buf, len);
	file[n] = '\0';
	if (strncmp(file, root(), strlen(root())))
		return REAL(write)(fd, buf, len);
	if (change())
		return -1;
	n = snprintf(sys, sizeof(sys), "%s/sys/", root());
	if (strncmp(file, sys, n))
		return REAL(write)(fd, buf, len);
	snprintf(text, sizeof(text), "%.*s", (int)len, (const char *)buf);
	return written(file, file + n, text) ? -1 : (ssize_t)len;
}

int rename(const char *from, const char *to)
{
	return change() ? -1 : REAL(rename)(from, to);
}

int unlink(const char *file)
{
	return change() ? -1 : REAL(unlink)(file);
}

int mkdir(const char *dir, mode_t mode)
{
	/* One that is there changes nothing. */
	if (is_there(dir)) {
		errno = EEXIST;
		return -1;
	}
	return change() ? -1 : REAL(mkdir)(dir, mode);
}

/* --- time -------------------------------------------------------------------------------- */

static struct timespec slept;

static int pass(const struct timespec *t)
{
	slept.tv_sec += t->tv_sec;
	slept.tv_nsec += t->tv_nsec;
	slept.tv_sec += slept.tv_nsec / 1000000000;
	slept.tv_nsec %= 1000000000;
	return 0;
}

int nanosleep(const struct timespec *t, struct timespec *left)
{
	(void)left;
	return pass(t);
}

int clock_gettime(clockid_t id, struct timespec *t)
{
	int ret = REAL(clock_gettime)(id, t);

	t->tv_sec += slept.tv_sec;
	t->tv_nsec += slept.tv_nsec;
	t->tv_sec += t->tv_nsec / 1000000000;
	t->tv_nsec %= 1000000000;
	return ret;
}
