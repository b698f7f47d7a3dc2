#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# check-install.sh: install the driver and the tool as people do, in clean root file systems
# with their own package managers; report.sh says what came of it, in the last line and by its
# exit status. As root.
#   PLANS="NAME..."     of those below (default: all)

# shellcheck source=tools/testbed/common.sh
. "$(dirname "$0")/common.sh"
# shellcheck source=tools/testbed/host-plans.sh
. "$TESTBED/host-plans.sh"

TESTS=$TOP/tools/packaging/tests

# Plan, its program and arguments, which are the roots that it needs; the longest first.
PLANS_HERE='
	deb		deb.sh build debian12=kernels12 debian13=kernels13
	dkms-debian12	dkms.sh debian12 kernels12
	dkms-debian13	dkms.sh debian13 kernels13
	rpm		rpm.sh build'

# What the plans have come to, once a minute, as some of their steps take longer.
progress()
{
	local results line

	# It must not hold the terminal when it is left behind.
	while sleep 60 >/dev/null 2>&1; do
		for results in "$OUT"/host/*/results; do
			line=$([ ! -e "$results" ] || awk '/^(not )?ok / { last = $0 } /^# end / { ended = 1 }
				END { if (!ended) print last ? last : "(no test has ended)" }' "$results")
			[ -z "$line" ] || say "$(basename "${results%/*}"): $line"
		done
	done
}

# A plan on one processor of two: what it does, apt and make do one step after another.
main()
{
	local plan program jobs=() root
	local -a arguments

	[ "$(id -u)" = 0 ] || die "packages are installed as root: try sudo make check-install"
	start_run check-install
	part kernels --promises >"$OUT/promises"
	# Before two plans need it at once.
	need bwrap bubblewrap
	progress &
	TO_END+=($!)
	while read -r plan program root; do
		[ -n "$plan" ] || continue
		[[ -z ${PLANS-} || " $PLANS " == *" $plan "* ]] || continue
		read -ra arguments <<<"$root"
		for root in ${root//=/ }; do
			part roots "$root" >/dev/null </dev/null
		done
		# And progress().
		while [ "$(jobs -pr | wc -l)" -gt "$(nproc)" ]; do
			wait -n || true
		done
		# Not to go on when this ends.
		run_host "$plan" setpriv --pdeathsig TERM "$TESTS/$program" "${arguments[@]}" </dev/null &
		TO_END+=($!) jobs+=($!)
	done <<<"$PLANS_HERE"
	[ ${#jobs[@]} != 0 ] || die "PLANS: there are $(awk 'NF { print $1 }' <<<"$PLANS_HERE" | paste -sd' ')"
	wait "${jobs[@]}" || true
	"$TESTBED/report.sh" "$OUT"
}

main; exit
