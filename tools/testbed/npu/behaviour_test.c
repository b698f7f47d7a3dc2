// SPDX-License-Identifier: GPL-2.0-only
/* Tests that the simulator does what it should when spoken to properly. */
#include <endian.h>
#include <errno.h>
#include <unistd.h>

#include <linux/pci_regs.h>
#include <linux/vfio.h>

#include "behaviour.h"
#include "sim_regs.h"

u32 read32(int sock, u32 region, u64 offset)
{
	u32 value = 0xdeadbeef;

	CHECK(peer_read(sock, region, offset, &value, sizeof(value)) == 0);
	return le32toh(value);
}

void write32(int sock, u32 region, u64 offset, u32 value)
{
	value = htole32(value);
	CHECK(peer_write(sock, region, offset, &value, sizeof(value)) == 0);
}

void reset(int sock)
{
	struct message *msg = peer_message();

	CHECK(peer_call(sock, VUSER_DEVICE_RESET, NULL, 0, msg) == 0);
	peer_message_free(msg);
}

void enable_memory(int sock)
{
	write32(sock, CONFIG, PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
}

/* Every area lies between its neighbours, in whole trap pages, off the registers */
static void check_areas(const struct npu_model *model, unsigned int bar,
			const struct vfio_region_info *info)
{
	const struct vfio_region_info_cap_sparse_mmap *cap = (const void *)(info + 1);
	u64 end = 0;

	CHECK(cap->header.id == VFIO_REGION_INFO_CAP_SPARSE_MMAP && !cap->header.next);
	for (u32 i = 0; i < cap->nr_areas; i++) {
		u64 start = cap->areas[i].offset;

		CHECK(cap->areas[i].size && start >= end && start % NPU_TRAP_SIZE == 0);
		end = start + cap->areas[i].size;
		CHECK(end <= model->bars[bar]);
		for (unsigned int r = 0; r < model->nr_all_regs; r++)
			if (model->regs[r].bar == bar)
				CHECK(model->regs[r].offset + 4 <= start ||
				      model->regs[r].offset >= end);
		if (bar == NPU_DMA_BAR)
			CHECK(NPU_DMA_BASE + NPU_TRAP_SIZE <= start || NPU_DMA_BASE >= end);
	}
}

void check_bar(int sock, const struct npu_model *model, unsigned int bar)
{
	struct vfio_region_info req = { .argsz = sizeof(req), .index = bar }, *ans;
	struct message *msg = peer_message();

	CHECK(peer_call(sock, VUSER_DEVICE_GET_REGION_INFO, &req, sizeof(req), msg) == 0);
	ans = (void *)msg->data;
	CHECK(msg->size == sizeof(*ans) && ans->size == model->bars[bar]);
	CHECK(!(ans->flags & VFIO_REGION_INFO_FLAG_CAPS));
	CHECK(!(ans->flags & VFIO_REGION_INFO_FLAG_MMAP) == (msg->fd < 0));
	if (ans->flags & VFIO_REGION_INFO_FLAG_MMAP) {
		CHECK(ans->argsz > req.argsz);
		req.argsz = ans->argsz;
		CHECK(peer_call(sock, VUSER_DEVICE_GET_REGION_INFO, &req, sizeof(req), msg) == 0);
		CHECK(msg->size == req.argsz && msg->fd >= 0);
		CHECK(ans->flags & VFIO_REGION_INFO_FLAG_CAPS);
		CHECK(ftruncate(msg->fd, 0) == -1 && errno == EPERM);
		check_areas(model, bar, ans);
	}
	peer_message_free(msg);
}

void check_bars(int sock, unsigned int first, const struct npu_model *model)
{
	for (unsigned int bar = 0; bar < NPU_NR_BARS; bar += 2) {
		unsigned int at = first + 4 * bar;
		u64 size;

		write32(sock, CONFIG, at, ~0U);
		write32(sock, CONFIG, at + 4, ~0U);
		CHECK((read32(sock, CONFIG, at) & 0xf) == 0xc);
		size = read32(sock, CONFIG, at) & ~0xfU;
		size |= (u64)read32(sock, CONFIG, at + 4) << 32;
		CHECK(~size + 1 == model->bars[bar]);
	}
}

static void check_config(int sock, const struct npu_model *model)
{
	CHECK(read32(sock, CONFIG, PCI_VENDOR_ID) ==
	      (model->vendor | (u32)model->device << 16));
	CHECK(read32(sock, CONFIG, PCI_CLASS_REVISION) ==
	      (model->class << 8 | model->revision));
	CHECK(read32(sock, CONFIG, PCI_SUBSYSTEM_VENDOR_ID) ==
	      (model->subsys_vendor | (u32)model->subsys_id << 16));
	check_bars(sock, PCI_BASE_ADDRESS_0, model);
	/* Read-only, however it is written */
	write32(sock, CONFIG, PCI_VENDOR_ID, 0);
	CHECK(read32(sock, CONFIG, PCI_VENDOR_ID) ==
	      (model->vendor | (u32)model->device << 16));
}

static void test_models(void)
{
	for (size_t i = 0; i < npu_models_count; i++) {
		const struct npu_model *model = &npu_models[i];
		struct npu_options opt = { .power_on = 0x1234 };
		struct server srv;
		int sock;

		server_start(&srv, model->name, &opt);
		sock = peer_open(&srv, 0);
		for (unsigned int bar = 0; bar < NPU_NR_BARS; bar++)
			check_bar(sock, model, bar);
		check_config(sock, model);
		for (unsigned int r = 0; r < model->nr_all_regs; r++)
			CHECK(read32(sock, model->regs[r].bar, model->regs[r].offset) ==
			      (model->regs[r].kind == NPU_REG_XLOADER ? 0x1234 : 0));
		close(sock);
		server_stop(&srv);
	}
}

/* What models.h promises of every row, and what follows from another BAR size */
static void test_table(void)
{
	struct npu_model duo = *npu_model_find("310p-duo");

	for (size_t i = 0; i < npu_models_count; i++) {
		const struct npu_model *model = &npu_models[i];
		const struct npu_model *vf = model->vf ? npu_model_find(model->vf) : NULL;

		CHECK(model->nr_regs && model->nr_regs <= model->nr_all_regs);
		CHECK(model->nr_all_regs <= NPU_MAX_CHIP_REGS);
		for (unsigned int r = 0; r < model->nr_all_regs; r++) {
			const struct npu_reg *reg = &model->regs[r];

			CHECK(reg->unlisted == (r >= model->nr_regs));
			CHECK(reg->die < model->dies);
			CHECK(reg->offset / (model->bars[reg->bar] / model->dies) == reg->die);
		}
		CHECK(!model->vf == (!vf || !vf->is_vf || vf->vf));
	}

	/* The second die's registers are at half of the BAR, whatever that is */
	npu_model_set_bar(&duo, 2, 512ULL << 20);
	CHECK(duo.bars[2] == 512ULL << 20);
	CHECK(duo.regs[0].offset == 0x100430 && duo.regs[1].offset == 0x10100430);
	CHECK(duo.regs[2].offset == 0x205f8 && duo.regs[3].offset == 0x20205f8);
	npu_model_set_bar(&duo, 0, 0);
	npu_model_set_bar(&duo, 0, 32ULL << 20);
	CHECK(duo.regs[2].offset == 0x205f8 && duo.regs[3].offset == 0x10205f8);
}

static void test_registers(void)
{
	const struct npu_reg *regs = npu_model_find("910a2-pf")->regs;
	struct npu_options opt = { .power_on = NPU_XLOADER_PHYSICAL };
	struct server srv;
	int sock;

	server_start(&srv, "910a2-pf", &opt);
	sock = peer_open(&srv, 0);
	reset(sock);
	CHECK(server_log_has(&srv, "POWERON\n") && !server_log_has(&srv, "RESET\n"));
	CHECK(read32(sock, regs[0].bar, regs[0].offset) == NPU_XLOADER_PHYSICAL);
	write32(sock, regs[0].bar, regs[0].offset, 7);
	write32(sock, regs[1].bar, regs[1].offset, 0x15);
	CHECK(server_log_has(&srv, "WRITE region=2 offset=0x18208430 size=4 value=0x7\n"));
	close(sock);

	/* The next client finds what the last one left */
	sock = peer_open(&srv, 0);
	CHECK(server_log_has(&srv, "STATE xloader=0x7 feature=0x15\n"));
	CHECK(read32(sock, regs[0].bar, regs[0].offset) == 7);
	enable_memory(sock);
	reset(sock);
	CHECK(server_log_has(&srv, "RESET\n"));
	CHECK(read32(sock, regs[0].bar, regs[0].offset) == 0);
	CHECK(read32(sock, regs[1].bar, regs[1].offset) == 0);
	close(sock);
	server_stop(&srv);
}

static void test_stuck_and_kept(void)
{
	const struct npu_reg *regs = npu_model_find("910a2-pf")->regs;
	struct npu_options stuck = { .power_on = 5, .stuck = true };
	struct npu_options kept = { .power_on = 5, .keep_on_reset = true };
	struct server srv;
	int sock;

	server_start(&srv, "910a2-pf", &stuck);
	sock = peer_open(&srv, 0);
	enable_memory(sock);
	write32(sock, regs[0].bar, regs[0].offset, 0);
	CHECK(read32(sock, regs[0].bar, regs[0].offset) == 5);
	reset(sock);
	CHECK(read32(sock, regs[0].bar, regs[0].offset) == 5);
	close(sock);
	server_stop(&srv);

	server_start(&srv, "910a2-pf", &kept);
	sock = peer_open(&srv, 0);
	enable_memory(sock);
	reset(sock);
	CHECK(read32(sock, regs[0].bar, regs[0].offset) == 5);
	write32(sock, regs[0].bar, regs[0].offset, 0);
	CHECK(read32(sock, regs[0].bar, regs[0].offset) == 0);
	close(sock);
	server_stop(&srv);
}

static void check_flr(bool has_flr)
{
	struct npu_options opt = { .model.flr = has_flr };
	struct server srv;
	u32 devctl;
	int sock;

	server_start(&srv, "910a2-pf", &opt);
	sock = peer_open(&srv, 0);
	enable_memory(sock);
	CHECK((read32(sock, CONFIG, 0x50) & 0xff) == PCI_CAP_ID_EXP);
	CHECK(!!(read32(sock, CONFIG, 0x50 + PCI_EXP_DEVCAP) & PCI_EXP_DEVCAP_FLR) == has_flr);
	devctl = read32(sock, CONFIG, 0x50 + PCI_EXP_DEVCTL);
	write32(sock, CONFIG, 0x50 + PCI_EXP_DEVCTL, devctl | PCI_EXP_DEVCTL_BCR_FLR);
	CHECK(server_log_has(&srv, "RESET\n") == has_flr);
	CHECK(read32(sock, CONFIG, 0x50 + PCI_EXP_DEVCTL) == devctl);
	close(sock);
	server_stop(&srv);
}

static void test_flr(void)
{
	check_flr(false);
	check_flr(true);
}

const struct test behaviour_tests[] = {
	{ "every model's regions, areas and config space", test_models },
	{ "the table of models and other BAR sizes", test_table },
	{ "registers, power-on, reset, reconnection", test_registers },
	{ "stuck and kept registers", test_stuck_and_kept },
	{ "boots for a while, and after each reset", test_sleep },
	{ "leaves the bus at a reset", test_vanish },
	{ "interrupts and their file descriptors", test_interrupts },
	{ "Function Level Reset, with and without", test_flr },
	{ "overridden BARs", test_overrides },
	{ "MSI-X table and PBA elsewhere", test_msix_placed },
	{ "SR-IOV, once the VMM has looked", test_sriov },
	{ "a virtual function has no ids", test_play_vf },
	{ "DMA copies in chunks while requests are served", test_dma_copy },
	{ "a failed DMA sets STATUS and raises the vector", test_dma_failures },
	{ "bad DMA replies close the connection", test_dma_bad_replies },
	{ "reset and disconnection during DMA", test_dma_reset },
};

const unsigned int nr_behaviour_tests = ARRAY_SIZE(behaviour_tests);
