// SPDX-License-Identifier: GPL-2.0-only
/*
 * Opening a device by its own character device and an iommufd.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "npu.h"

int npu_parse_token(const char *text, __u8 bytes[NPU_TOKEN_SIZE])
{
	__u8 *b = bytes;
	int len = 0;

	if (sscanf(text, "%2hhx%2hhx%2hhx%2hhx-%2hhx%2hhx-%2hhx%2hhx-%2hhx%2hhx-%2hhx%2hhx%2hhx%2hhx%2hhx%2hhx%n",
		   b, b + 1, b + 2, b + 3, b + 4, b + 5, b + 6, b + 7, b + 8, b + 9, b + 10,
		   b + 11, b + 12, b + 13, b + 14, b + 15, &len) != NPU_TOKEN_SIZE || text[len])
		return -EINVAL;
	return 0;
}

#ifdef VFIO_DEVICE_BIND_IOMMUFD	/* 6.6, and then there is iommufd.h too */
#include <linux/iommufd.h>

/* The directory vfio-dev of the device holds one entry, vfioN */
static int cdev_path(const char *bdf, char *buf, size_t size)
{
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *dir;
	int ret = -ENOENT;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/vfio-dev", bdf);
	dir = opendir(path);
	if (!dir)
		return -errno;
	while (ret && (entry = readdir(dir))) {
		if (strncmp(entry->d_name, "vfio", 4))
			continue;
		snprintf(buf, size, "/dev/vfio/devices/%s", entry->d_name);
		ret = 0;
	}
	closedir(dir);
	return ret;
}

/* What the device is opened with is said when it is bound to the iommufd */
static int bind_iommufd(struct npu *npu)
{
	struct vfio_device_bind_iommufd bind = {
		.argsz = sizeof(bind), .iommufd = npu->iommu,
	};
#ifdef VFIO_DEVICE_BIND_FLAG_TOKEN	/* 6.17 */
	__u8 token[NPU_TOKEN_SIZE];

	if (npu->id.vf_token) {
		if (npu_parse_token(npu->id.vf_token, token))
			return -EINVAL;
		bind.flags = VFIO_DEVICE_BIND_FLAG_TOKEN;
		bind.token_uuid_ptr = (uintptr_t)token;
	}
#else
	if (npu->id.vf_token)
		return -EOPNOTSUPP;
#endif
	return ioctl(npu->fd, VFIO_DEVICE_BIND_IOMMUFD, &bind) ? -errno : 0;
}

static int attach_ioas(struct npu *npu)
{
	struct vfio_device_attach_iommufd_pt attach = {
		.argsz = sizeof(attach), .pt_id = npu->ioas,
	};

	return ioctl(npu->fd, VFIO_DEVICE_ATTACH_IOMMUFD_PT, &attach) ? -errno : 0;
}

static int open_bound(struct npu *npu)
{
	char path[PATH_MAX];
	int ret;

	ret = cdev_path(npu->id.bdf, path, sizeof(path));
	if (ret)
		return ret;
	npu->fd = open(path, O_RDWR | O_CLOEXEC);
	return npu->fd < 0 ? -errno : bind_iommufd(npu);
}

int npu_cdev_open(struct npu *npu)
{
	struct iommu_ioas_alloc alloc = { .size = sizeof(alloc) };
	int ret;

	npu->iommu = open("/dev/iommu", O_RDWR | O_CLOEXEC);
	if (npu->iommu < 0)
		return -errno;
	ret = open_bound(npu);
	if (ret)
		return ret;
	if (ioctl(npu->iommu, IOMMU_IOAS_ALLOC, &alloc))
		return -errno;
	npu->ioas = alloc.out_ioas_id;
	return attach_ioas(npu);
}

int npu_cdev_join(struct npu *npu, const struct npu *other)
{
	int ret;

	npu->iommu = dup(other->iommu);
	npu->ioas = other->ioas;
	if (npu->iommu < 0)
		return -errno;
	ret = open_bound(npu);
	return ret ? ret : attach_ioas(npu);
}

int npu_cdev_map(struct npu *npu, void *vaddr, __u64 iova, __u64 size)
{
	struct iommu_ioas_map map = {
		.size = sizeof(map),
		.flags = IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE |
			 IOMMU_IOAS_MAP_WRITEABLE,
		.ioas_id = npu->ioas,
		.user_va = (uintptr_t)vaddr,
		.length = size,
		.iova = iova,
	};

	return ioctl(npu->iommu, IOMMU_IOAS_MAP, &map) ? -errno : 0;
}

/* A dma-buf of another device's BAR, which has no pages to map by address */
int npu_cdev_map_file(struct npu *npu, int fd, __u64 iova, __u64 size)
{
#ifdef IOMMU_IOAS_MAP_FILE
	struct iommu_ioas_map_file map = {
		.size = sizeof(map),
		.flags = IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE |
			 IOMMU_IOAS_MAP_WRITEABLE,
		.ioas_id = npu->ioas,
		.fd = fd,
		.length = size,
		.iova = iova,
	};

	return ioctl(npu->iommu, IOMMU_IOAS_MAP_FILE, &map) ? -errno : 0;
#else
	(void)npu;
	(void)fd;
	(void)iova;
	(void)size;
	return -EOPNOTSUPP;
#endif
}

int npu_cdev_unmap(struct npu *npu, __u64 iova, __u64 size)
{
	struct iommu_ioas_unmap unmap = {
		.size = sizeof(unmap), .ioas_id = npu->ioas, .iova = iova, .length = size,
	};

	return ioctl(npu->iommu, IOMMU_IOAS_UNMAP, &unmap) ? -errno : 0;
}

#else /* headers older than the interface */

int npu_cdev_open(struct npu *npu)
{
	fprintf(stderr, "# %s: built with headers that lack iommufd: rebuild with KHDR=\n",
		npu->id.bdf);
	return -EOPNOTSUPP;
}

int npu_cdev_join(struct npu *npu, const struct npu *other)
{
	(void)other;
	return npu_cdev_open(npu);
}

int npu_cdev_map(struct npu *npu, void *vaddr, __u64 iova, __u64 size)
{
	(void)npu;
	(void)vaddr;
	(void)iova;
	(void)size;
	return -EOPNOTSUPP;
}

int npu_cdev_map_file(struct npu *npu, int fd, __u64 iova, __u64 size)
{
	(void)npu;
	(void)fd;
	(void)iova;
	(void)size;
	return -EOPNOTSUPP;
}

int npu_cdev_unmap(struct npu *npu, __u64 iova, __u64 size)
{
	(void)npu;
	(void)iova;
	(void)size;
	return -EOPNOTSUPP;
}

#endif
