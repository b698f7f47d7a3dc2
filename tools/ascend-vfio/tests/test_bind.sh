# shellcheck shell=bash disable=SC2034,SC2153,SC2154 # variables shared with run.sh
# SPDX-License-Identifier: GPL-2.0-only
#
# bind and unbind on recorded trees, with a fake kernel (fakekernel.c) that binds and unbinds.

CARD=0000:81:00.0
RECORD=var/lib/ascend-vfio/$CARD
RULE=etc/udev/rules.d/05-ascend-vfio-$CARD.rules

# --- there and back -----------------------------------------------------------------
copy_tree a2-native
before=$(state_of "$TREE")
kernel bind $CARD
exits 'bind: exits 0' 0
is 'bind: bound' "$(driver_now $CARD)" ascend_vfio_pci
is 'bind: override set' "$(sys $CARD driver_override)" ascend_vfio_pci
is 'bind: the others are left alone' "$(driver_now 0000:82:00.0)" "$NATIVE"
has 'bind: says what it was before' "before: $NATIVE"
is 'bind: the record' "$(grep -E '^(driver|override|state)' "$TREE/$RECORD")" \
	"$(printf 'driver %s\noverride -\nstate bound' "$NATIVE")"
after=$(state_of "$TREE")
kernel bind $CARD
exits 'bind: twice' 0
is 'bind: twice changes nothing' "$(state_of "$TREE")" "$after"
kernel unbind $CARD
exits 'unbind: exits 0' 0
is 'unbind: the native driver has it again' "$(driver_now $CARD)" "$NATIVE"
is 'unbind: all is as it was' "$(state_of "$TREE")" "$before"
kernel unbind $CARD
exits 'unbind: twice' 0
has 'unbind: twice changes nothing, and says so' 'is not bound'

# --- what was there before was not the usual ---------------------------------------
copy_tree a3-mixed
NATIVE=
kernel bind 0000:09:00.0
is 'bind: taken from vfio-pci' "$(driver_now 0000:09:00.0)" ascend_vfio_pci
kernel unbind 0000:09:00.0
is 'unbind: given back to vfio-pci, which had it without an override' \
	"$(driver_now 0000:09:00.0) $(sys 0000:09:00.0 driver_override)" 'vfio-pci (null)'
echo vfio-pci >"$TREE/sys/bus/pci/devices/0000:09:00.0/driver_override"
kernel bind 0000:09:00.0
kernel unbind 0000:09:00.0
is 'unbind: and with its override' \
	"$(driver_now 0000:09:00.0) $(sys 0000:09:00.0 driver_override)" 'vfio-pci vfio-pci'
kernel unbind 0000:04:00.0
exits 'unbind: bound by hand, no record' 0
is 'unbind: without a record the override is cleared' \
	"$(driver_now 0000:04:00.0) $(sys 0000:04:00.0 driver_override)" 'none (null)'
NATIVE=devdrv_device_driver

# --- --all, --json, --dry-run ---------------------------------------------------------
copy_tree a2-native
before=$(state_of "$TREE")
kernel bind --all --dry-run
exits 'bind --dry-run: exits 0' 0
is 'bind --dry-run: changes nothing' "$(state_of "$TREE")" "$before"
is 'bind --dry-run: says each step' \
	"$(grep -c "^would write '.*' to /sys/bus/pci/" "$WORK/out")" 24
kernel bind --all --json
json 'bind --all --json' 'len(d["devices"]) == 8 and {x["result"] for x in d["devices"]} == {"bound"} and not d["dry_run"]'
run list
is 'bind --all: eight are ready' "$(grep -c ' ascend_vfio_pci .* ready ' "$WORK/out")" 8
kernel unbind --all
exits 'unbind --all' 0
run list
is 'unbind --all: eight are native' "$(grep -c " $NATIVE .* native " "$WORK/out")" 8
is 'unbind --all: no record is left' "$(ls "$TREE/var/lib/ascend-vfio")" ''

copy_tree a3-mixed
kernel bind --all --dry-run --force
hasnt 'bind --all: not the VFs' '0000:03:00.1'

# --- refused, and nothing is changed ---------------------------------------------------
refuses() # NAME TEXT ARGUMENT...
{
	local name=$1 text=$2 before

	shift 2
	before=$(state_of "$TREE")
	kernel "$@"
	exits "$name: refused" 3
	has "$name: says why" "$text"
	is "$name: nothing is changed" "$(state_of "$TREE")" "$before"
}

copy_tree a2-bound
refuses 'unbind in use' 'in use by qemu-system-aar (guest web1), pid 2187, which has /dev/vfio/20' unbind 0000:01:00.0
refuses 'unbind --all, one in use' 'pid 2187' unbind --all
kernel unbind 0000:02:00.0
exits 'unbind: one that is not in use' 0
rm "$TREE/proc/2187/fd/17"
ln -s /dev/vfio/devices/vfio3 "$TREE/proc/2187/fd/17"
mkdir -p "$TREE/sys/bus/pci/devices/0000:01:00.0/vfio-dev/vfio3"
refuses 'unbind in use by its device node' '/dev/vfio/devices/vfio3' unbind 0000:01:00.0

