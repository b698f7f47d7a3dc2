#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# check.sh: run every test: the simulator's own, then the plans of plans/ in L1 for
# each kernel. The last line counts the tests; exits 0 when some passed and none failed.
#   KERNELS="NAME..."   kernels to test, of kernels.sh --list (default: all)
#   PLANS="NAME..."     plans to run, of plans/ (default: all)
#   JOBS=N              virtual hosts at a time (default 2: much of a test is waiting)

# shellcheck source=tools/testbed/common.sh
. "$(dirname "$0")/common.sh"

# Kernel messages that no test may cause.
COMPLAINTS='WARNING: |BUG: |Oops|Unable to handle|Kernel panic|possible (recursive|circular) locking|refcount_t:|KASAN|UBSAN|DMA-API: '
# Seconds for one plan on one kernel.
LIMIT=2400

# --- counting: lines "passed failed skipped" in $OUT/counts/ -----------------

failure() # TEXT
{
	printf '  FAIL  %s\n' "$1"
	echo 0 1 0 >>"$OUT/counts/failures"
}

judge() # NAME: reads results
{
	local n

	awk -v name="$1" -v counts="$OUT/counts/$1" -f "$TESTBED/tap.awk"
	read -ra n <"$OUT/counts/$1"
	say "$1: ${n[0]} passed, ${n[1]} failed, ${n[2]} skipped"
}

# --- what needs no virtual host ----------------------------------------------

