/* SPDX-License-Identifier: GPL-2.0-only */
/* What the tests share that speak to the simulator properly, and which there are. */
#ifndef NPU_BEHAVIOUR_H
#define NPU_BEHAVIOUR_H

#include <linux/pci_regs.h>
#include <linux/vfio.h>

#include "vuser_peer.h"

#define CONFIG	VFIO_PCI_CONFIG_REGION_INDEX

u32 read32(int sock, u32 region, u64 offset);
void write32(int sock, u32 region, u64 offset, u32 value);
void reset(int sock);
void enable_memory(int sock);

/* What the client is told of a BAR is what @model has */
void check_bar(int sock, const struct npu_model *model, unsigned int bar);

/* BAR registers from offset @first of config space on are sized as those of @model */
void check_bars(int sock, unsigned int first, const struct npu_model *model);

/* irq_test.c */
void test_interrupts(void);

/* options_test.c */
void test_overrides(void);
void test_msix_placed(void);

/* presence_test.c */
void test_sleep(void);
void test_vanish(void);

/* vf_test.c */
void test_sriov(void);
void test_play_vf(void);

/* dma_test.c */
void test_dma_copy(void);
void test_dma_failures(void);
void test_dma_bad_replies(void);
void test_dma_reset(void);

#endif /* NPU_BEHAVIOUR_H */
