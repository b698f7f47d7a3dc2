#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# trees.sh DIR: recorded trees of machines that Ascend NPUs are found in, for --sysroot.
# Facts: lspci of a 910B4 on a Kunpeng 920, and a Kunpeng 920 with Atlas 300I Duo under
# Proxmox; what nobody has published (slots, NUMA nodes) is chosen to be plausible.

set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=tree.sh
. "$(dirname "$0")/tree.sh"
OUT=$1
VENDOR_DRIVER=devdrv_device_driver
VENDOR_MODULE=drv_pcie_host
FULL_ACS='0x5f 0x1d'

# 8 x 910B4, two a NUMA node, each below a root port of its own: Atlas 800T A2
a2_buses=(01 02 41 42 81 82 c1 c2)
a2() # DIR DRIVER MODULE
{
	local i bus root

	machine_begin "$1" aarch64 6.12.63+deb13-arm64 'root=/dev/sda2 ro iommu.passthrough=1'
	NEXT_BASE=$((0x200000000000))
	driver ascend_vfio_pci ascend_vfio_pci
	params Y N N
	host 1024 65536
	btf kvm_pgtable_prot KVM_PGTABLE_PROT_DEVICE KVM_PGTABLE_PROT_NORMAL_NC
	ko ascend_vfio_pci 0.1.0 "vfio_$(pci_alias 19e5 d802)"
	ko drv_pcie_host 24.1 "$(pci_alias 19e5 d802)"
	sign ascend_vfio_pci 'DKMS module signing key'
	depmod_tree
	put /var/lib/dpkg/status 'Package: qemu-system-arm
Status: install ok installed
Version: 1:10.0.2+ds-2

Package: libvirt-daemon
Version: 11.3.0-3'
	for i in "${!a2_buses[@]}"; do
		bus=${a2_buses[i]}
		printf -v root '%02x' $((0x$bus & 0xc0))
		# shellcheck disable=SC2086 # two words
		port "0000:$root:0$((i % 2)).0" "/sys/devices/pci0000:$root" $((i / 2)) acs $FULL_ACS
		npu "0000:$bus:00.0" "/sys/devices/pci0000:$root/0000:$root:0$((i % 2)).0" \
			910b4 $((20 + i)) $((i / 2)) "$2" "$3"
	done
}

tree_a2_native()
{
	a2 "$OUT/a2-native" $VENDOR_DRIVER $VENDOR_MODULE
}

# Four guests, two cards each, one of them running
tree_a2_bound()
{
	local bus

	a2 "$OUT/a2-bound" ascend_vfio_pci ascend_vfio_pci
	for bus in "${a2_buses[@]}"; do
		ours "0000:$bus:00.0" 910a2-pf 0x15 0 0
		put "/sys/bus/pci/devices/0000:$bus:00.0/driver_override" ascend_vfio_pci
		put "/etc/ascend-vfio/early.d/0000:$bus:00.0" 19e5:d802
	done
	ours 0000:01:00.0 910a2-pf 0x15 3 0
	put /sys/kernel/debug/ascend_vfio/0000:01:00.0/traps \
'register bar offset size reads dropped state
xloader 2 0x18208430 4 5 2 guarded
feature 2 0x182085f8 4 7 1 guarded'
	holds 2187 qemu-system-aar /dev/vfio/20 qemu-system-aarch64 -name guest=web1,debug-threads=on -S
	holds 2188 bash /dev/pts/0 bash
}

