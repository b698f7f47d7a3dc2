// SPDX-License-Identifier: GPL-2.0-only
/*
 * BARs given to another device: as a dma-buf, or by the address of a mapping.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "npu.h"

#ifdef VFIO_DEVICE_FEATURE_DMA_BUF

#define MAX_RANGES	4

int npu_dmabuf(struct npu *npu, unsigned int bar, const struct npu_range *ranges, unsigned int nr)
{
	__u64 room[16] = { 0 };
	struct vfio_device_feature *feature = (void *)room;
	struct vfio_device_feature_dma_buf *dmabuf = (void *)feature->data;
	int fd;

	if (nr > MAX_RANGES)
		return -E2BIG;
	feature->argsz = sizeof(room);
	feature->flags = VFIO_DEVICE_FEATURE_GET | VFIO_DEVICE_FEATURE_DMA_BUF;
	dmabuf->region_index = bar;
	dmabuf->open_flags = O_CLOEXEC | O_RDWR;
	dmabuf->nr_ranges = nr;
	for (unsigned int i = 0; i < nr; i++) {
		dmabuf->dma_ranges[i].offset = ranges[i].start;
		dmabuf->dma_ranges[i].length = ranges[i].end - ranges[i].start;
	}
	fd = ioctl(npu->fd, VFIO_DEVICE_FEATURE, feature);
	return fd < 0 ? -errno : fd;
}

bool npu_has_dmabuf(struct npu *npu)
{
	struct vfio_device_feature probe = {
		.argsz = sizeof(probe),
		.flags = VFIO_DEVICE_FEATURE_PROBE | VFIO_DEVICE_FEATURE_GET |
			 VFIO_DEVICE_FEATURE_DMA_BUF,
	};

	return ioctl(npu->fd, VFIO_DEVICE_FEATURE, &probe) == 0;
}

#else /* headers older than the interface: rebuild with KHDR= */

int npu_dmabuf(struct npu *npu, unsigned int bar, const struct npu_range *ranges, unsigned int nr)
{
	(void)npu;
	(void)bar;
	(void)ranges;
	(void)nr;
	return -EOPNOTSUPP;
}

bool npu_has_dmabuf(struct npu *npu)
{
	(void)npu;
	return false;
}

#endif

/* Type1 takes the address of a mapping, iommufd a dma-buf */
int npu_dma_map_bar(struct npu *npu, struct npu *peer, unsigned int bar,
		    const struct npu_range *range, __u64 iova)
{
	size_t size = range->end - range->start;
	int fd, ret;
	void *p;

	if (npu->backend == NPU_CDEV) {
		fd = npu_dmabuf(peer, bar, range, 1);
		if (fd < 0)
			return fd;
		ret = npu_cdev_map_file(npu, fd, iova, size);
		close(fd);
		return ret;
	}
	p = npu_mmap(peer, bar, range->start, size, PROT_READ | PROT_WRITE, MAP_SHARED);
	if (p == MAP_FAILED)
		return -errno;
	ret = npu_dma_map(npu, p, iova, size);
	/* The IOMMU keeps what it was given; the address is not needed any more */
	munmap(p, size);
	return ret;
}
