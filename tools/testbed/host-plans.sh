# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What needs no virtual host runs as a plan of a kernel called "host", in the directory $OUT
# of a run; not with HOST_TESTS=no. Sourced by check.sh after common.sh.

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
	grep -qsx "host $1" "$OUT/asked" || printf 'host %s\n' "$1" >>"$OUT/asked"
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

# What those that run have come to, once a minute, as some take many.
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

# Those of the set "install", which PLANS may name, too: plan, its program below tools/ and
# arguments, which are the roots (roots.sh) that the packages' tests need.
INSTALL_PLANS='
	deb		packaging/tests/deb.sh build debian12=kernels12 debian13=kernels13
	dkms-debian12	packaging/tests/dkms.sh debian12 kernels12
	dkms-debian13	packaging/tests/dkms.sh debian13 kernels13
	rpm		packaging/tests/rpm.sh build
	early-image	testbed/early-image.sh amd64-stable'

# Before two plans need the same at once.
prepare_install_plans() # PLAN...
{
	[ "${HOST_TESTS-}" != no ] || return 0
	[ "$(id -u)" = 0 ] || die "packages are installed as root: try sudo make check-install"
	need bwrap bubblewrap
	need mmdebstrap mmdebstrap
	# What starts them is in the background: one that it never came to must be missed.
	printf 'host %s\n' "$@" >>"$OUT/asked"
}

# To be run in the background, as it waits for them.
run_install_plans() # PLAN...
{
	local plan program arguments word

	[ "${HOST_TESTS-}" != no ] || return 0
	# shellcheck disable=SC2046 # words
	trap 'kill -TERM $(jobs -pr) 2>/dev/null || true; wait; exit 143' TERM
	while read -r plan program arguments; do
		[[ " $* " == *" $plan "* ]] || continue
		for word in ${arguments//=/ }; do
			# Where that fails, so does the plan, which needs it.
			[[ $program != packaging/* ]] || part roots "$word" >/dev/null </dev/null || true
		done
		# Not to go on when this ends.
		# shellcheck disable=SC2086 # words
		run_host "$plan" setpriv --pdeathsig TERM "$TOP/tools/$program" $arguments </dev/null &
	done <<<"$INSTALL_PLANS"
	wait
}
