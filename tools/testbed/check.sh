#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# check.sh: run every test: what needs no virtual host, then the plans of plans/ in L1 for
# each kernel; report.sh says what came of it, in the last line and by its exit status.
#   KERNELS="NAME..."   kernels to test, of kernels.sh --list (default: all); one may be the
#                       path of a kernel source tree (arm64), which is then called "own"
#   KVM_PATCH=FILE      patch for that tree
#   OWN_PAGES=64K       its pages (default: 4K)
#   PLANS="NAME..."     plans to run, of plans/ (default: all)
#   HOST_TESTS=no       without what needs no virtual host
#   SET=install         instead, what is too long for every run: whole Debian systems, in which
#                       packages are installed (as root), with reboots, libvirt, other QEMUs
#   JOBS=N              virtual hosts at a time (default: 4 a processor, as most of a
#                       test is waiting, if there is memory; 2 for a SET, which is busy)

# shellcheck source=tools/testbed/common.sh
. "$(dirname "$0")/common.sh"
# shellcheck source=tools/testbed/host-plans.sh
. "$TESTBED/host-plans.sh"

# Seconds for one plan on one kernel; a whole Debian's may take most of an hour where a processor
# is slow and has much else to do.
LIMIT=2400
[ -z "${SET-}" ] || LIMIT=4800

# --- what needs no virtual host -----------------------------------------------

# shellcheck disable=SC2317 # called by run_host
check_plans()
{
	in_tree "$TOOLS" -r "$TOP" -- \
		make -s -C "$TOP/selftests" CC="$(compiler arm64)gcc-14" list |
		"$TESTBED/plans.sh" --check
}

# Random messages, new ones each time. A failure is shown with the line "# seed N":
# make -C tools/testbed/npu check SEED=N sends them again.
# shellcheck disable=SC2317 # called by run_host
check_simulator()
{
	local tests

	tests=$(part build unit)
	in_tree "$TOOLS" -r "$tests" -- "$tests/parser_test"
}

# Each of its parsers gets random inputs for so many seconds, other ones each time; one that
# breaks it is shown, as libFuzzer prints it. "make -C tools/ascend-vfio fuzz" takes longer.
FUZZ_SECONDS=1

# shellcheck disable=SC2317 # called by run_host
check_tool()
{
	local dir

	dir=$(part build tool-tests)
	# In the sandbox's /tmp, as the tests write beside what was built.
	# shellcheck disable=SC2016 # for the inner shell
	in_tree "$(part fetch tool-tests)" -r "$dir" -e "FUZZ_SECONDS=$FUZZ_SECONDS" -- bash -ec '
		cp -a "$1/o" /tmp/o
		export O=/tmp/o TOP=$1/src GUEST_CC=aarch64-linux-gnu-gcc-14
		nice "$TOP/tools/ascend-vfio/tests/run.sh"' - "$dir"
}

# --- plans in L1 -------------------------------------------------------------

# In a subshell of its own, to be ended by SIGTERM: the long part is in the
# background, so that the trap is taken meanwhile.
run_plan() # KERNEL PLAN
{
	local dir=$OUT/$1/$2 status=0 option value scene boot show
	local options=(--kernel "$1" --scene "$dir/scene" --plan "$dir/plan" --out "$dir")

	mkdir -p "$dir"
	scene=$("$TESTBED/plans.sh" --directive scene "$2")
	for scene in ${scene:-$2}; do
		cat "$TESTBED/plans/$scene.scene"
	done >"$dir/scene"
	"$TESTBED/plans.sh" --expand "$2" "$dir/scene" "$1" >"$dir/plan"
	for option in cpu cpus iommu icount with disk trees; do
		value=$("$TESTBED/plans.sh" --directive "$option" "$2")
		[ -z "$value" ] || options+=("--$option" "$value")
	done
	: >"$dir/results"
	# As a batch job: the many threads of many virtual hosts interrupt each other less,
	# which saves a tenth of the processor time.
	chrt --batch 0 "$TESTBED/boot.sh" "${options[@]}" --timeout "$LIMIT" --selftests &
	boot=$!
	trap 'kill -TERM "$boot" 2>/dev/null; wait "$boot"; exit 143' TERM
	tail --pid="$boot" -n +1 -F "$dir/results" 2>/dev/null | show "$1" "$2" &
	show=$!
	wait "$boot" || status=$?
	trap - TERM
	echo "$status" >"$dir/status"
	wait "$show"
}

# Lines of $OUT/pairs, the longest plans first, by the times of the last whole run: so no long
# one begins when all others are done and processors are idle. What was not in that run comes
# first of all, in the order that it has.
by_length()
{
	local last=$CACHE/results.tsv

	[ -s "$last" ] || last=/dev/null
	awk -F '\t' -v last="$last" '
		FILENAME == last { took[$1 " " $2] += $9; next }
		{ print ($0 in took ? took[$0] : 1e9) "\t" $0 }' "$last" "$OUT/pairs" |
		sort -s -k1,1gr | cut -f2
}

