// SPDX-License-Identifier: GPL-2.0
/*
 * Test of the message parser: whatever a client sends, the server answers with
 * an error or closes the connection, keeps no file descriptor, and serves the
 * next client. Meant to run under ASan and UBSan. TAP on standard output.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/vfio.h>

#include "parser_random.h"
#include "vfu_peer.h"

static bool test_failed;

bool check(bool ok, const char *what, const char *file, int line)
{
	if (!ok) {
		test_failed = true;
		printf("# %s:%d: failed: %s\n", file, line, what);
	}
	return ok;
}

/* Requests that succeed, one of each kind; @min of the payload is needed */
static const struct {
	u16 command;
	u32 size;
	u32 words[12];
} requests[] = {
	{ VFU_DMA_MAP, 32, { 32, 3, 0, 0, 0x1000, 0, 0x1000, 0 } },
	{ VFU_DMA_UNMAP, 24, { 24, 0, 0x1000, 0, 0x1000, 0 } },
	{ VFU_DEVICE_GET_INFO, 16, { 16 } },
	{ VFU_DEVICE_GET_REGION_INFO, 32, { 1024, 0, 2 } },
	{ VFU_DEVICE_GET_IRQ_INFO, 16, { 16, 0, VFIO_PCI_MSIX_IRQ_INDEX } },
	{ VFU_DEVICE_SET_IRQS, 20, { 20, VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_TRIGGER,
				     VFIO_PCI_MSIX_IRQ_INDEX, 0, 0 } },
	{ VFU_REGION_READ, 16, { 0x100, 0, 2, 8 } },
	{ VFU_REGION_WRITE, 24, { 0x100, 0, 2, 8, 1, 2 } },
	{ VFU_DEVICE_RESET, 0, { } },
};

static void test_version(void)
{
	static const struct vfu_version v0 = { .major = 0, .minor = 7 }, v1 = { .major = 1 };
	static const char *const bad[] = {
		"{\"max_data_xfer_size\":0}", "{\"max_data_xfer_size\"}", "\"max_data_xfer_size\"",
		"\"max_data_xfer_size\":-1", "\"max_data_xfer_size\": x", "\"max_data_xfer_size\":",
	};
	struct message *msg = peer_message();
	struct server srv;
	u8 buf[64];
	int sock;

	server_start(&srv, "910a2-pf", NULL);
	sock = peer_connect(&srv);
	for (unsigned int i = 0; i < ARRAY_SIZE(requests); i++)
		CHECK(peer_call(sock, requests[i].command, requests[i].words,
				requests[i].size, msg) == EINVAL);
	CHECK(peer_call(sock, VFU_VERSION, &v1, sizeof(v1), msg) == EPROTONOSUPPORT);
	CHECK(peer_call(sock, VFU_VERSION, &v0, 3, msg) == EINVAL);
	memcpy(buf, (const u8[]){ 0, 0, 0, 0, '{', '}' }, 6);	/* fine but for the NUL */
	CHECK(peer_call(sock, VFU_VERSION, buf, 6, msg) == EINVAL);
	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		memcpy(buf, &v0, sizeof(v0));
		memcpy(buf + sizeof(v0), bad[i], strlen(bad[i]) + 1);
		CHECK(peer_call(sock, VFU_VERSION, buf, sizeof(v0) + strlen(bad[i]) + 1,
				msg) == EINVAL);
	}
	CHECK(peer_call(sock, VFU_VERSION, &v0, sizeof(v0), msg) == 0);
	CHECK(msg->size > sizeof(v0) && msg->data[msg->size - 1] == '\0');
	CHECK(!memcmp(msg->data, "\0\0\0\0{", 5));
	CHECK(peer_call(sock, VFU_VERSION, &v0, sizeof(v0), msg) == EINVAL);
	for (unsigned int i = 0; i < ARRAY_SIZE(requests); i++)
		CHECK(peer_call(sock, requests[i].command, requests[i].words,
				requests[i].size, msg) == 0);
	close(sock);
	server_stop(&srv);
	peer_message_free(msg);
}

/* Shorter payloads in a correct frame: refused, and the next message is served */
static void test_short_payloads(void)
{
	struct message *msg = peer_message();
	struct server srv;
	int sock;

	server_start(&srv, "910a2-pf", NULL);
	sock = peer_open(&srv, 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(requests); i++)
		for (u32 size = 0; size < requests[i].size; size++)
			CHECK(peer_call(sock, requests[i].command, requests[i].words,
					size, msg) == EINVAL);
	CHECK(!server_log_has(&srv, "WRITE region"));
	close(sock);
	server_stop(&srv);
	peer_message_free(msg);
}

