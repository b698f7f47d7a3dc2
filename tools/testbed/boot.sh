#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# boot.sh: boot L1 with emulated NPUs and run a plan in it; exits 0 only when the
# whole plan was run (what its commands returned is for the caller to read).
#   --kernel NAME       of kernels.sh
#   --scene FILE        NPUs, one a line: NAME NPU-SIM-OPTIONS..., or in an NPU's place
#                       devices of QEMU's own: NAME qemu DEVICE,OPTION=VALUE...
#                       An NPU with --vanish has a slot with hotplug (replug.sh); only on
#                       arm64 and kernels from 6.10 on, for their ACS.
#                       A virtual function of the NPU PF is at the next function number
#                       behind it: NAME vf-of=PF NPU-SIM-OPTIONS...
#   --plan FILE         commands, one a line: [@NPU ][timeout=SECONDS ]COMMAND
#   --out DIR           for results, console, the simulators' logs (logs/)
#   --timeout S         hard limit for the whole run, default 600
#   --cpu MODEL         QEMU's name of the processor: max on arm64 has FWB
#   --cpus N            how many of them, default 1: two that wait for each other cost two
#   --iommu MODEL       of an arm64 L1: smmuv3 or virtio, default virtio where L1 has it
#   --memory SIZE       of L1, default 2G
#   --icount SHIFT      count instructions: each takes 2^SHIFT ns of L1's time, whatever the
#                       machine does beside, and L1's PMU counts them
#   --selftests         put the selftests into /selftests
#   --disk WHAT         boot from a disk what build.sh makes as WHAT (debian, dracut), which
#                       also runs the plan. A command of it that makes /run/testbed-reboot has
#                       L1 boot again, with the initramfs that is on the disk by then; the
#                       simulators run on meanwhile.
#   --with 'WHAT...'    put what build.sh makes as WHAT into L1, its directory "root"; beside
#                       a disk it is a share of that name
#   --no-driver         go without ascend_vfio_pci.ko
#   --extra-initrd DIR  add the content of DIR to the initramfs
#   --trees 'NAME...'   what fetch.sh gets as NAME as shares of these names
#   --share DIR:TAG     9p share, read-only, on /mnt/TAG

# shellcheck source=tools/testbed/common.sh
. "$(dirname "$0")/common.sh"

KERNEL='' SCENE='' PLAN='' OUT='' LIMIT=600 CPU='' CPUS=1 IOMMU='' MEMORY=2G ICOUNT=''
BOOTS='' DRIVER=1 SELFTESTS='' WITH='' DISK='' TREES='' EXTRA=() SHARES=()
# First slot of the NPUs' root ports; the ones below are for virtio devices, the
# last of the bus is taken on x86.
FIRST_SLOT=8
MAX_NPUS=23

usage()
{
	sed -n '/^# boot.sh/,/^$/s/^# \?//p' "$0"
}

parse_options()
{
	while [ $# -gt 0 ]; do
		case $1 in
		--selftests) SELFTESTS=1; shift; continue ;;
		--no-driver) DRIVER=''; shift; continue ;;
		--help) usage; exit ;;
		esac
		[ $# -ge 2 ] || { usage >&2; exit 2; }
		case $1 in
		--kernel) KERNEL=$2 ;;
		--scene) SCENE=$2 ;;
		--plan) PLAN=$2 ;;
		--out) OUT=$2 ;;
		--timeout) LIMIT=$2 ;;
		--cpu) CPU=$2 ;;
		--cpus) CPUS=$2 ;;
		--iommu) IOMMU=$2 ;;
		--memory) MEMORY=$2 ;;
		--with) WITH=$2 ;;
		--disk) DISK=$2 ;;
		--icount) ICOUNT=$2 ;;
		--extra-initrd) EXTRA+=("$2") ;;
		--trees) TREES=$2 ;;
		--share) SHARES+=("$2") ;;
		*) usage >&2; exit 2 ;;
		esac
		shift 2
	done
	if [ -z "$KERNEL" ] || [ ! -r "$SCENE" ] || [ ! -r "$PLAN" ] || [ -z "$OUT" ]; then
		die "needs --kernel, --scene, --plan (readable files) and --out; see --help"
	fi
}

# --- what depends on the architecture ----------------------------------------

