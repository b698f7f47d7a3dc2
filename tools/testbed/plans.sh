#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# plans.sh --pairs             "KERNEL PLAN", what is to be run of KERNELS and PLANS; "-" in
#                              the place of what one of them meets nothing of
# plans.sh --expand PLAN SCENE-FILE KERNEL  the plan's commands, "@every-model" once for each
#                              NPU of the scene that is called like its model; one that begins
#                              with "NAME,NAME...: " is for those kernels, and "own", only,
#                              with "arm64: " or "amd64: " for those, with "!NAME,NAME...: "
#                              for all others
# plans.sh --directive NAME PLAN  what the plan says in a comment "# NAME: VALUE": only
#                              (kernels, or arm64 or amd64 for all of those), cpu, cpus, iommu,
#                              icount, with, disk and trees of boot.sh; scene: those with its
#                              NPUs, where it is not the one called like the plan; not (own: not
#                              for that kernel); set: the plan is run only where SET or PLANS
#                              names it; shows: what of kernels/promises is seen whole when the
#                              plan is run
# plans.sh --check             TAP: is every plan fit to be run, and every program of those on
#                              standard input in one?
# SET: of which set plans are, where PLANS is not given; none: those that are in no set.
# PLAN_DIR: where the plans are. OWN_TREE: there is a kernel "own", which runs all plans that
# others of its architecture run.

# shellcheck source=tools/testbed/common.sh
. "$(dirname "$0")/common.sh"

PLAN_DIR=${PLAN_DIR:-$TESTBED/plans}

every_plan()
{
	find "$PLAN_DIR" -name '*.plan' -printf '%f\n' | sed 's/\.plan$//' | sort
}

# What is run where PLANS says nothing.
plans_of_set()
{
	local plan

	for plan in $(every_plan); do
		[ "$(directive set "$plan")" != "${SET-}" ] || printf '%s\n' "$plan"
	done
}

directive() # NAME PLAN
{
	sed -n "s/^# $1: //p" "$PLAN_DIR/$2.plan"
}

# "KERNEL PLAN" for each kernel that a plan is for.
pairs_of() # PLAN...
{
	local plan only name kernels

	for plan in "$@"; do
		[ -r "$PLAN_DIR/$plan.plan" ] ||
			die "unknown plan '$plan': there are $(every_plan | paste -sd' ')"
		only=$(directive only "$plan")
		kernels=$(for name in ${only:-arm64 amd64}; do
			case $name in
			arm64|amd64) part kernels --list "$name" ;;
			*) printf '%s\n' "$name" ;;
			esac
		done)
		[ -z "${OWN_TREE-}" ] || [ "$(directive not "$plan")" = own ] || grep -qx own <<<"$kernels" ||
			! grep -qxf <(part kernels --list arm64) <<<"$kernels" || kernels+=' own'
		# shellcheck disable=SC2086 # words
		printf "%s $plan\n" $kernels
	done
}

pairs()
{
	local kernel plan all
	# shellcheck disable=SC2046,SC2086 # words
	all=$(pairs_of ${PLANS:-$(plans_of_set)})
	all=$(for kernel in ${KERNELS:-$(part kernels --list)}; do
		# Some plans are for some kernels, all together for every one.
		if ! grep "^$kernel " <<<"$all" && [[ -n ${KERNELS-} || -z ${PLANS-}${SET-} ]]; then
			printf '%s -\n' "$kernel"
		fi
	done)
	printf '%s\n' "$all"
	for plan in ${PLANS-}; do
		grep -q " $plan\$" <<<"$all" || printf -- '- %s\n' "$plan"
	done
}

