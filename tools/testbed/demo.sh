#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# demo.sh: the main job on an emulated NPU. A virtual arm64 host (L1) gives an
# emulated NPU to the guest of a stock QEMU (L2), once by plain vfio-pci and once
# by ascend_vfio_pci, and the guest does to it what the vendor's guest driver does.
# Prints one table; exits 0 only when every cell is what it should be.
#   CHIP=NAME      the NPU, one that npu-sim --list shows (910a2-pf)
#   WC_UNLISTED=1  load the driver with wc_unlisted=1, for a chip on which the vendor
#                  does not offer write combining
#   KERNELS=NAME   kernel of both hosts, from kernels.sh --list (debian-stable)

# shellcheck source=tools/testbed/common.sh
. "$(dirname "$0")/common.sh"

MODEL=${CHIP:-910a2-pf}
# A real part's BAR4 has up to 128 GiB. QEMU maps every BAR for peer-to-peer DMA, which
# kernels up to 6.12 do page by page: too long for an emulated processor.
BARS='--bar 4=1G'
PLAIN=vfio-pci GUARDED=ascend_vfio_pci
# Bit 4 of feature is BAR4's.
WC_BIT=16
PHYSICAL=0x5a6b7c8d
LIMIT=400

usage()
{
	sed -n '/^# demo.sh/,/^$/s/^# \?//p' "$0"
}

# --- the chip ----------------------------------------------------------------

