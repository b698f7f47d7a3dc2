#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Runs in L1: run.sh DRIVER WC_UNLISTED gives the NPU $ASCEND_BDF by DRIVER to the guest of a
# stock QEMU, and prints what that guest saw, one key=value a line. WC_UNLISTED is
# ascend_vfio_pci's parameter.
# In /demo lie QEMU with its libraries (extracted only, hence run by its own loader),
# the kernel that L1 booted, for L2, and L2's initramfs.

set -eu
DRIVER=$1
OUT=/tmp/l2-$DRIVER
L2=/demo QEMU_DIR=/demo
# shellcheck source=tools/testbed/l2/lib.sh
. /demo/lib.sh
# Of the log: where the guest's part begins and ends.
lines() { wc -l <"$ASCEND_SIM_LOG"; }

# Whether QEMU's mappings of the device carry VM_ALLOW_ANY_UNCACHED: the one VM
# flag of such a mapping that smaps has no name for.
any_uncached()
{
	awk '/^[0-9a-f]+-[0-9a-f]+ / { device = /vfio/ }
	     /^VmFlags:/ && device { seen = 1; flagged = flagged || / \?\?/ }
	     END { print seen ? flagged ? "yes" : "no" : "unmapped" }' "/proc/$QEMU/smaps"
}

mkdir -p "$OUT"
echo "$2" >/sys/module/ascend_vfio_pci/parameters/wc_unlisted
bind
# Only ascend_vfio_pci has it.
echo "normal_nc_bars=$(cat "$DEVICE/ascend_vfio/normal_nc_bars" 2>/dev/null || echo none)"
echo "log_from=$(lines)"
start_qemu ''
trap 'kill "$QEMU" 2>/dev/null || true' EXIT
wait_for_guest
echo "any_uncached=$(any_uncached)"
echo "log_to=$(lines)"
cat "$OUT/results"
# The last word of a guest that hangs in its first unaligned store.
if ! grep -qx done=1 "$OUT/results"; then
	tail -n 1 "$OUT/results" | grep -qx unaligned=trying || fail "the guest stopped too early"
	echo unaligned=faults
fi
kill "$QEMU"
wait "$QEMU" || true
trap - EXIT
echo "complete=1"
