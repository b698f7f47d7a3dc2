/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The vfio-user protocol, version 0.0, as far as the simulator speaks it: the
 * specification is docs/interop/vfio-user.rst in QEMU. Payloads that are a
 * struct of <linux/vfio.h> are not repeated. Everything is in host byte order.
 */
#ifndef NPU_VFU_PROTO_H
#define NPU_VFU_PROTO_H

#include "defs.h"

enum vfu_command {
	VFU_VERSION			= 1,
	VFU_DMA_MAP			= 2,
	VFU_DMA_UNMAP			= 3,
	VFU_DEVICE_GET_INFO		= 4,
	VFU_DEVICE_GET_REGION_INFO	= 5,
	VFU_DEVICE_GET_REGION_IO_FDS	= 6,
	VFU_DEVICE_GET_IRQ_INFO		= 7,
	VFU_DEVICE_SET_IRQS		= 8,
	VFU_REGION_READ			= 9,
	VFU_REGION_WRITE		= 10,
	VFU_DMA_READ			= 11,	/* server to client */
	VFU_DMA_WRITE			= 12,	/* server to client */
	VFU_DEVICE_RESET		= 13,
	VFU_NR_COMMANDS
};

#define VFU_TYPE_MASK		0xfU
#define VFU_TYPE_COMMAND	0U
#define VFU_TYPE_REPLY		1U
#define VFU_NO_REPLY		0x10U
#define VFU_ERROR		0x20U

struct vfu_header {
	u16	id;
	u16	command;
	u32	size;	/* with the header */
	u32	flags;
	u32	error;
};

struct vfu_version {
	u16	major;
	u16	minor;
	char	data[];	/* JSON with its NUL, or nothing */
};

struct vfu_dma_map {
	u32	argsz;
	u32	flags;
	u64	offset;
	u64	address;
	u64	size;
};

struct vfu_dma_unmap {
	u32	argsz;
	u32	flags;
	u64	address;
	u64	size;
};

/* Without what later kernels added to struct vfio_device_info */
struct vfu_device_info {
	u32	argsz;
	u32	flags;
	u32	num_regions;
	u32	num_irqs;
};

struct vfu_region_rw {
	u64	offset;
	u32	region;
	u32	count;
	u8	data[];
};

struct vfu_dma_rw {
	u64	address;
	u64	count;
	u8	data[];
};

/* What one message carries at most, in either direction; also the default */
#define VFU_MAX_XFER	0x100000U
#define VFU_MAX_MESSAGE	(sizeof(struct vfu_header) + sizeof(struct vfu_region_rw) + VFU_MAX_XFER)

/* As many as QEMU's client is ready to send */
#define VFU_MAX_FDS	16

#endif /* NPU_VFU_PROTO_H */
