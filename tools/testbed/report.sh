#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# report.sh DIR: what a run of check.sh in DIR has shown: results.tsv is made of it there
# (see tsv.awk), and everything on standard output of that. The last line counts the tests;
# exits 0 only when none failed and every promise was kept. In DIR:
#   promises, asked           as kernels.sh --promises and plans.sh --pairs print them
#   KERNEL/PLAN/scene, plan   what was run, of boot.sh
#   KERNEL/PLAN/results, console, status  what came of it, and boot.sh's exit status

# shellcheck source=tools/testbed/common.sh
. "$(dirname "$0")/common.sh"

# Kernel messages that no test may cause, one a line.
COMPLAINTS=$(sed -n 's/^COMPLAINT("\(.*\)")$/\1/p' "$FACTS/kernel_complaints.h")
[ -n "$COMPLAINTS" ] || die "$FACTS/kernel_complaints.h: holds none"

table() # PROGRAM ARGUMENT...
{
	awk -F'\t' -f "$TESTBED/tsv.awk" "${@:2}" -f "$TESTBED/$1.awk" "$DIR/results.tsv"
}

# A failure that no test of the plan is to blame for.
failure() # KERNEL PLAN PROGRAM REASON
{
	printf '%s\t%s\t-\t-\t%s\t-\t-\tfail\t-\t%s\n' "$1" "$2" "$3" "${4//$'\t'/ }"
}

rows() # KERNEL PLAN
{
	local dir=$DIR/$1/$2 status complaint

	mkdir -p "$dir"
	for file in scene plan results console; do
		[ -e "$dir/$file" ] || : >"$dir/$file"
	done
	awk -v kernel="$1" -v plan="$2" -f "$TESTBED/tsv.awk" -f "$TESTBED/rows.awk" \
		what=scene "$dir/scene" what=plan "$dir/plan" what=results "$dir/results"
	status=$(cat "$dir/status" 2>/dev/null || echo unknown)
	[ "$status" = 0 ] || { [ "$status" = 4 ] && grep -q '^# testbed: skipped: ' "$dir/results"; } ||
		failure "$1" "$2" testbed "not completed: exit status $status"
	complaint=$(grep -F -m 1 -e "$COMPLAINTS" "$dir/console" || true)
	[ -z "$complaint" ] || failure "$1" "$2" kernel "complained in $dir/console: $complaint"
}

DIR=$1
while read -r kernel plan; do
	[ "$kernel" = - ] || [ "$plan" = - ] || rows "$kernel" "$plan"
done <"$DIR/asked" >"$DIR/results.tsv"
awk -f "$TESTBED/tsv.awk" -f "$TESTBED/promises.awk" what=promises "$DIR/promises" \
	what=asked "$DIR/asked" what=results "$DIR/results.tsv" >"$DIR/kept.tsv"
cat "$DIR/kept.tsv" >>"$DIR/results.tsv"
rm "$DIR/kept.tsv"

table matrix
table stage2
table summary -v dir="$DIR"
