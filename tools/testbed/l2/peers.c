// SPDX-License-Identifier: GPL-2.0-only
/*
 * Several NPUs in one guest: where their BARs are, what the guest's driver sees of each, and
 * what the DMA engine of each can write into each other one, at the other's bus addresses.
 *
 * Reported are lines "npu=N" for NPU N, by ascending address, and then of it:
 *	bar=BAR START SIZE		in hex; START 0: it found no place
 *	what init.c reports		of the registers and of write combining
 *	dma=PEER TARGET RESULT		its engine's copy into NPU number PEER. "arrived":
 *					the processor reads there what was copied; "done" and
 *					"error" are the engine's own words
 * A register is aimed at with a value of the pair's own, so that the peer's log tells
 * this copy from all others.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/pci_regs.h>

#include "l2.h"
#include "sim_regs.h"

#define MAX_NPUS	16
#define MEMORY_BAR	4
#define MEMORY_OFFSET	0x200000	/* of what is copied there, clear of what init.c tries */
#define COPY		256U
#define PFN_MASK	((1ULL << 55) - 1)

struct peer {
	char			dir[2 * NAME_MAX];
	__u64			bus[NPU_NR_BARS];
	volatile __u8		*engine;
};

static struct peer npus[MAX_NPUS];
static unsigned int nr;

/* What engines read: a page of this guest's memory, which is theirs by its physical address */
static struct {
	__u32			*at;
	__u64			bus;
} source;

/* --- finding them ----------------------------------------------------------------- */

static int number_of(const char *bdf, const char *file)
{
	char path[PATH_MAX], text[16];

	snprintf(path, sizeof(path), DEVICES "/%s/%s", bdf, file);
	return read_line(path, text, sizeof(text)) ? -1 : (int)strtol(text, NULL, 16);
}

static void find_all(const struct npu_model *model)
{
	struct dirent **entries;
	int n = scandir(DEVICES, &entries, NULL, alphasort);

	for (int i = 0; i < n; i++) {
		const char *bdf = entries[i]->d_name;

		if (number_of(bdf, "vendor") == model->vendor &&
		    number_of(bdf, "device") == model->device && nr < MAX_NPUS)
			snprintf(npus[nr++].dir, sizeof(npus->dir), DEVICES "/%s", bdf);
		free(entries[i]);
	}
	errno = ENODEV;
	if (!nr)
		fail("looking for NPUs");
	free(entries);
}

static void find_bars(struct peer *npu, const struct npu_model *model)
{
	unsigned long long start, end;
	char path[PATH_MAX];
	FILE *f;

	snprintf(path, sizeof(path), "%s/resource", npu->dir);
	f = fopen(path, "re");
	if (!f)
		fail(path);
	for (unsigned int bar = 0; bar < NPU_NR_BARS; bar++) {
		if (fscanf(f, "%llx %llx %*x", &start, &end) != 2)
			fail(path);
		npu->bus[bar] = start;
		if (model->bars[bar])
			report("bar=%u 0x%llx 0x%llx\n", bar, start, end - start + 1);
	}
	fclose(f);
}

/* What sysfs's "enable" leaves to the driver */
static void let_it_copy(struct peer *npu)
{
	char path[PATH_MAX];
	__u16 command;
	int fd;

	snprintf(path, sizeof(path), "%s/config", npu->dir);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0 || pread(fd, &command, sizeof(command), PCI_COMMAND) != sizeof(command))
		fail(path);
	command |= PCI_COMMAND_MASTER;
	if (pwrite(fd, &command, sizeof(command), PCI_COMMAND) != sizeof(command))
		fail(path);
	close(fd);
	snprintf(path, sizeof(path), "resource%d", NPU_DMA_BAR);
	npu->engine = map_bar(npu->dir, path, NPU_DMA_BASE, NPU_DMA_REGS_SIZE);
}

static void find_source(void)
{
	const long size = sysconf(_SC_PAGESIZE);
	__u64 entry;
	int fd;

	source.at = mmap(NULL, size, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED | MAP_POPULATE, -1, 0);
	if (source.at == MAP_FAILED)
		fail("a page to copy from");
	fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	if (fd < 0 || pread(fd, &entry, sizeof(entry), (__u64)source.at / size * sizeof(entry)) !=
	    sizeof(entry) || !(entry & PFN_MASK))
		fail("/proc/self/pagemap");
	close(fd);
	source.bus = (entry & PFN_MASK) * size;
}

/* --- copying ---------------------------------------------------------------------- */

static void set32(struct peer *npu, unsigned int reg, __u32 value)
{
	*(volatile __u32 *)(npu->engine + reg) = value;
}

