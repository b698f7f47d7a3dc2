/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ascend-vfio - the NPUs of this machine, and what surrounds them on the bus
 */
#ifndef ASCEND_NPU_H
#define ASCEND_NPU_H

#include <pci/pci.h>

#include "chips.h"
#include "parse/parse.h"

#define PCI_DEVICES	"/sys/bus/pci/devices"
#define PCI_DRIVERS	"/sys/bus/pci/drivers"
#define UNKNOWN		(-1)

struct bar {
	u64 start, size;	/* size 0: there is none */
	bool mem64, prefetchable, io;
};

enum npu_state { NPU_READY, NPU_IN_USE, NPU_NATIVE, NPU_UNGUARDED, NPU_REFUSED, NPU_UNBOUND };

struct holder {			/* a process that has the device open */
	unsigned int pid;
	char *command;		/* "qemu-system-aarch64 (guest web1)" */
	char *what;		/* the file that it has open */
};

struct npu {
	struct bdf address;
	char bdf[BDF_SIZE];
	char *dir;		/* PCI_DEVICES/BDF */
	struct pci_dev *pci;
	u16 vendor, device, subvendor, subdevice;
	u8 revision;
	const struct layout *chip;	/* a layout of its ids: for facts of the chip */
	const struct layout *expected;	/* what the driver would choose; NULL: refuse */
	const char *why_refused;
	struct bar bars[NR_BARS];
	char *driver;		/* "": none */
	char *override;		/* "": none */
	int group;		/* UNKNOWN: no IOMMU */
	int node;		/* UNKNOWN: firmware does not say */
	bool is_vf, is_pf;
	char *pf;		/* of a VF: its PF's address */
	u64 nr_vfs, total_vfs;

	/* while ascend_vfio_pci has it */
	char *layout;		/* "" where it is not bound to it */
	bool has_nc;		/* is normal_nc_bars known? */
	u64 normal_nc_bars;
	u64 dropped;
	int needs_reset;	/* 0, 1, UNKNOWN */

	struct holder *holders;
	unsigned int nr_holders;
	bool holders_unseen;	/* not root: processes of others were not looked at */
	enum npu_state state;
};

struct machine {
	struct npu *npus;
	unsigned int nr;
	char *arch;		/* "arm64", "x86", or "" */
	char *release;		/* the kernel's */
};

extern const char * const state_names[];

/* Reads all; call it again for the state after a change. */
struct machine *machine_scan(void);
struct npu *machine_find(struct machine *m, const struct bdf *bdf);
/* The named ones, or all; ends the process for an address that is none. */
struct npu **machine_choose(struct machine *m, const struct bdf *bdfs, unsigned int nr);

/* Who has it open. Not in machine_scan(), as it looks at every process. */
void npu_find_holders(struct machine *m);
void npu_set_state(struct npu *npu);
void npu_read_group(struct npu *npu);

/* Write combining in a guest: yes or no, and why. */
bool npu_wc(const struct machine *m, const struct npu *npu, const char **why);

/* libpci's device at an address ("0000:00:01.0"), or NULL */
struct pci_dev *pci_at(const char *bdf);
/* "Class: Vendor Device" of any function, of pci.ids */
char *pci_name(struct pci_dev *dev);
/* The bridges from the function up to the root port, nearest first; NULL ends them. */
char **npu_path(const struct npu *npu);

/* Functions of an IOMMU group, NULL at the end */
char **group_members(int group);
bool is_bridge(const char *bdf);
/* Others in the group that keep it from being given away; NULL ends them. */
char **group_obstacles(const struct npu *npu);
/*
 * There is an IOMMU, but no driver has ever had the device: arm64 kernels put it into a
 * group only then.
 */
bool group_comes_later(const struct npu *npu);
bool is_vfio_driver(const char *driver);
char *driver_of(const char *bdf);

/* A parameter of the driver; NULL where it is not loaded or has none such. */
char *driver_param(const char *name);
bool driver_loaded(const char *driver);

#endif