copy_tree a2-native
mkdir -p "$TREE/proc/77/fd"
echo npu-smi >"$TREE/proc/77/comm"
ln -s /dev/davinci3 "$TREE/proc/77/fd/5"
refuses 'bind while some card is open' 'npu-smi, pid 77, which has /dev/davinci3' bind $CARD
kernel bind --force $CARD
exits 'bind --force: some card of the native driver is open' 0

copy_tree a3-mixed
mkdir -p "$TREE/proc/78/fd"
echo dpdk >"$TREE/proc/78/comm"
ln -s /dev/vfio/46 "$TREE/proc/78/fd/5"
refuses 'bind --force on an open VFIO file' 'dpdk, pid 78' bind --force 0000:09:00.0
refuses 'bind what the driver would refuse' 'beyond the end of the BAR' bind 0000:0a:00.0

copy_tree x86-shared
refuses 'bind in a shared group' 'IOMMU group 1 also has 0000:01:00.1, which igb uses' bind 0000:01:00.0
kernel bind --force 0000:01:00.0
exits 'bind: a module that cannot be loaded' 1
has 'bind: and says so' 'could not be loaded'
mkdir "$TREE/sys/bus/pci/drivers/ascend_vfio_pci"
kernel bind --force 0000:01:00.0
exits 'bind --force: a shared group' 0
TREE=$TREES/zoo
refuses 'bind without an IOMMU' 'no IOMMU group' bind 0000:01:00.0

# On arm64 a device has no group before a driver has had it.
copy_tree a2-native
rm "$TREE/sys/bus/pci/devices/$CARD/driver" "$TREE/sys/bus/pci/drivers/$NATIVE/$CARD" \
	"$TREE/sys/bus/pci/devices/$CARD/iommu_group"
run check $CARD
line 'check: a group that comes later is no problem' '^ok +group: .*gets its IOMMU group from the first'
FAKE=(FAKE_GROUP=24)
kernel bind $CARD
exits 'bind: a card that had no group yet' 0
kernel unbind $CARD
is 'unbind: and no driver' "$(driver_now $CARD)" none
rm "$TREE/sys/bus/pci/devices/$CARD/iommu_group"
FAKE=(FAKE_GROUP=25)
kernel bind $CARD
exits 'bind: it gets one that another NPU is in' 1
has 'bind: it gets one that another NPU is in, and says so' 'name it as well'
is 'bind: and is given back' "$(driver_now $CARD) $(sys $CARD driver_override)" 'none (null)'
FAKE=()

# A second NPU in the group: both or none
copy_tree a2-native
rm "$TREE/sys/bus/pci/devices/0000:82:00.0/iommu_group"
cp -P "$TREE/sys/bus/pci/devices/$CARD/iommu_group" "$TREE/sys/bus/pci/devices/0000:82:00.0/"
cp -P "$TREE/sys/kernel/iommu_groups/25/devices/0000:82:00.0" "$TREE/sys/kernel/iommu_groups/24/devices/"
refuses 'bind half a group' '0000:82:00.0, which devdrv_device_driver uses: it is an NPU, name it as well' bind $CARD
kernel bind $CARD 0000:82:00.0
exits 'bind: the whole group' 0

# --- a failure puts everything back -----------------------------------------------------
copy_tree a2-native
before=$(state_of "$TREE")
FAKE=(FAKE_REFUSE=0000:c2:00.0)
kernel bind --all
exits 'bind: the driver refuses the last of eight' 1
has 'bind: says which' '0000:c2:00.0: could not be bound'
is 'bind: all eight are as they were' "$(state_of "$TREE")" "$before"
run list
is 'bind: all eight are native' "$(grep -c " $NATIVE .* native " "$WORK/out")" 8
echo '3,9,1,-;ascend_vfio_pci 0000:81:00.0: refused, [19e5:d802] subsystem [19e5:3002]: layout contradicts' >"$TREE/dev/kmsg"
FAKE=("FAKE_REFUSE=$CARD")
kernel bind $CARD
has 'bind: passes on what the kernel says' 'the kernel says: ascend_vfio_pci 0000:81:00.0: refused, [19e5:d802]'
FAKE=()

# --- --persist ---------------------------------------------------------------------------
copy_tree a2-native
kernel bind --persist $CARD
exits 'bind --persist' 0
is 'bind --persist: the rule names the card twice, by address and ids' \
	"$(grep -c "$CARD" "$TREE/$RULE") $(grep -c '0x19e5' "$TREE/$RULE") $(grep -c '0xd802' "$TREE/$RULE")" '2 2 2'
if command -v udevadm >/dev/null && udevadm verify --help >/dev/null 2>&1; then
	is 'bind --persist: udev understands the rule' "$(udevadm verify --no-summary "$TREE/$RULE" 2>&1)" ''
