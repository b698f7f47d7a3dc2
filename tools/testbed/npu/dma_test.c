// SPDX-License-Identifier: GPL-2.0
/* Tests of the DMA engine, with the test as the memory it works on. */
#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <linux/pci_regs.h>
#include <linux/vfio.h>

#include "sim_regs.h"
#include "vfu_peer.h"

#define SRC	0x123456780ULL
#define DST	0xfedcba9870ULL
#define VECTOR	3

static void put(int sock, unsigned int reg, u64 value, u32 size)
{
	value = htole64(value);
	CHECK(peer_write(sock, NPU_DMA_BAR, NPU_DMA_BASE + reg, &value, size) == 0);
}

static u32 get_status(int sock)
{
	u32 value = ~0U;

	CHECK(peer_read(sock, NPU_DMA_BAR, NPU_DMA_BASE + NPU_DMA_STATUS, &value, 4) == 0);
	return le32toh(value);
}

static void start(int sock, u32 len, u32 vector)
{
	put(sock, NPU_DMA_SRC, SRC, 8);
	put(sock, NPU_DMA_DST, DST & 0xffffffff, 4);
	put(sock, NPU_DMA_DST + 4, DST >> 32, 4);
	put(sock, NPU_DMA_LEN, len, 4);
	put(sock, NPU_DMA_VECTOR, vector, 4);
	/* Read-only: must not end a poll before the copy has begun */
	put(sock, NPU_DMA_STATUS, NPU_DMA_STATUS_DONE, 4);
	put(sock, NPU_DMA_CTRL, NPU_DMA_CTRL_START, 4);
}

static int give_eventfd(int sock)
{
	struct message *msg = peer_message();
	int fd = eventfd(0, EFD_NONBLOCK);
	struct vfio_irq_set set = {
		.argsz = sizeof(set),
		.flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER,
		.index = VFIO_PCI_MSIX_IRQ_INDEX, .start = VECTOR, .count = 1,
	};

	CHECK(peer_call_fds(sock, VFU_DEVICE_SET_IRQS, &set, sizeof(set), &fd, 1, msg) == 0);
	peer_message_free(msg);
	return fd;
}

static u64 interrupts(int fd)
{
	u64 seen = 0;

	return read(fd, &seen, sizeof(seen)) == sizeof(seen) ? seen : 0;
}

static bool expect(int sock, u16 command, u64 iova, u32 count, struct message *msg)
{
	struct vfu_dma_rw rw;

	if (!CHECK(peer_receive(sock, msg) == PEER_MESSAGE) ||
	    !CHECK(msg->hdr.command == command && msg->hdr.flags == VFU_TYPE_COMMAND) ||
	    !CHECK(msg->size == sizeof(rw) + (command == VFU_DMA_WRITE ? count : 0)))
		return false;
	memcpy(&rw, msg->data, sizeof(rw));
	return CHECK(rw.address == iova && rw.count == count);
}

static void answer_read(int sock, const struct message *msg, const u8 *memory, u32 count)
{
	u8 *payload = malloc(sizeof(struct vfu_dma_rw) + count);

	if (!payload)
		abort();
	memcpy(payload, msg->data, sizeof(struct vfu_dma_rw));
	memcpy(payload + sizeof(struct vfu_dma_rw), memory, count);
	CHECK(peer_send(sock, msg->hdr.id, VFU_DMA_READ, VFU_TYPE_REPLY, payload,
			sizeof(struct vfu_dma_rw) + count));
	free(payload);
}

