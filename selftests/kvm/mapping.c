// SPDX-License-Identifier: GPL-2.0-only
/* Mappings of BARs, as a VMM makes them, and where the guest sees them. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guest.h"
#include "region.h"
#include <linux/ascend_vfio.h>
#include "mapping.h"

#define GIB	0x40000000UL

static int failed(const char *what, int bar, int err)
{
	printf("# mapping: BAR%d: %s: %s\n", bar, what, strerror(-err));
	return err;
}

/*
 * Map as QEMU 10 does, which is the worst placement that VMMs in use make: the
 * address is aligned to the lowest bit set in the *size*, 1 GiB at most.
 */
static void *map_aligned(int fd, __u64 offset, __u64 size)
{
	__u64 align = size & -size;
	char *reserved, *at;
	void *map;

	if (align > GIB)
		align = GIB;
	reserved = mmap(NULL, size + align, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (reserved == MAP_FAILED)
		return MAP_FAILED;
	at = (char *)(((uintptr_t)reserved + align - 1) & -align);
	map = mmap(at, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, offset);
	if (map == MAP_FAILED) {
		munmap(reserved, size + align);
		return MAP_FAILED;
	}
	if (at > reserved)
		munmap(reserved, at - reserved);
	if (reserved + align > at)
		munmap(at + size, reserved + align - at);
	return map;
}

static struct mapping *new_mapping(struct mappings *mappings, struct mapping m)
{
	struct mapping *new;

	if (mappings->count == MAX_MAPPINGS)
		return NULL;
	new = &mappings->list[mappings->count];
	*new = m;
	/* Aligned with the BAR up to 1 GiB: nothing here forbids large blocks. */
	new->gpa = GUEST_MAPPINGS + mappings->count * 4ULL * GIB + m.offset % GIB;
	mappings->count++;
	return new;
}

static int add(struct mappings *mappings, int fd, __u64 fd_offset, struct mapping m)
{
	struct mapping *new;
	int flagged;

	m.hva = map_aligned(fd, fd_offset + m.offset, m.size);
	if (m.hva == MAP_FAILED)
		return failed("mmap", m.bar, -errno);
	flagged = vma_has_unnamed_flag(m.hva);
	m.flagged = flagged > 0;
	new = flagged < 0 ? NULL : new_mapping(mappings, m);
	if (new)
		return 0;
	munmap(m.hva, m.size);
	return failed("more areas than this test has room for", m.bar,
		      flagged < 0 ? flagged : -ENOSPC);
}

/*
 * Of areas beyond 2 GiB only the first and the last GiB: kernels up to 6.9 fill
 * a mapping's whole page table at the first touch, which takes long for 64 GiB.
 */
static int add_area(struct mappings *mappings, struct npu *npu,
		    const struct npu_region *region, struct npu_range area)
{
	__u64 size = area.end - area.start;
	struct mapping m = {
		.bar = region->index,
		.offset = area.start,
		.size = size,
		.advertised = region->flags & VFIO_REGION_INFO_FLAG_NORMAL_NC,
	};
	int err;

	if (size <= 2 * GIB)
		return add(mappings, npu->fd, region->offset, m);
	m.size = GIB;
	err = add(mappings, npu->fd, region->offset, m);
	m.offset = area.end - GIB;
	return err ? err : add(mappings, npu->fd, region->offset, m);
}

int mappings_vfio(struct mappings *mappings, struct npu *npu)
{
	struct npu_range areas[NPU_MAX_AREAS];
	struct npu_region region;
	unsigned int i, nr;
	int bar, err;

	for (bar = VFIO_PCI_BAR0_REGION_INDEX; bar <= VFIO_PCI_BAR5_REGION_INDEX; bar++) {
		err = npu_region_get(npu, bar, &region);
		if (err)
			return failed("region info", bar, err);
		nr = npu_region_mappable(&region, areas);
		for (i = 0; i < nr; i++) {
			err = add_area(mappings, npu, &region, areas[i]);
			if (err)
				return err;
		}
	}
	return 0;
}

int mappings_sysfs(struct mappings *mappings, const char *bdf)
{
	struct stat st;
	char path[96];
	int bar, err, fd;

	for (bar = 0; bar < NPU_NR_BARS; bar++) {
		snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/resource%d", bdf, bar);
		fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd < 0 && errno == ENOENT)
			continue;
		if (fd < 0 || fstat(fd, &st))
			return failed(path, bar, -errno);
		err = add(mappings, fd, 0, (struct mapping){
			.bar = bar,
			.size = (__u64)st.st_size < GIB ? (__u64)st.st_size : GIB,
		});
		close(fd);
		if (err)
			return err;
	}
	return 0;
}

int mappings_ram(struct mappings *mappings)
{
	struct mapping m = { .bar = -1, .size = 1UL << 21 };

	m.hva = mmap(NULL, m.size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (m.hva == MAP_FAILED)
		return failed("anonymous memory", m.bar, -errno);
	return new_mapping(mappings, m) ? 0 : -ENOSPC;
}

void mappings_unmap(struct mappings *mappings)
{
	while (mappings->count) {
		mappings->count--;
		munmap(mappings->list[mappings->count].hva, mappings->list[mappings->count].size);
	}
}

__s64 mapping_block(const struct mapping *m, __u64 size)
{
	__u64 skip = -m->offset & (size - 1);

	return skip <= m->size && m->size - skip >= size ? (__s64)skip : -1;
}
