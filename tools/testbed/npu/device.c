// SPDX-License-Identifier: GPL-2.0-only
/* The simulated NPU: see device.h. */
#include <assert.h>
#include <endian.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/vfio.h>

#include "device.h"
#include "log.h"
#include "sim_regs.h"

/* The registers, the DMA engine, the MSI-X table and the PBA */
#define MAX_TRAPS	(NPU_MAX_CHIP_REGS + 3)

static_assert(MAX_TRAPS + 1 <= NPU_MAX_AREAS, "every hole adds an area at most");

static u64 bar_size(const struct npu_device *dev, unsigned int bar)
{
	return dev->opt.model.bars[bar];
}

static void set_registers(struct npu_device *dev, enum npu_reg_kind kind, u32 value)
{
	const struct npu_model *model = &dev->opt.model;
	__le32 le = htole32(value);

	for (unsigned int i = 0; i < model->nr_all_regs; i++)
		if (model->regs[i].kind == kind)
			npu_bar_store(&dev->bars, model->regs[i].bar, model->regs[i].offset,
				      &le, sizeof(le));
}

static void init_config(struct npu_device *dev)
{
	const struct npu_options *opt = &dev->opt;

	npu_config_init(&dev->config, &opt->model);
	/* Nor does a scan of the bus find a real VF, which has no ids of its own */
	if (opt->play_vf)
		npu_config_set_ids(&dev->config, 0xffff, 0xffff);
	if (dev->presence.place == NPU_FOREIGN)
		npu_config_set_ids(&dev->config, NPU_FOREIGN_VENDOR, NPU_FOREIGN_DEVICE);
	if (opt->vfs)
		npu_config_add_sriov(&dev->config, npu_model_find(opt->model.vf), opt->vfs,
				     dev->settled);
}

int npu_device_init(struct npu_device *dev, const struct npu_options *opt)
{
	memset(dev, 0, sizeof(*dev));
	dev->opt = *opt;
	for (unsigned int i = 0; i < NPU_MAX_VECTORS; i++)
		dev->vector_fd[i] = -1;
	if (npu_bars_init(&dev->bars, opt->model.bars))
		return -1;
	npu_dma_init(&dev->dma, &dev->bars);
	init_config(dev);
	set_registers(dev, NPU_REG_XLOADER, opt->power_on);
	return 0;
}

void npu_device_exit(struct npu_device *dev)
{
	npu_bars_exit(&dev->bars);
}

u64 npu_region_size(const struct npu_device *dev, u32 region)
{
	if (region == VFIO_PCI_CONFIG_REGION_INDEX)
		return NPU_CONFIG_SIZE;
	return region < NPU_NR_BARS ? bar_size(dev, region) : 0;
}

/* Collect what must come as messages, in whole trap pages, unsorted */
static unsigned int trap_pages(const struct npu_model *model, unsigned int bar, u64 *pages)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < model->nr_all_regs; i++)
		if (model->regs[i].bar == bar)
			pages[n++] = model->regs[i].offset & ~(NPU_TRAP_SIZE - 1);
	if (bar == NPU_DMA_BAR)
		pages[n++] = NPU_DMA_BASE & ~(NPU_TRAP_SIZE - 1);
	/* The client reads the PBA by message, and emulates the table over its page */
	if (bar == model->msix.table_bar)
		pages[n++] = model->msix.table_offset & ~(NPU_TRAP_SIZE - 1);
	if (bar == model->msix.pba_bar)
		pages[n++] = model->msix.pba_offset & ~(NPU_TRAP_SIZE - 1);
	return n;
}

unsigned int npu_mappable_areas(const struct npu_device *dev, unsigned int bar,
				struct npu_area *areas)
{
	u64 pages[MAX_TRAPS], start = 0;
	unsigned int nr_pages, n = 0;

	if (dev->opt.log_all || !bar_size(dev, bar))
		return 0;
	nr_pages = trap_pages(&dev->opt.model, bar, pages);

	/* From each area's start to the lowest hole at or after it */
	while (start < bar_size(dev, bar)) {
		u64 hole = bar_size(dev, bar);

		for (unsigned int i = 0; i < nr_pages; i++)
			if (pages[i] >= start && pages[i] < hole)
				hole = pages[i];
		if (hole > start)
			areas[n++] = (struct npu_area){ .offset = start, .size = hole - start };
		start = hole + NPU_TRAP_SIZE;
	}
	return n;
}

int npu_tick(struct npu_device *dev)
{
	int left;

	if (npu_presence_tick(&dev->presence, &left))
		init_config(dev);
	return left;
}

int npu_region_read(struct npu_device *dev, u32 region, u64 offset, u8 *data, u32 len)
{
	const char *note;
	int error = 0;

	npu_tick(dev);
	note = npu_presence_unreachable(&dev->presence);
	if (region == VFIO_PCI_CONFIG_REGION_INDEX) {
		memcpy(data, dev->config.data + offset, len);
		if (dev->presence.place == NPU_VANISHED)
			memset(data, 0xff, len);
		if (!dev->opt.log_all)
			return 0;
	} else if (note) {
		memset(data, 0xff, len);
	} else {
		error = npu_bar_load(&dev->bars, region, offset, data, len);
		if (error)
			return error;
	}
	npu_log_access("READ", region, offset, data, len, note ? note : "");
	return 0;
}

