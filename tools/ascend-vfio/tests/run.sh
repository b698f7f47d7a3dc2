#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# All tests of ascend-vfio, as TAP; the last line counts them. "make check" runs it, with
# O (the build) and TOP (the project) set. TESTS="list bind" runs only those.

set -uo pipefail
export LC_ALL=C NO_COLOR=1
cd "$(dirname "$0")" || exit 1
# TREES and WORK are of this file, TREE of each test's.
# shellcheck source-path=SCRIPTDIR source=lib.sh
. ./lib.sh

# Debian's own first: its python3 has the packages that are named here
PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PATH
missing=()
for pair in python3:python3 mandoc:mandoc depmod:kmod as:binutils; do
	command -v "${pair%%:*}" >/dev/null || missing+=("${pair#*:}")
done
python3 -c 'import prometheus_client' 2>/dev/null || missing+=(python3-prometheus-client)
if [ ${#missing[@]} -gt 0 ]; then
	echo "missing: apt-get install ${missing[*]}" >&2
	exit 1
fi

WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
TREES=$WORK/trees
./trees.sh "$TREES" || exit 1

for test in ${TESTS-table parsers list check bind crash early show guest watch reset sriov rules verify}; do
	# shellcheck source=/dev/null
	. "./test_$test.sh"
done

printf '1..%d\n' $NR
printf '%d passed, %d failed\n' $((NR - FAILED)) $FAILED
[ $NR -gt 0 ] && [ $FAILED = 0 ]
