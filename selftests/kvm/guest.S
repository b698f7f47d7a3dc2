/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest of kvm_stage2_test and speed_test: turns the MMU on, then does one access
 * after the other as it is told. Position independent, copied to IPA 0; no stack.
 */
#include "guest.h"

	.section .rodata.guest, "a"
	.global	guest_begin, guest_end, guest_entry, guest_next

/* The vector table comes first: VBAR_EL1 wants 2 KiB alignment. */
	.balign	2048
guest_begin:
	.rept	16
	.balign	128
	b	trapped
	.endr
	.balign	128

guest_entry:
	ldr	x9, =0x04ff44			// GUEST_ATTR_DEVICE, _WB, _NC
	msr	mair_el1, x9
	/*
	 * T0SZ, write-back walks, inner shareable, 4 KiB granule, no TTBR1,
	 * 40 bits of output address.
	 */
	ldr	x9, =((64 - GUEST_VA_BITS) | 1 << 8 | 1 << 10 | 3 << 12 | 1 << 23 | 2 << 32)
	msr	tcr_el1, x9
	ldr	x9, =GUEST_TABLE
	msr	ttbr0_el1, x9
	adr	x9, guest_begin
	msr	vbar_el1, x9
	isb
	tlbi	vmalle1
	dsb	nsh
	ic	iallu
	dsb	nsh
	isb

	mrs	x9, sctlr_el1
	ldr	x10, =(1 << 0 | 1 << 2 | 1 << 12)	// M, C, I
	orr	x9, x9, x10
	/*
	 * Alignment checks (A) and WXN off: whether an unaligned access or a
	 * fetch works is then up to the memory's attributes alone.
	 */
	ldr	x10, =(1 << 1 | 1 << 19)
	bic	x9, x9, x10
	msr	sctlr_el1, x9
	isb
	mov	x0, #GUEST_READY

report:
	ldr	x9, =GUEST_REPORT
	str	x0, [x9]
	/* The program has replaced x0, x1 and x2 by the next command. */
guest_next:
	cmp	x0, #GUEST_STORE
	b.eq	store
	cmp	x0, #GUEST_LOAD
	b.eq	load
	cmp	x0, #GUEST_CALL
	b.eq	call
	cmp	x0, #GUEST_LOADS
	b.eq	loads
	cmp	x0, #GUEST_STORES
	b.eq	stores
	b	.				// caught by the time limit

store:
	str	x2, [x1]
	dsb	sy
	b	done
load:
	ldr	x2, [x1]
	dsb	sy
	b	done
call:
	dsb	sy
	ic	iallu
	dsb	sy
	isb
	blr	x1
	b	done
loads:
	ldr	w3, [x1]
	subs	x2, x2, #1
	b.ne	loads
	b	done
stores:
	str	wzr, [x1]
	subs	x2, x2, #1
	b.ne	stores
done:
	mov	x0, #GUEST_DONE
	b	report

trapped:
	mov	x0, #GUEST_TRAPPED
	mrs	x1, esr_el1
	mrs	x2, far_el1
	mrs	x3, elr_el1
	b	report

	.ltorg
guest_end:
