// SPDX-License-Identifier: GPL-2.0-only
/* A virtual machine with one CPU that does single memory accesses on command. */
#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

#include "guest.h"
#include "vm.h"

/*
 * Far longer than any access takes, since a loaded machine that emulates this
 * one makes everything slow; only a broken guest gets here.
 */
#define TIME_LIMIT_S	10

#define CORE_REG(field)	(KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE | \
			 KVM_REG_ARM_CORE_REG(field))

static int failed(const char *what)
{
	int err = errno ? -errno : -EIO;

	printf("# kvm: %s: %s\n", what, strerror(-err));
	return err;
}

static int set_reg(struct vm *vm, __u64 id, __u64 value)
{
	struct kvm_one_reg reg = { .id = id, .addr = (uintptr_t)&value };

	return ioctl(vm->vcpu, KVM_SET_ONE_REG, &reg) ? failed("setting a register") : 0;
}

/* x0 to x30; KVM numbers registers in units of 32 bits. */
static int set_x(struct vm *vm, unsigned int n, __u64 value)
{
	return set_reg(vm, CORE_REG(regs.regs[0]) + 2ULL * n, value);
}

static __u64 get_x(struct vm *vm, unsigned int n)
{
	__u64 value = 0;
	struct kvm_one_reg reg = {
		.id = CORE_REG(regs.regs[0]) + 2ULL * n,
		.addr = (uintptr_t)&value,
	};

	if (ioctl(vm->vcpu, KVM_GET_ONE_REG, &reg))
		failed("reading a register");
	return value;
}

static __u64 guest_address(const char *label)
{
	return (uintptr_t)label - (uintptr_t)guest_begin;
}

/* Level 1 block descriptor: 1 GiB, valid, accessed, inner shareable, kernel only. */
static __u64 block(__u64 address, unsigned int attr)
{
	return address | 1 << 10 | 3 << 8 | attr << 2 | 1;
}

static void fill_ram(struct vm *vm)
{
	__u64 *table = vm->ram + GUEST_TABLE;
	const __u64 gib = 0x40000000;
	__u64 va;

	memcpy(vm->ram, guest_begin, guest_address(guest_end));
	table[0] = block(0, GUEST_ATTR_WB);
	table[GUEST_REPORT / gib] = block(GUEST_REPORT, GUEST_ATTR_DEVICE);
	for (va = GUEST_MAPPINGS; va < 1UL << GUEST_VA_BITS; va += gib)
		table[va / gib] = block(va, GUEST_ATTR_NC);
}

int vm_add_memory(struct vm *vm, __u64 gpa, void *hva, __u64 size)
{
	struct kvm_userspace_memory_region region = {
		.slot = vm->slots,
		.guest_phys_addr = gpa,
		.memory_size = size,
		.userspace_addr = (uintptr_t)hva,
	};

	if (ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &region))
		return failed("adding memory to the virtual machine");
	vm->slots++;
	return 0;
}

