#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# plans.sh --pairs             "KERNEL PLAN", what is to be run of KERNELS and PLANS; "-" in
#                              the place of what one of them meets nothing of
# plans.sh --expand PLAN SCENE-FILE  the plan's commands, "@every-model" once for each NPU
#                              of the scene that is called like its model
# plans.sh --directive NAME PLAN  what the plan says in a comment "# NAME: VALUE": only
#                              (kernels, or arm64 or amd64 for all of those), cpu and cpus of
#                              the virtual host, iommu, and scene where it is called otherwise
# plans.sh --check             TAP: is every plan fit to be run, and every program on standard
#                              input in one?
# PLAN_DIR: where the plans are.

# shellcheck source=tools/testbed/common.sh
. "$(dirname "$0")/common.sh"

PLAN_DIR=${PLAN_DIR:-$TESTBED/plans}

every_plan()
{
	find "$PLAN_DIR" -name '*.plan' -printf '%f\n' | sed 's/\.plan$//' | sort
}

directive() # NAME PLAN
{
	sed -n "s/^# $1: //p" "$PLAN_DIR/$2.plan"
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

pairs()
{
	local plan kernel

	for plan in ${PLANS:-$(every_plan)}; do
		[ -r "$PLAN_DIR/$plan.plan" ] ||
			die "unknown plan '$plan': there are $(every_plan | paste -sd' ')"
		for kernel in $(kernels_for "$plan"); do
			printf '%s %s\n' "$kernel" "$plan"
		done
	done | awk -v kernels="${KERNELS:-$(part kernels --list)}" -v plans="${PLANS-}" '
		{ plan[$1] = plan[$1] " " $2 }
		END {
			n = split(kernels, kernel, " ")
			for (i = 1; i <= n; i++) {
				m = split(kernel[i] in plan ? plan[kernel[i]] : "-", list, " ")
				for (j = 1; j <= m; j++) {
					print kernel[i], list[j]
					met[list[j]] = 1
				}
			}
			n = split(plans, list, " ")
			for (i = 1; i <= n; i++)
				if (!(list[i] in met))
					print "-", list[i]
		}'
}

expand() # PLAN SCENE
{
	# A line that meets no NPU stays as it is, and is refused by L1's init.
	awk 'what == "scene" && /^[^#]/ {
			for (i = 2; i < NF; i++)
				if ($i == "--model" && $(i + 1) == $1)
					models[++nr] = $1
		}
		what != "plan" { next }
		!/^@every-model / || !nr { print; next }
		{ sub(/^[^ ]*/, ""); for (i = 1; i <= nr; i++) print "@" models[i] $0 }' \
		what=scene "$2" what=plan "$PLAN_DIR/$1.plan"
}

check()
{
	local plan

	for plan in $(every_plan); do
		kernels_for "$plan" | awk -v plan="$plan" '{ print $1 "\t" plan }'
	done | awk -f "$TESTBED/tsv.awk" -f "$TESTBED/plans.awk" \
		what=promises FS='\t' <(part kernels --promises) what=pairs - \
		what=programs FS=' ' <(cat <&3) what=plan "$PLAN_DIR"/*.plan
} 3<&0

case ${1---help} in
--pairs) pairs ;;
--expand) expand "$2" "$3" ;;
--directive) directive "$2" "$3" ;;
--check) check ;;
*) sed -n '/^# plans.sh/,/^$/s/^# \?//p' "$0" ;;
esac
