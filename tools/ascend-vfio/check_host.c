// SPDX-License-Identifier: GPL-2.0-only
/* ascend-vfio check: QEMU, libvirt, memory */
#include <string.h>

#include "check.h"
#include "root.h"
#include "run.h"
#include "window.h"

/* Debian's list of what is installed; versions there are "[EPOCH:]VERSION". */
static bool package_version(const char *package, struct version *version)
{
	char *status = root_read_all("/var/lib/dpkg/status", NULL), *entry, *end, *colon;

	status = status ? fmt("\n%s", status) : "";
	entry = strstr(status, fmt("\nPackage: %s\n", package));
	end = entry ? strstr(entry, "\n\n") : NULL;
	if (end)
		*end = '\0';
	entry = entry ? strstr(entry, "\nVersion: ") : NULL;
	if (!entry)
		return false;
	entry += strlen("\nVersion: ");
	entry[strcspn(entry, "\n")] = '\0';
	colon = strchr(entry, ':');
	return find_version(colon ? colon + 1 : entry, version);
}

/* A program's own word; below --sysroot nothing is run, but the list of packages may tell. */
static bool program_version(const char *const *names, const char *const *packages,
			    struct version *version, const char **where)
{
	for (; !root_is_recorded() && *names; names++) {
		char *path = program_path(*names), *text;
		char *argv[] = { path, "--version", NULL };

		text = path ? run_output(argv, 5) : NULL;
		if (text && find_version(text, version)) {
			*where = path;
			return true;
		}
	}
	for (; root_is_recorded() && *packages; packages++) {
		if (package_version(*packages, version)) {
			*where = fmt("the package %s", *packages);
			return true;
		}
	}
	*where = root_is_recorded() ? "a recorded tree, in which nothing is run" : "not in PATH";
	return false;
}

bool qemu_version(const struct machine *m, struct version *version, const char **where)
{
	static const char * const arm[] = { "qemu-system-aarch64", "qemu-kvm", NULL };
	static const char * const x86[] = { "qemu-system-x86_64", "qemu-kvm", NULL };
	static const char * const arm_packages[] = { "qemu-system-arm", NULL };
	static const char * const x86_packages[] = { "qemu-system-x86", NULL };
	bool is_x86 = !strcmp(m->arch, "x86");

	return program_version(is_x86 ? x86 : arm, is_x86 ? x86_packages : arm_packages, version,
			       where);
}

void check_qemu(struct checkup *c)
{
	struct version v;
	const char *where;
	u64 window = total_window(c->npus);

	if (!c->npus[0])
		return;
	if (!qemu_version(c->m, &v, &where))
		found(c, LEVEL_WARNING, "qemu", NULL, fmt("its version is not known (%s)", where),
		      "install it, if QEMU is to run the guests; any version honours the driver's areas");
	else if (!strcmp(c->m->arch, "arm64") && window > VIRT_WINDOW &&
		 version_cmp(&v, VIRT_SIZE_MAJOR, 0) < 0)
		found(c, LEVEL_WARNING, "qemu", NULL,
		      fmt("%u.%u (%s): all of these in one guest need a window of %s, and before 10.0 it is 512G",
			  v.major, v.minor, where, size_text(window)),
		      "QEMU 10.0 or later, or fewer NPUs in one guest");
	else
		found(c, LEVEL_OK, "qemu", NULL, fmt("%u.%u (%s)", v.major, v.minor, where), NULL);
}

bool libvirt_version(struct version *version, const char **where)
{
	static const char * const names[] = { "libvirtd", "virtqemud", NULL };
	static const char * const packages[] = { "libvirt-daemon", "libvirt-daemon-system", NULL };

	return program_version(names, packages, version, where);
}

