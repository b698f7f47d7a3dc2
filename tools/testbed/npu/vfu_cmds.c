// SPDX-License-Identifier: GPL-2.0
/* vfio-user: the client's commands, each checked before the device is touched. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/vfio.h>

#include "vfu.h"

#define SPARSE_HEADER	sizeof(struct vfio_region_info_cap_sparse_mmap)
#define SPARSE_AREA	sizeof(struct vfio_region_sparse_mmap_area)

/*
 * The one capability that matters here. A search for its name instead of a JSON
 * parser: a client that manages to confuse it only gets smaller DMA messages.
 */
static int parse_max_xfer(const char *json, u32 *max_xfer)
{
	static const char name[] = "\"max_data_xfer_size\"";
	const char *at = strstr(json, name);
	unsigned long long value;

	if (!at)
		return 0;
	at += strlen(name);
	at += strspn(at, " \t\r\n");
	if (*at != ':')
		return -EINVAL;
	at++;
	at += strspn(at, " \t\r\n");
	if (*at < '0' || *at > '9')
		return -EINVAL;
	value = strtoull(at, NULL, 10);
	if (!value)
		return -EINVAL;
	if (value < *max_xfer)
		*max_xfer = value;
	return 0;
}

static int do_version(struct vfu_client *c, u32 size, struct vfu_reply *reply)
{
	const struct vfu_version *req = (const void *)c->rx;
	struct vfu_version *ans = reply->data;
	u32 max_xfer = VFU_MAX_XFER;
	int error;

	if (c->negotiated)
		return -EINVAL;
	if (req->major != 0)
		return -EPROTONOSUPPORT;
	if (size > sizeof(*req)) {
		if (req->data[size - sizeof(*req) - 1] != '\0')
			return -EINVAL;
		error = parse_max_xfer(req->data, &max_xfer);
		if (error)
			return error;
	}

	c->negotiated = true;
	c->max_xfer = max_xfer;
	ans->major = 0;
	ans->minor = 0;
	/* No write_multiple and no twin_socket: each access is one message, in order */
	reply->size = sizeof(*ans) + 1 +
		sprintf(ans->data,
			"{\"capabilities\":{\"max_msg_fds\":%d,\"max_data_xfer_size\":%u}}",
			VFU_MAX_FDS, VFU_MAX_XFER);
	return 0;
}

/*
 * All DMA goes through messages, which the client checks and translates by
 * itself, so nothing about a mapping is kept, its file descriptor least of all.
 */
static int do_dma_map(struct vfu_client *c, u32 size, struct vfu_reply *reply)
{
	const struct vfu_dma_map *req = (const void *)c->rx;

	(void)size;
	(void)reply;
	if (req->argsz < sizeof(*req) || c->nr_fds > 1 || !req->size ||
	    req->address + req->size - 1 < req->address)
		return -EINVAL;
	return 0;
}

static int do_dma_unmap(struct vfu_client *c, u32 size, struct vfu_reply *reply)
{
	const struct vfu_dma_unmap *req = (const void *)c->rx;
	bool all = req->flags & VFIO_DMA_UNMAP_FLAG_ALL;

	(void)size;
	if (req->argsz < sizeof(*req) ||
	    (!all && (!req->size || req->address + req->size - 1 < req->address)))
		return -EINVAL;
	memcpy(reply->data, req, sizeof(*req));
	reply->size = sizeof(*req);
	return 0;
}

static int do_get_info(struct vfu_client *c, u32 size, struct vfu_reply *reply)
{
	const struct vfu_device_info *req = (const void *)c->rx;
	struct vfu_device_info *ans = reply->data;

	(void)size;
	if (req->argsz < sizeof(*ans))
		return -EINVAL;
	*ans = (struct vfu_device_info){
		.argsz = sizeof(*ans),
		.flags = VFIO_DEVICE_FLAGS_RESET | VFIO_DEVICE_FLAGS_PCI,
		.num_regions = VFIO_PCI_NUM_REGIONS,
		.num_irqs = VFIO_PCI_NUM_IRQS,
	};
	reply->size = sizeof(*ans);
	return 0;
}