/* The stream ends inside a message, at every byte */
static void test_truncated_stream(void)
{
	struct server srv;

	server_start(&srv, "910a2-pf", NULL);
	for (unsigned int i = 0; i < ARRAY_SIZE(requests); i++) {
		struct vfu_header hdr = {
			.command = requests[i].command, .size = sizeof(hdr) + requests[i].size,
		};
		u8 bytes[sizeof(hdr) + sizeof(requests[i].words)];

		memcpy(bytes, &hdr, sizeof(hdr));
		memcpy(bytes + sizeof(hdr), requests[i].words, requests[i].size);
		for (u32 len = 1; len < hdr.size; len++) {
			int sock = peer_open(&srv, 0);

			CHECK(peer_send_raw(sock, bytes, len, NULL, 0));
			shutdown(sock, SHUT_WR);
			peer_expect_close(sock);
		}
	}
	CHECK(!server_log_has(&srv, "WRITE region"));
	server_check_no_leak(&srv);
	server_stop(&srv);
}

static void test_impossible_frames(void)
{
	static const u32 sizes[] = { 0, 1, 15, VFU_MAX_MESSAGE + 1, 0x7fffffff, 0xffffffff };
	struct server srv;
	int sock;

	server_start(&srv, "910a2-pf", NULL);
	for (unsigned int i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct vfu_header hdr = { .command = VFU_DEVICE_RESET, .size = sizes[i] };

		sock = peer_open(&srv, 0);
		CHECK(peer_send_raw(sock, &hdr, sizeof(hdr), NULL, 0));
		peer_expect_close(sock);
	}
	for (u32 type = 1; type <= VFU_TYPE_MASK; type++) {
		sock = peer_open(&srv, 0);
		CHECK(peer_send(sock, 1, VFU_DMA_READ, type, NULL, 0));
		peer_expect_close(sock);
	}
	server_stop(&srv);
}

static void test_flags_and_commands(void)
{
	struct message *msg = peer_message();
	struct server srv;
	int sock;

	server_start(&srv, "910a2-pf", NULL);
	sock = peer_open(&srv, 0);
	for (unsigned int bit = 5; bit < 32; bit++) {
		CHECK(peer_send(sock, bit, VFU_DEVICE_RESET, 1U << bit, NULL, 0));
		CHECK(peer_receive(sock, msg) == PEER_MESSAGE && msg->hdr.error == EINVAL);
	}
	/* No reply was wanted: the next answer is the next request's */
	for (u32 command = 0; command < 300; command++)
		CHECK(peer_send(sock, 1, command, VFU_NO_REPLY, NULL, 0));
	for (u32 command = VFU_NR_COMMANDS; command < 65536; command += 997)
		CHECK(peer_call(sock, command, NULL, 0, msg) == EOPNOTSUPP);
	CHECK(peer_call(sock, 0, NULL, 0, msg) == EOPNOTSUPP);
	CHECK(peer_call(sock, VFU_DEVICE_GET_REGION_IO_FDS, NULL, 0, msg) == EOPNOTSUPP);
	CHECK(peer_call(sock, VFU_DMA_READ, NULL, 0, msg) == EOPNOTSUPP);
	close(sock);
	server_stop(&srv);
	peer_message_free(msg);
}

static void test_region_ranges(void)
{
	static const u64 bar2 = 512ULL << 20;
	static u8 data[VFU_MAX_XFER + 1];
	struct message *msg = peer_message();
	struct vfu_region_rw rw = { .region = 2, .count = 4 };
	struct server srv;
	int sock;

	server_start(&srv, "910a2-pf", NULL);
	sock = peer_open(&srv, 0);
	for (u32 len = 0; len <= 8; len++) {
		CHECK(peer_write(sock, 2, bar2 - len, data, len) == 0);
		CHECK(peer_read(sock, 2, bar2 - len, data, len) == 0);
		CHECK(peer_write(sock, 2, bar2 - len, data, len + 1) == EINVAL);
		CHECK(peer_read(sock, 2, bar2 - len, data, len + 1) == EINVAL);
		CHECK(peer_read(sock, 2, ~0ULL - len, data, len + 1) == EINVAL);
		CHECK(peer_read(sock, VFIO_PCI_CONFIG_REGION_INDEX, NPU_CONFIG_SIZE - len,
				data, len + 1) == EINVAL);
		CHECK(peer_write(sock, VFIO_PCI_CONFIG_REGION_INDEX, NPU_CONFIG_SIZE - len,
				 data, len + 1) == EINVAL);
	}
	CHECK(peer_read(sock, 2, 0, data, VFU_MAX_XFER) == 0);
	CHECK(peer_write(sock, 2, 0, data, VFU_MAX_XFER) == 0);
	CHECK(peer_read(sock, 2, 0, data, VFU_MAX_XFER + 1) == EINVAL);
	for (u32 region = 0; region < 40; region++)
		if (region != 0 && region != 2 && region != 4 &&
		    region != VFIO_PCI_CONFIG_REGION_INDEX)
			CHECK(peer_read(sock, region, 0, data, 1) == EINVAL);
	CHECK(peer_read(sock, 0xffffffff, 0, data, 1) == EINVAL);
	/* A count that is not what came */
	for (rw.count = 0; rw.count < 40; rw.count++) {
		memcpy(data, &rw, sizeof(rw));
		CHECK(peer_call(sock, VFU_REGION_WRITE, data, sizeof(rw) + 8, msg) ==
		      (rw.count == 8 ? 0 : EINVAL));
	}
	close(sock);
	server_stop(&srv);
	peer_message_free(msg);
}

