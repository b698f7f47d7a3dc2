#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# translation.sh: print, as TAP, whether the Chinese README says what README says, as far as a
# program can tell (skeleton.awk), and whether what both link to is there.

# shellcheck source=tools/testbed/common.sh
. "$(dirname "$0")/common.sh"

# Each file, seen from the project's root, and the one that it links to as the other language.
FILES='
README.md tools/README.zh-CN.md
tools/README.zh-CN.md README.md'

NR=0 FAILED=0

result() # TEXT WRONG
{
	printf '%sok %d %s\n' "${2:+not }" "$((NR += 1))" "$1"
	[ -z "$2" ] || { FAILED=1; printf '# %s\n' "${2//$'\n'/$'\n# '}"; }
}

skeleton() # FILE
{
	local base=${1%/*}

	[ "$base" != "$1" ] || base=''
	awk -v base="$base" -f "$TESTBED/skeleton.awk" "$TOP/$1"
}

links() # FILE
{
	skeleton "$1" | sed -nE 's/^(text:| ) link (\S+)$/\2/p' | grep -vE '^(within|[a-z]+:.*)$'
}

missing() # FILE
{
	links "$1" | sed 's/#.*//' | sort -u | while read -r path; do
		[ -e "$TOP/$path" ] || printf '%s\n' "$path"
	done
}

main()
{
	local file other ours theirs

	echo 1..5
	while read -r file other; do
		[ -n "$file" ] || continue
		result "$file: what it links to is there" "$(missing "$file")"
		result "$file: links to $other" \
			"$(links "$file" | grep -qx "$other" || echo 'it does not')"
	done <<<"$FILES"
	ours=$(skeleton README.md | grep -v ' tools/README.zh-CN.md$')
	theirs=$(skeleton tools/README.zh-CN.md | grep -v ' README.md$')
	result 'same headings, commands, tables, code and links, by section (<: README.md only)' \
		"$(diff <(cat <<<"$ours") <(cat <<<"$theirs"))"
	return $FAILED
}

main; exit
