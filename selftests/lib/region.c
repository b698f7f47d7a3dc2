// SPDX-License-Identifier: GPL-2.0-only
/*
 * Region info as it is, and the areas as the design wants them.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <linux/pci_regs.h>

#include "region.h"

size_t npu_page_size(void)
{
	return sysconf(_SC_PAGESIZE);
}

/* One page of 8-byte entries maps a PMD's worth, on arm64 and x86_64 alike */
size_t npu_pmd_size(void)
{
	return npu_page_size() / sizeof(__u64) * npu_page_size();
}

static int parse_sparse(const struct vfio_region_info_cap_sparse_mmap *cap, size_t room,
			struct npu_region *region)
{
	if (room < sizeof(*cap) || cap->nr_areas > NPU_MAX_AREAS ||
	    room < sizeof(*cap) + cap->nr_areas * sizeof(cap->areas[0]))
		return -EPROTO;
	region->nr_areas = cap->nr_areas;
	for (unsigned int i = 0; i < cap->nr_areas; i++)
		region->areas[i] = (struct npu_range) {
			.start = cap->areas[i].offset,
			.end = cap->areas[i].offset + cap->areas[i].size,
		};
	return 0;
}

static int parse_caps(const struct vfio_region_info *info, struct npu_region *region)
{
	const void *base = info;
	__u32 pos = info->cap_offset;
	int ret = 0;

	while (pos && !ret) {
		const struct vfio_info_cap_header *cap = base + pos;

		if (pos < sizeof(*info) || pos % 8 || pos + sizeof(*cap) > info->argsz ||
		    region->nr_caps == NPU_MAX_CAPS)
			return -EPROTO;
		region->caps[region->nr_caps++] = cap->id;
		if (cap->id == VFIO_REGION_INFO_CAP_SPARSE_MMAP)
			ret = parse_sparse(base + pos, info->argsz - pos, region);
		pos = cap->next;
	}
	return ret;
}

int npu_region_get(struct npu *npu, unsigned int index, struct npu_region *region)
{
	struct vfio_region_info *info;
	__u32 argsz = sizeof(*info);
	int ret = 0;

	memset(region, 0, sizeof(*region));
	for (int pass = 0; pass < 2 && !ret; pass++) {
		info = calloc(1, argsz);
		if (!info)
			return -ENOMEM;
		info->argsz = argsz;
		info->index = index;
		if (ioctl(npu->fd, VFIO_DEVICE_GET_REGION_INFO, info))
			ret = -errno;
		argsz = info->argsz;
		if (!pass)
			region->argsz = argsz;
		if (!ret && pass) {
			region->index = info->index;
			region->flags = info->flags;
			region->size = info->size;
			region->offset = info->offset;
			if (info->flags & VFIO_REGION_INFO_FLAG_CAPS)
				ret = parse_caps(info, region);
		}
		free(info);
	}
	return ret;
}

int npu_region_cap(const struct npu_region *region, __u16 id)
{
	for (unsigned int i = 0; i < region->nr_caps; i++)
		if (region->caps[i] == id)
			return i;
	return -1;
}

unsigned int npu_region_mappable(const struct npu_region *region, struct npu_range *out)
{
	if (!(region->flags & VFIO_REGION_INFO_FLAG_MMAP))
		return 0;
	if (npu_region_cap(region, VFIO_REGION_INFO_CAP_SPARSE_MMAP) < 0) {
		out[0] = (struct npu_range) { 0, region->size };
		return 1;
	}
	memcpy(out, region->areas, region->nr_areas * sizeof(*out));
	return region->nr_areas;
}

struct npu_range npu_msix_pages(struct npu *npu, unsigned int bar)
{
	const struct npu_range none = { 0, 0 };
	unsigned int cap = npu_find_cap(npu, PCI_CAP_ID_MSIX);
	__u64 page = npu_page_size();
	__u32 table = 0, start;
	__u16 flags = 0;

	if (!cap)
		return none;
	npu_pread(npu, VFIO_PCI_CONFIG_REGION_INDEX, &flags, 2, cap + PCI_MSIX_FLAGS);
	npu_pread(npu, VFIO_PCI_CONFIG_REGION_INDEX, &table, 4, cap + PCI_MSIX_TABLE);
	if ((table & PCI_MSIX_TABLE_BIR) != bar)
		return none;
	start = table & PCI_MSIX_TABLE_OFFSET;
	return (struct npu_range) {
		.start = start & ~(page - 1),
		.end = (start + ((flags & PCI_MSIX_FLAGS_QSIZE) + 1) * PCI_MSIX_ENTRY_SIZE +
			page - 1) & ~(page - 1),
	};
}

