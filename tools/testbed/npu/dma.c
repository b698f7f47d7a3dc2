// SPDX-License-Identifier: GPL-2.0
/* The DMA engine: see dma.h for the order of events. */
#include <endian.h>

#include "device.h"
#include "dma.h"
#include "log.h"
#include "sim_regs.h"
#include "vfu.h"

/*
 * No single message is larger: QEMU's client (seen with 11.1) loses the rest of
 * a reply that does not fit its socket's send buffer, 208 KiB by default.
 */
#define MAX_CHUNK	0x10000U

static u32 reg_read32(const struct npu_device *dev, unsigned int reg)
{
	__le32 value = 0;

	npu_bar_load(dev, NPU_DMA_BAR, NPU_DMA_BASE + reg, &value, sizeof(value));
	return le32toh(value);
}

static u64 reg_read64(const struct npu_device *dev, unsigned int reg)
{
	__le64 value = 0;

	npu_bar_load(dev, NPU_DMA_BAR, NPU_DMA_BASE + reg, &value, sizeof(value));
	return le64toh(value);
}

static void reg_write32(struct npu_device *dev, unsigned int reg, u32 value)
{
	__le32 le = htole32(value);

	npu_bar_store(dev, NPU_DMA_BAR, NPU_DMA_BASE + reg, &le, sizeof(le));
}

static void set_status(struct npu_device *dev, u32 status)
{
	dev->dma.status = status;
	reg_write32(dev, NPU_DMA_STATUS, status);
}

void npu_dma_written(struct npu_device *dev, unsigned int bar, u64 offset, u32 len)
{
	u32 ctrl;

	if (bar != NPU_DMA_BAR || offset >= NPU_DMA_BASE + NPU_DMA_REGS_SIZE ||
	    offset + len <= NPU_DMA_BASE)
		return;

	/* Memory took the bytes as they came: now make STATUS read-only, CTRL read 0 */
	ctrl = reg_read32(dev, NPU_DMA_CTRL);
	reg_write32(dev, NPU_DMA_CTRL, 0);
	reg_write32(dev, NPU_DMA_STATUS, dev->dma.status);
	if (ctrl & NPU_DMA_CTRL_START)
		dev->dma.start = true;
}

static void finish(struct npu_device *dev, u32 status)
{
	struct npu_dma *dma = &dev->dma;

	dma->phase = NPU_DMA_IDLE;
	set_status(dev, status);
	if (dma->vector != NPU_DMA_VECTOR_NONE)
		npu_vector_raise(dev, dma->vector);
}

static int read_chunk(struct npu_device *dev, struct vfu_client *client)
{
	struct npu_dma *dma = &dev->dma;
	u32 max = vfu_max_xfer(client);

	if (!dma->left) {
		finish(dev, NPU_DMA_STATUS_DONE);
		return 0;
	}
	if (max > MAX_CHUNK)
		max = MAX_CHUNK;
	dma->chunk = dma->left < max ? dma->left : max;
	dma->phase = NPU_DMA_READING;
	return vfu_send_dma_read(client, dma->src, dma->chunk);
}

int npu_dma_kick(struct npu_device *dev, struct vfu_client *client)
{
	struct npu_dma *dma = &dev->dma;

	/* After a reset the old reply has to come in first */
	if (!dma->start || dma->cancelled)
		return 0;
	dma->start = false;
	if (dma->phase != NPU_DMA_IDLE) {
		npu_log("DMA ignored=busy");
		return 0;
	}

	dma->src = reg_read64(dev, NPU_DMA_SRC);
	dma->dst = reg_read64(dev, NPU_DMA_DST);
	dma->left = reg_read32(dev, NPU_DMA_LEN);
	dma->vector = reg_read32(dev, NPU_DMA_VECTOR);
	set_status(dev, NPU_DMA_STATUS_IDLE);
	return read_chunk(dev, client);
}

static void log_result(const struct npu_dma *dma, u32 error)
{
	bool reading = dma->phase == NPU_DMA_READING;

	if (error)
		npu_log("DMA op=%s iova=0x%llx len=%u result=error errno=%u",
			reading ? "read" : "write", reading ? dma->src : dma->dst,
			dma->chunk, error);
	else
		npu_log("DMA op=%s iova=0x%llx len=%u result=ok",
			reading ? "read" : "write", reading ? dma->src : dma->dst, dma->chunk);
}

int npu_dma_reply(struct npu_device *dev, struct vfu_client *client, u32 error, const u8 *data)
{
	struct npu_dma *dma = &dev->dma;

	log_result(dma, error);
	if (dma->cancelled) {
		dma->cancelled = false;
		dma->phase = NPU_DMA_IDLE;
		return npu_dma_kick(dev, client);
	}
	if (error) {
		finish(dev, NPU_DMA_STATUS_ERROR);
		return 0;
	}
	if (dma->phase == NPU_DMA_READING) {
		dma->phase = NPU_DMA_WRITING;
		return vfu_send_dma_write(client, dma->dst, data, dma->chunk);
	}

	dma->src += dma->chunk;
	dma->dst += dma->chunk;
	dma->left -= dma->chunk;
	return read_chunk(dev, client);
}

void npu_dma_reset(struct npu_device *dev)
{
	static const u8 zero[NPU_DMA_REGS_SIZE];

	npu_bar_store(dev, NPU_DMA_BAR, NPU_DMA_BASE, zero, sizeof(zero));
	dev->dma.start = false;
	dev->dma.status = NPU_DMA_STATUS_IDLE;
	dev->dma.cancelled = dev->dma.phase != NPU_DMA_IDLE;
}

void npu_dma_client_gone(struct npu_device *dev)
{
	struct npu_dma *dma = &dev->dma;

	if (dma->phase != NPU_DMA_IDLE && !dma->cancelled)
		set_status(dev, NPU_DMA_STATUS_ERROR);
	dma->phase = NPU_DMA_IDLE;
	dma->cancelled = false;
	dma->start = false;
}