static void set64(struct peer *npu, unsigned int reg, __u64 value)
{
	*(volatile __u64 *)(npu->engine + reg) = value;
}

static __u32 copy(struct peer *npu, __u64 to, __u32 len)
{
	__u32 status = NPU_DMA_STATUS_IDLE;

	set64(npu, NPU_DMA_SRC, source.bus);
	set64(npu, NPU_DMA_DST, to);
	set32(npu, NPU_DMA_LEN, len);
	set32(npu, NPU_DMA_VECTOR, NPU_DMA_VECTOR_NONE);
	__sync_synchronize();
	set32(npu, NPU_DMA_CTRL, NPU_DMA_CTRL_START);
	for (int left = 5000; left && status == NPU_DMA_STATUS_IDLE; left--) {
		usleep(1000);
		status = *(volatile __u32 *)(npu->engine + NPU_DMA_STATUS);
	}
	return status;
}

static const char *word_for(__u32 status)
{
	switch (status) {
	case NPU_DMA_STATUS_DONE:
		return "done";
	case NPU_DMA_STATUS_ERROR:
		return "error";
	default:
		return "hangs";
	}
}

/* Nobody else writes this anywhere; "d0d0" is easily found in a log. */
static __u32 value_of(unsigned int from, unsigned int to)
{
	return 0xd0d00000 | from << 8 | to;
}

static void fill_source(unsigned int from, unsigned int to)
{
	for (unsigned int i = 0; i < sysconf(_SC_PAGESIZE) / sizeof(*source.at); i++)
		source.at[i] = value_of(from, to);
}

/* Into what a guest has of the other one: the processor looks whether it is there. */
static void copy_into(unsigned int from, unsigned int to, const char *name, unsigned int bar,
		      __u64 offset)
{
	const char *result;
	char file[16];
	volatile __u32 *at;
	__u32 status;

	snprintf(file, sizeof(file), "resource%u", bar);
	at = map_bar(npus[to].dir, file, offset, COPY);
	for (unsigned int i = 0; i < COPY / sizeof(*at); i++)
		at[i] = 0;
	status = copy(&npus[from], npus[to].bus[bar] + offset, COPY);
	result = status == NPU_DMA_STATUS_DONE ? "arrived" : word_for(status);
	for (unsigned int i = 0; i < COPY / sizeof(*at); i++)
		if (status == NPU_DMA_STATUS_DONE && at[i] != source.at[i])
			result = "lost";
	report("dma=%u %s %s\n", to, name, result);
}

/* At a register: to it alone, and on the way from the page before, which is no register's. */
static void copy_at(unsigned int from, unsigned int to, const struct npu_reg *reg)
{
	const char *name = reg->kind == NPU_REG_FEATURE ? "feature" : "xloader";
	const __u64 page = sysconf(_SC_PAGESIZE), bar = npus[to].bus[reg->bar];
	const __u64 before = (reg->offset & -page) - COPY;

	report("dma=%u %s %s\n", to, name, word_for(copy(&npus[from], bar + reg->offset, 4)));
	report("dma=%u %s-across %s\n", to, name,
	       word_for(copy(&npus[from], bar + before, npu_reg_end(reg) - before)));
}

static void copy_to(unsigned int from, unsigned int to, const struct npu_model *model)
{
	const __u64 page = sysconf(_SC_PAGESIZE);

	fill_source(from, to);
	copy_into(from, to, "memory", MEMORY_BAR, MEMORY_OFFSET);
	copy_into(from, to, "beside", model->regs[0].bar, (model->regs[0].offset & -page) - COPY);
	for (unsigned int i = 0; i < model->nr_regs; i++)
		copy_at(from, to, &model->regs[i]);
}

void look_at_peers(const struct npu_model *model)
{
	find_all(model);
	for (unsigned int i = 0; i < nr; i++) {
		report("npu=%u\n", i);
		find_bars(&npus[i], model);
	}
}

void try_peers(const struct npu_model *model)
{
	look_at_peers(model);
	/* All of them first: what is off is nowhere. */
	for (unsigned int i = 0; i < nr; i++)
		switch_on(npus[i].dir);
	find_source();
	for (unsigned int i = 0; i < nr; i++) {
		report("npu=%u\n", i);
		for (unsigned int k = 0; k < model->nr_regs; k++)
			probe_register(npus[i].dir, model, &model->regs[k]);
		unaligned_stores(npus[i].dir);
		let_it_copy(&npus[i]);
		for (unsigned int to = 0; to < nr; to++)
			if (to != i)
				copy_to(i, to, model);
	}
}
