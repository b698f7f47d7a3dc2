# shellcheck shell=sh disable=SC2034 # variables shared with the tests
# SPDX-License-Identifier: GPL-2.0-only
#
# What the tests of ascend-vfio in the virtual host share; sourced by each, run by busybox'
# shell. They print TAP. What the kernel did is read from sysfs here, never from the tool's
# words; what the tool said is looked at besides.

DRIVER=ascend_vfio_pci
DEVICES=/sys/bus/pci/devices
RECORDS=/var/lib/ascend-vfio
DIR=/tmp/${0##*/}
NR=0 FAILED=0
mkdir -p "$DIR" /etc/udev/rules.d

# --- TAP -----------------------------------------------------------------------

result() # NAME STATUS
{
	NR=$((NR + 1))
	if [ "$2" = 0 ]; then
		echo "ok $NR $1"
	else
		FAILED=$((FAILED + 1))
		sed 's/^/# said: /' "$DIR/out" "$DIR/err" 2>/dev/null | head -n 20
		echo "not ok $NR $1"
	fi
}

is() # NAME GOT WANTED
{
	[ "$2" = "$3" ] || { echo "got: $2"; echo "wanted: $3"; } | sed 's/^/# /'
	[ "$2" = "$3" ]
	result "$1" $?
}

# In what the tool printed or said
has() # NAME TEXT
{
	grep -qF -- "$2" "$DIR/out" "$DIR/err" || echo "# not there: $2"
	grep -qF -- "$2" "$DIR/out" "$DIR/err"
	result "$1" $?
}

finish()
{
	echo "1..$NR"
	[ $NR -gt 0 ] && [ $FAILED = 0 ]
	exit
}

# --- the tool, and what is so ------------------------------------------------------

run() # ARGUMENT...: sets STATUS
{
	STATUS=0
	ascend-vfio "$@" >"$DIR/out" 2>"$DIR/err" </dev/null || STATUS=$?
}

npu() # NAME: its address, of the scene
{
	awk -v name="$1" '$1 == name { print $2 }' "$ASCEND_SCENE"
}

driver() # BDF
{
	[ -e "$DEVICES/$1" ] || { echo gone; return; }
	link=$(readlink "$DEVICES/$1/driver") || link=none
	echo "${link##*/}"
}

override() # BDF
{
	cat "$DEVICES/$1/driver_override"
}

# Driver and override in one
state() # BDF
{
	echo "$(driver "$1") $(override "$1")"
}

group() # BDF
{
	basename "$(readlink "$DEVICES/$1/iommu_group")"
}

# A process that has the device open until it is killed: HOLDER, called sleep. It is that only
# after a moment: busybox starts itself anew for it, as "exe".
hold() # BDF
{
	sleep 1000 9<>"/dev/vfio/$(group "$1")" &
	HOLDER=$!
	for _ in $(seq 100); do
		[ "$(cat "/proc/$HOLDER/comm")" != sleep ] || return
		sleep 0.1
	done
	# It could not open it, and has ended: whoever asks who has it will see.
}

records()
{
	ls "$RECORDS" 2>/dev/null
}

rules()
{
	ls /etc/udev/rules.d
}

# Times that the driver was bound, of the kernel's log
binds() # BDF
{
	dmesg | grep -c "$DRIVER $1: layout"
}

# --- setting the scene without the tool -----------------------------------------------

# With nothing of a test before: no driver, no override, no record.
release() # BDF
{
	[ ! -e "$DEVICES/$1/driver" ] || echo "$1" >"$DEVICES/$1/driver/unbind"
	echo >"$DEVICES/$1/driver_override"
	rm -f "$RECORDS/$1"
}

# As a driver that was told so by the operator has it
give() # BDF DRIVER
{
	echo "$2" >"$DEVICES/$1/driver_override"
	[ ! -e "$DEVICES/$1/driver" ] || echo "$1" >"$DEVICES/$1/driver/unbind"
	echo "$1" >/sys/bus/pci/drivers_probe
}

# pci-stub claims the ids, without an override, as the vendor's driver does.
start_native() # BDF...
{
	# shellcheck disable=SC3043 # busybox has local
	local bdf vendor device

	grep -q '^pci_stub ' /proc/modules || insmod "/lib/modules/$(uname -r)/pci-stub.ko" || return
	for bdf in "$@"; do
		read -r vendor <"$DEVICES/$bdf/vendor"
		read -r device <"$DEVICES/$bdf/device"
		echo "${vendor#0x} ${device#0x}" >/sys/bus/pci/drivers/pci-stub/new_id
	done
}

stop_native()
{
	rmmod pci_stub
}

# --- a Debian's tree, of a share ---------------------------------------------------------

bind_mount() # DIRECTORY AT
{
	mkdir -p "$ROOT$2"
	mount -o bind "$1" "$ROOT$2"
}

# Makes ROOT a root file system of it. The tree cannot be written, so what programs write to
# lies beside it. Shares are not cached by the test bed, as the simulators' logs grow; this one
# may be.
root_of() # SHARE
{
	# shellcheck disable=SC3043 # busybox has local
	local tree="/mnt/$1" dir file

	ROOT=$DIR/$1
	umount "$tree"
	mount -t 9p -o ro,trans=virtio,version=9p2000.L,msize=262144,cache=loose "$1" "$tree"
	mkdir -p "$ROOT/usr" "$ROOT/etc" "$ROOT/tmp" "$ROOT/var/log"
	ln -s usr/bin "$ROOT/bin"
	ln -s usr/sbin "$ROOT/sbin"
	ln -s usr/lib "$ROOT/lib"
	cp -a "$tree/etc/." "$ROOT/etc/"
	ln -s ../run "$ROOT/var/run"
	for dir in bin sbin share libexec include; do
		[ ! -d "$tree/usr/$dir" ] || bind_mount "$tree/usr/$dir" "/usr/$dir"
	done
	for file in "$tree/usr/lib"/*; do
		if [ -d "$file" ]; then
			bind_mount "$file" "/usr/lib/${file##*/}"
		else
			cp -P "$file" "$ROOT/usr/lib/"
		fi
	done
	for dir in dev proc sys run tool; do
		bind_mount "/$dir" "/$dir"
	done
}

inside() # COMMAND...
{
	chroot "$ROOT" /usr/bin/env -i PATH=/usr/sbin:/usr/bin LC_ALL=C HOME=/tmp "$@"
}
