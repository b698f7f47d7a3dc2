// SPDX-License-Identifier: GPL-2.0-only
/*
 * Opening a device by the group/type1 interface, and the accesses that are the
 * same however it was opened. The other way in is vfio_cdev.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <linux/pci_regs.h>

#include "npu.h"

/* vfio-pci's own numbers, part of no uapi header; region_info_test compares them */
#define REGION_SHIFT	40

const char *npu_backend_missing(enum npu_backend backend)
{
	if (backend == NPU_CDEV && access("/dev/iommu", F_OK))
		return "no /dev/iommu: needs a kernel with IOMMUFD and VFIO_DEVICE_CDEV";
	if (backend == NPU_GROUP && access("/dev/vfio/vfio", F_OK))
		return "no /dev/vfio/vfio: needs VFIO_GROUP; modprobe vfio_iommu_type1";
	return NULL;
}

static int explain(const struct npu *npu, const char *what)
{
	int err = errno;

	fprintf(stderr, "# %s: %s: %s\n", npu->id.bdf, what, strerror(err));
	return -err;
}

/* Number of the IOMMU group of @bdf, -1 with errno set when it has none */
static int group_of(const char *bdf)
{
	char path[PATH_MAX], target[PATH_MAX];
	ssize_t len;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/iommu_group", bdf);
	len = readlink(path, target, sizeof(target) - 1);
	if (len < 0)
		return -1;
	target[len] = '\0';
	return atoi(strrchr(target, '/') + 1);
}

static int open_group(struct npu *npu)
{
	struct vfio_group_status status = { .argsz = sizeof(status) };
	int number = group_of(npu->id.bdf);
	char path[PATH_MAX];

	if (number < 0)
		return explain(npu, "no IOMMU group (boot with an IOMMU)");
	snprintf(path, sizeof(path), "/dev/vfio/%d", number);
	npu->group = open(path, O_RDWR | O_CLOEXEC);
	if (npu->group < 0)
		return explain(npu, path);
	if (ioctl(npu->group, VFIO_GROUP_GET_STATUS, &status))
		return explain(npu, "VFIO_GROUP_GET_STATUS");
	if (!(status.flags & VFIO_GROUP_FLAGS_VIABLE)) {
		errno = EBUSY;
		return explain(npu, "group is not viable (bind all its devices to VFIO drivers)");
	}
	return 0;
}

static int open_device(struct npu *npu)
{
	const char *token = npu->id.vf_token;
	char name[80];

	snprintf(name, sizeof(name), "%s%s%s", npu->id.bdf, token ? " vf_token=" : "",
		 token ? token : "");
	npu->fd = ioctl(npu->group, VFIO_GROUP_GET_DEVICE_FD, name);
	return npu->fd < 0 ? explain(npu, "VFIO_GROUP_GET_DEVICE_FD") : 0;
}

int npu_group_open(struct npu *npu)
{
	int ret;

	npu->iommu = open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC);
	if (npu->iommu < 0)
		return explain(npu, "/dev/vfio/vfio");
	ret = open_group(npu);
	if (ret)
		return ret;
	if (ioctl(npu->group, VFIO_GROUP_SET_CONTAINER, &npu->iommu))
		return explain(npu, "VFIO_GROUP_SET_CONTAINER");
	if (ioctl(npu->iommu, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU))
		return explain(npu, "VFIO_SET_IOMMU (modprobe vfio_iommu_type1)");
	return open_device(npu);
}

int npu_open(struct npu *npu, const struct npu_id *id, enum npu_backend backend)
{
	int ret;

	*npu = (struct npu) {
		.id = *id, .backend = backend, .fd = -1, .iommu = -1, .group = -1,
	};
	ret = backend == NPU_GROUP ? npu_group_open(npu) : npu_cdev_open(npu);
	if (ret)
		npu_close(npu);
	return ret;
}

