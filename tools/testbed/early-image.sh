#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# early-image.sh KERNEL: TAP: what "ascend-vfio bind --early" puts into an initramfs of dracut:
# dracut makes one in a root of Debian's, with our module; what is in it, and what the hook
# does, run by the initramfs' own shell on a made-up sysfs. It is not booted.

# shellcheck source=tools/testbed/common.sh
. "$(dirname "$0")/common.sh"

BDF=0000:81:00.0
NR=0 FAILED=0

ok() # STATUS NAME
{
	NR=$((NR + 1))
	[ "$1" = 0 ] || FAILED=$((FAILED + 1))
	printf '%sok %d - %s\n' "$([ "$1" = 0 ] || echo 'not ')" "$NR" "$2"
}

has() # PATH
{
	local status=0

	grep -qx "$1" "$WORK/files" || status=1
	ok "$status" "dracut: the initramfs has $1"
}

make_root()
{
	local dir tree

	dir=$(part build dracut "$KERNEL")
	tree=$(part fetch "debian-$(<"$KERNEL_DIR/arch")")
	mkdir "$ROOT" "$IMAGE"
	in_tree "$tree" -r "$dir" -w "$ROOT" -- debugfs -R "rdump / $ROOT" "$dir/disk" >/dev/null 2>&1
	mkdir -p "$ROOT/etc/ascend-vfio/early.d"
	echo 19e5:d802 >"$ROOT/etc/ascend-vfio/early.d/$BDF"
	# As an operator may have it: dracut takes it along, with the module.
	echo drv_pcie_host >"$ROOT/etc/modules-load.d/drv_pcie_host.conf"
}

make_image()
{
	as_root_of "$ROOT" dracut --quiet --force --kver "$RELEASE" /boot/image >"$WORK/log" 2>&1
	as_root_of "$ROOT" sh -ec 'mkdir /boot/unpacked; cd /boot/unpacked; lsinitrd --unpack /boot/image' \
		>>"$WORK/log" 2>&1
	(cd "$ROOT/boot/unpacked" && find . -printf '%P\n') >"$WORK/files"
}

# The slot holds the card of the list, or another.
run_hook() # DEVICE-ID
{
	local device=$ROOT/boot/unpacked/tree/sys/bus/pci/devices/$BDF

	mkdir -p "$device" "$ROOT"/boot/unpacked/{tree/etc,dev,proc,tmp,run}
	cp -r "$ROOT/etc/ascend-vfio" "$ROOT/boot/unpacked/tree/etc/"
	echo 0x19e5 >"$device/vendor"
	echo "$1" >"$device/device"
	echo '(null)' >"$device/driver_override"
	# Sourced, as dracut does; there are no NPUs that the driver could take.
	as_root_of "$ROOT/boot/unpacked" sh -c 'export ASCEND_ROOT=/tree
		. /usr/lib/dracut/hooks/pre-udev/10-ascend-vfio.sh' >>"$WORK/log" 2>&1 || true
	OVERRIDE=$(<"$device/driver_override")
}

main()
{
	local status=0

	KERNEL=$1
	KERNEL_DIR=$(part kernels "$KERNEL")
	RELEASE=$(<"$KERNEL_DIR/release")
	WORK=$(mktemp -d "$CACHE/.early.XXXXXX")
	trap 'rm -rf "$WORK"' EXIT
	ROOT=$WORK/root IMAGE=$WORK/image
	make_root
	make_image || status=$?
	[ "$status" = 0 ] || sed 's/^/# /' "$WORK/log"
	ok "$status" 'dracut: makes an initramfs'
	has "etc/ascend-vfio/early\.d/$BDF"
	has ".*/modules/$RELEASE/.*/ascend_vfio_pci\.ko"
	has ".*/modules/$RELEASE/.*/vfio-pci-core\.ko"
	has 'usr/bin/ascend-vfio-early'
	has '.*lib/dracut/hooks/pre-udev/10-ascend-vfio\.sh'
	# So that the hook is needed.
	has '.*/drv_pcie_host\.ko'
	status=0
	grep -qx Before=systemd-modules-load.service \
		"$ROOT"/boot/unpacked/etc/systemd/system/dracut-pre-udev.service.d/*.conf || status=1
	ok "$status" 'dracut: the hook comes before systemd-modules-load'
	run_hook 0xd802
	status=0; [ "$OVERRIDE" = ascend_vfio_pci ] || { status=1; sed 's/^/# /' "$WORK/log"; }
	ok "$status" 'the hook: the listed card gets the override'
	run_hook 0xd803
	status=0; [ "$OVERRIDE" = '(null)' ] || status=1
	ok "$status" 'the hook: another card in its slot does not'
	printf '1..%d\n' "$NR"
	[ "$FAILED" = 0 ]
}

main "$@"; exit
