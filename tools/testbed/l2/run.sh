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
DEMO=/demo
DEVICE=/sys/bus/pci/devices/$ASCEND_BDF
OUT=/tmp/l2-$DRIVER
# Of the log: where the guest's part begins and ends.
lines() { wc -l <"$ASCEND_SIM_LOG"; }

fail()
{
	echo "error=$*"
	sed 's/^/# QEMU: /' "$OUT/qemu" 2>/dev/null || true
	tail -n 20 "$OUT/console" 2>/dev/null | sed 's/^/# L2: /'
	exit 1
}

bind() # WC_UNLISTED
{
	echo "$1" >/sys/module/ascend_vfio_pci/parameters/wc_unlisted
	echo "$DRIVER" >"$DEVICE/driver_override"
	[ ! -e "$DEVICE/driver" ] || echo "$ASCEND_BDF" >"$DEVICE/driver/unbind"
	echo "$ASCEND_BDF" >/sys/bus/pci/drivers_probe
	driver=$(readlink "$DEVICE/driver" || true)
	[ "${driver##*/}" = "$DRIVER" ] || fail "$ASCEND_BDF was not bound to $DRIVER: see L1's console"
	# Only ascend_vfio_pci has it.
	echo "normal_nc_bars=$(cat "$DEVICE/ascend_vfio/normal_nc_bars" 2>/dev/null || echo none)"
}

start_qemu()
{
	"$DEMO/lib/ld-linux-aarch64.so.1" --library-path "$DEMO/lib" "$DEMO/qemu-system-aarch64" \
		-nodefaults -no-reboot -display none -M virt,gic-version=host -accel kvm -cpu host \
		-m 256M -kernel "$DEMO/Image" -initrd "$DEMO/l2.cpio" \
		-append "console=ttyAMA0 quiet panic=-1 npu_model=$ASCEND_MODEL" \
		-serial "file:$OUT/console" \
		-device virtio-serial-pci -chardev "file,id=results,path=$OUT/results" \
		-device virtserialport,chardev=results,name=org.ascend.results \
		-device "vfio-pci,host=$ASCEND_BDF" >"$OUT/qemu" 2>&1 </dev/null &
	QEMU=$!
}

# Until the guest has said all, or can say no more: a fault at stage 2 pauses it.
wait_for_guest()
{
	left=1500
	while ! grep -qx done=1 "$OUT/results" 2>/dev/null; do
		! grep -q 'kvm run failed' "$OUT/qemu" || break
		kill -0 "$QEMU" 2>/dev/null || fail "QEMU ended early"
		left=$((left - 1))
		[ "$left" -gt 0 ] || fail "the guest was not done after 150 s"
		sleep 0.1
	done
}

# Whether QEMU's mappings of the device carry VM_ALLOW_ANY_UNCACHED: the one VM
# flag of such a mapping that smaps has no name for.
any_uncached()
{
	awk '/^[0-9a-f]+-[0-9a-f]+ / { device = /vfio/ }
	     /^VmFlags:/ && device { seen = 1; flagged = flagged || / \?\?/ }
	     END { print seen ? flagged ? "yes" : "no" : "unmapped" }' "/proc/$QEMU/smaps"
}

mkdir -p "$OUT"
bind "$2"
echo "log_from=$(lines)"
start_qemu
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
