/* SPDX-License-Identifier: GPL-2.0-only */
/* A virtual machine with one CPU that does single memory accesses on command. */
#ifndef SELFTESTS_KVM_VM_H
#define SELFTESTS_KVM_VM_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

struct kvm_run;

/*
 * What a VMM does for a guest's access to @gpa, where no memory is: reads @data or fills it.
 * 0 or a negative errno
 */
typedef int (*vm_mmio_fn)(void *arg, __u64 gpa, void *data, __u32 len, bool is_write);

struct vm {
	int kvm;
	int fd;
	int vcpu;
	struct kvm_run *run;
	size_t run_size;
	void *ram;
	__u32 slots;		/* memory slots in use */
	bool at_report;		/* the CPU waits behind its report for a command */
	vm_mmio_fn mmio;	/* set when it is running; NULL: such an access ends a command */
	void *mmio_arg;
};

/**
 * enum vm_end - how a command to the guest ended
 * @VM_DONE: the access completed
 * @VM_TRAPPED: the guest took an exception, see esr
 * @VM_FAILED: KVM_RUN failed, see error: what KVM does with a fault at stage 2
 *	that it cannot resolve
 * @VM_HUNG: no answer within the time limit
 * @VM_STRANGE: an exit that the guest never asks for, see exit_reason
 */
enum vm_end { VM_DONE, VM_TRAPPED, VM_FAILED, VM_HUNG, VM_STRANGE };

struct vm_answer {
	enum vm_end end;
	__u64 value;
	__u64 esr;
	__u64 far;
	int error;
	__u32 exit_reason;
};

/* A machine that is not there yet, and may be destroyed. */
void vm_init(struct vm *vm);

/* All return 0 or a negative errno, having said on stdout what went wrong. */
int vm_create(struct vm *vm);
int vm_add_memory(struct vm *vm, __u64 gpa, void *hva, __u64 size);
void vm_destroy(struct vm *vm);

/* Have the guest do a command of guest.h. */
struct vm_answer vm_do(struct vm *vm, __u64 command, __u64 address, __u64 value);

#endif /* SELFTESTS_KVM_VM_H */