/* Play memory for one copy; @poll asks for STATUS while messages are with us */
static void serve_copy(int sock, u32 len, u32 max, bool poll)
{
	struct message *msg = peer_message();
	u8 *from = malloc(len), *to = calloc(1, len);

	if (!from || !to)
		abort();
	for (u32 i = 0; i < len; i++)
		from[i] = i * 7 + (i >> 8);
	for (u32 at = 0; at < len; at += max) {
		u32 n = len - at < max ? len - at : max;

		if (!expect(sock, VFU_DMA_READ, SRC + at, n, msg))
			break;
		if (poll)
			CHECK(get_status(sock) == NPU_DMA_STATUS_IDLE);
		answer_read(sock, msg, from + at, n);
		if (!expect(sock, VFU_DMA_WRITE, DST + at, n, msg))
			break;
		memcpy(to + at, msg->data + sizeof(struct vfu_dma_rw), n);
		if (poll)
			CHECK(get_status(sock) == NPU_DMA_STATUS_IDLE);
		CHECK(peer_send(sock, msg->hdr.id, VFU_DMA_WRITE, VFU_TYPE_REPLY, NULL, 0));
	}
	CHECK(!memcmp(from, to, len));
	free(from);
	free(to);
	peer_message_free(msg);
}

static void check_copy(u32 max_xfer, u32 chunk, u32 len, bool poll)
{
	struct server srv;
	int sock, irq;

	server_start(&srv, "910a2-vf", NULL);
	sock = peer_open(&srv, max_xfer);
	irq = give_eventfd(sock);
	for (int i = 0; i < 2; i++) {
		start(sock, len, VECTOR);
		serve_copy(sock, len, chunk, poll);
		CHECK(get_status(sock) == NPU_DMA_STATUS_DONE);
		CHECK(interrupts(irq) == 1);
	}
	start(sock, len, NPU_DMA_VECTOR_NONE);
	serve_copy(sock, len, chunk, poll);
	CHECK(get_status(sock) == NPU_DMA_STATUS_DONE);
	CHECK(interrupts(irq) == 0);
	close(sock);
	close(irq);
	server_stop(&srv);
}

void test_dma_copy(void)
{
	check_copy(0, 0x10000, 1, false);
	check_copy(0, 0x10000, 0, false);
	check_copy(0, 0x10000, 0x30000 + 5, true);
	check_copy(100, 100, 1234, true);
	check_copy(1, 1, 9, false);
}

void test_dma_failures(void)
{
	struct message *msg = peer_message();
	struct vfu_header hdr = {
		.size = sizeof(hdr), .flags = VFU_TYPE_REPLY | VFU_ERROR, .error = EFAULT,
	};
	struct server srv;
	int sock, irq;

	server_start(&srv, "910a2-vf", NULL);
	sock = peer_open(&srv, 0);
	irq = give_eventfd(sock);
	start(sock, 8, VECTOR);
	if (expect(sock, VFU_DMA_READ, SRC, 8, msg)) {
		hdr.command = VFU_DMA_READ;
		hdr.id = msg->hdr.id;
		CHECK(peer_send_raw(sock, &hdr, sizeof(hdr), NULL, 0));
	}
	CHECK(get_status(sock) == NPU_DMA_STATUS_ERROR);
	CHECK(interrupts(irq) == 1);
	CHECK(server_log_has(&srv, "DMA op=read iova=0x123456780 len=8 result=error"));

	/* It starts again, and the write may fail as well, with no errno at all */
	start(sock, 8, VECTOR);
	if (expect(sock, VFU_DMA_READ, SRC, 8, msg))
		answer_read(sock, msg, (const u8 *)"12345678", 8);
	if (expect(sock, VFU_DMA_WRITE, DST, 8, msg)) {
		hdr.command = VFU_DMA_WRITE;
		hdr.id = msg->hdr.id;
		hdr.error = 0;
		CHECK(peer_send_raw(sock, &hdr, sizeof(hdr), NULL, 0));
	}
	CHECK(get_status(sock) == NPU_DMA_STATUS_ERROR);
	CHECK(interrupts(irq) == 1);

	/* A start while one is under way changes nothing */
	start(sock, 8, VECTOR);
	if (expect(sock, VFU_DMA_READ, SRC, 8, msg)) {
		put(sock, NPU_DMA_CTRL, NPU_DMA_CTRL_START, 4);
		answer_read(sock, msg, (const u8 *)"12345678", 8);
	}
	if (expect(sock, VFU_DMA_WRITE, DST, 8, msg))
		CHECK(peer_send(sock, msg->hdr.id, VFU_DMA_WRITE, VFU_TYPE_REPLY, NULL, 0));
	CHECK(get_status(sock) == NPU_DMA_STATUS_DONE);
	CHECK(server_log_has(&srv, "DMA ignored=busy\n"));
	close(sock);
	close(irq);
	server_stop(&srv);
	peer_message_free(msg);
}

