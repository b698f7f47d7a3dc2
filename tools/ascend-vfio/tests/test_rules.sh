# shellcheck shell=bash disable=SC2034,SC2153,SC2154 # variables shared with run.sh
# SPDX-License-Identifier: GPL-2.0-only
#
# rules and numa on a recorded tree: what is written, and what is not. That the driver takes
# it is seen in the virtual host (vm/rules_test).

CARD=0000:81:00.0
rules_tree() # LINES of rules that are there
{
	copy_tree a2-bound
	GUARD=$TREE/sys/bus/pci/devices/$CARD/ascend_vfio/guard
	printf '%s\n' 'BAR2 0x18208430-0x18208434 xloader' 'BAR2 0x182085f8-0x182085fc feature' "$@" >"$GUARD"
	echo -1 >"${GUARD%/*}/guest_numa_node"
}

rules_tree 'BAR0 0x0-0x1000 hide nolog'
run rules $CARD
exits 'rules: exits 0' 0
is 'rules: shows what is in force' "$STDOUT" "$(<"$GUARD")"
run rules $CARD show --json
json 'rules: the same as JSON' \
	'[[r["bar"], r["offset"], r["end"], r["rule"]] for r in d["rules"]] == [[2, 0x18208430, 0x18208434, "xloader"], [2, 0x182085f8, 0x182085fc, "feature"], [0, 0, 0x1000, "hide"]] and d["guest_numa_node"] is None'

run rules $CARD add 'BAR4 0-10 ro' --dry-run
has 'rules add --dry-run: says what it would write' "would write 'BAR0 0x0-0x1000 hide nolog'"
is 'rules add --dry-run: writes nothing' "$(grep -c BAR4 "$GUARD")" 0

printf '# of a file\nBAR2 0-8 ro # why\n\nBAR4 0-8 hide\n' >"$WORK/file.rules"
rules_tree
: >"$GUARD"
run rules $CARD set "$WORK/file.rules"
exits 'rules set: exits 0' 0
is 'rules set: lines as in the file, without comments' "$(cat -A "$GUARD")" $'$\nBAR2 0-8 ro $\n$\nBAR4 0-8 hide$'
rules_tree
: >"$GUARD"
run rules $CARD clear
is 'rules clear: an empty line' "$(od -An -c "$GUARD" | tr -d ' ')" '\n'
run rules $CARD set "$WORK/no-such-file"
exits 'rules set: no such file' 1
head -c 5000 /dev/zero | tr '\0' '\n' >"$WORK/long"
run rules $CARD set "$WORK/long"
exits 'rules set: more than a page' 1
is 'rules set: nothing of that is written' "$(od -An -c "$GUARD" | tr -d ' ')" '\n'
printf 'BAR2 0-8 ro\0BAR4 0-8 ro' >"$WORK/nul"
run rules $CARD set "$WORK/nul"
exits 'rules set: no text' 1

run numa $CARD 7
exits 'numa: exits 0' 0
is 'numa: writes the node' "$(head -n 1 "${GUARD%/*}/guest_numa_node")" 7
run numa $CARD
is 'numa: shows it' "$STDOUT" 7
rm "${GUARD%/*}/guest_numa_node"
run numa $CARD 7
exits 'numa: a chip without' 1
rm "$GUARD"
run rules $CARD
exits 'rules: a driver without' 1
has 'rules: a driver without, said' 'knows no rules'

while IFS= read -r arguments; do
	# shellcheck disable=SC2086 # words
	run $arguments
	exits "rules: '$arguments' is refused" 64
done <<END
rules
rules $CARD set
rules $CARD add
rules $CARD nonsense
rules $CARD show more
rules $CARD clear all
rules $CARD set a b
numa
numa $CARD 1024
numa $CARD x
numa $CARD 1 2
END
