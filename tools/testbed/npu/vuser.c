// SPDX-License-Identifier: GPL-2.0-only
/* vfio-user: sockets, framing, replies. See vuser.h. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

#include "log.h"
#include "vuser.h"

/* The kernel's SCM_MAX_FD: with room for all, a client's surplus is seen and closed */
#define MOST_FDS	253

/* A client that stops in the middle of a message loses its connection */
#define STALL_SECONDS	30

enum { CLIENT_GONE = -1, MESSAGE_DONE = 0 };

static int bad_frame(const struct vuser_header *hdr, const char *reason)
{
	npu_log("CLOSE reason=%s command=%u size=%u flags=0x%x",
		reason, hdr->command, hdr->size, hdr->flags);
	return CLIENT_GONE;
}

static void close_fds(struct vuser_client *c)
{
	for (unsigned int i = 0; i < c->nr_fds; i++)
		if (c->fds[i] >= 0)
			close(c->fds[i]);
	c->nr_fds = 0;
}

/* Return: false if there were more than anyone may send; all are closed then */
static bool take_fds(struct vuser_client *c, struct msghdr *msg)
{
	bool too_many = msg->msg_flags & MSG_CTRUNC;

	for (struct cmsghdr *cmsg = CMSG_FIRSTHDR(msg); cmsg; cmsg = CMSG_NXTHDR(msg, cmsg)) {
		size_t n = (cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (cmsg->cmsg_level != SOL_SOCKET || cmsg->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < n; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(cmsg) + i * sizeof(int), sizeof(fd));
			if (c->nr_fds < VUSER_MAX_FDS) {
				c->fds[c->nr_fds++] = fd;
			} else {
				close(fd);
				too_many = true;
			}
		}
	}
	if (too_many)
		close_fds(c);
	return !too_many;
}

