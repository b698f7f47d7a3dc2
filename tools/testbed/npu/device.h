/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The simulated NPU: BAR memory, registers, interrupts, reset.
 *
 * Knows nothing of the protocol: vuser_cmds.c calls in with ranges that it has
 * checked against npu_region_size().
 */
#ifndef NPU_DEVICE_H
#define NPU_DEVICE_H

#include "bars.h"
#include "dma.h"
#include "models.h"
#include "pci_config.h"
#include "presence.h"
#include "defs.h"

#define NPU_MAX_VECTORS	2048
#define NPU_MAX_AREAS	8

/**
 * struct npu_options - what the command line asked for
 * @model: with the overrides applied
 * @msix_placed: the model's MSI-X table and PBA were put where they are now
 * @power_on: xloader's value when the process starts
 * @stuck: xloader keeps @power_on, whatever is written and through resets
 * @keep_on_reset: a reset leaves the registers alone, as where no reset that
 *	the host can do reaches the block they live in
 * @sleep_ms: how long the chip boots, from when memory decoding is first enabled and from
 *	each reset on. Until then reads of BARs answer all ones and writes are lost; not
 *	so what a client has mapped, which no register lies in
 * @vfs: how many virtual functions it has an SR-IOV capability for. Each is played by a
 *	simulator of its own, with @play_vf, at one of the functions behind this one
 * @play_vf: is a virtual function also to a scan of the bus: has no ids. Its BARs are as
 *	any function's, but nobody assigns them addresses unasked
 * @vanish_ms: a reset makes it leave the bus for so long (enum npu_place), 0: not
 * @log_all: nothing can be mapped, so that every access is a message
 */
struct npu_options {
	struct npu_model	model;
	bool			msix_placed;
	u32			power_on;
	bool			stuck;
	bool			keep_on_reset;
	unsigned int		sleep_ms;
	unsigned int		vfs;
	bool			play_vf;
	unsigned int		vanish_ms;
	bool			log_all;
};

/**
 * struct npu_device - the device, alive as long as the process
 * @opt: as started
 * @started: memory decoding was enabled at least once, so somebody may have
 *	used the device and a reset is more than the VMM's own at power-on
 * @presence: whether it answers
 * @settled: the client has taken a look at the device, and now only passes it on
 * @bars: memory, which holds the registers as well
 * @config: configuration space
 * @vector_fd: the client's eventfd per MSI-X vector, or -1
 * @dma: the DMA engine
 */
struct npu_device {
	struct npu_options	opt;
	bool			started;
	struct npu_presence	presence;
	bool			settled;
	struct npu_bars		bars;
	struct npu_pci_config	config;
	int			vector_fd[NPU_MAX_VECTORS];
	struct npu_dma		dma;
};

struct npu_area {
	u64	offset;
	u64	size;
};

/**
 * npu_options_check - see whether the overridden model can be played
 * @opt: registers that no longer lie inside their BAR are taken out of it
 *
 * Return: NULL, or what to do about it.
 */
const char *npu_options_check(struct npu_options *opt);

/* Return: 0, or -1 with errno set and nothing left behind */
int npu_device_init(struct npu_device *dev, const struct npu_options *opt);
void npu_device_exit(struct npu_device *dev);

/* Size of a VFIO region, 0 for one that is not there */
u64 npu_region_size(const struct npu_device *dev, u32 region);

/**
 * npu_mappable_areas - the parts of a BAR that a client may map
 * @dev: the device
 * @bar: index
 * @areas: filled in, sorted; room for NPU_MAX_AREAS
 *
 * Return: how many.
 */
unsigned int npu_mappable_areas(const struct npu_device *dev, unsigned int bar,
				struct npu_area *areas);

/* Accesses that came as messages, logged. Return: 0, or -EIO */
int npu_region_read(struct npu_device *dev, u32 region, u64 offset, u8 *data, u32 len);
int npu_region_write(struct npu_device *dev, u32 region, u64 offset, const u8 *data, u32 len);

void npu_reset(struct npu_device *dev);

/* Do what time has come for. Return: ms until there is more to do, or -1 for never */
int npu_tick(struct npu_device *dev);

void npu_log_state(const struct npu_device *dev);

/* Takes @fd over; -1 takes the vector's eventfd away */
void npu_vector_set(struct npu_device *dev, u32 vector, int fd);
void npu_vector_raise(struct npu_device *dev, u32 vector);

/**
 * npu_dma_next - what the DMA engine wants of the client next
 * @dev: the device; a vector that the engine raises in the end is raised
 * @max: data bytes the client takes in one message
 * @msg: filled in; its data stays valid until the next message comes in
 *
 * Return: whether there is anything to send. To be asked when a request was answered.
 */
bool npu_dma_next(struct npu_device *dev, u32 max, struct npu_dma_msg *msg);
/* The same, after the answer to the last one: see npu_dma_reply() */
bool npu_dma_answered(struct npu_device *dev, u32 error, const u8 *data, u32 max,
		      struct npu_dma_msg *msg);

/* The client is gone, and all it gave with it */
void npu_client_gone(struct npu_device *dev);

#endif /* NPU_DEVICE_H */
