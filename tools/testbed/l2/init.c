// SPDX-License-Identifier: GPL-2.0-only
/*
 * PID 1 of a guest in L1 (L2), of the demo, vmm_test and npus_test: does to the NPU what the
 * vendor's guest driver does, and reports on a port of its own, one key=value a line. Its
 * environment, from the kernel's command line, names the NPU's model as npu_model=NAME; with
 * npu_touch=1 it then reads every page of the NPU, with npu_peers=look it says where the BARs of
 * all NPUs are, and with npu_peers=try it also lets each of them copy into each other one.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "l2.h"

#define PORT_NAME	"org.ascend.results"
#define PORTS		"/sys/class/virtio-ports"
#define WC_BAR		4	/* device memory, what the guest driver maps WC */
#define WC_OFFSET	0x100000 /* in it, away from the register that a 310 has there */

static int results = -1;
static sigjmp_buf fault;

void report(const char *fmt, ...)
{
	char line[256];
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	/* Blocks until the host has it, so that nothing said is lost. */
	if (write(results, line, len) != len)
		perror("init: results port");
}

/* Nothing is left to do: the host ends this guest when it has read the report. */
static __noreturn void stop(void)
{
	report("done=1\n");
	for (;;)
		pause();
}

void fail(const char *what)
{
	report("error=%s: %s\n", what, strerror(errno));
	stop();
}

int read_line(const char *path, char *buf, size_t size)
{
	FILE *f = fopen(path, "re");
	char *got;

	if (!f)
		return -1;
	got = fgets(buf, size, f);
	fclose(f);
	if (!got)
		return -1;
	buf[strcspn(buf, "\n")] = '\0';
	return 0;
}

/* The entry of @dir whose @file holds @text, as a path into @out. */
static int find(const char *dir, const char *file, const char *text, char *out, size_t size)
{
	char path[PATH_MAX], value[64];
	struct dirent *entry;
	DIR *d = opendir(dir);
	int found = -1;

	while (d && found && (entry = readdir(d))) {
		snprintf(path, sizeof(path), "%s/%s/%s", dir, entry->d_name, file);
		if (read_line(path, value, sizeof(value)) || strcmp(value, text))
			continue;
		snprintf(out, size, "%s", entry->d_name);
		found = 0;
	}
	if (d)
		closedir(d);
	return found;
}

static void open_results(void)
{
	char port[NAME_MAX + 1], path[PATH_MAX];

	/* The driver learns of its ports a little after it was loaded. */
	for (int tries = 0; tries < 500; tries++) {
		if (!find(PORTS, "name", PORT_NAME, port, sizeof(port))) {
			snprintf(path, sizeof(path), "/dev/%s", port);
			results = open(path, O_WRONLY | O_CLOEXEC);
			if (results >= 0)
				return;
		}
		usleep(10000);
	}
	fprintf(stderr, "init: no virtio port named " PORT_NAME "\n");
	exit(1);
}

void switch_on(const char *dir)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/enable", dir);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "1", 1) != 1)
		fail("enabling the NPU");
	close(fd);
}

/* @len bytes at @offset of a resource file, which may both be unaligned to pages. */
void *map_bar(const char *dir, const char *file, __u64 offset, size_t len)
{
	__u64 start = offset & -(__u64)sysconf(_SC_PAGESIZE);
	char path[PATH_MAX];
	void *map;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		fail(path);
	map = mmap(NULL, offset - start + len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, start);
	if (map == MAP_FAILED)
		fail(path);
	close(fd);
	return (char *)map + (offset - start);
}

/*
 * Write @value, read it back: how the guest driver asks. By instructions that KVM can
 * hand to QEMU when the page is not mapped, which a compiler need not choose.
 */
void probe_register(const char *dir, const struct npu_model *model, const struct npu_reg *reg)
{
	const bool feature = reg->kind == NPU_REG_FEATURE;
	const __u32 value = feature ? 0 : NPU_XLOADER_PHYSICAL;
	char file[16], name[16];
	__u32 *at, seen;

	snprintf(name, sizeof(name), feature ? "feature" : "xloader");
	if (model->dies > 1)
		snprintf(name + strlen(name), sizeof(name) - strlen(name), "%u", reg->die);
	snprintf(file, sizeof(file), "resource%u", reg->bar);
	at = map_bar(dir, file, reg->offset, sizeof(*at));
	asm volatile("str %w1, [%0]" : : "r"(at), "r"(value) : "memory");
	asm volatile("ldr %w0, [%1]" : "=r"(seen) : "r"(at) : "memory");
	report("%s_written=0x%x\n%s_read=0x%x\n", name, value, name, seen);
}

