# SPDX-License-Identifier: GPL-2.0-only

KDIR ?= /lib/modules/$(shell uname -r)/build
KERNELS ?=
export KERNELS

testbed := tools/testbed

.PHONY: help modules demo check check-install lint examine bench supported selftests tool
.PHONY: dkms dkms-remove deb rpm clean clean-cache
.DEFAULT_GOAL := help

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

demo: ## an emulated NPU given to a KVM guest, by vfio-pci and by this driver
	@$(testbed)/demo.sh

check: ## run every test; KERNELS=debian-stable: on one kernel, or on a tree: /path/to/linux
	@$(testbed)/check.sh

check-install: ## as root: packages, DKMS, early binding, libvirt and QEMUs in whole Debian systems
	@SET=install $(testbed)/check.sh

lint: ## what checkpatch, sparse, compilers and other linters find (part of check)
	@$(testbed)/lint.sh

examine: ## say what a kernel tree has for the driver, unbuilt: TREE=/path/to/linux
	@$(testbed)/examine.sh $(or $(TREE),$(KDIR))

bench: ## count what guarding costs, in instructions, beside vfio-pci; with a plot
	@$(testbed)/bench.sh

supported: ## put the kernels of the last whole check, and the last bench, into README's tables
	@$(testbed)/supported.sh
	@$(testbed)/bench.sh --readme

modules: ## build ascend_vfio_pci.ko for the running kernel, or for KDIR=...
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules

dkms: ## install the driver with DKMS, for this and later kernels (as root)
	@tools/packaging/dkms.sh install

dkms-remove: ## remove what "make dkms" has installed (as root)
	@tools/packaging/dkms.sh remove

deb: ## make Debian packages: the driver for DKMS, and ascend-vfio with its manual page
	@tools/packaging/package.sh deb

rpm: ## make RPM packages of the same, for openEuler and RHEL-likes
	@tools/packaging/package.sh rpm

selftests: ## build the kselftests for this machine (see selftests/README.md)
	$(MAKE) -C selftests

tool: ## build ascend-vfio, the operator's command (see tools/ascend-vfio/Makefile)
	$(MAKE) -C tools/ascend-vfio

clean: ## remove what was built in this folder
	$(MAKE) -C $(KDIR) M=$(CURDIR) clean
	$(MAKE) -C selftests clean
	$(MAKE) -C tools/ascend-vfio clean
	rm -rf tools/packaging/obj

clean-cache: ## remove what demo and check have downloaded and built
	@$(testbed)/clean-cache.sh
