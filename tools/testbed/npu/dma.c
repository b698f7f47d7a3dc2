// SPDX-License-Identifier: GPL-2.0-only
/* The DMA engine: see dma.h for the order of events. */
#include <endian.h>

#include "dma.h"
#include "log.h"
#include "sim_regs.h"

/*
 * No single message is larger: QEMU's client (seen with 11.1) loses the rest of
 * a reply that does not fit its socket's send buffer, 208 KiB by default.
 */
#define MAX_CHUNK	0x10000U

static u32 reg_read32(const struct npu_dma *dma, unsigned int reg)
{
	__le32 value = 0;

	npu_bar_load(dma->bars, NPU_DMA_BAR, NPU_DMA_BASE + reg, &value, sizeof(value));
	return le32toh(value);
}

static u64 reg_read64(const struct npu_dma *dma, unsigned int reg)
{
	__le64 value = 0;

	npu_bar_load(dma->bars, NPU_DMA_BAR, NPU_DMA_BASE + reg, &value, sizeof(value));
	return le64toh(value);
}

static void reg_write32(struct npu_dma *dma, unsigned int reg, u32 value)
{
	__le32 le = htole32(value);

	npu_bar_store(dma->bars, NPU_DMA_BAR, NPU_DMA_BASE + reg, &le, sizeof(le));
}

static void set_status(struct npu_dma *dma, u32 status)
{
	dma->status = status;
	reg_write32(dma, NPU_DMA_STATUS, status);
}

void npu_dma_init(struct npu_dma *dma, struct npu_bars *bars)
{
	*dma = (struct npu_dma){ .bars = bars };
}

void npu_dma_written(struct npu_dma *dma, unsigned int bar, u64 offset, u32 len)
{
	u32 ctrl;

	if (bar != NPU_DMA_BAR || offset >= NPU_DMA_BASE + NPU_DMA_REGS_SIZE ||
	    offset + len <= NPU_DMA_BASE)
		return;

	/* Memory took the bytes as they came: now make STATUS read-only, CTRL read 0 */
	ctrl = reg_read32(dma, NPU_DMA_CTRL);
	reg_write32(dma, NPU_DMA_CTRL, 0);
	reg_write32(dma, NPU_DMA_STATUS, dma->status);
	if (ctrl & NPU_DMA_CTRL_START)
		dma->start = true;
}

static void finish(struct npu_dma *dma, u32 status)
{
	dma->phase = NPU_DMA_IDLE;
	set_status(dma, status);
	dma->ended = dma->vector != NPU_DMA_VECTOR_NONE;
}

bool npu_dma_take_vector(struct npu_dma *dma, u32 *vector)
{
	bool ended = dma->ended;

	dma->ended = false;
	*vector = dma->vector;
	return ended;
}

static bool read_chunk(struct npu_dma *dma, u32 max, struct npu_dma_msg *msg)
{
	if (!dma->left) {
		finish(dma, NPU_DMA_STATUS_DONE);
		return false;
	}
	if (max > MAX_CHUNK)
		max = MAX_CHUNK;
	dma->chunk = dma->left < max ? dma->left : max;
	dma->phase = NPU_DMA_READING;
	*msg = (struct npu_dma_msg){ .iova = dma->src, .len = dma->chunk };
	return true;
}

bool npu_dma_kick(struct npu_dma *dma, u32 max, struct npu_dma_msg *msg)
{
	/* After a reset the old reply has to come in first */
	if (!dma->start || dma->cancelled)
		return false;
	dma->start = false;
	if (dma->phase != NPU_DMA_IDLE) {
		npu_log("DMA ignored=busy");
		return false;
	}

	dma->src = reg_read64(dma, NPU_DMA_SRC);
	dma->dst = reg_read64(dma, NPU_DMA_DST);
	dma->left = reg_read32(dma, NPU_DMA_LEN);
	dma->vector = reg_read32(dma, NPU_DMA_VECTOR);
	set_status(dma, NPU_DMA_STATUS_IDLE);
	return read_chunk(dma, max, msg);
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

bool npu_dma_reply(struct npu_dma *dma, u32 error, const u8 *data, u32 max,
		   struct npu_dma_msg *msg)
{
	log_result(dma, error);
	if (dma->cancelled) {
		dma->cancelled = false;
		dma->phase = NPU_DMA_IDLE;
		return npu_dma_kick(dma, max, msg);
	}
	if (error) {
		finish(dma, NPU_DMA_STATUS_ERROR);
		return false;
	}
	if (dma->phase == NPU_DMA_READING) {
		dma->phase = NPU_DMA_WRITING;
		*msg = (struct npu_dma_msg){
			.write = true, .iova = dma->dst, .len = dma->chunk, .data = data,
		};
		return true;
	}

	dma->src += dma->chunk;
	dma->dst += dma->chunk;
	dma->left -= dma->chunk;
	return read_chunk(dma, max, msg);
}

void npu_dma_reset(struct npu_dma *dma)
{
	static const u8 zero[NPU_DMA_REGS_SIZE];

	npu_bar_store(dma->bars, NPU_DMA_BAR, NPU_DMA_BASE, zero, sizeof(zero));
	dma->start = false;
	dma->status = NPU_DMA_STATUS_IDLE;
	dma->cancelled = dma->phase != NPU_DMA_IDLE;
}

void npu_dma_client_gone(struct npu_dma *dma)
{
	if (dma->phase != NPU_DMA_IDLE && !dma->cancelled)
		set_status(dma, NPU_DMA_STATUS_ERROR);
	dma->phase = NPU_DMA_IDLE;
	dma->cancelled = false;
	dma->start = false;
}