void check_libvirt(struct checkup *c)
{
	struct version v;
	const char *where;

	if (!libvirt_version(&v, &where))
		found(c, LEVEL_OK, "libvirt", NULL, fmt("none found (%s)", where), NULL);
	else if (v.major < LIBVIRT_MAJOR)
		found(c, LEVEL_WARNING, "libvirt", NULL,
		      fmt("%u.%u (%s) takes no driver but vfio-pci for a <hostdev>", v.major, v.minor,
			  where),
		      "libvirt 10.0 or later, which chooses the driver by itself; or <qemu:commandline> with what qemu-args prints");
	else
		found(c, LEVEL_OK, "libvirt", NULL, fmt("%u.%u (%s)", v.major, v.minor, where), NULL);
}

struct pool {
	u64 size, free;		/* of a page; bytes in all */
};

/* The pool of huge pages with the most in it */
static struct pool best_pool(void)
{
	static const char dir[] = "/sys/kernel/mm/hugepages";
	struct pool best = {};

	for (char **name = root_list(dir); *name; name++) {
		char digits[24];
		u64 kb, pages;
		size_t len;

		if (!starts_with(*name, "hugepages-"))
			continue;
		len = strspn(*name + 10, "0123456789");
		if (len >= sizeof(digits) || strcmp(*name + 10 + len, "kB"))
			continue;
		memcpy(digits, *name + 10, len);
		digits[len] = '\0';
		if (!parse_num(digits, &kb) || kb >> 40 ||
		    !root_read_num(fmt("%s/%s/free_hugepages", dir, *name), &pages))
			continue;
		if (!best.size || pages * kb * KIB > best.free)
			best = (struct pool){ kb * KIB, pages * kb * KIB };
	}
	return best;
}

static void check_hugepages(struct checkup *c, u64 available)
{
	struct pool pool = best_pool();

	if (pool.free >= c->memory) {
		found(c, LEVEL_OK, "hugepages", NULL,
		      fmt("%s free in pages of %s", size_text(pool.free), size_text(pool.size)), NULL);
		return;
	}
	found(c, LEVEL_WARNING, "hugepages", NULL,
	      fmt("%s free, too few for a guest of %s: it works with small pages, at some cost",
		  size_text(pool.free), size_text(c->memory)),
	      pool.size ? fmt("echo %llu > /sys/kernel/mm/hugepages/hugepages-%llukB/nr_hugepages",
			      (unsigned long long)((c->memory + pool.size - 1) / pool.size),
			      (unsigned long long)(pool.size / KIB)) : NULL);
	if (available < c->memory)
		found(c, LEVEL_PROBLEM, "memory", NULL,
		      fmt("%llu MiB are available, too little for a guest of %s",
			  (unsigned long long)(available / MIB), size_text(c->memory)),
		      "a smaller guest: all of its memory is locked when it has a device");
	else
		found(c, LEVEL_OK, "memory", NULL,
		      fmt("%llu MiB are available", (unsigned long long)(available / MIB)), NULL);
}

void check_memory(struct checkup *c)
{
	char *meminfo = root_read_all("/proc/meminfo", NULL);
	char *limits = root_read_all("/proc/self/limits", NULL);
	u64 available, limit;

	if (!c->memory)
		return;
	if (meminfo && proc_kb(meminfo, "MemAvailable", &available))
		check_hugepages(c, available);
	else
		found(c, LEVEL_WARNING, "memory", NULL, "not known how much is available", NULL);
	if (!limits || !proc_limit(limits, "Max locked memory", &limit))
		found(c, LEVEL_WARNING, "memlock", NULL, "the limit is not known", NULL);
	else if (limit < c->memory)
		found(c, LEVEL_WARNING, "memlock", NULL,
		      fmt("a process of this user may lock %llu KiB, and VFIO locks all of a guest's memory; root's QEMU may, and libvirt raises it by itself",
			  (unsigned long long)(limit / KIB)),
		      "ulimit -l, or limits.conf, for a QEMU that another user starts");
	else
		found(c, LEVEL_OK, "memlock", NULL, "high enough for this guest", NULL);
}
