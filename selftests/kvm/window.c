// SPDX-License-Identifier: GPL-2.0
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
#include "window.h"

#define GIB	0x40000000UL

static int failed(const char *what, int bar, int err)
{
	printf("# window: BAR%d: %s: %s\n", bar, what, strerror(-err));
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

static struct window *new_window(struct windows *windows, struct window w)
{
	struct window *new;

	if (windows->count == MAX_WINDOWS)
		return NULL;
	new = &windows->list[windows->count];
	*new = w;
	/* Aligned with the BAR up to 1 GiB: nothing here forbids large blocks. */
	new->gpa = GUEST_WINDOWS + windows->count * 4ULL * GIB + w.offset % GIB;
	windows->count++;
	return new;
}

static int add(struct windows *windows, int fd, __u64 fd_offset, struct window w)
{
	struct window *new;
	int flagged;

	w.hva = map_aligned(fd, fd_offset + w.offset, w.size);
	if (w.hva == MAP_FAILED)
		return failed("mmap", w.bar, -errno);
	flagged = vma_has_unnamed_flag(w.hva);
	w.flagged = flagged > 0;
	new = flagged < 0 ? NULL : new_window(windows, w);
	if (new)
		return 0;
	munmap(w.hva, w.size);
	return failed("more areas than this test has room for", w.bar,
		      flagged < 0 ? flagged : -ENOSPC);
}

/*
 * Of areas beyond 2 GiB only the first and the last GiB: kernels up to 6.9 fill
 * a mapping's whole page table at the first touch, which takes long for 64 GiB.
 */
static int add_area(struct windows *windows, struct npu *npu,
		    const struct npu_region *region, struct npu_range area)
{
	__u64 size = area.end - area.start;
	struct window w = {
		.bar = region->index,
		.offset = area.start,
		.size = size,
		.advertised = region->flags & VFIO_REGION_INFO_FLAG_NORMAL_NC,
	};
	int err;

	if (size <= 2 * GIB)
		return add(windows, npu->fd, region->offset, w);
	w.size = GIB;
	err = add(windows, npu->fd, region->offset, w);
	w.offset = area.end - GIB;
	return err ? err : add(windows, npu->fd, region->offset, w);
}

int windows_vfio(struct windows *windows, struct npu *npu)
{
	struct npu_region region;
	unsigned int i;
	int bar, err;

	for (bar = VFIO_PCI_BAR0_REGION_INDEX; bar <= VFIO_PCI_BAR5_REGION_INDEX; bar++) {
		err = npu_region_get(npu, bar, &region);
		if (err)
			return failed("region info", bar, err);
		if (!(region.flags & VFIO_REGION_INFO_FLAG_MMAP))
			continue;
		if (npu_region_cap(&region, VFIO_REGION_INFO_CAP_SPARSE_MMAP) < 0) {
			region.nr_areas = 1;
			region.areas[0] = (struct npu_range){ 0, region.size };
		}
		for (i = 0; i < region.nr_areas; i++) {
			err = add_area(windows, npu, &region, region.areas[i]);
			if (err)
				return err;
		}
	}
	return 0;
}

int windows_sysfs(struct windows *windows, const char *bdf)
{
	struct stat st;
	char path[96];
	int bar, err, fd;

	for (bar = 0; bar < 6; bar++) {
		snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/resource%d", bdf, bar);
		fd = open(path, O_RDWR | O_CLOEXEC);
		if (fd < 0 && errno == ENOENT)
			continue;
		if (fd < 0 || fstat(fd, &st))
			return failed(path, bar, -errno);
		err = add(windows, fd, 0, (struct window){
			.bar = bar,
			.size = (__u64)st.st_size < GIB ? (__u64)st.st_size : GIB,
		});
		close(fd);
		if (err)
			return err;
	}
	return 0;
}

int windows_ram(struct windows *windows)
{
	struct window w = { .bar = -1, .size = 1UL << 21 };

	w.hva = mmap(NULL, w.size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (w.hva == MAP_FAILED)
		return failed("anonymous memory", w.bar, -errno);
	return new_window(windows, w) ? 0 : -ENOSPC;
}

void windows_unmap(struct windows *windows)
{
	while (windows->count) {
		windows->count--;
		munmap(windows->list[windows->count].hva, windows->list[windows->count].size);
	}
}

__s64 window_block(const struct window *w, __u64 size)
{
	__u64 skip = -w->offset & (size - 1);

	return skip <= w->size && w->size - skip >= size ? (__s64)skip : -1;
}
