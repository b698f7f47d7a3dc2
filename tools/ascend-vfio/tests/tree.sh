# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Writes trees as --sysroot takes them, of facts that lspci shows. Sourced by trees.sh.
# Only builtins in what is called often: a server has hundreds of files.

# The machine being written: $T, its folder.

put() # PATH TEXT
{
	mkdir_of "$1"
	printf '%s\n' "$2" >"$T$1"
}

declare -A MADE=()
mkdir_of() # PATH
{
	local dir=$T${1%/*}

	[ "${MADE[$dir]-}" ] || mkdir -p "$dir"
	MADE[$dir]=1
}

machine_begin() # DIRECTORY ARCH RELEASE CMDLINE
{
	T=$1
	rm -rf "$T"
	mkdir -p "$T"/sys/bus/pci/{devices,drivers,slots} "$T"/sys/{module,class/iommu} \
		"$T"/sys/kernel/iommu_groups "$T"/{dev/vfio,proc/sys/kernel,etc,var/lib}
	put /proc/sys/kernel/arch "$2"
	put /proc/sys/kernel/osrelease "$3"
	put /proc/sys/kernel/random/boot_id 5a6b7c8d-0000-4000-8000-000000000001
	put /proc/cmdline "$4"
	put /sys/bus/pci/drivers_probe ''
	put /sys/bus/pci/drivers_autoprobe 1
	put /sys/bus/pci/rescan ''
	put /proc/self/smaps 'KernelPageSize:        4 kB'
	mkdir -p "$T"/sys/class/iommu/smmu3.0x0000000148000000
}

# --- config space --------------------------------------------------------------

declare -a C=()
config_begin() # SIZE
{
	local i

	C=()
	for ((i = 0; i < $1; i++)); do C[i]=00; done
}

config_set() # OFFSET BYTES VALUE
{
	local i

	for ((i = 0; i < $2; i++)); do
		printf -v "C[$1 + i]" '%02x' $(($3 >> (8 * i) & 255))
	done
}

config_end() # PATH
{
	local hex

	printf -v hex '\\x%s' "${C[@]}"
	printf '%b' "$hex" >"$T$1"
}

# The capability chain: PCI Express at 0x40; slot and FLR as asked for
express() # TYPE FLR SLOT
{
	config_set 0x06 2 0x0010		# status: there are capabilities
	config_set 0x34 1 0x40
	config_set 0x40 2 0x0010		# id PCI Express, no next one
	config_set 0x42 2 $((2 | $1 << 4 | $3 << 8))
	config_set 0x44 4 $(($2 << 28))
	[ "$3" = 0 ] || config_set 0x54 4 0x60	# slot: hot-plug capable, surprise
}

acs() # CAPABILITY CONTROL
{
	config_set 0x100 4 0x0001000d
	config_set 0x104 2 "$1"
	config_set 0x106 2 "$2"
}

# --- functions -----------------------------------------------------------------

# device BDF PARENT-DIR VENDOR DEVICE CLASS GROUP NODE: what every function has
device()
{
	local bdf=$1 dir=$2/$1

	mkdir -p "$T$dir/power"
	ln -s "../../..$(relative "$dir")" "$T/sys/bus/pci/devices/$bdf"
	put "$dir/vendor" "0x$3"
	put "$dir/device" "0x$4"
	put "$dir/class" "0x$5"
	put "$dir/irq" 0
	put "$dir/numa_node" "$7"
	put "$dir/driver_override" '(null)'
	put "$dir/power/control" on
	put "$dir/remove" ''
	put "$dir/enable" 0
	put "$dir/modalias" "pci:v0000${3^^}d0000${4^^}sv00000000sd00000000bc${5:0:2}sc${5:2:2}i${5:4:2}"
	[ "$6" = - ] || join_group "$bdf" "$dir" "$6"
}

# /sys/devices/… as seen from /sys/bus/pci/devices
relative() # PATH
{
	printf '%s' "${1#/sys}"
}

# From a directory below /sys/devices back to /sys
up() # DIR
{
	local rest=${1#/sys/} out=''

	while [ -n "$rest" ]; do
		out+=../
		[ "$rest" != "${rest#*/}" ] || break
		rest=${rest#*/}
	done
	printf '%s' "$out"
}

join_group() # BDF DIR GROUP
{
	local group=/sys/kernel/iommu_groups/$3

	mkdir -p "$T$group/devices"
	ln -s "../../../..$(relative "$2")" "$T$group/devices/$1"
	ln -s "$(up "$2")kernel/iommu_groups/$3" "$T$2/iommu_group"
	[ -e "$T$group/type" ] || put "$group/type" DMA
	[ ! -e "$T$group/reserved_regions" ] || return 0
	if [ "$(<"$T/proc/sys/kernel/arch")" = aarch64 ]; then
		put "$group/reserved_regions" '0x0000000008000000 0x00000000080fffff msi'
	else
		put "$group/reserved_regions" '0x00000000fee00000 0x00000000feefffff msi'
	fi
}

driver() # NAME MODULE
{
	local dir=/sys/bus/pci/drivers/$1

	[ ! -d "$T$dir" ] || return 0
	mkdir -p "$T$dir" "$T/sys/module/$2/parameters"
	put "$dir/bind" ''
	put "$dir/unbind" ''
	ln -s "../../../../module/$2" "$T$dir/module"
}

bound() # BDF DRIVER
{
	local dir

	dir=$(readlink "$T/sys/bus/pci/devices/$1")
	dir=/sys/${dir#../../../}
	ln -s "$(up "$dir")bus/pci/drivers/$2" "$T$dir/driver"
	ln -s "../../../..$(relative "$dir")" "$T/sys/bus/pci/drivers/$2/$1"
}

# port BDF PARENT-DIR NODE [acs CAP CTRL]: a port of $PORT_TYPE; in no group, pcieport
PORT_TYPE=4 # root port; 5: a switch's upstream port, 6: downstream
port()
{
	local bdf=$1 dir=$2/$1

	device "$bdf" "$2" 19e5 a120 060400 - "$3"
	driver pcieport pcieport
	bound "$bdf" pcieport
	config_begin 512
	config_set 0x00 2 0x19e5
	config_set 0x02 2 0xa120
	config_set 0x0e 1 1
	express $PORT_TYPE 0 1
	[ $# -lt 6 ] || acs "$5" "$6"
	config_end "$dir/config"
	put "$dir/resource" "$(no_bars)"
	put "$dir/rescan" ''
}

no_bars()
{
	local i

	for ((i = 0; i < 13; i++)); do
		echo 0x0000000000000000 0x0000000000000000 0x0000000000000000
	done
}

# Lines of "resource": BARs 0, 2 and 4, 64-bit and prefetchable, as on every NPU seen
resource_lines() # BASE SIZE0 SIZE2 SIZE4
{
	local i=0 base=$1 size none='0x0000000000000000 0x0000000000000000 0x0000000000000000'

	shift
	for size in "$1" "$2" "$3"; do
		# naturally aligned, the largest first in the bridge's window
		base=$(((base + size - 1) / size * size))
		if [ "$size" = 0 ]; then
			printf '%s\n%s\n' "$none" "$none"
		else
			printf '0x%016x 0x%016x 0x000000000014220c\n%s\n' $base $((base + size - 1)) "$none"
		fi
		base=$((base + size))
		i=$((i + 2))
	done
	while [ $((i++)) -lt 13 ]; do echo "$none"; done
}

K=$((1 << 10)) M=$((1 << 20)) G=$((1 << 30))
# MODEL: vendor device subsystem-vendor subsystem-device revision BAR0 BAR2 BAR4 VFs
declare -A MODELS=(
	[910b4]="19e5 d802 19e5 3002 20 $((512 * M)) $((512 * M)) $((64 * G)) 12"	# lspci
	[910b-vf]="19e5 d802 19e5 3002 20 $((128 * M)) $((64 * M)) $((4 * G)) -"
	[910a3]="19e5 d803 19e5 3003 20 $((512 * M)) $((512 * M)) $((64 * G)) 16"
	[910a]="19e5 d801 19e5 3000 20 $((32 * M)) $((128 * M)) $((32 * G)) -"
	[310p]="19e5 d500 19e5 0100 23 $((64 * M)) $((128 * M)) $((16 * G)) -"
	[duo]="19e5 d500 19e5 0110 23 $((64 * M)) $((256 * M)) $((32 * G)) -"		# field
	[odd310p]="19e5 d500 19e5 0300 23 $((64 * M)) $((128 * M)) $((16 * G)) -"
	[310b]="19e5 d105 19e5 0100 20 $((4 * M)) $((64 * K)) $((4 * G)) -"
	[310]="19e5 d100 19e5 0100 20 $M $((32 * M)) $((128 * M)) -"
	[950]="19e5 d806 19e5 3004 20 $((512 * M)) $((512 * M)) $((128 * G)) 16"
	[hx910b]="20c6 d802 20c6 3002 20 $((512 * M)) $((512 * M)) $((64 * G)) 12"
)

# npu BDF PARENT-DIR MODEL GROUP NODE DRIVER|-
npu()
{
	local bdf=$1 dir=$2/$1 vendor device subvendor sub rev bar0 bar2 bar4 vfs

	read -r vendor device subvendor sub rev bar0 bar2 bar4 vfs <<<"${MODELS[$3]}"
	device "$bdf" "$2" "$vendor" "$device" 120000 "$4" "$5"
	put "$dir/subsystem_vendor" "0x$subvendor"
	put "$dir/subsystem_device" "0x$sub"
	put "$dir/revision" "0x$rev"
	NEXT_BASE=$((NEXT_BASE + 256 * G))
	resource_lines "$NEXT_BASE" "$bar0" "$bar2" "$bar4" >"$T$dir/resource"
	put "$dir/reset" ''
	put "$dir/reset_method" bus
	if [ "$vfs" != - ]; then
		put "$dir/sriov_totalvfs" "$vfs"
		put "$dir/sriov_numvfs" 0
		put "$dir/sriov_drivers_autoprobe" 1
	fi
	config_begin 256
	config_set 0x00 2 "0x$vendor"
	config_set 0x02 2 "0x$device"
	express 0 0 0		# FLReset-
	config_end "$dir/config"
	[ "$6" = - ] || { driver "$6" "${7-$6}" && bound "$bdf" "$6"; }
}

# ours BDF LAYOUT NC DROPPED NEEDS_RESET: the driver's sysfs group
ours()
{
	local dir=/sys/bus/pci/devices/$1/ascend_vfio

	put "$dir/layout" "$2"
	put "$dir/normal_nc_bars" "$3"
	put "$dir/dropped_writes" "$4"
	put "$dir/needs_reset" "$5"
}

params() # normal_nc wc_unlisted enable_sriov
{
	local dir=/sys/module/ascend_vfio_pci/parameters

	put $dir/normal_nc "$1"
	put $dir/wc_unlisted "$2"
	put $dir/enable_sriov "$3"
	put $dir/scrub_xloader Y
	put $dir/protect_reset Y
	put $dir/require_reset N
	put $dir/layout ''
}

holds() # PID COMM FILE [CMDLINE-ARGUMENT...]
{
	local pid=$1 comm=$2 file=$3

	shift 3
	mkdir -p "$T/proc/$pid/fd"
	put "/proc/$pid/comm" "$comm"
	[ $# = 0 ] || printf '%s\0' "$@" >"$T/proc/$pid/cmdline"
	ln -s /dev/null "$T/proc/$pid/fd/0"
	ln -s "$file" "$T/proc/$pid/fd/17"
}

# ko NAME VERSION ALIAS...: a module file that depmod and libkmod can read, and no more
ko()
{
	local name=$1 version=$2 alias dir

	dir=$T/lib/modules/$(<"$T/proc/sys/kernel/osrelease")/updates
	shift 2
	mkdir -p "$dir"
	{
		printf '.section .modinfo,"a"\n.asciz "name=%s"\n.asciz "version=%s"\n' "$name" "$version"
		for alias; do printf '.asciz "alias=%s"\n' "$alias"; done
	} | "${AS-as}" -o "$dir/$name.ko" -
}

# sign NAME SIGNER: the oldest form of a signature, which names who made it
sign()
{
	local file

	file=$(find "$T/lib/modules" -name "$1.ko")
	printf '%skeysig\0\0\1%b\3\0\0\0\0\0\0\3~Module signature appended~\n' "$2" \
		"\\x$(printf %02x ${#2})" >>"$file"
}

depmod_tree()
{
	PATH=$PATH:/usr/sbin:/sbin depmod -b "$T" "$(<"$T/proc/sys/kernel/osrelease")" 2>/dev/null
}

pci_alias() # VENDOR DEVICE
{
	printf 'pci:v0000%sd0000%ssv*sd*bc*sc*i*' "${1^^}" "${2^^}"
}

# What a host with KVM has, for guests of some size: MEMORY-GIB FREE-2M-PAGES
host()
{
	: >"$T/dev/kvm"
	put /proc/meminfo "MemTotal:       $(($1 * M)) kB
MemFree:        $(($1 * M - 4096)) kB
MemAvailable:   $(($1 * M - 1024)) kB"
	put /proc/self/limits 'Limit                     Soft Limit           Hard Limit           Units
Max cpu time              unlimited            unlimited            seconds
Max locked memory         8388608              8388608              bytes'
	put /sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages "$2"
}

# btf TEXT...: not BTF, but a file with its strings, which is what is looked at
btf()
{
	mkdir -p "$T/sys/kernel/btf"
	printf '\237\353\1\0\0%s\0' "$@" >"$T/sys/kernel/btf/vmlinux"
}