# As the test bed states it, from npu-sim's list: "BAR OFFSET" of each register into
# XLOADERS and FEATURES; TRAPPED to yes if feature is to be answered, else no; NUMBER to
# what follows a register's name where there are two of a kind.
find_registers()
{
	local words word

	read -ra words < <("$(part build host)/npu-sim" --list |
		awk -v model="$MODEL" '$1 == model') ||
		die "CHIP=$MODEL: no such NPU, there are $("$(part build host)/npu-sim" --list |
			awk '{ print $1 }' | paste -sd' ')"
	XLOADERS=() FEATURES=() TRAPPED=yes NUMBER=''
	for word in "${words[@]}"; do
		[[ $word =~ ^(xloader|feature)(.*)=([0-9]):(0x[0-9a-f]+)$ ]] || continue
		case ${BASH_REMATCH[1]} in
		xloader) XLOADERS+=("${BASH_REMATCH[3]} ${BASH_REMATCH[4]}") ;;
		feature) FEATURES+=("${BASH_REMATCH[3]} ${BASH_REMATCH[4]}") ;;
		esac
		[ "${BASH_REMATCH[2]}" != '(unlisted)' ] || [ "${WC_UNLISTED-}" = 1 ] || TRAPPED=no
	done
	[ ${#XLOADERS[@]} = 1 ] || NUMBER=0
	GUARDS=("${XLOADERS[@]}")
	[ $TRAPPED = no ] || GUARDS+=("${FEATURES[@]}")
}

# --- running it --------------------------------------------------------------

# What the two halves need inside L1, all below /demo: L2's initramfs, and of the
# arm64 tree QEMU with the libraries it names. In memory, as 9p is slow here.
make_l2_qemu() # L2-DIRECTORY GUEST-TREE DIRECTORY
{
	local guest=$2 demo=$3/demo lib=usr/lib/aarch64-linux-gnu

	say "picking QEMU's libraries"
	mkdir -p "$demo/lib"
	cp "$1/l2.cpio" "$guest/usr/bin/qemu-system-aarch64" "$TESTBED"/l2/{lib,run}.sh "$demo/"
	in_tree "$TOOLS" -r "$guest" -c "$guest" -- bash -c \
		"aarch64-linux-gnu-readelf -d usr/bin/qemu-system-aarch64 $lib/*.so*" |
		needed_by qemu-system-aarch64 |
		while read -r so; do
			cp -L "$guest/$lib/$so" "$demo/lib/"
		done
}

run_both() # KERNEL
{
	local kernel=$1 kernel_dir guest l2

	guest=$(part fetch guest)
	kernel_dir=$(part kernels "$kernel")
	l2=$(part build l2)
	l2=$(cache_get l2-qemu \
		"$(key_of "$TOOLS" "$guest" "$l2" "$(cat "$TESTBED"/l2/*.sh)" \
			"$(declare -f make_l2_qemu needed_by)")" make_l2_qemu "$l2" "$guest")

	mkdir -p "$OUT/kernel/demo"
	cp "$kernel_dir/Image" "$OUT/kernel/demo/"
	printf "%s --model $MODEL $BARS\n" "$PLAIN" "$GUARDED" >"$OUT/scene"
	printf '@%s timeout=180 /demo/run.sh %s %s\n' "$PLAIN" "$PLAIN" 0 \
		"$GUARDED" "$GUARDED" "${WC_UNLISTED:-0}" >"$OUT/plan"
	say "$kernel: starting L1, and in it two L2 guests"
	"$TESTBED/boot.sh" --kernel "$kernel" --scene "$OUT/scene" --plan "$OUT/plan" \
		--out "$OUT/boot" --timeout "$LIMIT" --extra-initrd "$l2" \
		--extra-initrd "$OUT/kernel" &
	# In the background, so that a signal is taken meanwhile.
	wait $!
	rm -r "$OUT/kernel"
}

# --- reading the results -----------------------------------------------------

declare -A SEEN

# key=value lines of the part that DRIVER's command printed, into SEEN[DRIVER key].
read_results() # DRIVER
{
	local key value

	while IFS='=' read -r key value; do
		SEEN[$1 $key]=$value
	done < <(sed -n "/^# begin @$1 /,/^# end /{/^[a-z0-9_]*=/p}" "$OUT/boot/results" |
		tr -d '\r')
	[ "${SEEN[$1 complete]-}" = 1 ] || {
		sed -n "/^# begin @$1 /,/^# end /p" "$OUT/boot/results" >&2
		die "the half with $1 was not completed; what it printed is above"
	}
}

# The device's own registers when the guest had done its work: the first STATE line
# that the simulator wrote since, which is before the reset that closing the device
# brings with it.
xloader_afterwards() # DRIVER
{
	tail -n +"$((${SEEN[$1 log_to]} + 1))" "$OUT/boot/logs/$1.log" |
		sed -nE '/ STATE /{s/.* xloader'"$NUMBER"'=(0x[0-9a-f]+).*/\1/p;q}'
}

# Writes to guarded registers that reached the device in lines FROM-TO of the log.
register_writes() # DRIVER FROM TO
{
	local line

	sed -n "$2,$3p" "$OUT/boot/logs/$1.log" |
		while read -r line; do
			! touches_register "$line" || printf '%s\n' "$line"
		done
}

touches_register() # LINE
{
	local bar reg

	[[ $1 =~ \ WRITE\ region=([0-9]+)\ offset=(0x[0-9a-f]+)\ size=([0-9]+)\  ]] ||
		return 1
	for reg in "${GUARDS[@]}"; do
		read -r bar reg <<<"$reg"
		[ "${BASH_REMATCH[1]}" != "$bar" ] ||
			((BASH_REMATCH[2] >= reg + 4 || BASH_REMATCH[2] + BASH_REMATCH[3] <= reg)) ||
			return 0
	done
	return 1
}

# --- judging -----------------------------------------------------------------

WRONG=()

# What is wrong is said after the table.
complain()
{
	WRONG+=("$*")
}

offered() # FEATURE-VALUE
{
	[ $(($1 & WC_BIT)) = 0 ] && echo no || echo yes
}

row() # NAME PLAIN GUARDED EXPECTED-PLAIN EXPECTED-GUARDED
{
	printf '| %-40s | %-10s | %-15s |\n' "$1" "$2" "$3"
	[ "$2" = "$4" ] || complain "$1: $PLAIN gave '$2' where '$4' is right"
	[ "$3" = "$5" ] || complain "$1: $GUARDED gave '$3' where '$5' is right"
}

# Whether plain vfio-pci's mappings may become Normal-NC is this kernel's choice:
# its own VM flag says what the guest has to see. ascend_vfio_pci has no choice.
table() # KERNEL
{
	local wc=faults nc=${SEEN[$GUARDED normal_nc_bars]} offered=yes
	local plain=${SEEN[$PLAIN feature${NUMBER}_read]-} guarded=${SEEN[$GUARDED feature${NUMBER}_read]-}
	[ "${SEEN[$PLAIN any_uncached]}" != yes ] || wc=works
	[ $TRAPPED = yes ] || nc=0x0 offered=no

	printf '\n%s\n\n' "Seen by a guest of stock QEMU on $1, and by the emulated $MODEL:"
	row '' "$PLAIN" "$GUARDED" "$PLAIN" "$GUARDED"
	printf '|%s|%s|%s|\n' "$(dashes 42)" "$(dashes 12)" "$(dashes 17)"
	if [ ${#FEATURES[@]} -gt 0 ]; then
		row 'feature value' "$plain" "$guarded" 0x0 "$nc"
		row 'BAR4 write-combining offered' "$(offered "$plain")" "$(offered "$guarded")" \
			no $offered
	fi
	row 'xloader as the device sees it afterwards' "$(xloader_afterwards "$PLAIN")" \
		"$(xloader_afterwards "$GUARDED")" "$PHYSICAL" 0x0
	row 'unaligned WC store' "${SEEN[$PLAIN unaligned]}" "${SEEN[$GUARDED unaligned]}" "$wc" works
}

dashes()
{
	printf '%*s' "$1" '' | tr ' ' -
}

explain()
{
	local wc="by $PLAIN too, but nothing tells the guest" unlisted=''
	[ $TRAPPED = yes ] || unlisted="
	    (On this chip only with WC_UNLISTED=1: the vendor does not offer it there.)"
	[ "${SEEN[$PLAIN unaligned]}" = works ] || wc="not by $PLAIN on this kernel"

	cat <<-TEXT

	feature value: what a guest driver reads after it wrote 0, to learn which BARs the host
	    lets it map write-combining: its own 0 from $PLAIN, an answer from $GUARDED.$unlisted
	BAR4 write-combining offered: bit 4 of it, without which the vendor's driver never does it.
	xloader: the guest wrote $PHYSICAL, "physical machine": a device that holds it lets
	    the guest flash its firmware.
	unaligned WC store: works where KVM maps the BAR Normal-NC, as write-combining needs
	    ($wc).
	TEXT
}

# The simulator's log is the witness: what is not in it did not reach the device.
check_logs()
{
	local from=$((${SEEN[$GUARDED log_from]} + 1)) plain during all reg
	plain=$(register_writes "$PLAIN" "${SEEN[$PLAIN log_from]}" "${SEEN[$PLAIN log_to]}")
	during=$(register_writes "$GUARDED" "$from" "${SEEN[$GUARDED log_to]}")
	all=$(register_writes "$GUARDED" 1 '$')

	for reg in "${XLOADERS[@]}"; do
		# All but the driver's own: xloader set to 0 when the device is opened.
		all=$(grep -v " offset=${reg#* } size=4 value=0x0\$" <<<"$all" || true)
		# The control: were it missing here too, the log would prove nothing.
		grep -q " offset=${reg#* } size=4 value=$PHYSICAL\$" <<<"$plain" ||
			complain "the write of $PHYSICAL through $PLAIN is not in the simulator's log"
	done
	[ -z "$all" ] || complain "through $GUARDED, writes to guarded registers reached the device:"$'\n'"$all"
	printf '\n%s\n' "Writes to guarded registers that reached the device, from the simulator's log:"
	printf '  %-15s  %s\n' "$PLAIN" "$(count_lines "$plain")" \
		"$GUARDED" "$(count_lines "$during")"
}

count_lines() # TEXT
{
	grep -c . <<<"$1" || true
}

demo() # KERNEL
{
	run_both "$1"
	read_results "$PLAIN"
	read_results "$GUARDED"
	table "$1"
	explain
	check_logs
}

[ "${1-}" != --help ] || { usage; exit; }
[ $# = 0 ] || { usage >&2; exit 2; }
start_run demo
TOOLS=$(part fetch tools)
find_registers
for kernel in ${KERNELS:-debian-stable}; do
	demo "$kernel"
done
if [ ${#WRONG[@]} -gt 0 ]; then
	printf '\n' >&2
	printf 'demo: %s\n' "${WRONG[@]}" >&2
	die "not all is what it should be: console, results and logs are left in $OUT"
fi
say "all as it should be"
