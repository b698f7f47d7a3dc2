/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The vfio-user server: vfu.c moves and checks whole messages, vfu_cmds.c
 * carries out the client's commands.
 *
 * The client is not trusted. A message whose frame makes sense but whose
 * content does not gets an error reply; after one whose frame makes no sense
 * nobody knows where the next begins, so the connection is closed.
 */
#ifndef NPU_VFU_H
#define NPU_VFU_H

#include "device.h"
#include "defs.h"
#include "vfu_proto.h"

/**
 * struct vfu_client - the connection being served
 * @sock: the socket
 * @dev: the device it is for
 * @negotiated: VERSION came and was answered
 * @max_xfer: data bytes the client takes in one message
 * @dma_id: id of the last DMA message sent
 * @dma_command: its command, 0 when it has been answered
 * @fds: file descriptors that came with the request, -1 where taken over
 * @nr_fds: how many came
 * @rx: request payload, 8-byte aligned
 * @tx: reply, header included
 */
struct vfu_client {
	int			sock;
	struct npu_device	*dev;
	bool			negotiated;
	u32			max_xfer;
	u16			dma_id;
	u16			dma_command;
	int			fds[VFU_MAX_FDS];
	unsigned int		nr_fds;
	u8			*rx;
	u8			*tx;
};

/**
 * struct vfu_reply - what a command's handler has to say
 * @data: where to put the reply's payload, room for VFU_MAX_MESSAGE less the
 *	header
 * @size: bytes put there
 * @fd: to send along, or -1; stays the handler's
 */
struct vfu_reply {
	void	*data;
	u32	size;
	int	fd;
};

/**
 * vfu_execute - carry out one request
 * @c: the connection; the request's payload is in @c->rx
 * @command: from the header, unchecked
 * @size: of the payload
 * @reply: empty; to be filled in
 *
 * Return: 0, or the negative errno for an error reply.
 */
int vfu_execute(struct vfu_client *c, u16 command, u32 size, struct vfu_reply *reply);

/* For the DMA engine. Return: 0, or -1 when the connection is lost */
u32 vfu_max_xfer(const struct vfu_client *c);
int vfu_send_dma_read(struct vfu_client *c, u64 iova, u32 len);
int vfu_send_dma_write(struct vfu_client *c, u64 iova, const u8 *data, u32 len);

/**
 * vfu_serve - serve one client after the other
 * @dev: outlives the connections
 * @listener: listening socket
 * @stop_fd: readable when it is time to go; looked at between messages only
 * @once: go when the first client does
 *
 * Return: 0, or -1 with errno set.
 */
int vfu_serve(struct npu_device *dev, int listener, int stop_fd, bool once);

#endif /* NPU_VFU_H */
