# shellcheck shell=bash disable=SC2034,SC2153,SC2154 # variables shared with run.sh
# SPDX-License-Identifier: GPL-2.0-only

TREE=$TREES/a2-bound
run check
exits 'check: a good host' 0
hasnt 'check: a good host has no problem' problem
line 'check: Normal-NC, and how that was found out' '^ok +normal-nc: KVM honours it: .*BTF.*the driver lets 0000:01:00\.0 have it'
line 'check: one line for what eight cards share' '^ok +rivals: 0000:01:00\.0 .*0000:c2:00\.0: drv_pcie_host would take it, were it not bound'
line 'check: full ACS' '^ok +acs: 0000:01:00\.0 .*all 1 ports above it isolate'
line 'check: the signer' '^ok +signature: .*DKMS module signing key'
line 'check: QEMU of the package database' '^ok +qemu: 10\.0 \(the package qemu-system-arm\)'
line 'check: libvirt' '^ok +libvirt: 11\.3'
line 'check: window of a 910B4' '^ok +bars: .* window of 128G'
run check --quiet
is 'check --quiet: what is ok is not said' "$STDOUT" ''
run check --memory 64G
exits 'check --memory: the limit for locking is a warning' 1
line 'check --memory: huge pages' '^ok +hugepages: 128G free in pages of 2M'
line 'check --memory: memlock' '^warning memlock: .*8192 KiB'
run check --memory 2T
exits 'check --memory: too large' 2
line 'check --memory: too large, and says so' '^problem memory: .*too little for a guest of 2T'
run check --json 0000:41:00.0
json 'check --json: findings of one device and of the machine' \
	'{f["address"] for f in d["findings"]} == {None, "0000:41:00.0"} and d["result"] == "ok"'

TREE=$TREES/a2-native
run check
exits 'check: the native driver first is a warning' 1
line 'check: the native driver, and what to do' '^warning rivals: .*drv_pcie_host is loaded for it at boot.*bind --early'
copy_tree a2-native
mkdir -p "$TREE/etc/modprobe.d"
echo 'blacklist drv_pcie_host' >"$TREE/etc/modprobe.d/npu.conf"
run check
exits 'check: a blacklisted one is no rival' 0