/* File descriptors where none belong, and more than anyone may send */
static void test_unexpected_fds(void)
{
	static const struct vfu_header reset = { .size = 16, .command = VFU_DEVICE_RESET };
	struct message *msg = peer_message();
	struct server srv;
	int fds[253], sock;

	server_start(&srv, "910a2-pf", NULL);
	for (unsigned int i = 0; i < ARRAY_SIZE(fds); i++)
		fds[i] = i % 2 ? STDOUT_FILENO : srv.log_fd;

	sock = peer_open(&srv, 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(requests); i++) {
		bool map = requests[i].command == VFU_DMA_MAP;

		CHECK(peer_call_fds(sock, requests[i].command, requests[i].words,
				    requests[i].size, fds, 1, msg) == (map ? 0 : EINVAL));
		CHECK(peer_call_fds(sock, requests[i].command, requests[i].words,
				    requests[i].size, fds, VFU_MAX_FDS, msg) == EINVAL);
	}
	CHECK(server_count_fds(&srv) == srv.base_fds + 1);	/* the connection */
	/* On a later byte: they count if that was read with the first, or vanish */
	CHECK(peer_send_raw(sock, &reset, 1, NULL, 0));
	CHECK(peer_send_raw(sock, (const u8 *)&reset + 1, 15, fds, 5));
	CHECK(peer_receive(sock, msg) == PEER_MESSAGE);
	CHECK(!msg->hdr.error || msg->hdr.error == EINVAL);
	CHECK(server_count_fds(&srv) == srv.base_fds + 1);
	close(sock);

	for (unsigned int n = VFU_MAX_FDS + 1; n <= ARRAY_SIZE(fds); n += 59) {
		sock = peer_open(&srv, 0);
		CHECK(peer_send_raw(sock, &reset, sizeof(reset), fds, n));
		peer_expect_close(sock);
	}
	server_check_no_leak(&srv);
	server_stop(&srv);
	peer_message_free(msg);
}

static const struct test parser_tests[] = {
	{ "version comes first, once, and is checked", test_version },
	{ "payloads that are too short are refused", test_short_payloads },
	{ "a stream that ends inside a message is closed", test_truncated_stream },
	{ "impossible sizes and types close the connection", test_impossible_frames },
	{ "flags, NO_REPLY and unknown commands", test_flags_and_commands },
	{ "accesses outside a region are refused", test_region_ranges },
	{ "unexpected file descriptors are closed", test_unexpected_fds },
	{ "random messages", test_random },
};

static bool run(const struct test *test, unsigned int number)
{
	test_failed = false;
	test->run();
	printf("%s %u - %s\n", test_failed ? "not ok" : "ok", number, test->name);
	fflush(stdout);
	return !test_failed;
}

int main(int argc, char **argv)
{
	unsigned int nr_parser = ARRAY_SIZE(parser_tests), failed = 0, n = 0;

	if (!random_options(argc, argv)) {
		fprintf(stderr, "usage: parser_test [--seed N] [--rounds N]\n");
		return 2;
	}
	printf("TAP version 13\n1..%u\n", nr_parser + nr_behaviour_tests);
	for (unsigned int i = 0; i < nr_behaviour_tests; i++)
		failed += !run(&behaviour_tests[i], ++n);
	for (unsigned int i = 0; i < nr_parser; i++)
		failed += !run(&parser_tests[i], ++n);
	if (failed)
		printf("# %u of %u failed\n", failed, n);
	return failed ? 1 : 0;
}