static void put_sparse_cap(struct vfio_region_info *info, const struct npu_area *areas,
			   unsigned int n)
{
	struct vfio_region_info_cap_sparse_mmap *cap = (void *)(info + 1);

	memset(cap, 0, SPARSE_HEADER);
	cap->header.id = VFIO_REGION_INFO_CAP_SPARSE_MMAP;
	cap->header.version = 1;
	cap->nr_areas = n;
	for (unsigned int i = 0; i < n; i++) {
		cap->areas[i].offset = areas[i].offset;
		cap->areas[i].size = areas[i].size;
	}
}

static int do_get_region_info(struct vfu_client *c, u32 size, struct vfu_reply *reply)
{
	const struct vfio_region_info *req = (const void *)c->rx;
	struct vfio_region_info *ans = reply->data;
	struct npu_area areas[NPU_MAX_AREAS];
	unsigned int n = 0;

	(void)size;
	if (req->argsz < sizeof(*ans) || req->index >= VFIO_PCI_NUM_REGIONS)
		return -EINVAL;
	memset(ans, 0, sizeof(*ans));
	ans->argsz = sizeof(*ans);
	ans->index = req->index;
	ans->size = npu_region_size(c->dev, req->index);
	reply->size = sizeof(*ans);
	if (!ans->size)
		return 0;

	ans->flags = VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE;
	if (req->index < NPU_NR_BARS)
		n = npu_mappable_areas(c->dev, req->index, areas);
	if (!n)
		return 0;
	ans->flags |= VFIO_REGION_INFO_FLAG_MMAP;
	ans->argsz += SPARSE_HEADER + n * SPARSE_AREA;
	reply->fd = c->dev->bar_fd[req->index];
	/* A client with less room learns the size from argsz and asks again */
	if (req->argsz < ans->argsz)
		return 0;
	ans->flags |= VFIO_REGION_INFO_FLAG_CAPS;
	ans->cap_offset = sizeof(*ans);
	put_sparse_cap(ans, areas, n);
	reply->size = ans->argsz;
	return 0;
}

static u32 irq_count(const struct npu_device *dev, u32 index)
{
	return index == VFIO_PCI_MSIX_IRQ_INDEX ? dev->opt.model.msix.vectors : 0;
}

static int do_get_irq_info(struct vfu_client *c, u32 size, struct vfu_reply *reply)
{
	const struct vfio_irq_info *req = (const void *)c->rx;
	struct vfio_irq_info *ans = reply->data;

	(void)size;
	if (req->argsz < sizeof(*ans) || req->index >= VFIO_PCI_NUM_IRQS)
		return -EINVAL;
	*ans = (struct vfio_irq_info){
		.argsz = sizeof(*ans),
		.index = req->index,
		.count = irq_count(c->dev, req->index),
	};
	/* Not NORESIZE: vectors come and go one by one */
	if (ans->count)
		ans->flags = VFIO_IRQ_INFO_EVENTFD;
	reply->size = sizeof(*ans);
	return 0;
}

static int set_eventfds(struct vfu_client *c, const struct vfio_irq_set *req)
{
	/* Without file descriptors the vectors lose theirs */
	if (c->nr_fds && c->nr_fds != req->count)
		return -EINVAL;
	for (u32 i = 0; i < req->count; i++) {
		npu_vector_set(c->dev, req->start + i, c->nr_fds ? c->fds[i] : -1);
		if (c->nr_fds)
			c->fds[i] = -1;
	}
	return 0;
}

static int trigger(struct vfu_client *c, const struct vfio_irq_set *req, bool has_bools)
{
	u32 all = irq_count(c->dev, req->index);

	if (!req->count && !has_bools) {
		for (u32 i = 0; i < all; i++)
			npu_vector_set(c->dev, i, -1);
		return 0;
	}
	for (u32 i = 0; i < req->count; i++)
		if (!has_bools || req->data[i])
			npu_vector_raise(c->dev, req->start + i);
	return 0;
}

