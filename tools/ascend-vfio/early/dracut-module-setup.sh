#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# For dracut: /usr/lib/dracut/modules.d/90ascend-vfio/module-setup.sh
#
# shellcheck disable=SC2154 # dracut sets moddir and dracutsysrootdir

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
	local file

	for file in "$dracutsysrootdir"/etc/ascend-vfio/early.d/*; do
		inst_simple "${file#"$dracutsysrootdir"}"
	done
	inst_multiple modprobe
	# udev has not started, so no module is loaded yet.
	inst_script "$moddir/ascend-vfio-early" /usr/bin/ascend-vfio-early
	inst_hook pre-udev 10 "$moddir/ascend-vfio.sh"
}
