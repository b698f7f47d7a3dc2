/* SPDX-License-Identifier: GPL-2.0-only */
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
#define NPU_MAX_CHIP_REGS	4
/* With those that an operator's rules make, which only the selftests add */
#define NPU_MAX_REGS	(NPU_MAX_CHIP_REGS + 16)
#define NPU_MAX_MORE	3

/* What the native host driver leaves in xloader when it dies */
#define NPU_XLOADER_PHYSICAL	0x5a6b7c8dU

enum npu_reg_kind {
	NPU_REG_XLOADER,
	NPU_REG_FEATURE,
	NPU_REG_NODE,	/* what a guest's driver takes for its NUMA node */
	NPU_REG_HIDE,	/* rules of an operator */
	NPU_REG_RO,
};

/**
 * struct npu_reg - one guarded register: 4 bytes, little-endian, or what a rule is about
 * @kind: which one
 * @bar: index
 * @offset: from the start of the BAR
 * @die: whose it is; those of die n lie n times the BAR's length over the number of
 *	dies higher than those of die 0
 * @unlisted: on a chip for which the vendor does not list Write Combining in guests:
 *	trapped only with the driver's parameter wc_unlisted=1
 * @size: of a rule, in bytes; 0 for 4
 * @value: of the NUMA node's register
 */
struct npu_reg {
	enum npu_reg_kind	kind;
	unsigned int		bar;
	__u64			offset;
	unsigned int		die;
	bool			unlisted;
	__u64			size;
	__u32			value;
};

static inline __u64 npu_reg_end(const struct npu_reg *reg)
{
	return reg->offset + (reg->size ? reg->size : 4);
}

struct npu_msix {
	unsigned int	vectors;	/* 0: has no MSI-X */
	unsigned int	table_bar;
	__u32		table_offset;
	unsigned int	pba_bar;
	__u32		pba_offset;
};

/**
 * struct npu_model - one kind of NPU
 * @name: the name used everywhere (--model, scenes, tests)
 * @layout: the driver's name for its registers where that is not @name, else NULL
 * @more_devices: other device ids that have the same registers, 0 ends the list
 * @more_vendors: vendor ids that boards with @device (not @more_devices) were
 *	rebranded with, 0 ends the list
 * @class: 24 bits, base class first
 * @bars: size in bytes by BAR index, 0 where there is none; every BAR that is
 *	there is 64-bit prefetchable memory, hence at an even index
 * @is_vf: is a virtual function
 * @vf: name of the model that its virtual functions are, NULL where it has none
 * @flr: has Function Level Reset
 * @dies: how many NPUs share the function, each BAR cut into as many equal parts
 * @no_scrub: no source shows that a host may clear its xloader, so the driver does not
 * @resets_badly: leaves the bus when it is reset (the driver's protect_reset)
 * @node: numa_node of virt_para, of physical functions that have one; guarded only if an
 *	operator asks for it
 * @nr_regs: how many of @regs are trapped by default: those come first
 * @nr_all_regs: how many there are, and are trapped with wc_unlisted=1
 * @regs: in the order xloader (by die), feature (by die)
 */
struct npu_model {
	const char	*name;
	const char	*layout;
	__u16		vendor;
	__u16		device;
	__u16		more_devices[NPU_MAX_MORE + 1];
	__u16		more_vendors[NPU_MAX_MORE + 1];
	__u32		class;
	__u8		revision;
	__u16		subsys_vendor;
	__u16		subsys_id;
	__u64		bars[NPU_NR_BARS];
	bool		is_vf;
	const char	*vf;
	bool		flr;
	unsigned int	dies;
	bool		no_scrub;
	bool		resets_badly;
	struct npu_msix	msix;
	struct npu_reg	node;
	unsigned int	nr_regs;
	unsigned int	nr_all_regs;
	struct npu_reg	regs[NPU_MAX_REGS];
};

extern const struct npu_model npu_models[];
extern const size_t npu_models_count;

const struct npu_model *npu_model_find(const char *name);

/* The driver's name for the model's registers */
static inline const char *npu_model_layout(const struct npu_model *model)
{
	return model->layout ? model->layout : model->name;
}

/* Whether the driver traps @reg, its parameter wc_unlisted being @wc_unlisted */
static inline bool npu_reg_trapped(const struct npu_reg *reg, bool wc_unlisted)
{
	return wc_unlisted || !reg->unlisted;
}

/* How many of @model's registers, from the first, the driver traps then */
static inline unsigned int npu_nr_trapped(const struct npu_model *model, bool wc_unlisted)
{
	return wc_unlisted ? model->nr_all_regs : model->nr_regs;
}

/**
 * npu_model_set_bar - give a BAR another size, as another firmware may
 * @model: a copy; registers of dies but the first move with the size
 * @bar: index
 * @size: in bytes, 0 for none; registers may lie beyond it then
 */
void npu_model_set_bar(struct npu_model *model, unsigned int bar, __u64 size);

#endif /* NPU_MODELS_H */