static int config_write(struct npu_device *dev, u64 offset, const u8 *data, u32 len)
{
	unsigned int vfs = npu_config_enabled_vfs(&dev->config);

	if (dev->opt.log_all)
		npu_log_access("WRITE", VFIO_PCI_CONFIG_REGION_INDEX, offset, data, len, "");
	npu_tick(dev);
	if (dev->presence.place == NPU_VANISHED)
		return 0;
	npu_config_write(&dev->config, offset, data, len);
	if (npu_config_enabled_vfs(&dev->config) != vfs)
		npu_log("SRIOV vfs=%u", npu_config_enabled_vfs(&dev->config));
	if (npu_config_memory_enabled(&dev->config) && !dev->started) {
		dev->started = true;
		/*
		 * A machine takes long to boot, and firmware may look at BARs before: what
		 * comes first and comes surely is whoever is about to use the device.
		 */
		npu_presence_boot(&dev->presence, dev->opt.sleep_ms);
	}
	if (npu_config_take_flr(&dev->config))
		npu_reset(dev);
	return 0;
}

int npu_region_write(struct npu_device *dev, u32 region, u64 offset, const u8 *data, u32 len)
{
	const char *note;
	int error;

	if (region == VFIO_PCI_CONFIG_REGION_INDEX)
		return config_write(dev, offset, data, len);

	npu_tick(dev);
	note = npu_presence_unreachable(&dev->presence);
	npu_log_access("WRITE", region, offset, data, len, note ? note : "");
	if (note)
		return 0;
	error = npu_bar_store(&dev->bars, region, offset, data, len);
	if (error)
		return error;
	if (dev->opt.stuck)
		set_registers(dev, NPU_REG_XLOADER, dev->opt.power_on);
	npu_dma_written(&dev->dma, region, offset, len);
	return 0;
}

void npu_reset(struct npu_device *dev)
{
	/*
	 * The VMM resets every device before the machine starts. For a real NPU
	 * that was long ago, before the native driver of the time left its value.
	 */
	dev->settled = true;
	if (!dev->started) {
		npu_log("POWERON");
		init_config(dev);
		return;
	}

	npu_log_state(dev);
	npu_log("RESET");
	npu_dma_reset(&dev->dma);
	init_config(dev);
	npu_presence_boot(&dev->presence, dev->opt.sleep_ms);
	npu_presence_vanish(&dev->presence, dev->opt.vanish_ms);
	if (dev->opt.keep_on_reset)
		return;
	set_registers(dev, NPU_REG_XLOADER, dev->opt.stuck ? dev->opt.power_on : 0);
	set_registers(dev, NPU_REG_FEATURE, 0);
}

void npu_log_state(const struct npu_device *dev)
{
	static const char *const names[] = {
		[NPU_REG_XLOADER] = "xloader",
		[NPU_REG_FEATURE] = "feature",
	};
	const struct npu_model *model = &dev->opt.model;
	unsigned int count[ARRAY_SIZE(names)] = { 0 }, seen[ARRAY_SIZE(names)] = { 0 };
	char line[256] = "";
	size_t len = 0;

	for (unsigned int i = 0; i < model->nr_all_regs; i++)
		count[model->regs[i].kind]++;
	for (unsigned int i = 0; i < model->nr_all_regs; i++) {
		const struct npu_reg *reg = &model->regs[i];
		char index[12] = "";
		__le32 value = 0;

		npu_bar_load(&dev->bars, reg->bar, reg->offset, &value, sizeof(value));
		if (count[reg->kind] > 1)
			snprintf(index, sizeof(index), "%u", seen[reg->kind]++);
		len += snprintf(line + len, sizeof(line) - len, " %s%s=0x%x",
				names[reg->kind], index, le32toh(value));
	}
	npu_log("STATE%s", line);
}

void npu_vector_set(struct npu_device *dev, u32 vector, int fd)
{
	if (dev->vector_fd[vector] >= 0)
		close(dev->vector_fd[vector]);
	dev->vector_fd[vector] = fd;
}

void npu_vector_raise(struct npu_device *dev, u32 vector)
{
	static const u64 one = 1;
	struct pollfd pfd = { .events = POLLOUT };

	if (vector >= dev->opt.model.msix.vectors) {
		npu_log("IRQ vector=%u lost=no-such-vector", vector);
		return;
	}
	pfd.fd = dev->vector_fd[vector];
	if (pfd.fd < 0) {
		npu_log("IRQ vector=%u lost=no-eventfd", vector);
		return;
	}
	/* It may be anything that the client could open: never block on it */
	if (poll(&pfd, 1, 0) != 1 || !(pfd.revents & POLLOUT) ||
	    write(pfd.fd, &one, sizeof(one)) != sizeof(one)) {
		npu_log("IRQ vector=%u lost=eventfd-not-writable", vector);
		return;
	}
	npu_log("IRQ vector=%u", vector);
}

static void raise_if_ended(struct npu_device *dev)
{
	u32 vector;

	if (npu_dma_take_vector(&dev->dma, &vector))
		npu_vector_raise(dev, vector);
}

bool npu_dma_next(struct npu_device *dev, u32 max, struct npu_dma_msg *msg)
{
	bool more = npu_dma_kick(&dev->dma, max, msg);

	raise_if_ended(dev);
	return more;
}

bool npu_dma_answered(struct npu_device *dev, u32 error, const u8 *data, u32 max,
		      struct npu_dma_msg *msg)
{
	bool more = npu_dma_reply(&dev->dma, error, data, max, msg);

	raise_if_ended(dev);
	return more;
}

void npu_client_gone(struct npu_device *dev)
{
	for (u32 i = 0; i < NPU_MAX_VECTORS; i++)
		npu_vector_set(dev, i, -1);
	npu_dma_client_gone(&dev->dma);
	dev->settled = false;
	if (npu_presence_power_cycle(&dev->presence))
		dev->started = false;
	init_config(dev);
}
