// SPDX-License-Identifier: GPL-2.0-only
/*
 * ascend-vfio verify - tried in the guest
 *
 * The feature register is asked as the vendor's driver asks it: 0 is written and it is
 * read back. It is read first, and 0 needs no writing. The stores put back the bytes that
 * were there. A store that stage 2 does not allow can stop the whole guest: so none is
 * made that the register does not allow.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../chips.h"
#include "../mmio.h"
#include "probe.h"

#define DEVICES		"/sys/bus/pci/devices"
#define MAX_PATH	128
#define WC_BAR		4	/* the one that the vendor's driver maps write combining */
#define REVISION_MDEV	0x71

struct probe {
	const char *bdf;
	struct identity id;
	u8 function, revision;
	const struct layout *layout;
	u64 bars;		/* the feature register's answer */
};

static char *path_of(const char *bdf, const char *file, char path[MAX_PATH])
{
	snprintf(path, MAX_PATH, DEVICES "/%s/%s", bdf, file);
	return path;
}

static bool read_number(const char *bdf, const char *file, u64 *value)
{
	char path[MAX_PATH], text[64];
	int fd = open(path_of(bdf, file, path), O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n <= 0)
		return false;
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return parse_num(text, value);
}

static bool write_text(const char *bdf, const char *file, const char *text)
{
	char path[MAX_PATH];
	int fd = open(path_of(bdf, file, path), O_WRONLY | O_CLOEXEC);
	bool ok;

	if (fd < 0)
		return false;
	ok = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	close(fd);
	return ok;
}

bool probe_is_npu(const char *bdf)
{
	u64 vendor, device;

	return read_number(bdf, "vendor", &vendor) && read_number(bdf, "device", &device) &&
	       chip_by_id(vendor, device);
}

static bool identify(struct probe *p)
{
	struct bdf address;
	u64 vendor, device, sub, revision = 0;
	char file[24], path[MAX_PATH];
	const char *why;
	struct stat st;

	if (!parse_bdf(p->bdf, &address) || !read_number(p->bdf, "vendor", &vendor) ||
	    !read_number(p->bdf, "device", &device) ||
	    !read_number(p->bdf, "subsystem_device", &sub)) {
		printf("%s: cannot be read\n", p->bdf);
		return false;
	}
	read_number(p->bdf, "revision", &revision);
	p->function = address.function;
	p->revision = revision;
	/* A guest is not told what is a VF: the BARs decide, as in the driver. */
	p->id = (struct identity){ .vendor = vendor, .device = device, .subdevice = sub,
				   .wc_unlisted = true };
	for (int i = 0; i < NR_BARS; i++) {
		snprintf(file, sizeof(file), "resource%d", i);
		if (!stat(path_of(p->bdf, file, path), &st))
			p->id.bar_len[i] = st.st_size;
	}
	p->layout = choose_layout(&p->id, &why);
	if (!p->layout)
		printf("%s: not known: %s\n", p->bdf, why);
	return p->layout;
}

static bool reg_read(const struct probe *p, const struct reg_at *reg, u32 *value)
{
	char file[24], path[MAX_PATH];
	int ret;

	snprintf(file, sizeof(file), "resource%u", reg->bar);
	ret = mmio_read32(path_of(p->bdf, file, path), reg->offset, value);
	if (ret)
		printf("%s: %s cannot be mapped: %s\n", p->bdf, file, strerror(-ret));
	return !ret;
}

static bool reg_write(const struct probe *p, const struct reg_at *reg, u32 value)
{
	char file[24], path[MAX_PATH];

	snprintf(file, sizeof(file), "resource%u", reg->bar);
	return !mmio_write32(path_of(p->bdf, file, path), reg->offset, value);
}

/* false: the guest's driver would not look at feature as it should */
static bool ask_xloader(const struct probe *p, const struct probe_options *options)
{
	const struct reg_at *reg = &p->layout->xloader;
	u32 value;

	if (!reg_read(p, reg, &value))
		return false;
	printf("%s: xloader reads 0x%08x: %s\n", p->bdf, value, !value ? "a virtual machine" :
	       value == ~0U ? "the device does not answer" :
	       "the guest's driver would take this for the physical machine");
	if (!options->attempt || value == ~0U)
		return !value;
	reg_write(p, reg, XLOADER_PHYSICAL);
	if (!reg_read(p, reg, &value))
		return false;
	reg_write(p, reg, 0);
	printf("%s: a write to xloader %s\n", p->bdf, value == XLOADER_PHYSICAL ?
	       "ARRIVED: the register is not guarded" : "was dropped");
	return !value;
}

static void ask_feature(struct probe *p)
{
	const struct reg_at *reg = &p->layout->feature;
	u32 value, again;

	if (!reg->offset) {
		printf("%s: this chip has no feature register that is known\n", p->bdf);
		return;
	}
	if (!reg_read(p, reg, &value))
		return;
	if (value == ~0U) {
		printf("%s: feature reads all ones: the device does not answer\n", p->bdf);
		return;
	}
	if (!value) {
		printf("%s: feature reads 0: no BAR may be mapped write combining\n", p->bdf);
		return;
	}
	if (!reg_write(p, reg, 0) || !reg_read(p, reg, &again))
		return;
	if (again != value) {
		printf("%s: feature was 0x%x, but takes what is written: it is the device's memory, nobody answers for it\n",
		       p->bdf, value);
		return;
	}
	p->bars = value;
	printf("%s: feature reads 0x%x, and so it does when 0 was written: the host answers\n", p->bdf,
	       value);
}

/* --- the stores ---------------------------------------------------------------------- */