# One after the other, as they share most of it. What it says about a failure is
# on the terminal already.
prepare() # KERNEL
{
	local what

	say "$1: preparing"
	for what in driver selftests base host; do
		part build "$what" "$1" >/dev/null || return
	done
}

# Until fewer than so many jobs go on, without progress().
wait_for() # NUMBER
{
	while [ "$(jobs -pr | wc -l)" -gt "$1" ]; do
		wait -n || true
	done
}

run_plans()
{
	local kernel plan
	local -A ready=()

	progress &
	while read -r kernel plan; do
		[[ $kernel != - && $plan != - ]] || continue
		if [ -z "${ready[$kernel]-}" ]; then
			ready[$kernel]=yes
			prepare "$kernel" </dev/null || ready[$kernel]=no
		fi
		[ "${ready[$kernel]}" = yes ] || continue
		wait_for "$JOBS"
		run_plan "$kernel" "$plan" </dev/null &
	done < <(by_length)
	wait_for 1
}

# --- main --------------------------------------------------------------------

# A virtual host has 2 GiB, of which it does not touch all.
default_jobs()
{
	local each=4

	[ -z "${SET-}" ] || each=2
	awk -v most=$(($(nproc) * each)) '/^MemAvailable:/ {
		n = int($2 / (2 * 1024 * 1024))
		print (n > most ? most : n > 1 ? n : 1) }' /proc/meminfo
}

# A word of KERNELS that is a path stands for the kernel "own" of kernels.sh.
find_own_tree()
{
	local word

	for word in ${KERNELS-}; do
		[[ $word == */* ]] || continue
		[ -z "${OWN_TREE-}" ] || die "KERNELS: there can be one kernel source tree only"
		[ -d "$word/arch/arm64/kvm" ] || die "$word is no kernel source tree that has arm64"
		OWN_TREE=$(cd "$word" && pwd)
		KERNELS=${KERNELS/"$word"/own}
	done
	[ -z "${KVM_PATCH-}" ] || KVM_PATCH=$(realpath -e "$KVM_PATCH")
	[[ ${OWN_PAGES:-4K} == @(4K|64K) ]] || die "OWN_PAGES is 4K or 64K, not $OWN_PAGES"
	export OWN_TREE KVM_PATCH OWN_PAGES KERNELS
}

# The long ones go on in the background.
run_host_plans()
{
	local reporters=()

	# Minutes of a processor where sources have changed.
	run_host lint "$TESTBED/lint.sh" &
	run_host plans check_plans
	run_host chips-known "$TESTBED/chips-known.sh"
	run_host translation "$TESTBED/translation.sh"
	# With the machine's awk, mawk in Debian, and with gawk.
	run_host reporter "$TESTBED/report-test/run.sh" &
	reporters=($!)
	run_host reporter-gawk in_tree "$TOOLS" -r "$TOP" -- "$TESTBED/report-test/run.sh" &
	reporters+=($!)
	run_host simulator check_simulator
	wait "${reporters[@]}"
	# Minutes of one processor, each.
	run_host probes "$TESTBED/probes.sh" &
	run_host examine "$TESTBED/examine-test.sh" &
	run_host proofs "$TESTBED/prove.sh" &
	run_host tool-tests check_tool &
}

# What is to be run: INSTALL of host-plans.sh, and $OUT/pairs.
choose_plans()
{
	local plan install in_l1=()

	install=$(awk 'NF { print $1 }' <<<"$INSTALL_PLANS" | paste -sd' ')
	INSTALL=()
	for plan in ${PLANS-}; do
		if [[ " $install " == *" $plan "* ]]; then INSTALL+=("$plan"); else in_l1+=("$plan"); fi
	done
	[ "${SET-}:${PLANS-}" != install: ] || read -ra INSTALL <<<"$install"
	: >"$OUT/pairs"
	if [ -z "${PLANS-}" ] || [ ${#in_l1[@]} != 0 ]; then
		PLANS=${in_l1[*]} "$TESTBED/plans.sh" --pairs >"$OUT/pairs"
	fi
}

# All of it is parsed before it runs: a run takes minutes, and the file may be edited
# or updated meanwhile.
main()
{
	start_run check
	find "$CACHE/runs" -mindepth 1 -maxdepth 1 -mtime +7 -exec rm -rf {} +
	# What killed runs left.
	find "$CACHE" -mindepth 1 -maxdepth 1 -name '.*.??????' -mtime +1 \
		-exec rm -rf --one-file-system {} +
	find_own_tree
	JOBS=${JOBS:-$(default_jobs)}
	TOOLS=$(part fetch tools)
	choose_plans
	part kernels --promises >"$OUT/promises"
	[ -n "${SET-}" ] || run_host_plans
	if [ ${#INSTALL[@]} != 0 ]; then
		prepare_install_plans "${INSTALL[@]}"
		run_install_plans "${INSTALL[@]}" &
	fi
	run_plans
	cat "$OUT/pairs" >>"$OUT/asked"
	"$TESTBED/report.sh" "$OUT"
	# For "make supported".
	[ -n "${KERNELS-}${PLANS-}${HOST_TESTS-}${SET-}" ] || cp "$OUT/results.tsv" "$CACHE/results.tsv"
}

main; exit
