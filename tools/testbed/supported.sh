#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# supported.sh: put what the last whole run of check.sh saw into README's table of
# kernels, between the two comments that name this script.

# shellcheck source=tools/testbed/common.sh
. "$(dirname "$0")/common.sh"

table=$CACHE/supported.md
[ -s "$table" ] || die "no whole run of 'make check' is on record: run it, without KERNELS and PLANS"
new=$(awk -v table="$table" '
	/^<!-- end of what supported.sh made -->$/ { inside = 0 }
	!inside
	/^<!-- supported.sh makes this/ {
		inside = 1
		while ((getline line <table) > 0)
			print line
	}' "$TOP/README.md")
printf '%s\n' "$new" >"$TOP/README.md"
say "README.md has the kernels of the run of $(date -r "$table" '+%F %R')"
