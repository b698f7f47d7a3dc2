/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What each NPU looks like on the bus, as the test bed states it.
 *
 * Written from the sources of the facts, not from the driver's table: a slip in
 * one of the two tables then shows as a test that fails. The simulator plays
 * this table and the selftests compare the driver with it, so nothing here may
 * depend on either.
 */
#ifndef NPU_MODELS_H
#define NPU_MODELS_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/types.h>

#define NPU_NR_BARS	6
#define NPU_MAX_REGS	4

/* What the native host driver leaves in xloader when it dies */
#define NPU_XLOADER_PHYSICAL	0x5a6b7c8dU

enum npu_reg_kind {
	NPU_REG_XLOADER,
	NPU_REG_FEATURE,
};

/* One guarded register: always 4 bytes, little-endian */
struct npu_reg {
	enum npu_reg_kind	kind;
	unsigned int		bar;
	__u64			offset;
};

struct npu_msix {
	unsigned int	vectors;
	unsigned int	table_bar;
	__u32		table_offset;
	unsigned int	pba_bar;
	__u32		pba_offset;
};

/**
 * struct npu_model - one kind of NPU
 * @name: the name used everywhere (driver's sysfs "model", --model, tests)
 * @class: 24 bits, base class first
 * @bars: size in bytes by BAR index, 0 where there is none; every BAR that is
 *	there is 64-bit prefetchable memory, hence at an even index
 * @is_vf: plays a virtual function (as its own function: no SR-IOV capability)
 * @flr: has Function Level Reset
 * @nr_regs: how many of @regs are used
 * @regs: in the order xloader (by die), feature
 */
struct npu_model {
	const char	*name;
	__u16		vendor;
	__u16		device;
	__u32		class;
	__u8		revision;
	__u16		subsys_vendor;
	__u16		subsys_id;
	__u64		bars[NPU_NR_BARS];
	bool		is_vf;
	bool		flr;
	struct npu_msix	msix;
	unsigned int	nr_regs;
	struct npu_reg	regs[NPU_MAX_REGS];
};

extern const struct npu_model npu_models[];
extern const size_t npu_models_count;

const struct npu_model *npu_model_find(const char *name);

#endif /* NPU_MODELS_H */