static sigjmp_buf on_fault;

static void fault(int sig)
{
	siglongjmp(on_fault, sig);
}

static void store_unaligned(char *to, u64 value)
{
#ifdef __aarch64__
	asm volatile("str %0, [%1]" : : "r"(value), "r"(to) : "memory");
#else
	memcpy(to, &value, sizeof(value));
	asm volatile("" : : : "memory");
#endif
}

static void store_64(char *to, const u64 v[8])
{
#ifdef __aarch64__
	asm volatile("stp %0, %1, [%4]\n stp %2, %3, [%4, #16]\n" : :
		     "r"(v[0]), "r"(v[1]), "r"(v[2]), "r"(v[3]), "r"(to) : "memory");
	asm volatile("stp %0, %1, [%4, #32]\n stp %2, %3, [%4, #48]\n" : :
		     "r"(v[4]), "r"(v[5]), "r"(v[6]), "r"(v[7]), "r"(to) : "memory");
#else
	memcpy(to, v, 64);
	asm volatile("" : : : "memory");
#endif
}

/* NULL, or what went wrong */
static const char *try_stores(volatile char *map)
{
	struct sigaction act = { .sa_handler = fault, .sa_flags = SA_NODEFER }, bus, segv;
	const char *volatile doing = "reading";
	u64 old[8], shifted, now[8];
	int sig;

	sigaction(SIGBUS, &act, &bus);
	sigaction(SIGSEGV, &act, &segv);
	sig = sigsetjmp(on_fault, 1);
	if (!sig) {
		for (int i = 0; i < 8; i++)
			old[i] = ((volatile u64 *)map)[i];
		memcpy(&shifted, (char *)old + 1, sizeof(shifted));
		doing = "an unaligned store";
		store_unaligned((char *)map + 1, shifted);
		doing = "a 64-byte store";
		store_64((char *)map, old);
		for (int i = 0; i < 8; i++)
			now[i] = ((volatile u64 *)map)[i];
		doing = memcmp(old, now, sizeof(old)) ? "what was stored is not what is read" : NULL;
	}
	sigaction(SIGBUS, &bus, NULL);
	sigaction(SIGSEGV, &segv, NULL);
	return doing;
}

static bool try_bar(const struct probe *p)
{
	char path[MAX_PATH];
	const char *wrong;
	void *map;
	int fd;

	fd = open(path_of(p->bdf, "resource4_wc", path), O_RDWR | O_CLOEXEC);
	if (fd < 0) {
		printf("%s: BAR4: not write combining: resource4_wc: %s\n", p->bdf, strerror(errno));
		return false;
	}
	map = mmap(NULL, sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (map == MAP_FAILED) {
		printf("%s: BAR4: not write combining: it cannot be mapped: %s\n", p->bdf,
		       strerror(errno));
		return false;
	}
	wrong = try_stores(map);
	munmap(map, sysconf(_SC_PAGESIZE));
	if (wrong)
		printf("%s: BAR4: not write combining: failed at: %s\n", p->bdf, wrong);
	else
#ifdef __aarch64__
		printf("%s: BAR4: write combining: allowed by the host, and an unaligned and a 64-byte store work\n",
		       p->bdf);
#else
		printf("%s: BAR4: write combining: allowed by the host; stores work, which on this machine proves nothing\n",
		       p->bdf);
#endif
	return !wrong;
}

static bool report_bars(const struct probe *p, bool xloader_ok)
{
	bool ok = false;

	for (int i = 0; i < NR_BARS; i++) {
		if (!p->id.bar_len[i] || i == WC_BAR)
			continue;
		printf("%s: BAR%d: %s\n", p->bdf, i, p->bars & BIT(i) ?
		       "may be mapped write combining (not tried; the vendor's driver maps BAR4 only)" :
		       "not write combining: the feature register does not allow it");
	}
	if (!(p->bars & BIT(WC_BAR)))
		printf("%s: BAR4: not write combining: the feature register does not allow it, and a store that stage 2 forbids can stop the guest, so none was tried\n",
		       p->bdf);
	else if (!xloader_ok)
		printf("%s: BAR4: not tried: xloader is not as it should be\n", p->bdf);
	else
		ok = try_bar(p);
	return ok;
}

int probe_device(const char *bdf, const struct probe_options *options)
{
	struct probe p = { .bdf = bdf };
	char path[MAX_PATH];
	bool driven = !access(path_of(bdf, "driver", path), F_OK), xloader_ok, ok;

	if (!identify(&p))
		return EXIT_FAILED;
	printf("%s: layout %s, function %u; pages of this kernel: %ld KiB\n", bdf, p.layout->name,
	       p.function, sysconf(_SC_PAGESIZE) / 1024);
	if (p.layout->function == FN_VF && p.layout->cloud_v2 && !p.function &&
	    p.revision != REVISION_MDEV)
		printf("%s: a VF at function 0: the vendor's driver takes it for a PF; give it another function\n",
		       bdf);
	if (driven && !options->force) {
		printf("%s: a driver has it: not touched (--force does)\n", bdf);
		return EXIT_FAILED;
	}
	/* A count: it is given back below. With a driver it is on already. */
	if (!driven && !write_text(bdf, "enable", "1"))
		printf("%s: cannot be enabled: %s\n", bdf, strerror(errno));
	xloader_ok = ask_xloader(&p, options);
	ask_feature(&p);
	ok = report_bars(&p, xloader_ok);
	if (!driven)
		write_text(bdf, "enable", "0");
	return ok ? EXIT_DONE : EXIT_PROBLEMS;
}