# QEMU by the names of program, package and tree (fetch.sh); a machine with an IOMMU
# and a PCI window that holds a 64 GiB BAR and its alignment for each NPU; a processor,
# unless one was asked for; the file with the kernel; what that has to be told.
describe_machine() # ARCH
{
	BOOTS=$KERNEL_DIR/Image
	case $1 in
	arm64)
		PROGRAM=qemu-system-aarch64 PACKAGE=qemu-system-arm TREE=qemu
		MACHINE=(-M "virt,virtualization=on,gic-version=3,highmem-mmio-size=4T")
		grep -qs virtio.iommu "$KERNEL_DIR"/usr/lib/modules/*/modules.{dep,builtin} ||
			IOMMU=smmuv3
		if [ "$IOMMU" = smmuv3 ]; then
			MACHINE[1]+=,iommu=smmuv3
			PRELOAD+=":$HOST_DIR/smmu_notify.so"
		else
			MACHINE+=(-device virtio-iommu-pci)
		fi
		: "${CPU:=neoverse-n1}"
		# Linux leaves ACS off on a machine with a device tree, other than on servers, which
		# have ACPI: an NPU would be in one IOMMU group with its root port, which VFIO then
		# has, too, so that nobody hears of the slot, and attaching costs twice. Linux can
		# be asked for ACS since 6.10. KASLR turns KPTI on, whatever "mitigations=" says,
		# and then QEMU forgets all addresses at every system call.
		CMDLINE='console=ttyAMA0 pci=config_acs=11101@pci:0:0 kpti=0'
		# All that SLUB_DEBUG_ON checks, but without who called for each object.
		! grep -qsx CONFIG_SLUB_DEBUG_ON=y "$KERNEL_DIR"/usr/src/linux-headers-*/.config ||
			CMDLINE+=' slab_debug=FZP' ;;
	x86)
		PROGRAM=qemu-system-x86_64 PACKAGE=qemu-system-x86 TREE=qemu-x86
		# caching-mode: the events per mapping that vfio-user asks for. ACPI's hotplug
		# would leave the root ports' links down, and every reset waits 1 s for those.
		MACHINE=(-M q35 -global q35-pcihost.pci-hole64-size=4T
			 -global ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off
			 -device "intel-iommu,intremap=on,caching-mode=on")
		# The 40 address bits of QEMU's default are too few for the window.
		: "${CPU:=max,phys-bits=46}"
		# By PVH: what unpacks itself, in real mode at first, is a quarter of a boot.
		BOOTS=$(part build vmlinux "$KERNEL")/vmlinux
		# no_timer_check: on a busy machine the timer's interrupts come later than the
		# kernel's check of them waits, and it panics. On KVM it leaves that out itself.
		CMDLINE='console=ttyS0 intel_iommu=on no_timer_check' ;;
	*)
		die "no virtual machine for architecture '$1'" ;;
	esac
}

describe_hotplug()
{
	[ "$(<"$KERNEL_DIR/arch")" = arm64 ] ||
		die "$SCENE: --vanish: replug.sh knows the arm64 machine only"
}

# --- processes: all of them in PIDS, by the name messages use ----------------

declare -A PIDS=()

start() # NAME COMMAND...
{
	local name=$1
	shift
	"$@" &
	PIDS[$name]=$!
}

