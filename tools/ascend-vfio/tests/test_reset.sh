# shellcheck shell=bash disable=SC2034,SC2153,SC2154 # variables shared with run.sh
# SPDX-License-Identifier: GPL-2.0-only
#
# reset, with a fake kernel that plays a card which vanishes. Time is played, too.

CARD=0000:81:00.0
u32() # BAR OFFSET: of the card's BAR
{
	od -An -tx4 -j $(($2)) -N 4 "$TREE/sys/bus/pci/devices/$CARD/resource$1" | tr -d ' '
}
card_tree()
{
	copy_tree a2-bound
	truncate -s 512M "$TREE/sys/bus/pci/devices/$CARD/resource2"
}
autoprobe()
{
	cat "$TREE/sys/bus/pci/drivers_autoprobe"
}

card_tree
kernel reset $CARD
exits 'reset: one that stays on the bus' 0
is 'reset: bound as before' "$(driver_now $CARD) $(sys $CARD driver_override)" 'ascend_vfio_pci ascend_vfio_pci'
is 'reset: probing is on again' "$(autoprobe)" 1
is 'reset: the announcement was taken back' "$(u32 2 0x18208424)" 00000000
has 'reset: says what it does' 'announcing the reset'

card_tree
FAKE=(FAKE_VANISH=3)
kernel reset $CARD
exits 'reset: one that vanishes and is back at the third scan' 0
is 'reset: vanished, and bound as before' "$(driver_now $CARD) $(sys $CARD driver_override)" 'ascend_vfio_pci ascend_vfio_pci'
is 'reset: vanished, probing is on again' "$(autoprobe)" 1
is 'reset: no record of the switch is left' "$(ls "$TREE/run/ascend-vfio")" ''

card_tree
FAKE=(FAKE_VANISH=3 FAKE_GIVE_UP=yes)
kernel reset $CARD
exits 'reset: one that the kernel gives up on, and that is back later' 0
has 'reset: given up on: says so' 'the kernel has given up on it (Inappropriate ioctl for device)'
is 'reset: given up on, and bound as before' "$(driver_now $CARD) $(sys $CARD driver_override)" 'ascend_vfio_pci ascend_vfio_pci'
is 'reset: given up on, probing is on again' "$(autoprobe)" 1

card_tree
FAKE=(FAKE_GIVE_UP=yes)
kernel reset $CARD
exits 'reset: the kernel knows no way to' 1
has 'reset: no way: says so' 'resetting, then waiting 3 s: Inappropriate ioctl for device'
is 'reset: no way: given back' "$(driver_now $CARD)" ascend_vfio_pci
is 'reset: no way: the announcement was taken back' "$(u32 2 0x18208424)" 00000000

card_tree
FAKE=(FAKE_VANISH=100000)
start=$SECONDS
kernel reset --timeout 60 $CARD
exits 'reset: one that never comes back' 1
has 'reset: never back: says so' 'not back within the time'
has 'reset: never back: says what is left' 'left as: not on the bus, automatic probing on'
is 'reset: never back: probing is on again' "$(autoprobe)" 1
is 'reset: time is played' "$([ $((SECONDS - start)) -lt 20 ] && echo yes)" yes

card_tree
FAKE=()
printf '\377\377\377\377' | dd of="$TREE/sys/bus/pci/devices/$CARD/resource2" bs=1 seek=$((0x18208430)) conv=notrunc 2>/dev/null
kernel reset --timeout 30 $CARD
exits 'reset: one that never wakes' 1
has 'reset: never wakes: says so' 'not back within the time: waiting until it answers'
is 'reset: never wakes: given back all the same' "$(driver_now $CARD)" ascend_vfio_pci

card_tree
FAKE=(FAKE_FAIL_AT=1000)
kernel reset --dry-run $CARD
has 'reset --dry-run: the announcement' "would write 0x5b5bb5b5 to /sys/bus/pci/devices/$CARD/resource2+0x18208424"
is 'reset --dry-run: changes nothing' "$(driver_now $CARD) $(autoprobe)" 'ascend_vfio_pci 1'
FAKE=()
kernel reset 0000:01:00.0
exits 'reset: in use is refused' 3
has 'reset: in use, by whom' 'pid 2187'

# Killed at each change: probing is put back by the next command that changes anything
card_tree
FAKE=("FAKE_COUNT=$WORK/count" FAKE_VANISH=2)
kernel reset $CARD
steps=$(<"$WORK/count")
for ((n = 1; n <= steps; n++)); do
	card_tree
	FAKE=("FAKE_KILL_AT=$n" FAKE_VANISH=2)
	kernel reset $CARD
	is "reset: killed at change $n" "$STATUS" 137
	FAKE=()
	kernel unbind 0000:82:00.0
	is "reset: killed at $n, probing is on after the next command" "$(autoprobe)" 1
done

# Both dies of a duo are told
copy_tree duo
CARD=0000:01:00.0
truncate -s 64M "$TREE/sys/bus/pci/devices/$CARD/resource0"
kernel reset --dry-run $CARD
has 'reset: first die' 'resource0+0x20424'
has 'reset: second die' 'resource0+0x2020424'
