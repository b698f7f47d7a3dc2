#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# check.sh: run every test: the simulator's own, then the plans of plans/ in L1 for
# each kernel. The last line counts the tests; exits 0 when some passed and none failed.
#   KERNELS="NAME..."   kernels to test, of kernels.sh --list (default: all)
#   PLANS="NAME..."     plans to run, of plans/ (default: all)
#   JOBS=N              virtual hosts at a time (default: 4 a processor, as most of a
#                       test is waiting, if there is memory)

# shellcheck source=tools/testbed/common.sh
. "$(dirname "$0")/common.sh"

# Kernel messages that no test may cause.
COMPLAINTS='WARNING: |BUG:? |Oops|Unable to handle|Kernel panic|blocked for more than|refcount_t:|UBSAN|DMA-API: '
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

	awk -v name="$1" -v counts="$OUT/counts/$1" -v reasons="$OUT/reasons/$1" \
		-f "$TESTBED/tap.awk"
	read -ra n <"$OUT/counts/$1"
	say "$1: ${n[0]} passed, ${n[1]} failed, ${n[2]} skipped"
}

# --- what needs no virtual host ----------------------------------------------

# Every plan is for kernels that exist, and every selftest program, those for arm64 only
# among them, is in some plan.
check_plans()
{
	local plan program unknown lines=''

	for plan in $(every_plan); do
		unknown=$(kernels_for "$plan" | grep -vxf <(part kernels --list) || true)
		[ -z "$unknown" ] ||
			failure "tools/testbed/plans/$plan.plan is for '$unknown', which kernels.sh does not know"
		lines+=$(<"$TESTBED/plans/$plan.plan")$'\n'
	done
	for program in $(in_tree "$TOOLS" -r "$TOP" -- \
			make -s -C "$TOP/selftests" CC="$(compiler arm64)gcc-14" list); do
		grep -qw -- "$program" <<<"$lines" ||
			failure "selftests/$program is in no plan of tools/testbed/plans: add it to one"
	done
}

check_simulator()
{
	local tests status=0

	tests=$(part build unit)
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
	local kernel=$1 dir=$OUT/$1/$2 status=0 boot judge cpu cpus scene

	mkdir -p "$dir"
	scene=$(directive scene "$2")
	cp "$TESTBED/plans/${scene:-$2}.scene" "$dir/scene"
	expand_plan "$TESTBED/plans/$2.plan" "$dir/scene" >"$dir/plan"
	: >"$dir/results"
	cpu=$(directive cpu "$2") cpus=$(directive cpus "$2")
	# As a batch job: the many threads of many virtual hosts interrupt each other less,
	# which saves a tenth of the processor time.
	chrt --batch 0 "$TESTBED/boot.sh" --kernel "$kernel" --scene "$dir/scene" --plan "$dir/plan" \
		--out "$dir" --timeout "$LIMIT" --selftests ${cpu:+--cpu "$cpu"} \
		${cpus:+--cpus "$cpus"} &
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

# What a plan asks for in comments of its own: "# only: NAME..." (kernels, or arm64 or
# amd64 for all of those), "# cpu: MODEL" and "# cpus: N" of the virtual host, and
# "# scene: NAME" where the scene is not called like the plan.
directive() # NAME PLAN
{
	sed -n "s/^# $1: //p" "$TESTBED/plans/$2.plan"
}

kernels_for() # PLAN
{
	local only name

	only=$(directive only "$1")
	for name in ${only:-arm64 amd64}; do
		case $name in
		arm64|amd64) part kernels --list "$name" ;;
		*) printf '%s\n' "$name" ;;
		esac
	done
}

# Plans to run on a kernel.
plans() # KERNEL
{
	local plan

	for plan in ${PLANS:-$(every_plan)}; do
		! kernels_for "$plan" | grep -x -- "$1" >/dev/null || printf '%s\n' "$plan"
	done
}

every_plan()
{
	(cd "$TESTBED/plans" && printf '%s\n' ./*.plan) | sed 's|^\./||; s|\.plan$||'
}

# One after the other, as they share most of it. What it says about a failure is
# on the terminal already.
prepare() # KERNEL
{
	local what

	say "$1: preparing"
	for what in driver selftests base host; do
		part build "$what" "$1" >/dev/null || {
			failure "$1: $what could not be prepared (see above)"
			return 1
		}
	done
}

# --- main --------------------------------------------------------------------

PLAN_PIDS=() STARTED=()

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

kernels()
{
	tr -s ' ' '\n' <<<"${KERNELS:-$(part kernels --list)}"
}

# A virtual host has 2 GiB, of which it does not touch all.
default_jobs()
{
	awk -v cpus="$(nproc)" '/^MemAvailable:/ {
		n = int($2 / (2 * 1024 * 1024))
		print (n > 4 * cpus ? 4 * cpus : n > 1 ? n : 1) }' /proc/meminfo
}

run_plans()
{
	local kernel plan

	for kernel in $(kernels); do
		prepare "$kernel" || continue
		for plan in $(plans "$kernel"); do
			STARTED+=("$kernel-$plan")
			while [ "$(jobs -pr | wc -l)" -ge "$JOBS" ]; do
				wait -n || true
			done
			run_plan "$kernel" "$plan" &
			PLAN_PIDS+=($!)
		done
	done
	wait "${PLAN_PIDS[@]}" || true
	for plan in "${STARTED[@]}"; do
		[ -s "$OUT/counts/$plan" ] || failure "$plan was not run to its end"
	done
}

check_names()
{
	local plan

	for plan in ${PLANS-}; do
		[ -r "$TESTBED/plans/$plan.plan" ] ||
			die "unknown plan '$plan': there are $(every_plan | paste -sd' ')"
	done
}

# What was seen: what ran where, and what KVM did at stage 2.
tables()
{
	local kernel dir runs=()

	for kernel in $(kernels); do
		for dir in "$OUT/$kernel"/*/; do
			[ ! -s "${dir}results" ] || runs+=("${dir}scene" "${dir}results")
		done
	done
	[ ${#runs[@]} -gt 0 ] || return 0
	awk -f "$TESTBED/matrix.awk" "${runs[@]}"
	awk -f "$TESTBED/stage2.awk" "${runs[@]}"
	awk -v readme=1 -f "$TESTBED/matrix.awk" "${runs[@]}" >"$OUT/supported.md"
}

# The reasons of all that was skipped, the most frequent first.
skipped_table()
{
	find "$OUT/reasons" -type f -exec cat {} + | awk -F'\t' '
		{ n[$2] += $1 }
		END { for (reason in n) printf "  %d skipped: %s\n", n[reason], reason }' |
		sort -k1nr
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
	mkdir -p "$OUT"/{counts,reasons}
	find "$CACHE/runs" -mindepth 1 -maxdepth 1 -mtime +7 -exec rm -rf {} +
	trap cleanup EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP

	JOBS=${JOBS:-$(default_jobs)}
	TOOLS=$(part fetch tools)
	check_names
	check_plans
	check_simulator
	run_plans
	tables
	skipped_table
	summary
	# Not reached if anything failed. For "make supported".
	[ -n "${KERNELS-}${PLANS-}" ] || cp "$OUT/supported.md" "$CACHE/supported.md"
}

main; exit