# shellcheck disable=SC2317 # reached by the trap
stop_all()
{
	local name signal

	for signal in TERM KILL; do
		for name in "${!PIDS[@]}"; do
			kill -"$signal" "${PIDS[$name]}" 2>/dev/null || unset "PIDS[$name]"
		done
		[ ${#PIDS[@]} = 0 ] || sleep_until_gone
	done
}

# A second for them to write what they have to write.
# shellcheck disable=SC2317 # reached by the trap
sleep_until_gone()
{
	local _

	for _ in {1..20}; do
		jobs -pr | grep -q . || break
		sleep 0.05
	done
}

# shellcheck disable=SC2317 # reached by the trap
cleanup()
{
	local status=$?

	trap - EXIT
	trap '' INT TERM HUP
	stop_all
	[ -z "${RUN-}" ] || rm -rf "$RUN"
	exit "$status"
}

# --- parts -------------------------------------------------------------------

# NPUs of the scene into NAMES and, "name options", SCENE_LINES; into VANISHING the index
# of the one that leaves its slot when it is reset, or nothing.
read_scene()
{
	local i line pf

	NAMES=() SCENE_LINES=()
	while read -r line || [ -n "$line" ]; do
		[[ $line =~ ^[^#] ]] || continue
		NAMES+=("${line%%[[:space:]]*}")
		SCENE_LINES+=("$line")
	done <"$SCENE"
	[ ${#NAMES[@]} -le $MAX_NPUS ] ||
		die "$SCENE: ${#NAMES[@]} NPUs, but there are slots for $MAX_NPUS only"
	[ -z "$(printf '%s\n' "${NAMES[@]}" | sort | uniq -d)" ] ||
		die "$SCENE: two NPUs have one name"
	VANISHING=
	for i in "${!NAMES[@]}"; do
		[[ ${SCENE_LINES[i]} == *' --vanish'* ]] || continue
		[ -z "$VANISHING" ] || die "$SCENE: more than one NPU with --vanish"
		VANISHING=$i
	done
	for line in "${SCENE_LINES[@]}"; do
		pf=$(pf_of "$line")
		[ -z "$pf" ] || [[ " ${NAMES[*]} " == *" $pf "* ]] ||
			die "$SCENE: there is no NPU $pf for '$line'"
	done
}

# "-" for devices of QEMU's own.
model_of() # SCENE-LINE
{
	if is_simulated "$1"; then
		sed -nE 's/.*--model[ =]([^ ]+).*/\1/p' <<<"$1"
	else
		echo -
	fi
}

is_simulated() # SCENE-LINE
{
	! [[ $1 =~ ^[^[:space:]]+[[:space:]]+qemu[[:space:]] ]]
}

# Name of the physical function, nothing for an NPU that is not a virtual one.
pf_of() # SCENE-LINE
{
	sed -nE 's/^[^[:space:]]+[[:space:]]+vf-of=([^[:space:]]+).*/\1/p' <<<"$1"
}

# What puts a function where it belongs, as members of a JSON object.
place() # INDEX
{
	local i pf function=0

	pf=$(pf_of "${SCENE_LINES[$1]}")
	if [ -z "$pf" ]; then
		printf '"bus":"rp%s"' "$1"
		! grep -q "vf-of=${NAMES[$1]}\>" "$SCENE" || printf ',"multifunction":true'
		return
	fi
	for ((i = 0; i <= $1; i++)); do
		[ "$(pf_of "${SCENE_LINES[i]}")" != "$pf" ] || function=$((function + 1))
	done
	for i in "${!NAMES[@]}"; do
		[ "${NAMES[i]}" != "$pf" ] || printf '"bus":"rp%s","addr":"0.%s"' "$i" "$function"
	done
}

root_port() # INDEX
{
	printf '%02x' $((FIRST_SLOT + $1))
}

# L1 finds no virtual function before it asks for it.
list_npus()
{
	local i

	for i in "${!NAMES[@]}"; do
		[ -z "$(pf_of "${SCENE_LINES[i]}")" ] || continue
		printf '%s 0000:00:%s.0 %s\n' "${NAMES[i]}" "$(root_port "$i")" \
			"$(model_of "${SCENE_LINES[i]}")"
	done
}

make_initrd()
{
	local root=$RUN/root dir base tests

	mkdir -p "$root/lib/testbed"
	: >"$root/lib/testbed/driver"
	if [ -n "$DRIVER" ]; then
		dir=$(part build driver "$KERNEL")
		cp "$dir"/*.ko "$root/lib/testbed/"
		echo /lib/testbed/ascend_vfio_pci.ko >"$root/lib/testbed/driver"
	fi
	if [ -n "$SELFTESTS" ]; then
		tests=$(part build selftests "$KERNEL")
		cp -r "$tests/bin" "$root/selftests"
	fi
	for dir in $WITH; do
		dir=$(part build "$dir" "$KERNEL")
		cp -a "$dir/root/." "$root/"
	done
	list_npus >"$root/lib/testbed/npus"
	cp "$PLAN" "$root/lib/testbed/plan"
	for dir in "${EXTRA[@]}"; do
		cp -a "$dir/." "$root/"
	done
	base=$(part build base "$KERNEL")
	# The kernel unpacks archives one after the other; later files win.
	in_tree "$TOOLS" -r "$root" -c "$root" -- \
		bash -ec 'find . | cpio -o -H newc -R 0:0 --quiet' >"$RUN/overlay.cpio"
	cat "$base/base.cpio" "$RUN/overlay.cpio" >"$OUT/initrd"
	rm -r "$root" "$RUN/overlay.cpio"
}

# A disk of this run's own, and a share with what the agent is to do.
make_disk()
{
	local dir

	dir=$(part build "$DISK" "$KERNEL")
	# For its e2fsprogs: of this machine's architecture, whatever L1's is.
	DEBIAN=$(part fetch debian-x86)
	cp --sparse=always "$dir/disk" "$OUT/disk"
	mkdir -p "$OUT/testbed"
	cp "$PLAN" "$OUT/testbed/plan"
	list_npus >"$OUT/testbed/npus"
	SHARES+=("$OUT/testbed:testbed")
	CMDLINE+=" root=/dev/vda rw audit=0 systemd.show_status=0 8250.nr_uarts=1"
}

# The boot loader's part.
read_initrd()
{
	in_tree "$DEBIAN" -w "$OUT" -- \
		debugfs -R "dump /boot/initrd.img-$(<"$KERNEL_DIR/release") $OUT/initrd" "$OUT/disk" \
		>/dev/null 2>&1
	[ -s "$OUT/initrd" ] || die "$KERNEL: there is no initramfs on the disk"
}

start_simulators()
{
	local i name words sim

	[ ${#NAMES[@]} -gt 0 ] || return 0
	sim=$HOST_DIR/npu-sim
	for i in "${!NAMES[@]}"; do
		is_simulated "${SCENE_LINES[i]}" || continue
		name=${NAMES[i]}
		read -ra words <<<"${SCENE_LINES[i]}"
		[[ ${words[1]} != vf-of=* ]] || words=("${words[@]:1}")
		start "simulator $name" "$sim" "${words[@]:1}" --socket "$RUN/$name" \
			--log "$OUT/logs/$name.log" >"$OUT/$name.out" 2>&1 </dev/null
	done
	for i in "${!NAMES[@]}"; do
		! is_simulated "${SCENE_LINES[i]}" || wait_for_socket "${NAMES[i]}"
	done
}

wait_for_socket() # NAME
{
	local _

	for _ in {1..100}; do
		[ ! -S "$RUN/$1" ] || return 0
		kill -0 "${PIDS[simulator $1]}" 2>/dev/null ||
			die "simulator $1 did not start: $(tail -n 3 "$OUT/$1.out")"
		sleep 0.05
	done
	die "simulator $1 made no socket within 5 s"
}

# --- QEMU --------------------------------------------------------------------

# Sets QEMU to the command that runs it: the machine's own where that has
# vfio-user-pci (10.1), else an unpacked one in its sandbox.
choose_qemu()
{
	local version tree share

	version=$("$PROGRAM" --version 2>/dev/null | sed -nE '1s/.*version ([0-9.]+).*/\1/p' || true)
	if [ -n "$version" ] && printf '10.1\n%s\n' "$version" | sort -VC; then
		QEMU_VERSION="$version, of this machine"
		QEMU=(env LD_PRELOAD="$PRELOAD" "$PROGRAM")
		return
	fi
	tree=$(part fetch "$TREE")
	QEMU_VERSION=$(sed -n "s/^$PACKAGE:.*=//p" "${tree%/*}/packages")
	QEMU=(in_tree "$tree" -w "$RUN" -w "$OUT" -r "${BOOTS%/*}"
	      -r "$HOST_DIR" -e LD_PRELOAD="$PRELOAD")
	for share in "${SHARES[@]}"; do
		QEMU+=(-r "${share%:*}")
	done
	QEMU+=(-- "$PROGRAM")
}

# QEMU's arm machine has 32 slots for virtio-mmio, of which none is used here. Each is worked out
# anew whenever a device's BARs come or go, which is 40 times for an open or a reset: without
# them guard.plan takes 7 % less of a processor. Older QEMUs cannot leave them out.
leave_out_slots()
{
	[[ ${MACHINE[1]} == virt,* ]] || return 0
	[[ $("${QEMU[@]}" -M virt,help 2>/dev/null) != *virtio-mmio-transports=* ]] ||
		MACHINE[1]+=,virtio-mmio-transports=0
}

share_args() # DIR TAG
{
	printf '%s\n' -fsdev "local,id=fs-$2,path=$1,security_model=none,readonly=on" \
		-device "virtio-9p-pci,fsdev=fs-$2,mount_tag=$2"
}

npu_args() # INDEX
{
	local words device hotplug=off

	[ "$1" != "$VANISHING" ] || hotplug=on
	[ -n "$(pf_of "${SCENE_LINES[$1]}")" ] || printf '%s\n' \
		-device "pcie-root-port,id=rp$1,chassis=$(($1 + 1)),addr=0x$(root_port "$1"),hotplug=$hotplug"
	if ! is_simulated "${SCENE_LINES[$1]}"; then
		read -ra words <<<"${SCENE_LINES[$1]}"
		for device in "${words[@]:2}"; do
			printf '%s\n' -device "$device,bus=rp$1"
		done
		return
	fi
	printf '%s\n' -device "$(npu_device "$1")"
}

# A simulated NPU as QEMU's -device and device_add want it.
npu_device() # INDEX
{
	printf '%s' '{"driver":"vfio-user-pci",'"$(place "$1")"',"x-no-posted-writes":true,"x-msg-timeout":300000,"socket":{"type":"unix","path":"'"$RUN/${NAMES[$1]}"'"}}'
}

# For replug.sh.
control_args()
{
	printf '%s\n' -chardev "pipe,id=qmp,path=$RUN/qmp" -mon chardev=qmp,mode=control \
		-chardev "pipe,id=qtest,path=$RUN/qtest" -qtest chardev:qtest -qtest-log /dev/null
}

start_replug() # INDEX
{
	start "replug ${NAMES[$1]}" "$TESTBED/replug.sh" "$(root_port "$1")" \
		"$(npu_device "$1")" "$OUT/logs/${NAMES[$1]}.log" "$RUN/qmp" "$RUN/qtest" \
		>"$OUT/replug.out" 2>&1 </dev/null
}

# Of a machine that does much else an emulated processor may get nothing for half a minute,
# which Linux then takes for its own fault.
PATIENCE='rcupdate.rcu_cpu_stall_timeout=150 watchdog_thresh=60'

qemu_args()
{
	local i share threads=multi

	# Instructions can be counted in one thread only, whatever the number of processors.
	if [ -n "$ICOUNT" ]; then
		threads=single
		printf '%s\n' -icount "shift=$ICOUNT,sleep=off"
	fi
	# An emulated processor leaks nothing, and what is done against leaks costs time at
	# every system call; what the kernel tests of its own ciphers, a quarter of the boot; a
	# root port that sleeps between two tests, a tenth of opening its NPU.
	printf '%s\n' -nodefaults -no-reboot -display none -accel "tcg,thread=$threads" \
		"${MACHINE[@]}" -cpu "$CPU" -smp "$CPUS" -m "$MEMORY" \
		-kernel "$BOOTS" -initrd "$OUT/initrd" \
		-append "$CMDLINE mitigations=off cryptomgr.notests=1 pcie_port_pm=off $PATIENCE loglevel=5 oops=panic panic=-1" \
		-chardev "file,id=console,path=$OUT/console,append=on" -serial chardev:console \
		-device virtio-serial-pci -chardev "file,id=results,path=$OUT/results,append=on" \
		-device virtserialport,chardev=results,name=org.ascend.results
	share_args "$OUT/logs" run
	for share in "${SHARES[@]}"; do
		share_args "${share%:*}" "${share##*:}"
	done
	for i in "${!NAMES[@]}"; do
		npu_args "$i"
	done
	[ -z "$VANISHING" ] || control_args
	[ -z "$DISK" ] || printf '%s\n' -drive "if=none,id=disk,file=$OUT/disk,format=raw,cache=unsafe" \
		-device virtio-blk-pci,drive=disk
}

# --- the run -----------------------------------------------------------------

complete()
{
	grep -qx '# testbed: plan complete' "$OUT/results" 2>/dev/null
}

# Why the run failed, with what helps to find the cause; skipped, as kselftests have it,
# where QEMU is none that SMMUv3 can be had of.
fail()
{
	if grep -q '^smmu-notify: ' "$OUT/qemu.err"; then
		echo '# testbed: skipped: no SMMUv3 of this QEMU' >>"$OUT/results"
		cat "$OUT/qemu.err" >&2
		exit 4
	fi
	{
		printf '%s: %s: %s\n' "$ME" "$KERNEL" "$1"
		grep -h '^# testbed:' "$OUT/results" 2>/dev/null || true
		[ ! -s "$OUT/qemu.err" ] || { echo '--- QEMU'; tail -n 10 "$OUT/qemu.err"; }
		echo "--- end of the console ($OUT/console)"
		tail -n 40 "$OUT/console" 2>/dev/null || true
		echo '---'
	} >&2
	exit 1
}

name_of_pid()
{
	local name

	for name in "${!PIDS[@]}"; do
		[ "${PIDS[$name]}" != "$1" ] || { printf '%s\n' "$name"; return; }
	done
}

wants_reboot()
{
	[ -n "$DISK" ] && [ "$(tail -n 1 "$OUT/results")" = '# testbed: reboot' ]
}

start_qemu()
{
	[ -z "$DISK" ] || read_initrd
	start QEMU "${QEMU[@]}" "${ARGS[@]}" >>"$OUT/qemu.err" 2>&1 </dev/null
}

supervise()
{
	local pid name status=0

	wait -n -p pid "${PIDS[@]}" || status=$?
	name=$(name_of_pid "$pid")
	# Not to be ended: the number may be another's by then.
	[ -z "$name" ] || unset "PIDS[$name]"
	if [ "$name:$status" = QEMU:0 ] && wants_reboot; then
		echo '# testbed: boots again' >>"$OUT/results"
		start_qemu
		supervise
		return
	fi
	if [[ $name == replug* ]]; then
		sleep_until_qemu_gone
		complete || fail "$name ended (status $status): $(tail -n 3 "$OUT/replug.out")"
	elif [[ $name == simulator* ]]; then
		# Expected when QEMU has just let go of it.
		sleep_until_qemu_gone
		complete || fail "the $name died (status $status): $(tail -n 3 "$OUT/${name#* }.out")"
	elif [ "$name" = timer ]; then
		fail "not done after $LIMIT s"
	fi
	complete || fail "QEMU ended (status $status) before the plan was complete"
}

sleep_until_qemu_gone()
{
	local _

	for _ in {1..40}; do
		kill -0 "${PIDS[QEMU]}" 2>/dev/null || break
		sleep 0.05
	done
}

# All of it is parsed before it runs: a run takes minutes, and the file may be edited
# or updated meanwhile.
main()
{
	local name

	parse_options "$@"
	mkdir -p "$OUT/logs"
	OUT=$(cd "$OUT" && pwd)
	rm -rf "$OUT"/{results,console,initrd,disk,qemu.err} "$OUT/logs"/*
	trap cleanup EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	# A short name: the paths of sockets are limited to 107 characters.
	RUN=$(mktemp -d /tmp/ascend.XXXXXX)
	read_scene
	TOOLS=$(part fetch tools)
	KERNEL_DIR=$(part kernels "$KERNEL")
	HOST_DIR=$(part build host)
	PRELOAD=$HOST_DIR/malloc_trim.so
	describe_machine "$(<"$KERNEL_DIR/arch")"
	[ -z "$VANISHING" ] || describe_hotplug
	for name in $TREES; do
		SHARES+=("$(part fetch "$name"):$name")
	done
	for name in ${DISK:+$WITH}; do
		SHARES+=("$(part build "$name" "$KERNEL")/root:$name")
	done
	choose_qemu
	leave_out_slots
	if [ -n "$DISK" ]; then make_disk; else make_initrd; fi
	start_simulators
	mapfile -t ARGS < <(qemu_args)
	say "$KERNEL: booting $(<"$KERNEL_DIR/release") with ${#NAMES[@]} NPUs, QEMU $QEMU_VERSION"
	[ -z "$VANISHING" ] || mkfifo "$RUN"/{qmp,qtest}.{in,out}
	start_qemu
	[ -z "$VANISHING" ] || start_replug "$VANISHING"
	start timer sleep "$LIMIT"
	supervise
	# Large, and of use only to find out why a plan was not completed.
	rm -f "$OUT"/{initrd,disk}
}

main "$@"; exit
