/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Library of the ascend_vfio_pci selftests: the NPU under test and VFIO.
 *
 * What is here returns a negative errno and explains itself on stderr; what
 * passes or fails a test is in fixture.h. The chip's registers come from the test
 * bed's table (models.h), which was written apart from the driver's.
 */
#ifndef SELFTESTS_LIB_NPU_H
#define SELFTESTS_LIB_NPU_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <linux/types.h>
#include <linux/vfio.h>

#include "models.h"

#define GUARDED	"ascend_vfio_pci"	/* the driver under test */
#define PLAIN	"vfio-pci"		/* the control */

#define NPU_REG_SIZE	4		/* every guarded register of a chip */

/**
 * struct npu_id - a device to test
 * @bdf: PCI address, as in 0000:03:00.0
 * @model: its row of the test bed's table
 * @simlog: path of the simulator's log, NULL on a real NPU
 * @vf_token: UUID to open it with, NULL for none
 */
struct npu_id {
	char			bdf[16];
	const struct npu_model	*model;
	const char		*simlog;
	const char		*vf_token;
};

/* The device chosen on the command line or in the environment */
extern struct npu_id npu_dut;

/*
 * Choose the device, or exit(KSFT_SKIP) saying how to; restore it at exit. Takes the
 * device from the arguments, and adds the harness's option against what cannot run here.
 */
void npu_init(int *argc, char ***argv);
/* As npu_init() for a device that need not be in the table (sets no model) */
void npu_init_any(int *argc, char ***argv);
/* Another NPU of the scene (ASCEND_SCENE), to play the peer: 0 or -ENODEV */
int npu_find_peer(struct npu_id *peer);
/* All others of the scene, only their addresses set: how many */
unsigned int npu_others(struct npu_id *ids, unsigned int max);

/* --- sysfs and binding ------------------------------------------------- */

/* Read a sysfs file into @buf without the newline: length or -errno */
ssize_t sysfs_read(const char *path, char *buf, size_t size);
int sysfs_write(const char *path, const char *text);
/* The same for a file below /sys/bus/pci/devices/<bdf>/ */
ssize_t npu_attr(const char *bdf, const char *file, char *buf, size_t size);
/* One of the driver's own attributes as a number, base 0: value or -errno */
long long npu_attr_num(const char *bdf, const char *file);

/* Name of the driver that has @bdf, "" when none has */
void npu_driver(const char *bdf, char *buf, size_t size);
/*
 * Give @bdf to @driver by driver_override, wherever it was: 0 or -errno. To GUARDED with the
 * rules that the tests are run with, which are in the model's registers, too.
 */
int npu_bind(const char *bdf, const char *driver);
/* What the environment says of rules: "" or NULL for none */
#define NPU_RULES	"ASCEND_RULES"	/* as the driver's file guard takes them */
#define NPU_NODE	"ASCEND_NODE"	/* as guest_numa_node takes it */
int npu_write_rules(const char *bdf);
bool npu_add_rules(struct npu_model *model);
/* Take @bdf from its driver and clear driver_override */
int npu_unbind(const char *bdf);
/* Remember who has @bdf now and give it back when the process ends */
void npu_restore_at_exit(const char *bdf);
bool npu_driver_loaded(const char *driver);

/* --- VFIO --------------------------------------------------------------- */

enum npu_backend {
	NPU_GROUP,	/* /dev/vfio/<group> and a type1 container */
	NPU_CDEV,	/* /dev/vfio/devices/vfioN and iommufd */
};

/**
 * struct npu - an open VFIO device
 * @fd: the device
 * @iommu: container or iommufd
 * @group: group file, -1 with NPU_CDEV
 * @ioas: address space in the iommufd, unused with NPU_GROUP
 */
struct npu {
	struct npu_id		id;
	enum npu_backend	backend;
	int			fd;
	int			iommu;
	int			group;
	__u32			ioas;
};

/* Why @backend cannot be used here, NULL when it can */
const char *npu_backend_missing(enum npu_backend backend);
/* Open the device @id has; it must be bound to a VFIO driver */
int npu_open(struct npu *npu, const struct npu_id *id, enum npu_backend backend);
/* The same, as @other was opened, for one that may be in its IOMMU group */
int npu_open_beside(struct npu *npu, const struct npu_id *id, const struct npu *other);
void npu_close(struct npu *npu);
/* Close, bind to @driver and open again by the same backend */
int npu_reopen(struct npu *npu, const char *driver);

