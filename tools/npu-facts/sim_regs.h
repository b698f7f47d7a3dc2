/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The simulated NPU's DMA engine, shared by the simulator and the tests.
 *
 * No real NPU has it: it stands in for the many real engines, so that tests can
 * see DMA through the IOMMU, peer-to-peer writes and MSI-X. Program SRC, DST,
 * LEN and VECTOR, write 1 to CTRL, and wait for STATUS or for the interrupt.
 * Registers are little-endian; the 8-byte ones also take two 4-byte accesses.
 * The copy runs while the store to CTRL completes from the guest's point of
 * view, or just after it: always poll STATUS.
 */
#ifndef NPU_SIM_REGS_H
#define NPU_SIM_REGS_H

/*
 * What comes as messages comes in whole pages of this size, that of the machine QEMU
 * runs on: no larger, as every 8 bytes of it cost a message.
 */
#define NPU_TRAP_SIZE		0x1000ULL

#define NPU_DMA_BAR		0
#define NPU_DMA_BASE		0x10000

#define NPU_DMA_SRC		0x00	/* u64, IOVA */
#define NPU_DMA_DST		0x08	/* u64, IOVA */
#define NPU_DMA_LEN		0x10	/* u32, bytes */
#define NPU_DMA_VECTOR		0x14	/* u32, MSI-X vector to raise at the end */
#define NPU_DMA_CTRL		0x18	/* u32, reads 0 */
#define NPU_DMA_STATUS		0x1c	/* u32, read only */
#define NPU_DMA_REGS_SIZE	0x20

#define NPU_DMA_VECTOR_NONE	0xffffffffU
#define NPU_DMA_CTRL_START	1U

#define NPU_DMA_STATUS_IDLE	0U	/* and while a copy runs */
#define NPU_DMA_STATUS_DONE	1U
#define NPU_DMA_STATUS_ERROR	2U

#endif /* NPU_SIM_REGS_H */
