#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# replug.sh SLOT DEVICE LOG QMP QTEST: be the slot of an NPU that resets badly (npu-sim
# --vanish): when its simulator says FOREIGN, the link goes down under the running kernel,
# and the NPU comes back when the kernel has let go of it.
#   SLOT    of the root port on bus 0, in hex
#   DEVICE  the NPU: arguments of QMP's device_add
#   LOG     of the simulator
#   QMP     QEMU's machine protocol: name of a pair of pipes, without .in and .out
#   QTEST   QEMU's test protocol, the same
#
# QEMU's device_del asks the guest first, as an operator would; it has no command for a
# device that goes by itself. But it takes a device out at once when its slot's power is
# turned off. So that is done behind the guest's back, by a write to the root port's
# registers, and undone: what the guest sees is an empty slot that has power.
#
# What a test in L1 sees of a reset, by whatever it was asked for:
#   at once     config space and BARs read all ones. Who asked for the reset (opening the
#               device by VFIO, VFIO_DEVICE_RESET, the last close, sysfs) sleeps until
#               config space answers: for the MS of --vanish and up to as long again. The
#               reset then counts as done, and an open succeeds. Log: RESET, VANISH ms=MS
#   after MS    the ids in config space are 1000:02b2; a second reset starts all anew.
#               Log: FOREIGN
#   +0.5 s      pciehp: "Card not present"; config space and BARs read all ones for good.
#               Whoever has the device open keeps a dead one, and /dev/vfio/N, until he
#               closes it. Then the device leaves sysfs, with its IOMMU group. Log: BACK,
#               DISCONNECT
#   +2.5 s      the device is in sysfs again, without driver_override and driver; its
#               IOMMU group and /dev/vfio/N come when it is bound. Log: CONNECT, POWERON
# A reset before memory decoding was ever enabled counts as the VMM's at power-on: POWERON
# in the log, and nothing else happens.

# shellcheck source=tools/testbed/common.sh
. "$(dirname "$0")/common.sh"

# Of a "virt" machine whose memory ends below 256 GiB
ECAM=0x4010000000
ROOT_PORT_ID=0x000c1b36

CAP_LIST=0x34 CAP_EXP=0x10 SLOT_CONTROL=0x18
# In slot control: power indicator and controller, off; the controller alone; interrupts
POWER_OFF=0x0700 CONTROLLER_OFF=0x0400 INTERRUPTS=0x0020

# How long the foreign ids can be seen
FOREIGN_S=0.5
# The kernel is deaf for a second after it turned a slot's power off
SETTLE_S=1.5
ANSWER_S=30

[ $# = 5 ] || { sed -n '/^# replug.sh/,/^$/s/^# \?//p' "$0" >&2; exit 2; }
PORT=$((ECAM + (0x$1 << 15))) DEVICE=$2 LOG=$3
exec {QMP_IN}<>"$4.in" {QMP_OUT}<>"$4.out" {QTEST_IN}<>"$5.in" {QTEST_OUT}<>"$5.out"

# Into ANSWER: what stands after the OK.
qtest_answer() # COMMAND
{
	read -r -t $ANSWER_S -u "$QTEST_OUT" ANSWER || die "no answer to '$1'"
	[[ $ANSWER == OK* ]] || die "$1: $ANSWER"
	ANSWER=${ANSWER#OK}
}

# Into ANSWER: a register of the root port.
port_read() # b|w|l OFFSET
{
	local command="read$1 $((PORT + $2))"

	printf '%s\n' "$command" >&"$QTEST_IN"
	qtest_answer "$command"
	ANSWER=$((ANSWER))
}

# Into CONTROL: where the port's slot control register is.
find_slot_control()
{
	local at

	port_read l 0
	[ $ANSWER = $((ROOT_PORT_ID)) ] || die "no root port of QEMU's at $PORT"
	port_read b $CAP_LIST
	at=$ANSWER
	while [ "$at" != 0 ]; do
		port_read b "$at"
		[ $ANSWER != $((CAP_EXP)) ] || break
		port_read b $((at + 1))
		at=$ANSWER
	done
	[ "$at" != 0 ] || die "the root port is not PCI Express"
	CONTROL=$((at + SLOT_CONTROL))
}

qmp() # COMMAND
{
	local answer

	printf '%s\n' "$1" >&"$QMP_IN"
	while read -r -t $ANSWER_S -u "$QMP_OUT" answer; do
		case $answer in
		*'"return"'*) return ;;
		*'"error"'*) die "$1: $answer" ;;
		esac
	done
	die "no answer to $1"
}

# Both writes in one go. Taking the device out takes long, and the guest runs meanwhile: it
# must hear of the slot when its power is on again (pciehp else finds it "already disabled").
pull()
{
	local was

	port_read w $CONTROL
	was=$ANSWER
	printf 'writew %d %d\nwritew %d %d\n' \
		$((PORT + CONTROL)) $(((was & ~INTERRUPTS) | POWER_OFF)) \
		$((PORT + CONTROL)) "$was" >&"$QTEST_IN"
	qtest_answer 'power off'
	qtest_answer 'power on'
}

# For as long as it takes: a driver gives a device back when its users do.
wait_for_kernel()
{
	until port_read w $CONTROL && [ $((ANSWER & CONTROLLER_OFF)) != 0 ]; do
		sleep 0.1
	done
	sleep $SETTLE_S
}

# Not if it was reset once more since: the kernel waits then for it to answer, and does not
# hear of the slot before it does.
still_foreign()
{
	grep -oE ' (VANISH|FOREIGN|BACK)\>' "$LOG" | tail -n 1 | grep -q FOREIGN
}

qmp '{"execute":"qmp_capabilities"}'
find_slot_control
while read -r _ event _; do
	[ "$event" = FOREIGN ] || continue
	sleep $FOREIGN_S
	still_foreign || continue
	pull
	say "pulled"
	wait_for_kernel
	qmp '{"execute":"device_add","arguments":'"$DEVICE"'}'
	say "plugged in again"
done < <(tail --pid=$$ -n +1 -F "$LOG" 2>/dev/null)
