#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# supported.sh: put what the last whole run of check.sh saw into the table of kernels of
# README, in both languages, between the two comments that name this script.

# shellcheck source=tools/testbed/common.sh
. "$(dirname "$0")/common.sh"

results=$CACHE/results.tsv
[ -s "$results" ] || die "no whole run of 'make check' is on record: run it, without KERNELS and PLANS"
for readme in "$TOP"/README.md "$TOP"/tools/README.*.md; do
	new=$(awk -F'\t' -f "$TESTBED/tsv.awk" -f "$TESTBED/supported.awk" "$results" "$readme")
	printf '%s\n' "$new" >"$readme"
done
say "README has the kernels of the run of $(date -r "$results" '+%F %R')"