fi
# What udev would run, with its "$$" taken back: on this tree, in place of /sys
program=$(sed -n "s/.*PROGRAM=\"\\/bin\\/sh -c '\\([^']*\\)'.*/\\1/p" "$TREE/$RULE" | sed 's/\$\$/$/g')
is 'bind --persist: there is a program in the rule' "$([ -n "$program" ] && echo yes)" yes
cp -a "$TREES/a2-native/." "$WORK/boot"
sh -c "${program//\/sys\//$WORK/boot/sys/}"
is 'rule: a card that has a driver is left alone' \
	"$(cat "$WORK/boot/sys/bus/pci/devices/$CARD/driver_override")" '(null)'
rm "$WORK/boot/sys/bus/pci/devices/$CARD/driver"
sh -c "${program//\/sys\//$WORK/boot/sys/}"
is 'rule: a card without one gets the override' \
	"$(cat "$WORK/boot/sys/bus/pci/devices/$CARD/driver_override")" ascend_vfio_pci
echo '(null)' >"$WORK/boot/sys/bus/pci/devices/$CARD/driver_override"
echo 0x1234 >"$WORK/boot/sys/bus/pci/devices/$CARD/device"
sh -c "${program//\/sys\//$WORK/boot/sys/}"
is 'rule: another card in that slot is left alone' \
	"$(cat "$WORK/boot/sys/bus/pci/devices/$CARD/driver_override")" '(null)'
rm -r "${WORK:?}/boot"
# After a reboot: another boot, bound by the rule
echo 5a6b7c8d-0000-4000-8000-000000000002 >"$TREE/proc/sys/kernel/random/boot_id"
kernel unbind $CARD
is 'unbind: restores after a reboot, too' "$(driver_now $CARD) $(sys $CARD driver_override)" "$NATIVE (null)"
is 'unbind: the rule is gone' "$(ls "$TREE/etc/udev/rules.d")" ''
# After a reboot without --persist: native again, and what was recorded is of no account
kernel bind $CARD
rm "$TREE/sys/bus/pci/devices/$CARD/driver" "$TREE/sys/bus/pci/drivers/ascend_vfio_pci/$CARD"
echo '(null)' >"$TREE/sys/bus/pci/devices/$CARD/driver_override"
echo 5a6b7c8d-0000-4000-8000-000000000003 >"$TREE/proc/sys/kernel/random/boot_id"
kernel bind $CARD
is 'bind: a record of before the reboot is made anew' "$(grep ^driver "$TREE/$RECORD")" 'driver -'
kernel unbind $CARD
is 'unbind: none had it' "$(driver_now $CARD)" none

copy_tree a2-native
mkdir -p "$TREE/usr/sbin"
: >"$TREE/usr/sbin/driverctl"
kernel bind --persist $CARD
is 'bind --persist: driverctl where it is there' "$(cat "$TREE/etc/driverctl.d/pci-$CARD")" ascend_vfio_pci
is 'bind --persist: and then no rule' "$(ls "$TREE/etc/udev/rules.d" 2>/dev/null)" ''
kernel unbind $CARD
is 'unbind: its file is gone' "$(ls "$TREE/etc/driverctl.d")" ''
echo vfio-pci >"$TREE/etc/driverctl.d/pci-$CARD"
kernel unbind $CARD
is 'unbind: not one that names another driver' "$(cat "$TREE/etc/driverctl.d/pci-$CARD")" vfio-pci

# --- --early -------------------------------------------------------------------------------
copy_tree a2-native
refuses 'bind --early without an initramfs tool' 'neither initramfs-tools nor dracut' bind --early $CARD
mkdir -p "$TREE/usr/sbin" "$TREE/usr/share/initramfs-tools/hooks"
: >"$TREE/usr/sbin/update-initramfs"
refuses 'bind --early without our hook' 'not installed: make' bind --early $CARD
: >"$TREE/usr/share/initramfs-tools/hooks/ascend-vfio"
kernel bind --early --dry-run $CARD
has 'bind --early --dry-run: names the command' 'would run update-initramfs -u'
kernel bind --early $CARD
exits 'bind --early' 0
is 'bind --early: listed, and persistent' \
	"$(cat "$TREE/etc/ascend-vfio/early.d/$CARD") $(ls "$TREE/etc/udev/rules.d")" \
	"19e5:d802 05-ascend-vfio-$CARD.rules"
has 'bind --early: the initramfs is made anew' 'not run: update-initramfs -u'
kernel bind --early $CARD
hasnt 'bind --early: twice does not make it again' update-initramfs
kernel unbind $CARD
is 'unbind: no longer listed' "$(ls "$TREE/etc/ascend-vfio/early.d")" ''
has 'unbind: the initramfs is made anew' 'not run: update-initramfs -u'

# --- records that are none of ours ------------------------------------------------------------
copy_tree a2-native
kernel bind $CARD
head -c 60 "$TREE/$RECORD" >"$WORK/cut" && cp "$WORK/cut" "$TREE/$RECORD"
kernel unbind $CARD
has 'unbind: a damaged record is said' 'is damaged'
is 'unbind: and the driver that claims the card gets it' "$(driver_now $CARD)" "$NATIVE"
kernel bind $CARD
sed -i 's/^device.*/device 19e5:d500/' "$TREE/$RECORD"
kernel unbind $CARD
has 'unbind: a record of another card is said' 'another card'
