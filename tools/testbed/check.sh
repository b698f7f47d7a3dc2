#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# check.sh: run every test: the simulator's own, then the plans of plans/ in L1 for
# each kernel. The last line counts the tests; exits 0 when some passed and none failed.
#   KERNELS="NAME..."   kernels to test, of kernels.sh --list (default: all)
#   PLANS="NAME..."     plans to run, of plans/ (default: all)

# shellcheck source=tools/testbed/common.sh
. "$(dirname "$0")/common.sh"

# Kernel messages that no test may cause.
COMPLAINTS='WARNING: |BUG: |Oops|Unable to handle|Kernel panic|possible (recursive|circular) locking|refcount_t:|KASAN|UBSAN|DMA-API: '
LIMIT=3600

PASSED=0 FAILED=0 SKIPPED=0
BOOT=''

cleanup()
{
	local status=$?

	trap - EXIT
	[ -z "$BOOT" ] || { kill -TERM "$BOOT" && wait "$BOOT"; } 2>/dev/null || true
	if [ "$status" = 0 ]; then
		rm -rf "$OUT"
	else
		say "logs are in $OUT"
	fi
	exit "$status"
}

failure() # TEXT
{
	printf '  FAIL  %s\n' "$1"
	FAILED=$((FAILED + 1))
}

add_counts() # FILE
{
	local passed failed skipped

	read -r passed failed skipped <"$1"
	PASSED=$((PASSED + passed)) FAILED=$((FAILED + failed)) SKIPPED=$((SKIPPED + skipped))
	say "$2: $passed passed, $failed failed, $skipped skipped"
}

# --- the simulator's own tests -----------------------------------------------

check_simulator()
{
	local tests status=0

	say "simulator"
	tests=$("$TESTBED/build.sh" unit)
	echo '# begin parser_test' >"$OUT/unit"
	in_tree "$TOOLS" -r "$tests" -- "$tests/parser_test" >>"$OUT/unit" 2>&1 || status=$?
	printf '\n# end %d parser_test\n' "$status" >>"$OUT/unit"
	awk -v name=simulator -v counts="$OUT/unit.counts" -f "$TESTBED/tap.awk" "$OUT/unit"
	add_counts "$OUT/unit.counts" simulator
}

# --- plans in L1 -------------------------------------------------------------

# Plan lines for "@every-model" are repeated for each NPU of the scene that is
# called like its model; PROGRAMS come from the selftests' own list, so that a new
# one cannot be forgotten.
expand_plan() # PLAN SCENE
{
	local line models name

	models=$(awk '!/^#/ && NF { for (i = 2; i < NF; i++) if ($i == "--model" && $(i + 1) == $1) print $1 }' "$2")
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

run_plan() # KERNEL PLAN
{
	local kernel=$1 plan=$2 dir=$OUT/$1/$2 status=0

	mkdir -p "$dir"
	expand_plan "$TESTBED/plans/$plan.plan" "$TESTBED/plans/$plan.scene" >"$dir/plan"
	: >"$dir/results"
	"$TESTBED/boot.sh" --kernel "$kernel" --scene "$TESTBED/plans/$plan.scene" \
		--plan "$dir/plan" --out "$dir" --timeout "$LIMIT" --selftests &
	BOOT=$!
	# Judged while it runs: a run takes minutes.
	tail --pid="$BOOT" -n +1 -F "$dir/results" 2>/dev/null |
		awk -v name="$kernel" -v counts="$dir/counts" -f "$TESTBED/tap.awk"
	wait "$BOOT" || status=$?
	BOOT=''
	add_counts "$dir/counts" "$kernel: $plan"
	[ "$status" = 0 ] || failure "$kernel: $plan was not completed (see above)"
	if grep -qE "$COMPLAINTS" "$dir/console" 2>/dev/null; then
		grep -E -m 3 -A 20 "$COMPLAINTS" "$dir/console"
		failure "$kernel: $plan: the kernel complained (see above)"
	fi
}

# Every selftest program is in some plan.
check_plans()
{
	local program

	for program in $(make -s -C "$TOP/selftests" list); do
		grep -qw -- "$program" "$TESTBED"/plans/*.plan ||
			failure "selftests/$program is in no plan of tools/testbed/plans: add it to one"
	done
}

plans()
{
	if [ -n "${PLANS-}" ]; then
		printf '%s\n' $PLANS
	else
		(cd "$TESTBED/plans" && printf '%s\n' ./*.plan) | sed 's|^\./||; s|\.plan$||'
	fi
}

OUT=$CACHE/runs/check-$(date +%Y%m%d-%H%M%S)-$$
mkdir -p "$OUT"
find "$CACHE/runs" -mindepth 1 -maxdepth 1 -mtime +7 -exec rm -rf {} +
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

TOOLS=$("$TESTBED/fetch.sh" tools)
check_plans
check_simulator
for kernel in ${KERNELS:-$("$TESTBED/kernels.sh" --list)}; do
	say "$kernel: preparing"
	for plan in $(plans); do
		run_plan "$kernel" "$plan"
	done
done

summary="$PASSED passed, $FAILED failed"
[ "$SKIPPED" = 0 ] || summary+=", $SKIPPED skipped"
printf '%s\n' "$summary"
[ "$PASSED" -gt 0 ] && [ "$FAILED" = 0 ]