static void on_fault(int signal)
{
	siglongjmp(fault, signal);
}

/*
 * Stores that Normal memory allows and Device memory does not. If stage 2 forbids
 * them the whole guest stops at the first; then its last word is "trying".
 */
void unaligned_stores(const char *dir)
{
	const __u64 pattern = 0xa8a7a6a5a4a3a2a1;
	const struct sigaction action = { .sa_handler = on_fault, .sa_flags = SA_NODEFER };
	char file[16];
	char *wc;
	int bad = 0;

	snprintf(file, sizeof(file), "resource%d_wc", WC_BAR);
	wc = map_bar(dir, file, WC_OFFSET, 2UL * 4096);
	sigaction(SIGBUS, &action, NULL);
	report("unaligned=trying\n");
	if (sigsetjmp(fault, 1)) {
		report("unaligned=faults\n");
		return;
	}
	/* By assembly: a compiler may split what it knows to be unaligned. */
	for (int i = 1; i < 64; i++)
		asm volatile("str %1, [%0]" : : "r"(&wc[64 * i + i]), "r"(pattern) : "memory");
	asm volatile("dsb sy" ::: "memory");
	for (int i = 1; i < 64; i++)
		bad += !!memcmp(&wc[64 * i + i], &pattern, sizeof(pattern));
	report("unaligned=%s\n", bad ? "wrong-value" : "works");
}

/*
 * Reads every page of every BAR, registers and MSI-X table too: what KVM is to map of the
 * device it maps then.
 */
static void touch_all(const char *dir, const struct npu_model *model)
{
	const size_t page = sysconf(_SC_PAGESIZE);
	unsigned long pages = 0;
	struct stat st;
	char path[PATH_MAX], *map;
	__u32 seen;

	for (unsigned int bar = 0; bar < NPU_NR_BARS; bar++) {
		snprintf(path, sizeof(path), "%s/resource%u", dir, bar);
		if (!model->bars[bar] || stat(path, &st))
			continue;
		snprintf(path, sizeof(path), "resource%u", bar);
		map = map_bar(dir, path, 0, st.st_size);
		for (size_t at = 0; at < (size_t)st.st_size; at += page, pages++)
			asm volatile("ldr %w0, [%1]" : "=r"(seen) : "r"(map + at) : "memory");
		munmap(map, st.st_size);
	}
	report("touched=%lu\n", pages);
}

int main(void)
{
	const struct npu_model *model;
	char vendor[16], dir[2 * NAME_MAX], bdf[NAME_MAX + 1];
	const char *peers;

	mkdir("/sys", 0755);
	mkdir("/dev", 0755);
	mkdir("/proc", 0755);
	if (mount("sysfs", "/sys", "sysfs", 0, NULL))
		perror("init: sysfs");
	if (mount("devtmpfs", "/dev", "devtmpfs", 0, NULL) && errno != EBUSY)
		perror("init: devtmpfs");
	if (mount("proc", "/proc", "proc", 0, NULL))
		perror("init: proc");
	open_results();
	report("started=1\n");

	errno = EINVAL;
	model = npu_model_find(getenv("npu_model") ?: "");
	if (!model)
		fail("npu_model");
	peers = getenv("npu_peers");
	if (peers) {
		if (!strcmp(peers, "try"))
			try_peers(model);
		else
			look_at_peers(model);
		stop();
	}
	errno = ENODEV;
	snprintf(vendor, sizeof(vendor), "0x%04x", model->vendor);
	if (find(DEVICES, "vendor", vendor, bdf, sizeof(bdf)))
		fail("looking for the NPU");
	snprintf(dir, sizeof(dir), DEVICES "/%s", bdf);
	switch_on(dir);

	/* It asks feature whether or not the host answers */
	for (unsigned int i = 0; i < model->nr_all_regs; i++)
		probe_register(dir, model, &model->regs[i]);
	unaligned_stores(dir);
	if (getenv("npu_touch"))
		touch_all(dir, model);
	stop();
}
