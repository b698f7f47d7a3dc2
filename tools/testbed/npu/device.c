// SPDX-License-Identifier: GPL-2.0
/* The simulated NPU: see device.h. */
#include <assert.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <linux/vfio.h>

#include "device.h"
#include "log.h"
#include "sim_regs.h"

#define REG_SIZE	4

/* In the log, of an access that found the chip booting, or not there */
#define ASLEEP		" asleep"
#define VANISHED	" vanished"

/* A 310P shows them for a moment on its way back from a reset */
#define FOREIGN_VENDOR	0x1000
#define FOREIGN_DEVICE	0x02b2

/* The MSI-X table and the PBA, at the end of BAR0 */
#define MSIX_SIZE	0x10000ULL
/* A power of two, as BARs are, that holds them and the DMA engine */
#define BAR0_MIN	(4 * MSIX_SIZE)

/* The registers, the DMA engine, the MSI-X table and the PBA */
#define MAX_TRAPS	(NPU_MAX_REGS + 3)

static_assert(MAX_TRAPS + 1 <= NPU_MAX_AREAS, "every hole adds an area at most");

static u64 bar_size(const struct npu_device *dev, unsigned int bar)
{
	return dev->opt.model.bars[bar];
}

static bool fits(const struct npu_model *model, unsigned int bar, u64 offset, u64 len)
{
	return bar < NPU_NR_BARS && offset <= model->bars[bar] &&
	       len <= model->bars[bar] - offset;
}

static void drop_registers_outside(struct npu_model *model)
{
	unsigned int kept = 0, trapped = 0;

	for (unsigned int i = 0; i < model->nr_all_regs; i++) {
		struct npu_reg reg = model->regs[i];

		if (!fits(model, reg.bar, reg.offset, REG_SIZE))
			continue;
		trapped += !reg.unlisted;
		model->regs[kept++] = reg;
	}
	model->nr_regs = trapped;
	model->nr_all_regs = kept;
}

#define MSIX_ENTRY_SIZE	16
#define PBA_WORD_SIZE	8

static bool overlap(unsigned int bar_a, u64 a, u64 len_a, unsigned int bar_b, u64 b, u64 len_b)
{
	return bar_a == bar_b && a < b + len_b && b < a + len_a;
}

/* Where the command line put them. Return: NULL, or what is wrong with it */
static const char *check_msix(const struct npu_model *model)
{
	const struct npu_msix *msix = &model->msix;
	const u64 table = msix->table_offset, pba = msix->pba_offset;
	const u64 table_len = (u64)MSIX_ENTRY_SIZE * msix->vectors;
	const u64 pba_len = PBA_WORD_SIZE * ((msix->vectors + 63ULL) / 64);

	if (table % 8 || pba % 8)
		return "--msix: offsets must be multiples of 8";
	if (!fits(model, msix->table_bar, table, table_len) ||
	    !fits(model, msix->pba_bar, pba, pba_len))
		return "--msix: the table or the PBA does not fit into the BAR";
	if (overlap(msix->table_bar, table, table_len, msix->pba_bar, pba, pba_len))
		return "--msix: the table and the PBA overlap";
	for (unsigned int i = 0; i < model->nr_all_regs; i++) {
		const struct npu_reg *reg = &model->regs[i];

		if (overlap(msix->table_bar, table, table_len, reg->bar, reg->offset, REG_SIZE) ||
		    overlap(msix->pba_bar, pba, pba_len, reg->bar, reg->offset, REG_SIZE))
			return "--msix: the table or the PBA lies on a register";
	}
	return NULL;
}

/* In a smaller BAR0 the MSI-X table is as far from the end as in the model's own */
static void keep_msix_inside(struct npu_model *model)
{
	struct npu_msix *msix = &model->msix;

	if (fits(model, 0, msix->table_offset, MSIX_SIZE))
		return;
	msix->pba_offset -= msix->table_offset;
	msix->table_offset = model->bars[0] - MSIX_SIZE;
	msix->pba_offset += msix->table_offset;
}

const char *npu_options_check(struct npu_options *opt)
{
	if (opt->model.bars[0] < BAR0_MIN)
		return "BAR0 must hold the DMA engine and the MSI-X table: make it at least 256K";
	drop_registers_outside(&opt->model);
	/* QEMU (seen with 11.1.3) ends when it loses a vfio-user device with MSI-X */
	if (opt->vanish_ms)
		opt->model.msix.vectors = 0;
	if (opt->vfs && !opt->model.vf)
		return "--vfs: that model has no virtual functions";
	if (opt->play_vf && !opt->model.is_vf)
		return "--play-vf: that model is no virtual function";
	if (opt->msix_placed)
		return check_msix(&opt->model);
	keep_msix_inside(&opt->model);
	return NULL;
}

/*
 * A memfd is sparse, so 64 GiB cost nothing until touched. Sealed, because the
 * client holds it too and must not be able to shrink it under our accesses.
 */
static int create_bar(unsigned int bar, u64 size)
{
	char name[16];
	int fd;

	snprintf(name, sizeof(name), "npu-bar%u", bar);
	fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return -1;
	if (ftruncate(fd, size) ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)) {
		close(fd);
		return -1;
	}
	return fd;
}

static void set_registers(struct npu_device *dev, enum npu_reg_kind kind, u32 value)
{
	const struct npu_model *model = &dev->opt.model;
	__le32 le = htole32(value);

	for (unsigned int i = 0; i < model->nr_all_regs; i++)
		if (model->regs[i].kind == kind)
			npu_bar_store(dev, model->regs[i].bar, model->regs[i].offset,
				      &le, sizeof(le));
}