expand() # PLAN SCENE KERNEL
{
	local arch=arm64

	! part kernels --list amd64 | grep -qxF "$3" || arch=amd64
	# A line that meets no NPU stays as it is, and is refused by L1's init.
	awk -v kernel="$3" -v arch="$arch" '
		function is_for(who) {
			if (sub(/^!/, "", who))
				return !index("," who ",", "," kernel ",")
			if (who ~ /^(arm|amd)64$/)
				return who == arch
			return index("," who ",", "," kernel ",") || kernel == "own"
		}
		what == "scene" && /^[^#]/ {
			for (i = 2; i < NF; i++)
				if ($i == "--model" && $(i + 1) == $1)
					models[++nr] = $1
		}
		what != "plan" { next }
		/^!?[a-z0-9.,-]+: / && !is_for(substr($1, 1, length($1) - 1)) { next }
		{ sub(/^!?[a-z0-9.,-]+: /, "") }
		!/^@every-model / || !nr { print; next }
		{ sub(/^[^ ]*/, ""); for (i = 1; i <= nr; i++) print "@" models[i] $0 }' \
		what=scene "$2" what=plan "$PLAN_DIR/$1.plan"
}

# "KERNEL PROMISE" that plans say they show.
shown()
{
	local plan key

	for plan in $(every_plan); do
		for key in $(directive shows "$plan"); do
			pairs_of "$plan" | sed "s/ .*/ $key/"
		done
	done
}

# Passes when there is nothing on standard input.
tap() # NUMBER NAME
{
	local problem

	problem=$(cat)
	printf '%sok %s - %s\n' "${problem:+not }" "$1" "$2"
	[ -z "$problem" ] || printf '# %s\n' "${problem//$'\n'/$'\n# '}"
}

# Of lines "KERNEL-OR-ARCHITECTURE PLAN" those that are, or hold, none of "KERNEL PLAN".
not_in() # PAIRS
{
	local who plan kernels

	while read -r who plan; do
		kernels=$who
		[[ $who != @(arm|amd)64 ]] || kernels=$(part kernels --list "$who")
		# shellcheck disable=SC2086 # words
		grep -qxF "$(printf "%s $plan\n" $kernels)" <<<"$1" || printf '%s %s\n' "$who" "$plan"
	done
}

check()
{
	local programs numbered pairs
	# What grep does not find, and diff finds, is no error.
	set +e
	programs=$(sort)
	numbered=$(part kernels --promises | sed -nE 's/\tpasses (\S+)\t.*/ \1/p' | grep -v '^host ' |
		grep -vxf <(grep -l '^# not: own$' "$PLAN_DIR"/*.plan | sed 's|.*/|own |; s/\.plan$//'))
	# shellcheck disable=SC2046 # words
	pairs=$(pairs_of $(every_plan))
	echo 1..6
	([ -n "$programs" ] || echo 'make -C selftests list named none') | tap 1 'there are selftests'
	sed -n '/^#/!p' "$PLAN_DIR"/*.plan | grep -ow '[a-z0-9_]*_test' | sort -u |
		comm -23 <(cat <<<"$programs") - | tap 2 'every selftest is in a plan'
	grep -L '^[^#]' "$PLAN_DIR"/*.plan | tap 3 'every plan has a command'
	diff <(sort <<<"$pairs") <(sort <<<"$numbered") |
		tap 4 'for each kernel of a plan (<), and no other (>), kernels/promises has a number'
	# Every plan shows pages and opens.
	part kernels --promises | sed -nE 's/\t(\S+)\t.*/ \1/p' | grep -vxf <(shown) |
		grep -vE '^(own|skips) | (made|pages|opens)$' |
		tap 5 'whatever is promised is shown by a plan'
	grep -oHE '^!?[a-z0-9.,-]+: ' "$PLAN_DIR"/*.plan | sed -E 's|.*/(.*)\.plan:!?(.*): |\2 \1|' |
		awk '{ n = split($1, name, ","); for (i = 1; i <= n; i++) print name[i], $2 }' |
		sort -u | not_in "$pairs" | tap 6 'a line for one kernel is in a plan for that'
	return 0
}

case ${1---help} in
--pairs) pairs ;;
--expand) expand "$2" "$3" "$4" ;;
--directive) directive "$2" "$3" ;;
--check) check ;;
*) sed -n '/^# plans.sh/,/^$/s/^# \?//p' "$0" ;;
esac
