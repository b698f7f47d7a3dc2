// SPDX-License-Identifier: GPL-2.0-only
/* Tests of a chip that does not answer for a while. */
#include <time.h>
#include <unistd.h>

#include "behaviour.h"

static void wait_for_log(const struct server *srv, const char *text)
{
	for (int i = 0; i < 1000 && !server_log_has(srv, text); i++)
		usleep(10000);
	CHECK(server_log_has(srv, text));
}

static void check_asleep(int sock, const struct npu_reg *reg)
{
	CHECK(read32(sock, reg->bar, reg->offset) == ~0U);
	write32(sock, reg->bar, reg->offset, 9);
	CHECK(read32(sock, reg->bar, reg->offset) == ~0U);
}

void test_sleep(void)
{
	const struct npu_reg *reg = &npu_model_find("910a2-pf")->regs[0];
	struct npu_options opt = { .power_on = 5, .sleep_ms = 400 };
	struct timespec before, after;
	struct server srv;
	int sock;

	server_start(&srv, "910a2-pf", &opt);
	sock = peer_open(&srv, 0);
	reset(sock);
	CHECK(read32(sock, reg->bar, reg->offset) == 5);
	CHECK(!server_log_has(&srv, "SLEEP"));
	clock_gettime(CLOCK_MONOTONIC, &before);
	enable_memory(sock);
	CHECK(server_log_has(&srv, "SLEEP ms=400\n"));
	check_asleep(sock, reg);
	CHECK(server_log_has(&srv, "WRITE region=2 offset=0x18208430 size=4 value=0x9 asleep\n"));
	CHECK(read32(sock, CONFIG, PCI_VENDOR_ID) == 0xd80219e5);
	/* Nobody has to ask for it to wake up */
	wait_for_log(&srv, "AWAKE\n");
	clock_gettime(CLOCK_MONOTONIC, &after);
	CHECK((after.tv_sec - before.tv_sec) * 1000 +
	      (after.tv_nsec - before.tv_nsec) / 1000000 >= 399);
	CHECK(read32(sock, reg->bar, reg->offset) == 5);

	/* Not by enabling decoding again, but by a reset */
	enable_memory(sock);
	CHECK(read32(sock, reg->bar, reg->offset) == 5);
	reset(sock);
	check_asleep(sock, reg);
	usleep(500000);
	CHECK(read32(sock, reg->bar, reg->offset) == 0);
	close(sock);
	server_stop(&srv);
}

void test_vanish(void)
{
	const struct npu_reg *reg = &npu_model_find("310p")->regs[0];
	struct npu_options opt = { .power_on = 5, .vanish_ms = 300 };
	struct server srv;
	int sock;

	server_start(&srv, "310p", &opt);
	sock = peer_open(&srv, 0);
	/* The VMM's own at power-on does nothing to it */
	reset(sock);
	CHECK(read32(sock, CONFIG, PCI_VENDOR_ID) == 0xd50019e5);
	enable_memory(sock);
	reset(sock);
	CHECK(server_log_has(&srv, "VANISH ms=300\n"));
	CHECK(read32(sock, CONFIG, PCI_VENDOR_ID) == ~0U);
	CHECK(read32(sock, reg->bar, reg->offset) == ~0U);
	write32(sock, reg->bar, reg->offset, 9);
	CHECK(server_log_has(&srv, "WRITE region=2 offset=0x100430 size=4 value=0x9 vanished\n"));
	enable_memory(sock);
	wait_for_log(&srv, "FOREIGN vendor=0x1000 device=0x02b2\n");
	CHECK(read32(sock, CONFIG, PCI_VENDOR_ID) == 0x02b21000);
	CHECK(read32(sock, CONFIG, PCI_COMMAND) == PCI_STATUS_CAP_LIST << 16);
	CHECK(read32(sock, reg->bar, reg->offset) == 0);
	CHECK(!server_log_has(&srv, "BACK"));
	close(sock);

	/* Taken out of the slot and put back: itself, and just powered on */
	sock = peer_open(&srv, 0);
	CHECK(server_log_has(&srv, "BACK\n"));
	CHECK(read32(sock, CONFIG, PCI_VENDOR_ID) == 0xd50019e5);
	reset(sock);
	CHECK(read32(sock, CONFIG, PCI_VENDOR_ID) == 0xd50019e5);
	close(sock);
	server_stop(&srv);
}