/* A group can be opened only once */
static int group_join(struct npu *npu, const struct npu *other)
{
	npu->iommu = dup(other->iommu);
	npu->group = dup(other->group);
	if (npu->iommu < 0 || npu->group < 0)
		return -errno;
	return open_device(npu);
}

int npu_open_beside(struct npu *npu, const struct npu_id *id, const struct npu *other)
{
	int ret;

	if (group_of(id->bdf) != group_of(other->id.bdf))
		return npu_open(npu, id, other->backend);
	*npu = (struct npu) {
		.id = *id, .backend = other->backend, .fd = -1, .iommu = -1, .group = -1,
	};
	ret = other->backend == NPU_GROUP ? group_join(npu, other) : npu_cdev_join(npu, other);
	if (ret)
		npu_close(npu);
	return ret;
}

void npu_close(struct npu *npu)
{
	/* The device first: its close needs the address space still there */
	if (npu->fd >= 0)
		close(npu->fd);
	if (npu->group >= 0)
		close(npu->group);
	if (npu->iommu >= 0)
		close(npu->iommu);
	npu->fd = -1;
	npu->group = -1;
	npu->iommu = -1;
}

int npu_reopen(struct npu *npu, const char *driver)
{
	struct npu_id id = npu->id;
	int ret;

	npu_close(npu);
	ret = npu_bind(id.bdf, driver);
	return ret ? ret : npu_open(npu, &id, npu->backend);
}

__u64 npu_region_offset(unsigned int region)
{
	return (__u64)region << REGION_SHIFT;
}

ssize_t npu_pread(struct npu *npu, unsigned int region, void *buf, size_t len, __u64 off)
{
	ssize_t ret = pread(npu->fd, buf, len, npu_region_offset(region) + off);

	return ret < 0 ? -errno : ret;
}

ssize_t npu_pwrite(struct npu *npu, unsigned int region, const void *buf, size_t len, __u64 off)
{
	ssize_t ret = pwrite(npu->fd, buf, len, npu_region_offset(region) + off);

	return ret < 0 ? -errno : ret;
}

void *npu_mmap(struct npu *npu, unsigned int region, __u64 off, size_t len, int prot, int flags)
{
	return mmap(NULL, len, prot, flags, npu->fd, npu_region_offset(region) + off);
}

int npu_command(struct npu *npu, __u16 set, __u16 clear)
{
	__u16 cmd;

	if (npu_pread(npu, VFIO_PCI_CONFIG_REGION_INDEX, &cmd, 2, PCI_COMMAND) != 2)
		return -EIO;
	cmd = (cmd | set) & ~clear;
	return npu_pwrite(npu, VFIO_PCI_CONFIG_REGION_INDEX, &cmd, 2, PCI_COMMAND) == 2 ? 0 : -EIO;
}

unsigned int npu_find_cap(struct npu *npu, __u8 cap)
{
	__u8 pos = 0, id = 0;

	npu_pread(npu, VFIO_PCI_CONFIG_REGION_INDEX, &pos, 1, PCI_CAPABILITY_LIST);
	for (int left = 48; pos && left; left--) {
		npu_pread(npu, VFIO_PCI_CONFIG_REGION_INDEX, &id, 1, pos + PCI_CAP_LIST_ID);
		if (id == cap)
			return pos;
		npu_pread(npu, VFIO_PCI_CONFIG_REGION_INDEX, &pos, 1, pos + PCI_CAP_LIST_NEXT);
	}
	return 0;
}

int npu_hot_reset(struct npu *npu)
{
	__u64 room[8] = { 0 };
	struct vfio_pci_hot_reset *reset = (void *)room;

	reset->argsz = sizeof(*reset) + sizeof(reset->group_fds[0]);
	/* Groups prove that the caller owns what is reset; an iommufd does by itself */
	reset->count = npu->backend == NPU_GROUP ? 1 : 0;
	reset->group_fds[0] = npu->group;
	return ioctl(npu->fd, VFIO_DEVICE_PCI_HOT_RESET, reset) ? -errno : 0;
}
