/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ascend-vfio - what is known of the chips
 *
 * driver/models.c is the authority for ids and registers; tests/models.sh holds the two
 * against each other.
 */
#ifndef ASCEND_CHIPS_H
#define ASCEND_CHIPS_H

#include "util.h"

#define HUAWEI		0x19e5
#define DRIVER		"ascend_vfio_pci"
#define NR_BARS		6

enum function_kind { FN_ANY, FN_PF, FN_VF };

struct reg_at {
	u8 bar;
	u64 offset;		/* 0: the chip has none that is known */
};

struct layout {
	const char *name;	/* as in sysfs: ascend_vfio/layout */
	const char *chip;	/* as people say it */
	u16 devices[4];		/* PCI device ids; 0 ends the list */
	enum function_kind function;
	u16 sub_first, sub_last;	/* subsystem ids; 0, 0: any */
	struct reg_at xloader, feature;
	bool two_dies;		/* each BAR in two halves, the second die's the same */
	bool resets_badly;	/* may vanish from the bus at a plain reset */
	bool wc_listed;		/* the vendor supports write combining in guests */
	bool cloud_v2;		/* a VF must not be function 0 in the guest */
	u8 settle_s;		/* seconds before a reset chip is looked at */
};

extern const struct layout layouts[];
extern const unsigned int nr_layouts;

/* Is it an NPU at all? Any layout of the ids will do for chip-wide facts; or NULL. */
const struct layout *chip_by_id(u16 vendor, u16 device);
const struct layout *layout_by_name(const char *name);

struct identity {
	u16 vendor, device, subdevice;
	bool is_vf, is_pf;	/* as the kernel knows it; both false: not known */
	bool wc_unlisted;	/* the driver's parameter: trap feature on every chip */
	u64 bar_len[NR_BARS];	/* memory BARs; 0: none */
};

/* The layout that the driver would choose; NULL and a reason where it would refuse. */
const struct layout *choose_layout(const struct identity *id, const char **why);

/* Where the second die's copy of @reg is. */
u64 second_die(const struct reg_at *reg, u64 bar_len);

/* The block that chip and driver share begins so far before feature. */
#define BLOCK_FEATURE		0x1f8
#define BLOCK_HOT_RESET		0x24
#define HOT_RESET_ANNOUNCED	0x5b5bb5b5u
#define XLOADER_PHYSICAL	0x5a6b7c8du

#endif