static int do_set_irqs(struct vfu_client *c, u32 size, struct vfu_reply *reply)
{
	const struct vfio_irq_set *req = (const void *)c->rx;
	u32 data = req->flags & VFIO_IRQ_SET_DATA_TYPE_MASK;
	u32 action = req->flags & VFIO_IRQ_SET_ACTION_TYPE_MASK;
	u32 all;

	(void)reply;
	if (req->argsz < sizeof(*req) || req->argsz > size || req->index >= VFIO_PCI_NUM_IRQS ||
	    (req->flags & ~(VFIO_IRQ_SET_DATA_TYPE_MASK | VFIO_IRQ_SET_ACTION_TYPE_MASK)))
		return -EINVAL;
	all = irq_count(c->dev, req->index);
	if (req->start > all || req->count > all - req->start)
		return -EINVAL;
	/* MSI-X is masked in its table, which the client emulates */
	if (action != VFIO_IRQ_SET_ACTION_TRIGGER)
		return -EINVAL;

	switch (data) {
	case VFIO_IRQ_SET_DATA_EVENTFD:
		return set_eventfds(c, req);
	case VFIO_IRQ_SET_DATA_NONE:
		return c->nr_fds ? -EINVAL : trigger(c, req, false);
	case VFIO_IRQ_SET_DATA_BOOL:
		if (c->nr_fds || req->count > size - sizeof(*req))
			return -EINVAL;
		return trigger(c, req, true);
	default:
		return -EINVAL;
	}
}

static bool range_ok(const struct vfu_client *c, const struct vfu_region_rw *req)
{
	u64 size = npu_region_size(c->dev, req->region);

	return req->count <= VFU_MAX_XFER && req->offset <= size &&
	       req->count <= size - req->offset;
}

static int do_region_read(struct vfu_client *c, u32 size, struct vfu_reply *reply)
{
	const struct vfu_region_rw *req = (const void *)c->rx;
	struct vfu_region_rw *ans = reply->data;

	(void)size;
	if (!range_ok(c, req))
		return -EINVAL;
	*ans = *req;
	reply->size = sizeof(*ans) + req->count;
	return npu_region_read(c->dev, req->region, req->offset, ans->data, req->count);
}

static int do_region_write(struct vfu_client *c, u32 size, struct vfu_reply *reply)
{
	const struct vfu_region_rw *req = (const void *)c->rx;

	if (!range_ok(c, req) || req->count != size - sizeof(*req))
		return -EINVAL;
	memcpy(reply->data, req, sizeof(*req));
	reply->size = sizeof(*req);
	return npu_region_write(c->dev, req->region, req->offset, req->data, req->count);
}

static int do_reset(struct vfu_client *c, u32 size, struct vfu_reply *reply)
{
	(void)size;
	(void)reply;
	npu_reset(c->dev);
	return 0;
}

struct command {
	int	(*handler)(struct vfu_client *c, u32 size, struct vfu_reply *reply);
	u32	min_size;	/* of the payload: what the handler may look at unasked */
	bool	takes_fds;
};

static const struct command commands[VFU_NR_COMMANDS] = {
	[VFU_VERSION] = { do_version, sizeof(struct vfu_version), false },
	[VFU_DMA_MAP] = { do_dma_map, sizeof(struct vfu_dma_map), true },
	[VFU_DMA_UNMAP] = { do_dma_unmap, sizeof(struct vfu_dma_unmap), false },
	[VFU_DEVICE_GET_INFO] = { do_get_info, sizeof(struct vfu_device_info), false },
	[VFU_DEVICE_GET_REGION_INFO] = {
		do_get_region_info, sizeof(struct vfio_region_info), false
	},
	[VFU_DEVICE_GET_IRQ_INFO] = { do_get_irq_info, sizeof(struct vfio_irq_info), false },
	[VFU_DEVICE_SET_IRQS] = { do_set_irqs, sizeof(struct vfio_irq_set), true },
	[VFU_REGION_READ] = { do_region_read, sizeof(struct vfu_region_rw), false },
	[VFU_REGION_WRITE] = { do_region_write, sizeof(struct vfu_region_rw), false },
	[VFU_DEVICE_RESET] = { do_reset, 0, false },
};

int vfu_execute(struct vfu_client *c, u16 command, u32 size, struct vfu_reply *reply)
{
	const struct command *cmd;

	if (command >= VFU_NR_COMMANDS || !commands[command].handler)
		return -EOPNOTSUPP;
	cmd = &commands[command];
	if (size < cmd->min_size || (c->nr_fds && !cmd->takes_fds) ||
	    (!c->negotiated && command != VFU_VERSION))
		return -EINVAL;
	return cmd->handler(c, size, reply);
}