static void init_config(struct npu_device *dev)
{
	const struct npu_options *opt = &dev->opt;

	npu_config_init(&dev->config, &opt->model);
	/* Nor does a scan of the bus find a real VF, which has no ids of its own */
	if (opt->play_vf)
		npu_config_set_ids(&dev->config, 0xffff, 0xffff);
	if (dev->presence == NPU_FOREIGN)
		npu_config_set_ids(&dev->config, FOREIGN_VENDOR, FOREIGN_DEVICE);
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
	for (unsigned int bar = 0; bar < NPU_NR_BARS; bar++)
		dev->bar_fd[bar] = -1;

	for (unsigned int bar = 0; bar < NPU_NR_BARS; bar++) {
		if (!bar_size(dev, bar))
			continue;
		dev->bar_fd[bar] = create_bar(bar, bar_size(dev, bar));
		if (dev->bar_fd[bar] < 0) {
			npu_device_exit(dev);
			return -1;
		}
	}
	init_config(dev);
	set_registers(dev, NPU_REG_XLOADER, opt->power_on);
	return 0;
}

void npu_device_exit(struct npu_device *dev)
{
	int error = errno;

	for (unsigned int bar = 0; bar < NPU_NR_BARS; bar++)
		if (dev->bar_fd[bar] >= 0)
			close(dev->bar_fd[bar]);
	errno = error;
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

/*
 * By pread and pwrite, not through a mapping: what a client does to the memfd
 * can then fail an access but never raise SIGBUS here.
 */
int npu_bar_load(const struct npu_device *dev, unsigned int bar, u64 offset, void *data, u32 len)
{
	while (len) {
		ssize_t n = pread(dev->bar_fd[bar], data, len, offset);

		if (n <= 0)
			return -EIO;
		data = (u8 *)data + n;
		offset += n;
		len -= n;
	}
	return 0;
}

int npu_bar_store(struct npu_device *dev, unsigned int bar, u64 offset,
		  const void *data, u32 len)
{
	while (len) {
		ssize_t n = pwrite(dev->bar_fd[bar], data, len, offset);

		if (n <= 0)
			return -EIO;
		data = (const u8 *)data + n;
		offset += n;
		len -= n;
	}
	return 0;
}

static u64 now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ULL + now.tv_nsec / 1000000;
}

static void fall_asleep(struct npu_device *dev)
{
	if (!dev->opt.sleep_ms)
		return;
	dev->awake_at = now_ms() + dev->opt.sleep_ms;
	npu_log("SLEEP ms=%u", dev->opt.sleep_ms);
}

static void vanish(struct npu_device *dev)
{
	if (!dev->opt.vanish_ms)
		return;
	dev->presence = NPU_VANISHED;
	dev->back_at = now_ms() + dev->opt.vanish_ms;
	npu_log("VANISH ms=%u", dev->opt.vanish_ms);
}

static void come_back_foreign(struct npu_device *dev)
{
	dev->presence = NPU_FOREIGN;
	init_config(dev);
	npu_log("FOREIGN vendor=0x%04x device=0x%04x", FOREIGN_VENDOR, FOREIGN_DEVICE);
}

/* Return: whether the time came; if not, @left is not longer than until then */
static bool due(u64 *at, int *left)
{
	u64 now = now_ms();

	if (!*at)
		return false;
	if (now < *at) {
		if (*left < 0 || *at - now < (u64)*left)
			*left = *at - now;
		return false;
	}
	*at = 0;
	return true;
}

int npu_tick(struct npu_device *dev)
{
	int left = -1;

	if (due(&dev->awake_at, &left))
		npu_log("AWAKE");
	if (due(&dev->back_at, &left))
		come_back_foreign(dev);
	return left;
}

/* Why the memory behind the BARs is out of reach, for the log; NULL if it is not */
static const char *unreachable(struct npu_device *dev)
{
	npu_tick(dev);
	if (dev->presence == NPU_VANISHED)
		return VANISHED;
	return dev->awake_at ? ASLEEP : NULL;
}

int npu_region_read(struct npu_device *dev, u32 region, u64 offset, u8 *data, u32 len)
{
	const char *note = unreachable(dev);
	int error = 0;

	if (region == VFIO_PCI_CONFIG_REGION_INDEX) {
		memcpy(data, dev->config.data + offset, len);
		if (dev->presence == NPU_VANISHED)
			memset(data, 0xff, len);
		if (!dev->opt.log_all)
			return 0;
	} else if (note) {
		memset(data, 0xff, len);
	} else {
		error = npu_bar_load(dev, region, offset, data, len);
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
	if (dev->presence == NPU_VANISHED)
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
		fall_asleep(dev);
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

	note = unreachable(dev);
	npu_log_access("WRITE", region, offset, data, len, note ? note : "");
	if (note)
		return 0;
	error = npu_bar_store(dev, region, offset, data, len);
	if (error)
		return error;
	if (dev->opt.stuck)
		set_registers(dev, NPU_REG_XLOADER, dev->opt.power_on);
	npu_dma_written(dev, region, offset, len);
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
	npu_dma_reset(dev);
	init_config(dev);
	fall_asleep(dev);
	vanish(dev);
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

		npu_bar_load(dev, reg->bar, reg->offset, &value, sizeof(value));
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

void npu_client_gone(struct npu_device *dev)
{
	for (u32 i = 0; i < NPU_MAX_VECTORS; i++)
		npu_vector_set(dev, i, -1);
	npu_dma_client_gone(dev);
	dev->settled = false;
	if (dev->presence != NPU_PRESENT) {
		/* It lost its power with the slot */
		dev->presence = NPU_PRESENT;
		dev->back_at = 0;
		dev->awake_at = 0;
		dev->started = false;
		npu_log("BACK");
	}
	init_config(dev);
}
