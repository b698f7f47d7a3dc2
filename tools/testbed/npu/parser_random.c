// SPDX-License-Identifier: GPL-2.0
/*
 * Random messages: valid ones with damage done to them, so that they get past
 * the first checks, and file descriptors at random. After each one a request
 * that must work has to be answered, or else the connection closed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <linux/vfio.h>

#include "parser_random.h"
#include "sim_regs.h"
#include "vfu_peer.h"

#define SENTINEL	0xbeef
#define MAX_PAYLOAD	256

static u64 seed;
static unsigned int rounds = 20000;

bool random_options(int argc, char **argv)
{
	seed = time(NULL);
	for (int i = 1; i < argc; i += 2) {
		if (i + 1 == argc)
			return false;
		if (!strcmp(argv[i], "--seed"))
			seed = strtoull(argv[i + 1], NULL, 0);
		else if (!strcmp(argv[i], "--rounds"))
			rounds = strtoul(argv[i + 1], NULL, 0);
		else
			return false;
	}
	return true;
}

/* splitmix64: any seed will do, 0 included */
static u64 any(void)
{
	static u64 state;
	static bool seeded;
	u64 z;

	if (!seeded)
		state = seed;
	seeded = true;
	state += 0x9e3779b97f4a7c15ULL;
	z = state;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

static bool one_in(unsigned int n)
{
	return any() % n == 0;
}

/* Numbers at which checks tend to go wrong, and any other */
static u64 nasty(void)
{
	static const u64 values[] = {
		0, 1, 2, 4, 7, 8, 9, 15, 16, 17, 31, 32, 255, 256, 4095, 4096, 0xffff, 0x10000,
		VFU_MAX_XFER, VFU_MAX_XFER + 1, 0x18208430, 0x1fffffff, 0x20000000, 0x7fffffff,
		0x80000000, 0xffffffff, 0x100000000, 0xfffffffff, 0x1000000000,
		0x7fffffffffffffff, 0x8000000000000000, ~0ULL,
	};

	u64 value = values[any() % ARRAY_SIZE(values)];

	if (one_in(4))
		return any();
	return one_in(4) ? value + any() % 16 : value;
}

static void put32(u8 *payload, unsigned int word, u32 value)
{
	memcpy(payload + 4UL * word, &value, sizeof(value));
}

static void put64(u8 *payload, unsigned int word, u64 value)
{
	memcpy(payload + 4UL * word, &value, sizeof(value));
}

/* A payload that is right for @command, or nearly. Return: its size */
static u32 plausible(u16 command, u8 *payload)
{
	static const u32 sizes[VFU_NR_COMMANDS] = {
		[VFU_VERSION] = 60, [VFU_DMA_MAP] = 32, [VFU_DMA_UNMAP] = 24,
		[VFU_DEVICE_GET_INFO] = 16, [VFU_DEVICE_GET_REGION_INFO] = 32,
		[VFU_DEVICE_GET_REGION_IO_FDS] = 16, [VFU_DEVICE_GET_IRQ_INFO] = 16,
		[VFU_DEVICE_SET_IRQS] = 20, [VFU_REGION_READ] = 16, [VFU_REGION_WRITE] = 16,
	};
	static const char caps[] = "{\"capabilities\":{\"max_data_xfer_size\":77}}";
	u32 size = command < VFU_NR_COMMANDS ? sizes[command] : any() % MAX_PAYLOAD;
	u32 extra = any() % 64;

	switch (command) {
	case VFU_VERSION:
		memcpy(payload + sizeof(struct vfu_version), caps, sizeof(caps));
		break;
	case VFU_DEVICE_SET_IRQS:
		put32(payload, 0, size + extra);
		put32(payload, 1, 1 << any() % 3 | (one_in(8) ? 8 << any() % 3 : 32));
		put32(payload, 2, one_in(8) ? nasty() : VFIO_PCI_MSIX_IRQ_INDEX);
		put32(payload, 3, one_in(8) ? nasty() : any() % 256);
		put32(payload, 4, one_in(8) ? nasty() : any() % 20);
		return size + extra;
	case VFU_REGION_READ:
	case VFU_REGION_WRITE:
		put64(payload, 0, one_in(4) ? nasty() : NPU_DMA_BASE + any() % NPU_DMA_REGS_SIZE);
		put32(payload, 2, one_in(4) ? nasty() : 2 * (any() % 2));
		put32(payload, 3, one_in(8) ? nasty() : extra);
		return command == VFU_REGION_WRITE ? size + extra : size;
	default:
		put32(payload, 0, one_in(4) ? nasty() : 1024);
		put32(payload, 2, one_in(4) ? nasty() : any() % 10);
	}
	return size;
}

static int fds_to_send[] = { -1, -1, -1 };

struct random_message {
	u8		bytes[sizeof(struct vfu_header) + MAX_PAYLOAD];
	u32		len;		/* to send */
	int		fds[40];
	unsigned int	nr_fds;
	bool		frame_ok;	/* it has a header, and ends where that says */
};

static void compose(struct random_message *m)
{
	struct vfu_header hdr = { .id = any(), .command = any() % 16 };
	u8 *payload = m->bytes + sizeof(hdr);
	u32 size;

	for (u32 i = 0; i < MAX_PAYLOAD; i++)
		payload[i] = any();
	size = plausible(hdr.command, payload);
	for (u64 damage = any() % 4; damage && one_in(2); damage--)
		payload[any() % MAX_PAYLOAD] = nasty();
	if (one_in(16))
		size = any() % MAX_PAYLOAD;

	hdr.size = sizeof(hdr) + size;
	m->len = hdr.size;
	if (one_in(32))
		hdr.size = nasty();
	if (one_in(32))
		m->len = 1 + any() % m->len;
	if (one_in(16))
		hdr.flags = one_in(2) ? VFU_NO_REPLY : nasty();
	/* Of less than a header the server sees no size: it waits for the rest */
	m->frame_ok = m->len >= sizeof(hdr) && hdr.size == m->len;
	memcpy(m->bytes, &hdr, sizeof(hdr));

	m->nr_fds = one_in(4) ? any() % (one_in(8) ? ARRAY_SIZE(m->fds) : 4) : 0;
	for (unsigned int i = 0; i < m->nr_fds; i++)
		m->fds[i] = fds_to_send[any() % ARRAY_SIZE(fds_to_send)];
}

/* The server's DMA message, answered well, badly or not at all */
static void answer_dma(int sock, const struct message *msg)
{
	u8 payload[sizeof(struct vfu_dma_rw) + 4096] = { 0 };
	u32 flags = VFU_TYPE_REPLY | (one_in(8) ? VFU_ERROR : 0), size = sizeof(struct vfu_dma_rw);
	struct vfu_dma_rw rw;

	memcpy(&rw, msg->data, sizeof(rw));
	memcpy(payload, &rw, sizeof(rw));
	if (one_in(8))
		return;
	if (msg->hdr.command == VFU_DMA_READ && rw.count <= 4096)
		size += rw.count;
	if (one_in(16))
		size = any() % sizeof(payload);
	peer_send(sock, msg->hdr.id + one_in(32), msg->hdr.command + one_in(32), flags,
		  payload, size);
}

/* Return: true if the connection lives on; no answer at all is a failure */
static bool survives(int sock, struct message *msg)
{
	static const struct vfu_device_info info = { .argsz = sizeof(info) };

	if (!peer_send(sock, SENTINEL, VFU_DEVICE_GET_INFO, 0, &info, sizeof(info)))
		return false;
	for (;;) {
		enum peer_result result = peer_receive(sock, msg);

		CHECK(result != PEER_TIMEOUT);
		if (result != PEER_MESSAGE)
			return false;
		if ((msg->hdr.flags & VFU_TYPE_MASK) == VFU_TYPE_COMMAND)
			answer_dma(sock, msg);
		else if (msg->hdr.id == SENTINEL && msg->hdr.command == VFU_DEVICE_GET_INFO)
			return true;
	}
}

static void drain(int sock, struct message *msg)
{
	enum peer_result result;

	shutdown(sock, SHUT_WR);
	do {
		result = peer_receive(sock, msg);
	} while (result == PEER_MESSAGE);
	CHECK(result == PEER_CLOSED);
}

static unsigned int open_fds(void)
{
	int pipe_fds[2];

	if (pipe(pipe_fds))
		return 0;
	fds_to_send[0] = eventfd(0, 0);
	fds_to_send[1] = pipe_fds[0];
	fds_to_send[2] = pipe_fds[1];
	return ARRAY_SIZE(fds_to_send);
}

void test_random(void)
{
	static struct random_message m;
	struct message *msg = peer_message();
	unsigned int survived = 0, closed = 0;
	struct server srv;
	int sock;

	printf("# seed %llu, %u rounds\n", seed, rounds);
	server_start(&srv, "910a2-pf", NULL);
	if (!CHECK(open_fds()))
		return;
	sock = peer_open(&srv, 512);
	for (unsigned int i = 0; i < rounds; i++) {
		bool alive;

		compose(&m);
		alive = peer_send_raw(sock, m.bytes, m.len, m.fds, m.nr_fds);
		if (alive && m.frame_ok)
			alive = survives(sock, msg);
		else if (alive)
			drain(sock, msg);
		survived += alive && m.frame_ok;
		if (alive && m.frame_ok)
			continue;
		closed++;
		close(sock);
		sock = peer_open(&srv, 512);
	}
	/* Neither everything nor nothing: or else the messages are no good */
	printf("# %u connections kept, %u closed\n", survived, closed);
	CHECK(rounds < 1000 || (survived > rounds / 2 && closed > rounds / 100));
	close(sock);
	server_check_no_leak(&srv);
	server_stop(&srv);
	for (unsigned int i = 0; i < ARRAY_SIZE(fds_to_send); i++)
		close(fds_to_send[i]);
	peer_message_free(msg);
}