# Each: what is changed in a good tree, the status, the finding
spoil() # NAME STATUS REGEX
{
	run check "${@:4}"
	exits "check: $1: status" "$2"
	line "check: $1" "$3"
	copy_tree a2-bound
}
copy_tree a2-bound
rm "$TREE/dev/kvm"
spoil 'no KVM' 2 '^problem kvm:'
echo 0 >"$TREE/sys/bus/pci/drivers_autoprobe"
spoil 'probing is off' 1 '^warning probing: .*new ones get no driver'
echo 0 >"$TREE/sys/bus/pci/drivers_autoprobe"
mkdir -p "$TREE/run/ascend-vfio"
echo 1 >"$TREE/run/ascend-vfio/autoprobe"
spoil 'a reset was killed' 1 '^warning probing: .*a reset goes on, or was interrupted'
echo 6.0.19-arm64 >"$TREE/proc/sys/kernel/osrelease"
spoil 'old kernel' 2 '^problem kernel: 6\.0\.19'
rm -r "$TREE/sys/class/iommu"/*
spoil 'no IOMMU' 2 '^problem iommu: .*no IOMMU'
mkdir -p "$TREE/sys/module/vfio/parameters"
echo Y >"$TREE/sys/module/vfio/parameters/enable_unsafe_noiommu_mode"
spoil 'unsafe no-IOMMU mode' 2 '^problem iommu: .*no-IOMMU'
printf 'kvm_pgtable_prot\0' >"$TREE/sys/kernel/btf/vmlinux"
spoil 'KVM without Normal-NC, by its BTF' 1 '^warning normal-nc: KVM does not honour it.*BTF.* without '
rm -r "$TREE/sys/kernel/btf"
spoil 'nothing known of Normal-NC' 1 '^warning normal-nc: not known whether'
rm -r "$TREE/sys/kernel/btf"
mkdir -p "$TREE/lib/modules/6.12.63+deb13-arm64" "$TREE/usr/src/headers/arch/arm64/include/asm"
ln -s /usr/src/headers "$TREE/lib/modules/6.12.63+deb13-arm64/build"
echo KVM_PGTABLE_PROT_DEVICE >"$TREE/usr/src/headers/arch/arm64/include/asm/kvm_pgtable.h"
spoil 'KVM without Normal-NC, by its headers' 1 '^warning normal-nc: KVM does not honour it.*/usr/src/headers/arch'
echo '0x0000000040000000 0x00000000400fffff msi' >"$TREE/sys/kernel/iommu_groups/20/reserved_regions"
spoil 'a reserved region in guest memory' 2 '^problem reserved: 0000:01:00\.0: .*where a guest of 4G' --memory 4G
echo '0x0000000040000000 0x00000000400fffff msi' >"$TREE/sys/kernel/iommu_groups/20/reserved_regions"
spoil 'the same without --memory' 0 '^ok +reserved: 0000:01:00\.0: 0x40000000'
echo '0x0000000040000000 0x00000000400fffff direct' >"$TREE/sys/kernel/iommu_groups/20/reserved_regions"
spoil 'a direct region' 2 '^problem reserved: .*gives it to no guest'
echo 'sixty-four' >"$TREE/sys/kernel/iommu_groups/20/reserved_regions"
spoil 'a region that is not understood' 1 '^warning reserved: .*sixty-four'
echo 1 >"$TREE/sys/bus/pci/devices/0000:01:00.0/ascend_vfio/needs_reset"
spoil 'a device that needs a reset' 1 '^warning reset: 0000:01:00\.0: .*ascend-vfio reset 0000:01:00\.0'
: >"$TREE/sys/bus/pci/devices/0000:01:00.0/reset_method"
spoil 'no reset method' 1 '^warning reset: 0000:01:00\.0: the kernel cannot reset it'
rm "$TREE/etc/ascend-vfio/early.d/0000:81:00.0"
spoil 'the native driver first at the next boot' 1 '^warning rivals: 0000:81:00\.0: drv_pcie_host takes it first at the next boot, .*bind --early'
mkdir -p "$TREE/sys/module/vfio_pci/parameters"
echo 8086:1521,19e5:d802 >"$TREE/sys/module/vfio_pci/parameters/ids"
spoil 'vfio-pci has the id' 1 '^warning rivals: .*vfio-pci takes it first, unguarded: its parameter'
echo 'ro vfio-pci.ids=19e5:d802' >"$TREE/proc/cmdline"
spoil 'vfio-pci gets the id at boot' 1 '^warning rivals: .*vfio-pci takes it first, unguarded: .*command line'
sed -i "s/^Version: 1:10.*/Version: 1:7.2+dfsg-7/" "$TREE/var/lib/dpkg/status"
spoil 'a QEMU that is too old for eight' 1 '^warning qemu: 7\.2 .*need a window of 2T'
sed -i "s/^Version: 1:10.*/Version: 1:7.2+dfsg-7/" "$TREE/var/lib/dpkg/status"
spoil 'which is not too old for one' 0 '^ok +qemu: 7\.2' 0000:01:00.0
sed -i "s/^Version: 11.*/Version: 9.0.0-4/" "$TREE/var/lib/dpkg/status"
spoil 'libvirt before 10' 1 '^warning libvirt: 9\.0'
sed -i 's/0x00002[0-9a-f]* 0x00002[0-9a-f]*/0x0000000000000000 0x0000000fffffffff/' "$TREE/sys/bus/pci/devices/0000:01:00.0/resource"
spoil 'BARs without an address' 2 '^problem bars: 0000:01:00\.0: .*no address'
# The module is gone from the disk, but loaded
rm -r "$TREE/lib/modules"
spoil 'no file of the module' 1 '^warning module: no file'
# Without its ACS control bits, and without the right to see them
printf '\1\0' | dd of="$TREE/sys/bus/pci/devices/0000:00:00.0/config" bs=1 seek=262 conv=notrunc 2>/dev/null
spoil 'ACS that is not whole' 1 '^warning acs: 0000:01:00\.0: port 0000:00:00\.0 has ACS without request redirect'
for file in "$TREE"/sys/bus/pci/devices/*/config; do truncate -s 64 "$file"; done
spoil 'ports that cannot be seen' 1 '^warning acs: .*not known whether they isolate'

TREE=$TREES/a3-mixed
run check
exits 'check: a3-mixed' 2
line 'check: unguarded' '^problem device: 0000:09:00\.0: vfio-pci has it'
line 'check: refused' '^problem device: 0000:0a:00\.0: refused by the driver: .*beyond the end'
line 'check: Normal-NC, by the headers' '^ok +normal-nc: KVM honours it: the kernel.s headers'
line 'check: a switch port without ACS is not asked for' '^ok +acs: .*0000:0a:00\.0: all 3 ports'

TREE=$TREES/x86-shared
run check
line 'check: a network card in the group, by its name' '^problem group: 0000:01:00\.0: IOMMU group 1 also has 0000:01:00\.1 .*driver igb'
line 'check: not signed, under lockdown' '^problem signature: .*lockdown'
line 'check: no Normal-NC on x86' '^ok +normal-nc: not an arm64 machine'
line 'check: no ACS' '^warning acs: 0000:01:00\.0: port 0000:00:01\.0 has no ACS'

TREE=$TREES/duo
run check
line 'check: the chip that resets badly' '^warning reset: 0000:01:00\.0: this chip may vanish'

TREE=$TREES/empty
run check
exits 'check: no NPU' 2
line 'check: no NPU, and says so' '^problem device: there is no Ascend NPU'

TREE=$TREES/a2-bound
best=$(processor_time run check)
is "check: eight cards in under 0.2 s of a processor ($best ms)" "$([ "$best" -lt 200 ] && echo yes)" yes
