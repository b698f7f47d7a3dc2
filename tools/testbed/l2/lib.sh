# shellcheck shell=sh disable=SC2153 # variables of who sources it
# SPDX-License-Identifier: GPL-2.0-only
#
# A guest in L1 that gets the NPU $ASCEND_BDF, or others: sourced by run.sh, vmm_test and
# npus_test, which set DRIVER (but the last), OUT (a directory), L2 (where L2's kernel and
# initramfs lie) and QEMU_DIR (QEMU with its libraries, extracted only, hence run by its own
# loader).

DEVICE=/sys/bus/pci/devices/$ASCEND_BDF

fail()
{
	echo "error=$*"
	sed 's/^/# QEMU: /' "$OUT/qemu" 2>/dev/null || true
	tail -n 20 "$OUT/console" 2>/dev/null | sed 's/^/# L2: /'
	exit 1
}

bind()
{
	echo "$DRIVER" >"$DEVICE/driver_override"
	[ ! -e "$DEVICE/driver" ] || echo "$ASCEND_BDF" >"$DEVICE/driver/unbind"
	echo "$ASCEND_BDF" >/sys/bus/pci/drivers_probe
	driver=$(readlink "$DEVICE/driver" || true)
	[ "${driver##*/}" = "$DRIVER" ] || fail "$ASCEND_BDF was not bound to $DRIVER: see L1's console"
}

start_qemu() # KERNEL-ARGUMENTS [WORD...]: words of QEMU's in the place of the one NPU
{
	append="console=ttyAMA0 mitigations=off cryptomgr.notests=1 quiet panic=-1 npu_model=$ASCEND_MODEL $1"
	shift
	[ $# != 0 ] || set -- -device "vfio-pci,host=$ASCEND_BDF"
	rm -f "$OUT/results" "$OUT/qemu" "$OUT/console"
	# exec: its process id is the shell's.
	(exec "$QEMU_DIR/lib/ld-linux-aarch64.so.1" --library-path "$QEMU_DIR/lib" \
		"$QEMU_DIR/qemu-system-aarch64" \
		-nodefaults -no-reboot -display none -M virt,gic-version=host -accel kvm -cpu host \
		-m 256M -kernel "$L2/Image" -initrd "$L2/l2.cpio" \
		-append "$append" \
		-serial "file:$OUT/console" \
		-device virtio-serial-pci -chardev "file,id=results,path=$OUT/results" \
		-device virtserialport,chardev=results,name=org.ascend.results \
		"$@") >"$OUT/qemu" 2>&1 </dev/null &
	QEMU=$!
}

# Until the guest has said all, or can say no more: a fault at stage 2 pauses it.
wait_for_guest()
{
	left=${LIMIT:-1500}
	while ! grep -qx done=1 "$OUT/results" 2>/dev/null; do
		! grep -q 'kvm run failed' "$OUT/qemu" || break
		kill -0 "$QEMU" 2>/dev/null || fail "QEMU ended early"
		left=$((left - 1))
		[ "$left" -gt 0 ] || fail "the guest was not done after ${LIMIT:-1500} tenths of a second"
		sleep 0.1
	done
}
