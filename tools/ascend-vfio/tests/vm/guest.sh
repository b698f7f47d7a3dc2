# shellcheck shell=sh disable=SC2034,SC2154 # variables shared with the tests and lib.sh
# SPDX-License-Identifier: GPL-2.0-only
#
# A guest of a stock QEMU that has the NPU $A, and what is seen of it from the host; sourced
# behind lib.sh. It is one of KVM, which an emulated x86 processor has, too: AMD's, with nested
# page tables. The guest runs verify, which writes to xloader, too, where it is told so.

XLOADER=BAR2+0x18208430
WC='BAR4: write combining: allowed by the host'

case $(uname -m) in
aarch64)
	WC="$WC, and an unaligned and a 64-byte store work"
	LOADER=ld-linux-aarch64.so.1
	MACHINE='qemu-system-aarch64 -M virt,gic-version=host'
	CONSOLE=ttyAMA0 ;;
x86_64)
	LOADER=ld-linux-x86-64.so.2
	MACHINE='qemu-system-x86_64 -L /guest/share -M q35'
	CONSOLE=ttyS0 ;;
esac

# Writes that arrived at xloader, of the simulator's log
arrived()
{
	grep -c ' WRITE region=2 offset=0x18208430 .*value=0x5a6b7c8d' "$ASCEND_SIM_LOG"
}

dropped()
{
	cat "$DEVICES/$A/ascend_vfio/dropped_writes"
}

# What to paste for $A, of qemu-args, into $DIR/args
ask_args()
{
	run qemu-args "$A" --qemu 10.0
	is 'qemu-args: exits 0' "$STATUS" 0
	sed 's/$/ /' "$DIR/out" >"$DIR/args"
	sed 's/^/# /' "$DIR/out"
}

guest() # [WORD-OF-COMMAND-LINE]: what verify in it printed is in $DIR/guest and "out"
{
	# shellcheck disable=SC2046,SC2086 # words, as an operator pastes them
	timeout 600 /guest/lib/$LOADER --library-path /guest/lib \
		/guest/$MACHINE -accel kvm -cpu host -name web1 -nodefaults -no-reboot -display none -m 256M \
		-kernel /guest/Image -initrd /tool/guest-verify.cpio.gz \
		-append "console=$CONSOLE mitigations=off cryptomgr.notests=1 quiet panic=-1 ${1-}" -serial "file:$DIR/guest" \
		$(tr -d '\\\n' <"$DIR/args") >"$DIR/qemu" 2>&1 </dev/null
	STATUS=$?
	tr -d '\r' <"$DIR/guest" >"$DIR/out"
	cp "$DIR/qemu" "$DIR/err"
}

start_watch()
{
	ascend-vfio watch >"$DIR/watch" 2>&1 </dev/null &
	watch=$!
	enable=/sys/kernel/tracing/instances/ascend-vfio-$watch/events/ascend_vfio/ascend_vfio_trap/enable
	until [ "$(cat "$enable" 2>/dev/null)" = 1 ]; do
		kill -0 $watch || break
		sleep 0.1
	done
}

# Of a guest that tries to write to xloader, with watch beside it
attempt()
{
	start_watch
	before=$(dropped) arrived=$(arrived)
	guest verify_attempt
	is 'QEMU takes the arguments, and ends when the guest does' "$STATUS" 0
	has 'verify in the guest: the host answers for feature' "feature reads $(cat "$DEVICES/$A/ascend_vfio/normal_nc_bars"), and so it does when 0 was written"
	has 'verify in the guest: write combining' "$WC"
	has 'verify in the guest: xloader is guarded' 'a write to xloader was dropped'
	has 'verify in the guest: exits 0' 'ascend-vfio-verify: exit status 0'
	is 'the device never saw it' "$(arrived)" "$arrived"
	is 'the driver has counted it' "$([ "$(dropped)" -gt "$before" ] && echo yes)" yes
	kill $watch && wait $watch
	is 'watch: exits 0 when it is told to end' $? 0
	cp "$DIR/watch" "$DIR/out"
	has "watch: the guest's attempt, by the guest's name" \
		"$A: dropped write to xloader $XLOADER, 4 bytes, 0x5a6b7c8d: guest web1 ("
	is 'watch: as many as the driver has counted' "$(grep -c 'dropped write to ' "$DIR/watch")" \
		"$(($(dropped) - before))"
	is 'watch: its trace instance is gone' "$(ls /sys/kernel/tracing/instances)" ''
}
