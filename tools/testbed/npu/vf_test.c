// SPDX-License-Identifier: GPL-2.0-only
/* Tests of virtual functions: who has them, and what one looks like. */
#include <unistd.h>

#include "behaviour.h"

#define SRIOV	0x140

void test_sriov(void)
{
	struct npu_options opt = { .vfs = 2 };
	struct server srv;
	int sock;

	server_start(&srv, "910a2-pf", &opt);
	sock = peer_open(&srv, 0);
	/* While the VMM builds its chain, nothing that it would take out */
	CHECK(read32(sock, CONFIG, 0x100) == (PCI_EXT_CAP_ID_DSN | 1 << 16 | SRIOV << 20));
	CHECK(read32(sock, CONFIG, SRIOV) == (PCI_EXT_CAP_ID_VNDR | 1 << 16));
	reset(sock);
	CHECK(read32(sock, CONFIG, SRIOV) == (PCI_EXT_CAP_ID_SRIOV | 1 << 16));
	CHECK(read32(sock, CONFIG, SRIOV + PCI_SRIOV_INITIAL_VF) == (2 << 16 | 2));
	CHECK(read32(sock, CONFIG, SRIOV + PCI_SRIOV_VF_OFFSET) == (1 << 16 | 1));
	CHECK(read32(sock, CONFIG, SRIOV + 0x18) == 0xd8020000);
	check_bars(sock, SRIOV + PCI_SRIOV_BAR, npu_model_find("910a2-vf"));
	write32(sock, CONFIG, SRIOV + PCI_SRIOV_NUM_VF, 2);
	CHECK(!server_log_has(&srv, "SRIOV"));
	write32(sock, CONFIG, SRIOV + PCI_SRIOV_CTRL, PCI_SRIOV_CTRL_VFE | PCI_SRIOV_CTRL_MSE);
	CHECK(server_log_has(&srv, "SRIOV vfs=2\n"));
	/* Still there after a reset, and off */
	enable_memory(sock);
	reset(sock);
	CHECK(read32(sock, CONFIG, SRIOV) == (PCI_EXT_CAP_ID_SRIOV | 1 << 16));
	CHECK(read32(sock, CONFIG, SRIOV + PCI_SRIOV_CTRL) == 0);
	close(sock);
	sock = peer_open(&srv, 0);
	CHECK(read32(sock, CONFIG, SRIOV) == (PCI_EXT_CAP_ID_VNDR | 1 << 16));
	close(sock);
	server_stop(&srv);

	/* Without, there is no extended capability; what cannot have it is refused */
	server_start(&srv, "910a2-pf", NULL);
	sock = peer_open(&srv, 0);
	reset(sock);
	CHECK(read32(sock, CONFIG, 0x100) == 0 && read32(sock, CONFIG, SRIOV) == 0);
	close(sock);
	server_stop(&srv);
	opt.model = *npu_model_find("310p");
	CHECK(npu_options_check(&opt));
}

/* Not found by a scan, but for the rest a function like any other */
void test_play_vf(void)
{
	const struct npu_model *vf = npu_model_find("910a2-vf");
	struct npu_options opt = { .play_vf = true }, wrong = opt;
	struct server srv;
	int sock;

	server_start(&srv, "910a2-vf", &opt);
	sock = peer_open(&srv, 0);
	for (int i = 0; i < 2; i++) {
		CHECK(read32(sock, CONFIG, PCI_VENDOR_ID) == 0xffffffff);
		CHECK(read32(sock, CONFIG, PCI_CLASS_REVISION) >> 8 == vf->class);
		check_bar(sock, vf, 2);
		enable_memory(sock);
		reset(sock);
	}
	close(sock);
	server_stop(&srv);
	wrong.model = *npu_model_find("910a2-pf");
	CHECK(npu_options_check(&wrong));
}
