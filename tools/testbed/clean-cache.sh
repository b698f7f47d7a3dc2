#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# clean-cache.sh: remove all that the test bed has downloaded and built.

# shellcheck source=tools/testbed/common.sh
. "$(dirname "$0")/common.sh"

[ -d "$CACHE" ] || { say "nothing is cached in $CACHE"; exit 0; }
[ -d "$CACHE/locks" ] || die "$CACHE does not look like this test bed's cache: not touched"
for lock in "$CACHE"/locks/*; do
	exec {fd}<"$lock"
	flock -n "$fd" || die "another run is preparing ${lock##*/}: let it finish, then try again"
done
rm -rf "$CACHE"
say "removed $CACHE"