static int create_ram(struct vm *vm)
{
	vm->ram = mmap(NULL, GUEST_RAM_SIZE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (vm->ram == MAP_FAILED) {
		vm->ram = NULL;
		return failed("allocating guest memory");
	}
	fill_ram(vm);
	return vm_add_memory(vm, 0, vm->ram, GUEST_RAM_SIZE);
}

static int create_vcpu(struct vm *vm)
{
	struct kvm_vcpu_init init;
	int size;

	vm->vcpu = ioctl(vm->fd, KVM_CREATE_VCPU, 0);
	if (vm->vcpu < 0)
		return failed("creating a CPU");
	size = ioctl(vm->kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	if (size < 0)
		return failed("asking for the size of struct kvm_run");
	vm->run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, vm->vcpu, 0);
	if (vm->run == MAP_FAILED) {
		vm->run = NULL;
		return failed("mapping struct kvm_run");
	}
	vm->run_size = size;
	if (ioctl(vm->fd, KVM_ARM_PREFERRED_TARGET, &init))
		return failed("asking for the preferred CPU");
	if (ioctl(vm->vcpu, KVM_ARM_VCPU_INIT, &init))
		return failed("initialising the CPU");
	return 0;
}

static bool is_report(const struct vm *vm)
{
	return vm->run->mmio.is_write && vm->run->mmio.phys_addr == GUEST_REPORT;
}

/* As a VMM runs a CPU: up to what it has no answer to. */
static int run_cpu(struct vm *vm)
{
	struct kvm_run *kvm = vm->run;
	int ret;

	do {
		ret = ioctl(vm->vcpu, KVM_RUN, 0);
	} while (!ret && kvm->exit_reason == KVM_EXIT_MMIO && !is_report(vm) && vm->mmio &&
		 !vm->mmio(vm->mmio_arg, kvm->mmio.phys_addr, kvm->mmio.data, kvm->mmio.len,
			   kvm->mmio.is_write));
	return ret;
}

/* Run up to the next report; the time limit comes as a signal. */
static struct vm_answer run(struct vm *vm)
{
	/* Again and again, should one signal come before KVM_RUN is entered. */
	const struct itimerval limit = {
		.it_value.tv_sec = TIME_LIMIT_S,
		.it_interval.tv_usec = 100000,
	};
	const struct itimerval off = { 0 };
	struct vm_answer answer = { 0 };
	int ret;

	setitimer(ITIMER_REAL, &limit, NULL);
	ret = run_cpu(vm);
	answer.error = ret ? errno : 0;
	setitimer(ITIMER_REAL, &off, NULL);

	answer.exit_reason = vm->run->exit_reason;
	vm->at_report = !ret && vm->run->exit_reason == KVM_EXIT_MMIO && is_report(vm);
	if (!vm->at_report) {
		answer.end = !ret ? VM_STRANGE :
			     answer.error == EINTR ? VM_HUNG : VM_FAILED;
		return answer;
	}
	if (get_x(vm, 0) == GUEST_TRAPPED) {
		answer.end = VM_TRAPPED;
		answer.esr = get_x(vm, 1);
		answer.far = get_x(vm, 2);
	} else {
		answer.end = VM_DONE;
		answer.value = get_x(vm, 2);
	}
	return answer;
}

static int start(struct vm *vm)
{
	struct vm_answer answer;

	if (set_reg(vm, CORE_REG(regs.pc), guest_address(guest_entry)))
		return -EIO;
	answer = run(vm);
	if (answer.end == VM_DONE)
		return 0;
	printf("# kvm: the guest never came up: end %d, esr %#llx, error %d (%s), exit reason %u\n",
	       answer.end, answer.esr, answer.error, strerror(answer.error),
	       answer.exit_reason);
	return -EIO;
}

static void on_alarm(int signal)
{
	/* Only there to make KVM_RUN return. */
	(void)signal;
}

void vm_init(struct vm *vm)
{
	*vm = (struct vm){ .kvm = -1, .fd = -1, .vcpu = -1 };
}

int vm_create(struct vm *vm)
{
	const struct sigaction action = { .sa_handler = on_alarm };
	int ret;

	vm_init(vm);
	sigaction(SIGALRM, &action, NULL);

	vm->kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (vm->kvm < 0)
		return failed("/dev/kvm (run this as root on a host with KVM)");
	vm->fd = ioctl(vm->kvm, KVM_CREATE_VM, 0);
	if (vm->fd < 0)
		return failed("creating a virtual machine");
	ret = create_ram(vm);
	if (!ret)
		ret = create_vcpu(vm);
	if (!ret)
		ret = start(vm);
	return ret;
}

void vm_destroy(struct vm *vm)
{
	if (vm->run)
		munmap(vm->run, vm->run_size);
	if (vm->vcpu >= 0)
		close(vm->vcpu);
	if (vm->fd >= 0)
		close(vm->fd);
	if (vm->kvm >= 0)
		close(vm->kvm);
	if (vm->ram)
		munmap(vm->ram, GUEST_RAM_SIZE);
	vm_init(vm);
}

struct vm_answer vm_do(struct vm *vm, __u64 command, __u64 address, __u64 value)
{
	struct vm_answer lost = { .end = VM_FAILED, .error = EIO };

	if (set_x(vm, 0, command) || set_x(vm, 1, address) || set_x(vm, 2, value))
		return lost;
	/*
	 * After a fault that KVM did not resolve the CPU still stands at the
	 * access that caused it: take it away from there.
	 */
	if (!vm->at_report && set_reg(vm, CORE_REG(regs.pc), guest_address(guest_next)))
		return lost;
	return run(vm);
}
