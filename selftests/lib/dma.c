// SPDX-License-Identifier: GPL-2.0-only
/*
 * DMA mappings, MSI-X and the simulator's DMA engine.
 */
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "npu.h"
#include "sim_regs.h"

int npu_dma_map(struct npu *npu, void *vaddr, __u64 iova, size_t size)
{
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map),
		.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
		.vaddr = (uintptr_t)vaddr,
		.iova = iova,
		.size = size,
	};

	if (npu->backend == NPU_CDEV)
		return npu_cdev_map(npu, vaddr, iova, size);
	return ioctl(npu->iommu, VFIO_IOMMU_MAP_DMA, &map) ? -errno : 0;
}

int npu_dma_unmap(struct npu *npu, __u64 iova, size_t size)
{
	struct vfio_iommu_type1_dma_unmap unmap = {
		.argsz = sizeof(unmap), .iova = iova, .size = size,
	};

	if (npu->backend == NPU_CDEV)
		return npu_cdev_unmap(npu, iova, size);
	return ioctl(npu->iommu, VFIO_IOMMU_UNMAP_DMA, &unmap) ? -errno : 0;
}

int npu_dma_alloc(struct npu *npu, struct npu_dma *dma, __u64 iova, size_t size)
{
	int ret;

	dma->iova = iova;
	dma->size = size;
	dma->vaddr = mmap(NULL, size, PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (dma->vaddr == MAP_FAILED)
		return -errno;
	ret = npu_dma_map(npu, dma->vaddr, iova, size);
	if (ret)
		munmap(dma->vaddr, size);
	return ret;
}

int npu_dma_free(struct npu *npu, struct npu_dma *dma)
{
	int ret = npu_dma_unmap(npu, dma->iova, dma->size);

	munmap(dma->vaddr, dma->size);
	return ret;
}

unsigned int npu_msix_count(struct npu *npu)
{
	struct vfio_irq_info info = {
		.argsz = sizeof(info), .index = VFIO_PCI_MSIX_IRQ_INDEX,
	};

	return ioctl(npu->fd, VFIO_DEVICE_GET_IRQ_INFO, &info) ? 0 : info.count;
}

int npu_msix_on(struct npu *npu, unsigned int count, int *eventfds)
{
	size_t size = sizeof(struct vfio_irq_set) + count * sizeof(*eventfds);
	struct vfio_irq_set *set = calloc(1, size);
	int ret = 0;

	if (!set)
		return -ENOMEM;
	for (unsigned int i = 0; i < count; i++) {
		eventfds[i] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
		if (eventfds[i] < 0)
			ret = -errno;
	}
	*set = (struct vfio_irq_set) {
		.argsz = size,
		.flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER,
		.index = VFIO_PCI_MSIX_IRQ_INDEX,
		.count = count,
	};
	memcpy(set->data, eventfds, count * sizeof(*eventfds));
	if (!ret && ioctl(npu->fd, VFIO_DEVICE_SET_IRQS, set))
		ret = -errno;
	free(set);
	return ret;
}

int npu_msix_off(struct npu *npu)
{
	struct vfio_irq_set set = {
		.argsz = sizeof(set),
		.flags = VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_TRIGGER,
		.index = VFIO_PCI_MSIX_IRQ_INDEX,
	};

	return ioctl(npu->fd, VFIO_DEVICE_SET_IRQS, &set) ? -errno : 0;
}

long long eventfd_wait(int eventfd, int ms)
{
	struct pollfd p = { .fd = eventfd, .events = POLLIN };
	__u64 count;
	int ret;

	ret = poll(&p, 1, ms);
	if (ret <= 0)
		return ret ? -errno : 0;
	return read(eventfd, &count, sizeof(count)) == sizeof(count) ? (long long)count : -errno;
}

static int engine_write(struct npu *npu, unsigned int reg, const void *value, size_t size)
{
	ssize_t ret = npu_pwrite(npu, NPU_DMA_BAR, value, size, NPU_DMA_BASE + reg);

	return ret == (ssize_t)size ? 0 : ret < 0 ? (int)ret : -EIO;
}

int npu_engine_start(struct npu *npu, __u64 src, __u64 dst, __u32 len, __u32 vector)
{
	const __u32 start = NPU_DMA_CTRL_START;
	int ret;

	ret = engine_write(npu, NPU_DMA_SRC, &src, sizeof(src));
	if (!ret)
		ret = engine_write(npu, NPU_DMA_DST, &dst, sizeof(dst));
	if (!ret)
		ret = engine_write(npu, NPU_DMA_LEN, &len, sizeof(len));
	if (!ret)
		ret = engine_write(npu, NPU_DMA_VECTOR, &vector, sizeof(vector));
	if (!ret)
		ret = engine_write(npu, NPU_DMA_CTRL, &start, sizeof(start));
	return ret;
}

int npu_engine_wait(struct npu *npu)
{
	__u32 status;

	/* 5 s: a nested, emulated machine is slow, but a copy takes milliseconds */
	for (int left = 5000; left; left--) {
		ssize_t ret = npu_pread(npu, NPU_DMA_BAR, &status, sizeof(status),
					NPU_DMA_BASE + NPU_DMA_STATUS);

		if (ret != sizeof(status))
			return ret < 0 ? (int)ret : -EIO;
		if (status != NPU_DMA_STATUS_IDLE)
			return status;
		usleep(1000);
	}
	return -ETIMEDOUT;
}
