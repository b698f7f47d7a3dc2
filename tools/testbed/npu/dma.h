/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The DMA engine of sim_regs.h, one message to the client at a time:
 *
 *   store to CTRL -> npu_dma_written() notes the start
 *   store answered -> npu_dma_kick() sends DMA_READ
 *   reply -> npu_dma_reply() sends DMA_WRITE
 *   reply -> npu_dma_reply() sends the next DMA_READ, or sets STATUS and raises
 *            the vector
 *
 * Nothing waits in between, so the client's other requests are served meanwhile.
 * They have to be: the VMM does the DMA under the lock that a vCPU holds while
 * its poll of STATUS waits for an answer.
 */
#ifndef NPU_DMA_H
#define NPU_DMA_H

#include "defs.h"

struct npu_device;
struct vfu_client;

enum npu_dma_phase {
	NPU_DMA_IDLE,
	NPU_DMA_READING,	/* a DMA_READ is with the client */
	NPU_DMA_WRITING,	/* a DMA_WRITE is with the client */
};

/**
 * struct npu_dma - the engine's state; its registers are in BAR memory
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
 */
struct npu_dma {
	enum npu_dma_phase	phase;
	bool			start;
	bool			cancelled;
	u32			status;
	u64			src;
	u64			dst;
	u32			left;
	u32			chunk;
	u32			vector;
};

/* A write to a BAR has reached memory: does it touch the engine's registers? */
void npu_dma_written(struct npu_device *dev, unsigned int bar, u64 offset, u32 len);

/* Start what npu_dma_written() noted. Return: 0, or -1 when the client is lost */
int npu_dma_kick(struct npu_device *dev, struct vfu_client *client);

/**
 * npu_dma_reply - the client answered the outstanding message
 * @dev: the device
 * @client: who answered
 * @error: errno from the reply, 0 for success
 * @data: what a DMA_READ brought, exactly the bytes asked for
 *
 * Return: 0, or -1 when the client is lost.
 */
int npu_dma_reply(struct npu_device *dev, struct vfu_client *client, u32 error, const u8 *data);

void npu_dma_reset(struct npu_device *dev);
void npu_dma_client_gone(struct npu_device *dev);

#endif /* NPU_DMA_H */