static bool receive_all(int sock, void *buf, size_t len)
{
	while (len) {
		ssize_t n = recv(sock, buf, len, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		buf = (u8 *)buf + n;
		len -= n;
	}
	return true;
}

/*
 * File descriptors belong to a message's first byte, so they arrive with the
 * first part of the header. The kernel drops those that come with bytes for
 * which nobody offers room for any.
 */
static int receive_header(struct vuser_client *c, struct vuser_header *hdr)
{
	union {
		char buf[CMSG_SPACE(MOST_FDS * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec iov = { .iov_base = hdr, .iov_len = sizeof(*hdr) };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	ssize_t n;

	memset(hdr, 0, sizeof(*hdr));
	do {
		n = recvmsg(c->sock, &msg, MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	if (n <= 0)
		return CLIENT_GONE;
	if (!take_fds(c, &msg))
		return bad_frame(hdr, "too-many-fds");
	if (!receive_all(c->sock, (u8 *)hdr + n, sizeof(*hdr) - n))
		return bad_frame(hdr, "truncated-header");
	return MESSAGE_DONE;
}

static int send_message(struct vuser_client *c, size_t size, int fd)
{
	union {
		char buf[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { 0 };
	struct iovec iov = { .iov_base = c->tx, .iov_len = size };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (fd >= 0) {
		msg.msg_control = &control;
		msg.msg_controllen = sizeof(control);
		control.align.cmsg_level = SOL_SOCKET;
		control.align.cmsg_type = SCM_RIGHTS;
		control.align.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.align), &fd, sizeof(fd));
	}
	while (iov.iov_len) {
		ssize_t n = sendmsg(c->sock, &msg, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return CLIENT_GONE;
		iov.iov_base = (u8 *)iov.iov_base + n;
		iov.iov_len -= n;
		msg.msg_control = NULL;
		msg.msg_controllen = 0;
	}
	return MESSAGE_DONE;
}

static int send_reply(struct vuser_client *c, const struct vuser_header *req, int error,
		      const struct vuser_reply *reply)
{
	struct vuser_header hdr = {
		.id = req->id,
		.command = req->command,
		.size = sizeof(hdr) + (error ? 0 : reply->size),
		.flags = VUSER_TYPE_REPLY | (error ? VUSER_ERROR : 0),
		.error = -error,
	};

	memcpy(c->tx, &hdr, sizeof(hdr));
	return send_message(c, hdr.size, error ? -1 : reply->fd);
}

static int send_dma(struct vuser_client *c, const struct npu_dma_msg *msg)
{
	struct vuser_header hdr = {
		.id = ++c->dma_id,
		.command = msg->write ? VUSER_DMA_WRITE : VUSER_DMA_READ,
		.size = sizeof(hdr) + sizeof(struct vuser_dma_rw) + (msg->write ? msg->len : 0),
	};
	struct vuser_dma_rw rw = { .address = msg->iova, .count = msg->len };

	memcpy(c->tx, &hdr, sizeof(hdr));
	memcpy(c->tx + sizeof(hdr), &rw, sizeof(rw));
	if (msg->write)
		memcpy(c->tx + sizeof(hdr) + sizeof(rw), msg->data, msg->len);
	c->dma_command = hdr.command;
	return send_message(c, hdr.size, -1);
}

/* The only replies to expect are those to the one DMA message under way */
static int handle_reply(struct vuser_client *c, const struct vuser_header *hdr, u32 size)
{
	struct vuser_dma_rw rw = { 0 };
	struct npu_dma_msg msg;
	u32 error = 0;

	if (!c->dma_command || hdr->command != c->dma_command || hdr->id != c->dma_id)
		return bad_frame(hdr, "unexpected-reply");
	if (hdr->flags & VUSER_ERROR) {
		/* The errno is optional, so 0 may come with an error */
		error = hdr->error ? hdr->error : EIO;
	} else if (c->dma_command == VUSER_DMA_READ) {
		if (size < sizeof(rw))
			return bad_frame(hdr, "truncated-dma-reply");
		memcpy(&rw, c->rx, sizeof(rw));
		if (rw.count != c->dev->dma.chunk || size - sizeof(rw) != rw.count)
			return bad_frame(hdr, "wrong-dma-reply-size");
	}
	c->dma_command = 0;
	if (!npu_dma_answered(c->dev, error, c->rx + sizeof(rw), c->max_xfer, &msg))
		return MESSAGE_DONE;
	return send_dma(c, &msg);
}

static int handle_request(struct vuser_client *c, const struct vuser_header *hdr, u32 size)
{
	struct vuser_reply reply = { .data = c->tx + sizeof(*hdr), .fd = -1 };
	struct npu_dma_msg msg;
	int error = -EINVAL;

	if (!(hdr->flags & ~(VUSER_TYPE_MASK | VUSER_NO_REPLY)))
		error = vuser_execute(c, hdr->command, size, &reply);
	close_fds(c);
	if (error)
		npu_log("REFUSED command=%u size=%u errno=%d", hdr->command, hdr->size, -error);
	if (!(hdr->flags & VUSER_NO_REPLY) && send_reply(c, hdr, error, &reply))
		return CLIENT_GONE;
	/* Only now: the client's vCPU waits for the reply, and the DMA for the vCPU */
	return npu_dma_next(c->dev, c->max_xfer, &msg) ? send_dma(c, &msg) : MESSAGE_DONE;
}

static int handle_message(struct vuser_client *c)
{
	struct vuser_header hdr;
	u32 size;

	if (receive_header(c, &hdr))
		return CLIENT_GONE;
	if (hdr.size < sizeof(hdr) || hdr.size > VUSER_MAX_MESSAGE)
		return bad_frame(&hdr, "impossible-size");
	size = hdr.size - sizeof(hdr);
	if (!receive_all(c->sock, c->rx, size))
		return bad_frame(&hdr, "truncated-message");

	switch (hdr.flags & VUSER_TYPE_MASK) {
	case VUSER_TYPE_COMMAND:
		return handle_request(c, &hdr, size);
	case VUSER_TYPE_REPLY:
		return handle_reply(c, &hdr, size);
	default:
		return bad_frame(&hdr, "unknown-type");
	}
}

static void set_timeouts(int sock)
{
	struct timeval stall = { .tv_sec = STALL_SECONDS };

	setsockopt(sock, SOL_SOCKET, SO_RCVTIMEO, &stall, sizeof(stall));
	setsockopt(sock, SOL_SOCKET, SO_SNDTIMEO, &stall, sizeof(stall));
}

/* Return: true when @fd has something to read, false when it is time to go */
static bool wait_for(struct npu_device *dev, int fd, int stop_fd)
{
	struct pollfd pfds[2] = {
		{ .fd = stop_fd, .events = POLLIN },
		{ .fd = fd, .events = POLLIN },
	};

	for (;;) {
		int n = poll(pfds, ARRAY_SIZE(pfds), npu_tick(dev));

		if (n > 0)
			return !pfds[0].revents;
		if (n < 0 && errno != EINTR)
			return false;
	}
}

static void serve_client(struct vuser_client *c, int stop_fd)
{
	set_timeouts(c->sock);
	npu_log("CONNECT");
	while (wait_for(c->dev, c->sock, stop_fd) && handle_message(c) == MESSAGE_DONE)
		;
	close_fds(c);
	close(c->sock);
	npu_client_gone(c->dev);
	npu_log("DISCONNECT");
	npu_log_state(c->dev);
}

int vuser_serve(struct npu_device *dev, int listener, int stop_fd, bool once)
{
	struct vuser_client c;
	int ret = 0;
	u8 *rx = malloc(VUSER_MAX_MESSAGE), *tx = malloc(VUSER_MAX_MESSAGE);

	while (rx && tx && wait_for(dev, listener, stop_fd)) {
		c = (struct vuser_client){ .dev = dev, .rx = rx, .tx = tx };
		c.max_xfer = VUSER_MAX_XFER;
		c.sock = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (c.sock < 0) {
			ret = -1;
			break;
		}
		serve_client(&c, stop_fd);
		if (once)
			break;
	}
	if (!rx || !tx)
		ret = -1;
	free(rx);
	free(tx);
	return ret;
}
