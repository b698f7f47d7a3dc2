# shellcheck shell=bash disable=SC2034,SC2153,SC2154 # variables shared with run.sh
# SPDX-License-Identifier: GPL-2.0-only
#
# bind and unbind are killed before each of the changes that they make, and each change is
# made to fail once. Run again, they lead to the wanted state; after a failure all is as it
# was.

CARD=0000:81:00.0

quick_tree() # NAME: the card's part of a tree only, as it is copied often
{
	copy_tree "$1"
	mkdir -p "$TREE/usr/sbin" "$TREE/usr/share/initramfs-tools/hooks"
	: >"$TREE/usr/sbin/update-initramfs"
	: >"$TREE/usr/share/initramfs-tools/hooks/ascend-vfio"
}

# Only what this is about
essence()
{
	printf '%s %s\n' "$(driver_now $CARD)" "$(sys $CARD driver_override)"
	(cd "$TREE" && find var/lib/ascend-vfio etc/udev etc/ascend-vfio -type f ! -name '.*' \
		-exec sha256sum {} + 2>/dev/null)
}

changes() # ARGUMENT...: how many it makes, on the tree as it is
{
	FAKE=("FAKE_COUNT=$WORK/count")
	kernel "$@"
	FAKE=()
	cat "$WORK/count"
}

copies() # TREE-TO-KEEP
{
	rm -rf "${WORK:?}/$1"
	cp -a "$TREE" "$WORK/$1"
}

back_to() # KEPT-TREE
{
	rm -rf "$TREE"
	cp -a "$WORK/$1" "$TREE"
}

quick_tree a2-native
# The whole tree is eight cards; one is enough here
find "$TREE/sys/devices" -mindepth 1 -maxdepth 1 ! -name 'pci0000:80' -exec rm -r {} +
find "$TREE/sys/bus/pci/devices" -xtype l -delete
copies native
native=$(essence)
steps=$(changes bind --early $CARD)
bound=$(essence)
copies bound
is "crash: bind --early makes many changes ($steps)" "$([ "$steps" -ge 12 ] && echo yes)" yes
is 'crash: and binds' "$(driver_now $CARD)" ascend_vfio_pci

for ((n = 1; n <= steps; n++)); do
	back_to native
	FAKE=("FAKE_KILL_AT=$n")
	kernel bind --early $CARD
	FAKE=()
	is "crash: bind is killed at change $n" "$STATUS" 137
	copies killed
	kernel bind --early $CARD
	is "crash: bind again after $n" "$STATUS $(essence)" "0 $bound"
	kernel unbind $CARD
	is "crash: then unbind, after $n" "$STATUS $(essence)" "0 $native"
	back_to killed
	kernel unbind $CARD
	is "crash: unbind instead, after $n" "$STATUS $(essence)" "0 $native"
done

back_to bound
steps=$(changes unbind $CARD)
is "crash: unbind makes many changes ($steps)" "$([ "$steps" -ge 8 ] && echo yes)" yes
for ((n = 1; n <= steps; n++)); do
	back_to bound
	FAKE=("FAKE_KILL_AT=$n")
	kernel unbind $CARD
	FAKE=()
	is "crash: unbind is killed at change $n" "$STATUS" 137
	copies killed
	kernel unbind $CARD
	is "crash: unbind again after $n" "$STATUS $(essence)" "0 $native"
	back_to killed
	kernel bind --early $CARD
	is "crash: bind instead, after $n" "$STATUS $(essence)" "0 $bound"
	kernel unbind $CARD
	is "crash: and unbind, after $n" "$STATUS $(essence)" "0 $native"
done

back_to native
steps=$(changes bind --early $CARD)
for ((n = 1; n <= steps; n++)); do
	back_to native
	FAKE=("FAKE_FAIL_AT=$n")
	kernel bind --early $CARD
	FAKE=()
	# Some changes are of no account: a folder that cannot be made is one that is not there
	if [ "$STATUS" = 0 ]; then
		is "failure: bind does without change $n" "$(essence)" "$bound"
	else
		is "failure: bind fails at change $n, and all is as it was" "$STATUS $(essence)" "1 $native"
	fi
done
