// SPDX-License-Identifier: GPL-2.0-only
/* ascend-vfio - what VFIO itself says of a device */
#include <errno.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "open.h"
#include "root.h"
/* VFIO_REGION_INFO_FLAG_NORMAL_NC: this project's, not in linux/vfio.h */
#include "../../include/uapi/linux/ascend_vfio.h"

static bool whole_cap(const struct vfio_region_info *info, u32 at)
{
	return at >= sizeof(*info) && at <= info->argsz - sizeof(struct vfio_info_cap_header);
}

static bool read_areas(const struct vfio_region_info *info, u32 at, struct region *region)
{
	const struct vfio_region_info_cap_sparse_mmap *sparse = (void *)((char *)info + at);

	if (info->argsz - at < sizeof(*sparse) || sparse->nr_areas > MAX_AREAS ||
	    (info->argsz - at - sizeof(*sparse)) / sizeof(sparse->areas[0]) < sparse->nr_areas)
		return false;
	region->sparse = true;
	region->nr_areas = sparse->nr_areas;
	for (u32 i = 0; i < sparse->nr_areas; i++)
		region->areas[i] = (struct area){ sparse->areas[i].offset, sparse->areas[i].size };
	return true;
}

static bool read_region(int device, unsigned int index, struct region *region)
{
	struct vfio_region_info *info = zalloc(4096);
	unsigned int steps = 0;

	info->argsz = 4096;
	info->index = index;
	if (ioctl(device, VFIO_DEVICE_GET_REGION_INFO, info) || info->argsz > 4096)
		return false;
	region->size = info->size;
	region->flags = info->flags;
	if (!(info->flags & VFIO_REGION_INFO_FLAG_CAPS))
		return true;
	for (u32 at = info->cap_offset; at; steps++) {
		const struct vfio_info_cap_header *cap = (void *)((char *)info + at);

		if (steps == 16 || !whole_cap(info, at))
			return false;
		if (cap->id == VFIO_REGION_INFO_CAP_SPARSE_MMAP && !read_areas(info, at, region))
			return false;
		at = cap->next;
	}
	return true;
}

static const char *ask(int device, struct opened *opened)
{
	for (unsigned int i = 0; i < NR_BARS; i++)
		if (!read_region(device, i, &opened->regions[i]))
			return "its region info is not understood";
	return NULL;
}

static const char *with_container(const struct npu *npu, int container, int group,
				  struct opened *opened)
{
	struct vfio_group_status status = { .argsz = sizeof(status) };
	const char *why;
	int device;

	if (ioctl(group, VFIO_GROUP_GET_STATUS, &status) ||
	    !(status.flags & VFIO_GROUP_FLAGS_VIABLE))
		return "its IOMMU group is not viable: a host driver has another function of it";
	if (ioctl(group, VFIO_GROUP_SET_CONTAINER, &container) ||
	    ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU))
		return fmt("its group cannot be used: %s", strerror(errno));
	device = ioctl(group, VFIO_GROUP_GET_DEVICE_FD, npu->bdf);
	if (device < 0)
		return fmt("it cannot be opened: %s", strerror(errno));
	why = ask(device, opened);
	close(device);
	return why;
}

bool open_device(const struct npu *npu, struct opened *opened)
{
	const char *path = fmt("/dev/vfio/%d", npu->group);
	int container, group;

	*opened = (struct opened){};
	if (root_is_recorded())
		opened->why = "--open needs the device, and this is a recorded tree";
	else if (strcmp(npu->driver, DRIVER) || npu->group == UNKNOWN)
		opened->why = "it is not bound to " DRIVER;
	else if (npu->nr_holders)
		opened->why = fmt("%s, pid %u, has it open", npu->holders[0].command,
				  npu->holders[0].pid);
	if (opened->why)
		return false;
	container = open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC);
	group = open(path, O_RDWR | O_CLOEXEC);
	if (container < 0)
		opened->why = fmt("/dev/vfio/vfio: %s", strerror(errno));
	else if (group < 0)
		opened->why = fmt("%s: %s", path, strerror(errno));
	else
		opened->why = with_container(npu, container, group, opened);
	if (group >= 0)
		close(group);
	if (container >= 0)
		close(container);
	return !opened->why;
}

static bool overlaps(const struct area *area, u64 start, u64 end)
{
	return area->offset < end && area->offset + area->size > start;
}

static bool trap_is_outside(const struct npu *npu, const struct opened *opened,
			    const struct trap_row *row)
{
	const struct region *region = &opened->regions[row->bar];
	u64 end = row->offset + row->size;

	if (!region->sparse && (region->flags & VFIO_REGION_INFO_FLAG_MMAP)) {
		error("%s: VFIO offers the whole of BAR%u, with %s in it, for mmap", npu->bdf,
		      row->bar, row->reg);
		return false;
	}
	for (unsigned int i = 0; i < region->nr_areas; i++) {
		if (!overlaps(&region->areas[i], row->offset, end))
			continue;
		error("%s: an area of BAR%u has %s in it", npu->bdf, row->bar, row->reg);
		return false;
	}
	return true;
}

bool open_agrees(const struct npu *npu, const struct opened *opened, const struct traps *traps)
{
	bool agrees = true;

	for (int i = 0; i < NR_BARS; i++) {
		const struct region *region = &opened->regions[i];
		bool nc = region->flags & VFIO_REGION_INFO_FLAG_NORMAL_NC;

		/* VFIO hides what it cannot give away, so 0 is no contradiction. */
		if (region->size && region->size != npu->bars[i].size) {
			error("%s: VFIO says that BAR%d has %s, sysfs says %s", npu->bdf, i,
			      size_text(region->size), size_text(npu->bars[i].size));
			agrees = false;
		}
		if (npu->has_nc && region->size && nc != !!(npu->normal_nc_bars & BIT(i))) {
			error("%s: VFIO's flag says that BAR%d is %s, sysfs the contrary", npu->bdf, i,
			      nc ? "Normal-NC" : "not Normal-NC");
			agrees = false;
		}
	}
	for (int i = 0; i < traps->nr; i++)
		agrees &= trap_is_outside(npu, opened, &traps->rows[i]);
	return agrees;
}

void open_json(struct json_object *o, const struct opened *opened)
{
	struct json_object *array = json_array(o, "vfio_regions");

	for (int i = 0; i < NR_BARS; i++) {
		const struct region *region = &opened->regions[i];
		struct json_object *r, *areas;

		if (!region->size)
			continue;
		r = json_object_in(array);
		json_u64(r, "index", i);
		json_u64(r, "size", region->size);
		json_u64(r, "flags", region->flags);
		json_flag(r, "sparse", region->sparse);
		areas = json_array(r, "areas");
		for (unsigned int j = 0; j < region->nr_areas; j++) {
			struct json_object *a = json_object_in(areas);

			json_u64(a, "offset", region->areas[j].offset);
			json_u64(a, "size", region->areas[j].size);
		}
	}
}
