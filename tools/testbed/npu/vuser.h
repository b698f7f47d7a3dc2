/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The vfio-user server: vuser.c moves and checks whole messages, vuser_cmds.c
 * carries out the client's commands.
 *
 * The client is not trusted. A message whose frame makes sense but whose
 * content does not gets an error reply; after one whose frame makes no sense
 * nobody knows where the next begins, so the connection is closed.
 */
#ifndef NPU_VUSER_H
#define NPU_VUSER_H

#include "device.h"
#include "defs.h"
#include "vuser_proto.h"

/**
 * struct vuser_client - the connection being served
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
struct vuser_client {
	int			sock;
	struct npu_device	*dev;
	bool			negotiated;
	u32			max_xfer;
	u16			dma_id;
	u16			dma_command;
	int			fds[VUSER_MAX_FDS];
	unsigned int		nr_fds;
	u8			*rx;
	u8			*tx;
};

/**
 * struct vuser_reply - what a command's handler has to say
 * @data: where to put the reply's payload, room for VUSER_MAX_MESSAGE less the
 *	header
 * @size: bytes put there
 * @fd: to send along, or -1; stays the handler's
 */
struct vuser_reply {
	void	*data;
	u32	size;
	int	fd;
};

/**
 * vuser_execute - carry out one request
 * @c: the connection; the request's payload is in @c->rx
 * @command: from the header, unchecked
 * @size: of the payload
 * @reply: empty; to be filled in
 *
 * Return: 0, or the negative errno for an error reply.
 */
int vuser_execute(struct vuser_client *c, u16 command, u32 size, struct vuser_reply *reply);

/**
 * vuser_serve - serve one client after the other
 * @dev: outlives the connections
 * @listener: listening socket
 * @stop_fd: readable when it is time to go; looked at between messages only
 * @once: go when the first client does
 *
 * Return: 0, or -1 with errno set.
 */
int vuser_serve(struct npu_device *dev, int listener, int stop_fd, bool once);

#endif /* NPU_VUSER_H */