# Every selftest program is in some plan.
check_plans()
{
	local program

	for program in $(in_tree "$TOOLS" -r "$TOP" -- \
			make -s -C "$TOP/selftests" CC=aarch64-linux-gnu-gcc-14 list); do
		grep -qw -- "$program" "$TESTBED"/plans/*.plan ||
			failure "selftests/$program is in no plan of tools/testbed/plans: add it to one"
	done
}

check_simulator()
{
	local tests status=0

	tests=$("$TESTBED/build.sh" unit)
	{
		echo '# begin parser_test'
		# Random messages, new ones each time. A failure is shown with the line
		# "# seed N": make -C tools/testbed/npu check SEED=N sends them again.
		in_tree "$TOOLS" -r "$tests" -- "$tests/parser_test" 2>&1 || status=$?
		printf '\n# end %d parser_test\n' "$status"
	} >"$OUT/simulator"
	judge simulator <"$OUT/simulator"
}

# --- plans in L1 -------------------------------------------------------------

# Plan lines for "@every-model" are repeated for each NPU of the scene that is
# called like its model.
expand_plan() # PLAN SCENE
{
	local line models name

	models=$(awk '!/^#/ { for (i = 2; i < NF; i++)
		if ($i == "--model" && $(i + 1) == $1) print $1 }' "$2")
	while IFS= read -r line; do
		if [[ $line == '@every-model '* ]]; then
			for name in $models; do
				printf '@%s %s\n' "$name" "${line#* }"
			done
		else
			printf '%s\n' "$line"
		fi
	done <"$1"
}

# In a subshell of its own, to be ended by SIGTERM: the long part is in the
# background, so that the trap is taken meanwhile.
run_plan() # KERNEL PLAN
{
	local kernel=$1 plan=$TESTBED/plans/$2 dir=$OUT/$1/$2 status=0 boot judge cpu

	mkdir -p "$dir"
	expand_plan "$plan.plan" "$plan.scene" >"$dir/plan"
	: >"$dir/results"
	cpu=$(directive cpu "$2")
	"$TESTBED/boot.sh" --kernel "$kernel" --scene "$plan.scene" --plan "$dir/plan" \
		--out "$dir" --timeout "$LIMIT" --selftests --cpu "${cpu:-neoverse-n1}" &
	boot=$!
	trap 'kill -TERM "$boot" 2>/dev/null; wait "$boot"; exit 143' TERM
	tail --pid="$boot" -n +1 -F "$dir/results" 2>/dev/null | judge "$kernel-$2" &
	judge=$!
	wait "$boot" || status=$?
	wait "$judge"
	[ "$status" = 0 ] || failure "$kernel: $2 was not completed (see above)"
	if grep -qE "$COMPLAINTS" "$dir/console" 2>/dev/null; then
		grep -E -m 3 -A 20 "$COMPLAINTS" "$dir/console"
		failure "$kernel: $2: the kernel complained (see above)"
	fi
}

# What a plan asks for in a comment of its own: "# kernels: NAME...", the only ones it
# is for, and "# cpu: MODEL" of the virtual host.
directive() # NAME PLAN
{
	sed -n "s/^# $1: //p" "$TESTBED/plans/$2.plan"
}

# Plans to run on a kernel.
plans() # KERNEL
{
	local plan only

	for plan in $(all_plans); do
		only=$(directive kernels "$plan")
		[[ -n $only && " $only " != *" $1 "* ]] || printf '%s\n' "$plan"
	done
}

all_plans()
{
	if [ -n "${PLANS-}" ]; then
		tr -s ' ' '\n' <<<"$PLANS"
	else
		(cd "$TESTBED/plans" && printf '%s\n' ./*.plan) | sed 's|^\./||; s|\.plan$||'
	fi
}

# One after the other, as they share most of it. What it says about a failure is
# on the terminal already.
prepare() # KERNEL
{
	local what

	say "$1: preparing"
	for what in driver selftests base host; do
		"$TESTBED/build.sh" "$what" "$1" >/dev/null || {
			failure "$1: $what could not be prepared (see above)"
			return 1
		}
	done
}

# --- main --------------------------------------------------------------------

PLAN_PIDS=()

# shellcheck disable=SC2317 # reached by the trap
cleanup()
{
	local status=$?

	trap - EXIT
	[ ${#PLAN_PIDS[@]} = 0 ] || kill -TERM "${PLAN_PIDS[@]}" 2>/dev/null || true
	wait
	[ "$status" != 0 ] || rm -rf "$OUT"
	exit "$status"
}

run_plans()
{
	local kernel plan

	for kernel in ${KERNELS:-$("$TESTBED/kernels.sh" --list)}; do
		prepare "$kernel" || continue
		for plan in $(plans "$kernel"); do
			while [ "$(jobs -pr | wc -l)" -ge "${JOBS:-2}" ]; do
				wait -n || true
			done
			run_plan "$kernel" "$plan" &
			PLAN_PIDS+=($!)
		done
	done
	wait "${PLAN_PIDS[@]}" || true
}

# What KVM did at stage 2, from what the tests saw.
stage2_table()
{
	cat "$OUT"/*/*/results 2>/dev/null | awk -f "$TESTBED/stage2.awk"
}

summary()
{
	local passed failed skipped

	read -r passed failed skipped < <(cat "$OUT"/counts/* |
		awk '{ p += $1; f += $2; s += $3 } END { print p + 0, f + 0, s + 0 }')
	[ "$failed" = 0 ] || say "logs are in $OUT"
	# Last, alone on its line: what CI reads.
	printf '%s passed, %s failed' "$passed" "$failed"
	[ "$skipped" = 0 ] || printf ', %s skipped' "$skipped"
	echo
	[ "$passed" -gt 0 ] && [ "$failed" = 0 ]
}

# All of it is parsed before it runs: a run takes minutes, and the file may be edited
# or updated meanwhile.
main()
{
	OUT=$CACHE/runs/check-$(date +%Y%m%d-%H%M%S)-$$
	mkdir -p "$OUT/counts"
	find "$CACHE/runs" -mindepth 1 -maxdepth 1 -mtime +7 -exec rm -rf {} +
	trap cleanup EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP

	TOOLS=$("$TESTBED/fetch.sh" tools)
	check_plans
	check_simulator
	run_plans
	stage2_table
	summary
}

main; exit
