# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What needs no virtual host runs as a plan of a kernel called "host", in the directory $OUT
# of a run; not with HOST_TESTS=no. Sourced by check.sh and check-install.sh after common.sh.

# How each command ends, while the results come in.
show() # KERNEL PLAN
{
	awk -v kernel="$1" -v plan="$2" -v progress=1 -f "$TESTBED/tsv.awk" -f "$TESTBED/rows.awk" \
		what=scene "$OUT/$1/$2/scene" what=plan "$OUT/$1/$2/plan" what=results - >/dev/null
}

run_host() # PLAN COMMAND...: which prints TAP
{
	local dir=$OUT/host/$1 status=0 start=$SECONDS

	[ "${HOST_TESTS-}" != no ] || return 0
	say "$1"
	mkdir -p "$dir"
	printf 'host %s\n' "$1" >>"$OUT/asked"
	: >"$dir/scene"
	printf '%s\n' "$1" >"$dir/plan"
	{
		printf '# begin %s\n' "$1"
		"${@:2}" 2>&1 || status=$?
		printf '\n# took %d ms\n# end %d %s\n' $(((SECONDS - start) * 1000)) "$status" "$1"
	} >"$dir/results"
	echo 0 >"$dir/status"
	show host "$1" <"$dir/results"
}
