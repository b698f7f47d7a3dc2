/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The DMA engine of sim_regs.h, one message to the client at a time:
 *
 *   store to CTRL -> npu_dma_written() notes the start
 *   store answered -> npu_dma_kick() asks for a DMA_READ
 *   reply -> npu_dma_reply() asks for a DMA_WRITE
 *   reply -> npu_dma_reply() asks for the next DMA_READ, or sets STATUS and has
 *            a vector to raise
 *
 * Nothing waits in between, so the client's other requests are served meanwhile.
 * They have to be: the VMM does the DMA under the lock that a vCPU holds while
 * its poll of STATUS waits for an answer.
 *
 * Knows neither the protocol nor the device, but for the memory its registers are in: who
 * calls sends the messages and raises the vector.
 */
#ifndef NPU_DMA_H
#define NPU_DMA_H

#include "bars.h"
#include "defs.h"

enum npu_dma_phase {
	NPU_DMA_IDLE,
	NPU_DMA_READING,	/* a DMA_READ is with the client */
	NPU_DMA_WRITING,	/* a DMA_WRITE is with the client */
};

/**
 * struct npu_dma_msg - a message to the client
 * @write: DMA_WRITE, else DMA_READ
 * @iova: where in the client's memory
 * @len: bytes
 * @data: to be written
 */
struct npu_dma_msg {
	bool		write;
	u64		iova;
	u32		len;
	const u8	*data;
};

/**
 * struct npu_dma - the engine's state
 * @bars: its registers are in there
 * @phase: what is outstanding
 * @start: CTRL was written, nothing sent yet
 * @cancelled: a reset came while a message was with the client; the reply is
 *	to be thrown away
 * @status: what STATUS shows
 * @src: next byte to read
 * @dst: next byte to write
 * @left: bytes still to copy, the chunk under way included
 * @chunk: bytes in the message that is with the client
 * @vector: to raise at the end
 * @ended: a copy ended, and nobody took its vector yet
 */
struct npu_dma {
	struct npu_bars		*bars;
	enum npu_dma_phase	phase;
	bool			start;
	bool			cancelled;
	u32			status;
	u64			src;
	u64			dst;
	u32			left;
	u32			chunk;
	u32			vector;
	bool			ended;
};

void npu_dma_init(struct npu_dma *dma, struct npu_bars *bars);

/* A write to a BAR has reached memory: does it touch the engine's registers? */
void npu_dma_written(struct npu_dma *dma, unsigned int bar, u64 offset, u32 len);

/**
 * npu_dma_kick - start what npu_dma_written() noted
 * @dma: the engine
 * @max: data bytes the client takes in one message
 * @msg: filled in
 *
 * Return: whether @msg is to be sent.
 */
bool npu_dma_kick(struct npu_dma *dma, u32 max, struct npu_dma_msg *msg);

/**
 * npu_dma_reply - the client answered the outstanding message
 * @dma: the engine
 * @error: errno from the reply, 0 for success
 * @data: what a DMA_READ brought, exactly the bytes asked for
 * @max: as for npu_dma_kick()
 * @msg: filled in; its data is @data
 *
 * Return: whether @msg is to be sent.
 */
bool npu_dma_reply(struct npu_dma *dma, u32 error, const u8 *data, u32 max,
		   struct npu_dma_msg *msg);

/* Whether a copy ended since the last call, and a vector is to be raised for it */
bool npu_dma_take_vector(struct npu_dma *dma, u32 *vector);

void npu_dma_reset(struct npu_dma *dma);
void npu_dma_client_gone(struct npu_dma *dma);

#endif /* NPU_DMA_H */
