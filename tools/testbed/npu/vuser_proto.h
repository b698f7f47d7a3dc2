/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The vfio-user protocol, version 0.0, as far as the simulator speaks it: the
 * specification is docs/interop/vfio-user.rst in QEMU. Payloads that are a
 * struct of <linux/vfio.h> are not repeated. Everything is in host byte order.
 */
#ifndef NPU_VUSER_PROTO_H
#define NPU_VUSER_PROTO_H

#include "defs.h"

enum vuser_command {
	VUSER_VERSION			= 1,
	VUSER_DMA_MAP			= 2,
	VUSER_DMA_UNMAP			= 3,
	VUSER_DEVICE_GET_INFO		= 4,
	VUSER_DEVICE_GET_REGION_INFO	= 5,
	VUSER_DEVICE_GET_REGION_IO_FDS	= 6,
	VUSER_DEVICE_GET_IRQ_INFO	= 7,
	VUSER_DEVICE_SET_IRQS		= 8,
	VUSER_REGION_READ		= 9,
	VUSER_REGION_WRITE		= 10,
	VUSER_DMA_READ			= 11,	/* server to client */
	VUSER_DMA_WRITE			= 12,	/* server to client */
	VUSER_DEVICE_RESET		= 13,
	VUSER_NR_COMMANDS
};

#define VUSER_TYPE_MASK		0xfU
#define VUSER_TYPE_COMMAND	0U
#define VUSER_TYPE_REPLY		1U
#define VUSER_NO_REPLY		0x10U
#define VUSER_ERROR		0x20U

struct vuser_header {
	u16	id;
	u16	command;
	u32	size;	/* with the header */
	u32	flags;
	u32	error;
};

struct vuser_version {
	u16	major;
	u16	minor;
	char	data[];	/* JSON with its NUL, or nothing */
};

struct vuser_dma_map {
	u32	argsz;
	u32	flags;
	u64	offset;
	u64	address;
	u64	size;
};

struct vuser_dma_unmap {
	u32	argsz;
	u32	flags;
	u64	address;
	u64	size;
};

/* Without what later kernels added to struct vfio_device_info */
struct vuser_device_info {
	u32	argsz;
	u32	flags;
	u32	num_regions;
	u32	num_irqs;
};

struct vuser_region_rw {
	u64	offset;
	u32	region;
	u32	count;
	u8	data[];
};

struct vuser_dma_rw {
	u64	address;
	u64	count;
	u8	data[];
};

/* What one message carries at most, in either direction; also the default */
#define VUSER_MAX_XFER	0x100000U
#define VUSER_MAX_MESSAGE	(sizeof(struct vuser_header) + sizeof(struct vuser_region_rw) + \
				 VUSER_MAX_XFER)

/* As many as QEMU's client is ready to send */
#define VUSER_MAX_FDS	16

#endif /* NPU_VUSER_PROTO_H */