void test_dma_bad_replies(void)
{
	enum {
		WRONG_ID, WRONG_COMMAND, SHORT, LONG, NO_DATA, WRONG_COUNT,
		LESS_THAN_ASKED, MORE_THAN_ASKED, NR_WAYS
	};
	struct message *msg = peer_message();
	struct server srv;

	server_start(&srv, "910a2-vf", NULL);
	for (int way = 0; way < NR_WAYS; way++) {
		int sock = peer_open(&srv, 0);
		u8 payload[sizeof(struct vfu_dma_rw) + 16] = { 0 };
		struct vfu_dma_rw *rw = (void *)payload;
		u32 size = sizeof(*rw) + 8;

		start(sock, 8, NPU_DMA_VECTOR_NONE);
		expect(sock, VFU_DMA_READ, SRC, 8, msg);
		rw->count = way == WRONG_COUNT ? 0x100000008ULL : 8;
		/* Wrong alone, or in agreement with the count */
		rw->count += way == MORE_THAN_ASKED;
		rw->count -= way == LESS_THAN_ASKED;
		size += way == LONG || way == MORE_THAN_ASKED;
		size -= way == SHORT || way == LESS_THAN_ASKED;
		if (way == NO_DATA)
			size = 3;
		CHECK(peer_send(sock, msg->hdr.id + (way == WRONG_ID),
				VFU_DMA_READ + (way == WRONG_COMMAND), VFU_TYPE_REPLY,
				payload, size));
		peer_expect_close(sock);
	}
	server_check_no_leak(&srv);
	server_stop(&srv);
	peer_message_free(msg);
}

void test_dma_reset(void)
{
	struct message *msg = peer_message(), *ignored = peer_message();
	struct server srv;
	u32 command = htole32(PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	int sock;

	server_start(&srv, "910a2-vf", NULL);
	sock = peer_open(&srv, 0);
	CHECK(peer_write(sock, VFIO_PCI_CONFIG_REGION_INDEX, PCI_COMMAND, &command, 4) == 0);
	start(sock, 8, NPU_DMA_VECTOR_NONE);
	expect(sock, VFU_DMA_READ, SRC, 8, msg);
	CHECK(peer_call(sock, VFU_DEVICE_RESET, NULL, 0, ignored) == 0);
	/* Started anew, it waits for the old message's reply, and throws that away */
	start(sock, 16, NPU_DMA_VECTOR_NONE);
	CHECK(get_status(sock) == NPU_DMA_STATUS_IDLE);
	answer_read(sock, msg, (const u8 *)"old data", 8);
	serve_copy(sock, 16, 16, true);
	CHECK(get_status(sock) == NPU_DMA_STATUS_DONE);

	start(sock, 8, NPU_DMA_VECTOR_NONE);
	expect(sock, VFU_DMA_READ, SRC, 8, msg);
	close(sock);
	sock = peer_open(&srv, 0);
	CHECK(get_status(sock) == NPU_DMA_STATUS_ERROR);
	start(sock, 8, NPU_DMA_VECTOR_NONE);
	serve_copy(sock, 8, 8, false);
	CHECK(get_status(sock) == NPU_DMA_STATUS_DONE);
	close(sock);
	server_stop(&srv);
	peer_message_free(msg);
	peer_message_free(ignored);
}