static int by_start(const void *a, const void *b)
{
	const struct npu_range *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

/* Sort and join ranges that touch */
static unsigned int merge(struct npu_range *r, unsigned int n)
{
	unsigned int out = 0;

	/* The caller has filled n of them. */
	/* cppcheck-suppress uninitvar */
	qsort(r, n, sizeof(*r), by_start);
	for (unsigned int i = 0; i < n; i++) {
		if (out && r[i].start <= r[out - 1].end) {
			if (r[i].end > r[out - 1].end)
				r[out - 1].end = r[i].end;
		} else {
			r[out++] = r[i];
		}
	}
	return out;
}

unsigned int npu_trapped_pages(const struct npu_model *model, unsigned int bar,
			       struct npu_range *out)
{
	__u64 page = npu_page_size();
	unsigned int n = 0;

	for (unsigned int i = 0; i < model->nr_regs; i++) {
		const struct npu_reg *reg = &model->regs[i];

		if (reg->bar == bar)
			out[n++] = (struct npu_range) {
				.start = reg->offset & ~(page - 1),
				.end = (npu_reg_end(reg) + page - 1) & ~(page - 1),
			};
	}
	return merge(out, n);
}

/*
 * What lies between two holes is cut at the huge-page boundaries nearest to
 * them, so that the piece in the middle has an end that any VMM can align to.
 */
static unsigned int split(__u64 start, __u64 end, struct npu_range *out)
{
	__u64 pmd = npu_pmd_size();
	__u64 up = (start + pmd - 1) & ~(pmd - 1);
	__u64 down = end & ~(pmd - 1);
	__u64 cut[4] = { start, up, down, end };
	unsigned int n = 0;

	if (up > down) {
		cut[1] = start;
		cut[2] = start;
	}
	for (int i = 0; i < 3; i++)
		if (cut[i] < cut[i + 1])
			out[n++] = (struct npu_range) { cut[i], cut[i + 1] };
	return n;
}

unsigned int npu_expected_areas(struct npu *npu, unsigned int bar, __u64 size,
				struct npu_range *out)
{
	struct npu_range holes[NPU_MAX_REGS + 1];
	struct npu_range msix = npu_msix_pages(npu, bar);
	unsigned int nr = npu_trapped_pages(npu->id.model, bar, holes);
	unsigned int n = 0;
	__u64 pos = 0;

	if (msix.end > msix.start) {
		holes[nr++] = msix;
		nr = merge(holes, nr);
	}
	for (unsigned int i = 0; i < nr; i++) {
		n += split(pos, holes[i].start, &out[n]);
		pos = holes[i].end;
	}
	return n + split(pos, size, &out[n]);
}

int vma_has_unnamed_flag(const void *addr)
{
	unsigned long long start, end;
	bool inside = false;
	char line[512];
	int ret = -ENOENT;
	FILE *f;

	f = fopen("/proc/self/smaps", "r");
	if (!f)
		return -errno;
	while (ret < 0 && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%llx-%llx ", &start, &end) == 2)
			inside = (uintptr_t)addr >= start && (uintptr_t)addr < end;
		else if (inside && !strncmp(line, "VmFlags:", 8))
			ret = strstr(line, "??") ? 1 : 0;
	}
	fclose(f);
	return ret;
}

int npu_mapping_is_nc(struct npu *npu, const struct npu_region *region)
{
	struct npu_range areas[NPU_MAX_AREAS];
	void *p;
	int ret;

	if (!npu_region_mappable(region, areas))
		return -ENODEV;
	p = npu_mmap(npu, region->index, areas[0].start, npu_page_size(), PROT_READ, MAP_SHARED);
	if (p == MAP_FAILED)
		return -errno;
	ret = vma_has_unnamed_flag(p);
	munmap(p, npu_page_size());
	return ret;
}

int npu_kernel_maps_nc(struct npu *npu)
{
	struct npu_region region;
	int ret, can = -ENODEV;

	for (unsigned int bar = 0; bar < NPU_NR_BARS; bar++) {
		ret = npu_region_get(npu, bar, &region);
		if (ret)
			return ret;
		if (!(region.flags & VFIO_REGION_INFO_FLAG_MMAP))
			continue;
		ret = npu_mapping_is_nc(npu, &region);
		if (ret)
			return ret;
		can = 0;
	}
	return can;
}

int npu_ask_kernel(const struct npu_id *id)
{
	struct npu npu;
	int ret = npu_bind(id->bdf, PLAIN);

	if (!ret)
		ret = npu_open(&npu, id, npu_backend_missing(NPU_GROUP) ? NPU_CDEV : NPU_GROUP);
	if (ret)
		return ret;
	ret = npu_kernel_maps_nc(&npu);
	npu_close(&npu);
	return ret;
}

bool npu_normal_nc_on(void)
{
	char text[8];

	return sysfs_read("/sys/module/" GUARDED "/parameters/normal_nc", text,
			  sizeof(text)) > 0 && text[0] == 'Y';
}
