#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# For dracut: /usr/lib/dracut/modules.d/90ascend-vfio/module-setup.sh
#
# shellcheck disable=SC2154 # dracut sets moddir, initdir and dracutsysrootdir

check()
{
	local files=("$dracutsysrootdir"/etc/ascend-vfio/early.d/*)

	[ -f "${files[0]}" ]
}

depends()
{
	return 0
}

installkernel()
{
	hostonly='' instmods ascend_vfio_pci
}

install()
{
	local file order=$initdir/etc/systemd/system/dracut-pre-udev.service.d

	for file in "$dracutsysrootdir"/etc/ascend-vfio/early.d/*; do
		inst_simple "${file#"$dracutsysrootdir"}"
	done
	inst_multiple modprobe
	# Before udev loads modules, and before systemd does, which is told to by modules-load.d
	# (dracut takes that along, with the modules).
	mkdir -p "$order"
	printf '[Unit]\nBefore=systemd-modules-load.service\n' >"$order/ascend-vfio.conf"
	inst_script "$moddir/ascend-vfio-early" /usr/bin/ascend-vfio-early
	inst_hook pre-udev 10 "$moddir/ascend-vfio.sh"
}
