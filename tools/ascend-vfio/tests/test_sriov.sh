# shellcheck shell=bash disable=SC2034,SC2153,SC2154 # variables shared with run.sh
# SPDX-License-Identifier: GPL-2.0-only

PF=0000:03:00.0
copy_tree a3-mixed
run sriov $PF
is 'sriov: lists the VFs' "$(grep -c '^0000:03:00.[12]: VF of 0000:03:00.0' "$WORK/out")" 2
kernel sriov $PF --vfs 0
exits 'sriov --vfs 0' 0
is 'sriov --vfs 0: they are gone' "$STDOUT $(sys $PF sriov_numvfs)" ' 0'
kernel sriov $PF --vfs 2
exits 'sriov --vfs 2' 0
is 'sriov --vfs 2: bound' "$(driver_now 0000:03:00.1) $(driver_now 0000:03:00.2)" 'ascend_vfio_pci ascend_vfio_pci'
is 'sriov: no automatic probing of VFs' "$(sys $PF sriov_drivers_autoprobe)" 0
kernel sriov $PF --vfs 1
is 'sriov: another number by way of 0' "$(sys $PF sriov_numvfs) $(ls -d "$TREE"/sys/bus/pci/devices/0000:03:00.[12])" \
	"1 $TREE/sys/bus/pci/devices/0000:03:00.1"
kernel sriov $PF --vfs 17
exits 'sriov: more than there are' 3
kernel sriov 0000:03:00.1 --vfs 1
exits 'sriov: not a PF' 3
echo N >"$TREE/sys/module/ascend_vfio_pci/parameters/enable_sriov"
kernel sriov $PF --vfs 2 --no-bind
is 'sriov: the parameter is switched on' "$(cat "$TREE/sys/module/ascend_vfio_pci/parameters/enable_sriov")" Y
is 'sriov --no-bind: the new one has no driver' "$(driver_now 0000:03:00.2)" none
rm "$TREE/sys/module/ascend_vfio_pci/parameters/enable_sriov"
kernel sriov $PF --vfs 1
exits 'sriov: a driver without the parameter' 1
mkdir -p "$TREE/proc/78/fd"
echo qemu >"$TREE/proc/78/comm"
ln -s /dev/vfio/61 "$TREE/proc/78/fd/5"
kernel sriov $PF --vfs 0
exits 'sriov: a VF in use' 3