/* The bytes of a UUID that is written out: 0 or -EINVAL */
#define NPU_TOKEN_SIZE	16
int npu_parse_token(const char *text, __u8 bytes[NPU_TOKEN_SIZE]);

/* The backends behind npu_open(), chosen at run time */
int npu_group_open(struct npu *npu);
int npu_cdev_open(struct npu *npu);
int npu_cdev_join(struct npu *npu, const struct npu *other);
int npu_cdev_map(struct npu *npu, void *vaddr, __u64 iova, __u64 size);
int npu_cdev_map_file(struct npu *npu, int fd, __u64 iova, __u64 size);
int npu_cdev_unmap(struct npu *npu, __u64 iova, __u64 size);

/* An access to a region, as pread(2) and pwrite(2) at offset @off inside it */
ssize_t npu_pread(struct npu *npu, unsigned int region, void *buf, size_t len, __u64 off);
ssize_t npu_pwrite(struct npu *npu, unsigned int region, const void *buf, size_t len, __u64 off);
/* mmap(2) of a range inside a region */
void *npu_mmap(struct npu *npu, unsigned int region, __u64 off, size_t len, int prot, int flags);
/* File offset of a region: fixed by vfio-pci's layout, checked in region_info_test */
__u64 npu_region_offset(unsigned int region);

/* One access of 8 bytes to a mapping of a BAR: neither split nor left out */
static inline __u64 npu_load(const __u64 *word)
{
	return __atomic_load_n(word, __ATOMIC_RELAXED);
}

static inline void npu_store(__u64 *word, __u64 value)
{
	__atomic_store_n(word, value, __ATOMIC_RELAXED);
}

/* Set and clear bits of the PCI command register through the config region */
int npu_command(struct npu *npu, __u16 set, __u16 clear);
/* Reset all that shares the device's bus or slot, of which it must be all: 0 or -errno */
int npu_hot_reset(struct npu *npu);
/* Offset of capability @cap in the config region, 0 when it is missing */
unsigned int npu_find_cap(struct npu *npu, __u8 cap);

/**
 * struct npu_dma - memory of this process and the IOVA it is mapped at
 */
struct npu_dma {
	void	*vaddr;
	__u64	iova;
	size_t	size;
};

/* Allocate memory and map it for the device at @iova */
int npu_dma_alloc(struct npu *npu, struct npu_dma *dma, __u64 iova, size_t size);
int npu_dma_free(struct npu *npu, struct npu_dma *dma);
/* Map memory that exists, a BAR mapping for instance */
int npu_dma_map(struct npu *npu, void *vaddr, __u64 iova, size_t size);
int npu_dma_unmap(struct npu *npu, __u64 iova, size_t size);

/* Bytes [start, end) of a BAR */
struct npu_range {
	__u64 start;
	__u64 end;
};

/* Export ranges of a BAR as one dma-buf: its file descriptor, or -errno */
int npu_dmabuf(struct npu *npu, unsigned int bar, const struct npu_range *ranges, unsigned int nr);
/* Whether kernel, driver and the headers this was built with have dma-buf export */
bool npu_has_dmabuf(struct npu *npu);
/* Map a range of @peer's BAR for @npu's DMA, in the way its backend has */
int npu_dma_map_bar(struct npu *npu, struct npu *peer, unsigned int bar,
		    const struct npu_range *range, __u64 iova);

/* --- Interrupts and the simulator's DMA engine --------------------------- */

/* Tie eventfds to the first @count MSI-X vectors; npu_msix_off() undoes it */
int npu_msix_on(struct npu *npu, unsigned int count, int *eventfds);
int npu_msix_off(struct npu *npu);
unsigned int npu_msix_count(struct npu *npu);
/* Wait until @eventfd fires: the count read from it, 0 after @ms without */
long long eventfd_wait(int eventfd, int ms);

/* Start a copy; @vector is NPU_DMA_VECTOR_NONE for no interrupt */
int npu_engine_start(struct npu *npu, __u64 src, __u64 dst, __u32 len, __u32 vector);
/* Poll until the copy ended: NPU_DMA_STATUS_*, or -ETIMEDOUT */
int npu_engine_wait(struct npu *npu);

#endif /* SELFTESTS_LIB_NPU_H */