# 8 x 910A3: four modules of two chips each behind a switch; openEuler's kernel. One PF has
# VFs, one is with vfio-pci, one is refused: its BARs are too small for any layout.
tree_a3_mixed()
{
	local i root=/sys/devices/pci0000:00 up down bdf driver

	machine_begin "$OUT/a3-mixed" aarch64 6.6.0-72.0.0.76.oe2403sp1.aarch64 'ro iommu.passthrough=on'
	NEXT_BASE=$((0x200000000000))
	driver ascend_vfio_pci ascend_vfio_pci
	driver vfio-pci vfio_pci
	params Y N Y
	host 512 0
	put /sys/module/vfio_pci/parameters/ids 19e5:d803
	mkdir -p "$T/lib/modules/6.6.0-72.0.0.76.oe2403sp1.aarch64/build/arch/arm64/include/asm"
	printf '#define KVM_PGTABLE_PROT_NORMAL_NC BIT(5)\n' \
		>"$T/lib/modules/6.6.0-72.0.0.76.oe2403sp1.aarch64/build/arch/arm64/include/asm/kvm_pgtable.h"
	# shellcheck disable=SC2086
	port 0000:00:00.0 $root 0 acs $FULL_ACS
	PORT_TYPE=5 port 0000:01:00.0 $root/0000:00:00.0 0
	up=$root/0000:00:00.0/0000:01:00.0
	for i in 0 1 2 3 4 5 6 7; do
		# shellcheck disable=SC2086
		PORT_TYPE=6 port "0000:02:0$i.0" "$up" $((i / 4)) acs $FULL_ACS
		down=$up/0000:02:0$i.0
		bdf=0000:$(printf '%02x' $((3 + i))):00.0
		driver=ascend_vfio_pci
		[ $i != 6 ] || driver=vfio-pci
		[ $i != 7 ] || driver=-
		npu "$bdf" "$down" 910a3 $((40 + i)) $((i / 4)) "$driver"
		[ "$driver" != ascend_vfio_pci ] || ours "$bdf" 910a3-pf 0x15 0 0
	done
	put /sys/bus/pci/devices/0000:0a:00.0/driver_override ascend_vfio_pci
	resource_lines "$NEXT_BASE" $M $M $M >"$T/sys/bus/pci/devices/0000:0a:00.0/resource"
	put /sys/bus/pci/devices/0000:03:00.0/sriov_numvfs 2
	for i in 1 2; do
		# A VF has its PF's bus or the next; here the same slot
		npu "0000:03:00.$i" "$up/0000:02:00.0" 910b-vf $((60 + i)) 0 -
		put "/sys/bus/pci/devices/0000:03:00.$i/device" 0xd803
		put "/sys/bus/pci/devices/0000:03:00.$i/subsystem_device" 0x3003
		ln -s ../0000:03:00.0 "$T/sys/bus/pci/devices/0000:03:00.$i/physfn"
		ln -s "../0000:03:00.$i" "$T/sys/bus/pci/devices/0000:03:00.0/virtfn$((i - 1))"
	done
}

# Kunpeng 920, two Atlas 300I Duo, Proxmox's kernel
tree_duo()
{
	local i

	machine_begin "$OUT/duo" aarch64 6.8.12-4-pve 'ro'
	host 256 0
	btf kvm_pgtable_prot KVM_PGTABLE_PROT_DEVICE
	NEXT_BASE=$((0x80000000000))
	driver ascend_vfio_pci ascend_vfio_pci
	params Y N N
	for i in 0 1; do
		# shellcheck disable=SC2086
		port "0000:00:0$i.0" /sys/devices/pci0000:00 0 acs $FULL_ACS
		npu "0000:0$((i + 1)):00.0" "/sys/devices/pci0000:00/0000:00:0$i.0" duo $((10 + i)) 0 \
			ascend_vfio_pci
		ours "0000:0$((i + 1)):00.0" 310p-duo 0x0 0 $i
	done
}

# A PC: no ACS, so that the card shares its group with a network card that the host uses
tree_x86_shared()
{
	machine_begin "$OUT/x86-shared" x86_64 6.12.63+deb13-amd64 'ro quiet'
	NEXT_BASE=$((0x4000000000))
	driver igb igb
	host 16 0
	put /sys/kernel/security/lockdown 'none [integrity] confidentiality'
	mkdir -p "$T/sys/firmware/efi/efivars"
	printf '\6\0\0\0\1' >"$T/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"
	ko ascend_vfio_pci 0.1.0 "vfio_$(pci_alias 19e5 d802)"
	depmod_tree
	port 0000:00:01.0 /sys/devices/pci0000:00 -1
	npu 0000:01:00.0 /sys/devices/pci0000:00/0000:00:01.0 910b4 1 -1 -
	device 0000:01:00.1 /sys/devices/pci0000:00/0000:00:01.0 8086 1521 020000 1 -1
	put /sys/bus/pci/devices/0000:01:00.1/resource "$(no_bars)"
	config_begin 64
	config_end /sys/bus/pci/devices/0000:01:00.1/config
	bound 0000:01:00.1 igb
}

# One of each of the others, without an IOMMU; not one driver
tree_zoo()
{
	local i=0 model

	machine_begin "$OUT/zoo" aarch64 5.10.0-216.0.0.115.oe2203sp4.aarch64 'ro'
	rm -r "$T/sys/class/iommu"
	NEXT_BASE=$((0x80000000000))
	for model in 910a 310p odd310p 310b 310 950 hx910b; do
		port "0000:00:0$i.0" /sys/devices/pci0000:00 -1
		npu "0000:0$((i + 1)):00.0" "/sys/devices/pci0000:00/0000:00:0$i.0" $model - -1 -
		i=$((i + 1))
	done
}

tree_empty()
{
	machine_begin "$OUT/empty" x86_64 6.12.63+deb13-amd64 'ro'
}

# No PCI at all
tree_bare()
{
	machine_begin "$OUT/bare" aarch64 6.12.63+deb13-arm64 'ro'
	rm -r "$T/sys/bus"
}

for tree in ${2-a2_native a2_bound a3_mixed duo x86_shared zoo empty bare}; do
	"tree_$tree"
done
