# shellcheck shell=bash disable=SC2034,SC2153,SC2154 # variables shared with run.sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What runs in the initramfs, on a tree of a machine that boots: no device has a driver yet.

lint=$(sh -n ../early/ascend-vfio-early && sh -n ../early/initramfs-hook && sh -n ../early/dracut-hook.sh &&
	sh -n ../early/initramfs-init-top && bash -n ../early/dracut-module-setup.sh) 2>&1
is 'early: the scripts are valid' "$lint" ''

boot_tree()
{
	copy_tree a2-native
	find "$TREE/sys/devices" -name driver -type l ! -path '*:00:0?.0/driver' -delete
	rm -rf "$TREE/sys/devices"/*/*/*/driver
	mkdir -p "$TREE/etc/ascend-vfio/early.d" "$WORK/bin"
	printf '#!/bin/sh\necho "$@" >>"%s"\n' "$WORK/modprobed" >"$WORK/bin/modprobe"
	chmod +x "$WORK/bin/modprobe"
	rm -f "$WORK/modprobed"
}
early()
{
	STATUS=0
	PATH=$WORK/bin:$PATH ASCEND_ROOT=$TREE sh ../early/ascend-vfio-early >"$WORK/out" 2>"$WORK/err" || STATUS=$?
	STDOUT=$(<"$WORK/out") STDERR=$(<"$WORK/err")
}

boot_tree
early
is 'early: an empty list loads nothing' "$STATUS $([ -e "$WORK/modprobed" ] && echo loaded)" '0 '

boot_tree
echo 19e5:d802 >"$TREE/etc/ascend-vfio/early.d/0000:81:00.0"
early
is 'early: a listed card gets the override' "$(sys 0000:81:00.0 driver_override)" ascend_vfio_pci
is 'early: another does not' "$(sys 0000:82:00.0 driver_override)" '(null)'
is 'early: the driver is loaded' "$(cat "$WORK/modprobed")" ascend_vfio_pci
is 'early: probed, as the module may have been loaded' "$(cat "$TREE/sys/bus/pci/drivers_probe")" 0000:81:00.0

boot_tree
echo 19e5:d500 >"$TREE/etc/ascend-vfio/early.d/0000:81:00.0"
early
is 'early: another card in that slot is left alone' "$(sys 0000:81:00.0 driver_override)" '(null)'

boot_tree
echo 19e5:d802 >"$TREE/etc/ascend-vfio/early.d/0000:81:00.0"
ln -s /anything "$TREE/sys/bus/pci/devices/0000:81:00.0/driver"
ln -sfn "$TREE/sys/bus/pci/drivers/$NATIVE" "$TREE/sys/bus/pci/devices/0000:81:00.0/driver"
early
is 'early: one that has a driver is left alone' "$(sys 0000:81:00.0 driver_override)" '(null)'
has 'early: and it is said' 'too late'

boot_tree
echo 19e5:d802 >"$TREE/etc/ascend-vfio/early.d/0000:99:00.0"
early
exits 'early: a card that is gone does no harm' 0

# The order that initramfs-tools makes of its folder, as it makes it
order=$(printf '%s %s\n' all_generic_ide all_generic_ide ascend-vfio ascend-vfio blacklist blacklist \
	keymap keymap udev udev udev plymouth | tsort | grep -nE '^(ascend-vfio|udev)$' | sort -t: -n | cut -d: -f2)
is 'early: initramfs-tools runs it before udev' "$order" "$(printf 'ascend-vfio\nudev')"

# make install puts things where the tool looks for them
make -s -C .. O="$O" DESTDIR="$WORK/dest" install >/dev/null 2>&1
copy_tree a2-native
mkdir -p "$TREE/usr/bin"
: >"$TREE/usr/bin/dracut"
kernel bind --early 0000:81:00.0
exits 'early: dracut without our module' 3
cp -a "$WORK/dest/." "$TREE/"
kernel bind --early 0000:81:00.0
exits 'early: dracut with what make install installs' 0
has 'early: dracut is what would run' 'not run: dracut --regenerate-all --force'
