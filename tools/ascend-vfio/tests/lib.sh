# shellcheck shell=bash disable=SC2034,SC2153,SC2154 # variables shared with run.sh
# SPDX-License-Identifier: GPL-2.0-only
#
# What the tests share; sourced by run.sh. Each test is one line of TAP.

NR=0 FAILED=0

pass() # NAME
{
	NR=$((NR + 1))
	printf 'ok %d %s\n' $NR "$1"
}

fail() # NAME [DETAILS]
{
	NR=$((NR + 1)) FAILED=$((FAILED + 1))
	printf 'not ok %d %s\n' $NR "$1"
	[ -z "${2-}" ] || printf '%s\n' "$2" | sed 's/^/# /'
}

# result NAME STATUS [DETAILS]
result()
{
	if [ "$2" = 0 ]; then
		pass "$1"
	else
		fail "$1" "${3-}"
	fi
}

# run ARGUMENT...: the tool, on the tree $TREE; sets STATUS, STDOUT, STDERR
run()
{
	STATUS=0
	# The braces: the shell's own word about a process that was killed goes nowhere.
	{
		"${PREFIX[@]}" "$O/ascend-vfio" ${TREE:+--sysroot "$TREE"} "$@" >"$WORK/out" \
			2>"$WORK/err" </dev/null || STATUS=$?
	} 2>/dev/null
	STDOUT=$(<"$WORK/out") STDERR=$(<"$WORK/err")
}
PREFIX=()

# processor_time COMMAND...: milliseconds that it takes of a processor, in user space and the
# kernel: the least of five, as that does not say how busy the machine is.
processor_time()
{
	local TIMEFORMAT='%3U %3S'

	for _ in 1 2 3 4 5; do
		{ time "$@" >&3 2>&4; } 2>&1
	done 3>&1 4>&2 | awk '{ ms = ($1 + $2) * 1000 } NR == 1 || ms < least { least = ms }
		END { printf "%d\n", least }'
}

said()
{
	printf 'status %s\n%s\n%s\n' "$STATUS" "$STDOUT" "$STDERR" | cut -c1-200 | head -60
}

# kernel ARGUMENT...: run() with the fake kernel beneath; FAKE_… variables steer it
kernel()
{
	PREFIX=(env "LD_PRELOAD=$O/fakekernel.so" "FAKE_ROOT=$TREE" "FAKE_NATIVE=$NATIVE" "${FAKE[@]}")
	run "$@"
	PREFIX=()
}
NATIVE=devdrv_device_driver
FAKE=()

# What a tree is: every file's content and every link, but for what may differ
state_of() # TREE
{
	(cd "$1" && {
		find . -type l -printf '%p -> %l\n' | sed 's|-> .*/|-> |'
		find . -path ./run -prune -o -type f ! -name drivers_probe -exec sha256sum {} +
	} | sort)
}

# exits NAME STATUS: what run() ended with
exits()
{
	local ok=0

	[ "$STATUS" = "$2" ] || ok=1
	result "$1" $ok "$(said)"
}

# has NAME TEXT / hasnt: in what it printed or said
has()
{
	local ok=0

	[[ $STDOUT$'\n'$STDERR == *"$2"* ]] || ok=1
	result "$1" $ok "$(printf 'not there: %s\n' "$2"; said)"
}

hasnt()
{
	local ok=0

	[[ $STDOUT$'\n'$STDERR != *"$2"* ]] || ok=1
	result "$1" $ok "$(printf 'there: %s\n' "$2"; said)"
}

# line NAME REGEX: one line of what it printed matches
line()
{
	local ok=0

	grep -qE -- "$2" "$WORK/out" || ok=1
	result "$1" $ok "$(printf 'no line matches: %s\n' "$2"; said)"
}

# is NAME GOT WANTED
is()
{
	local ok=0

	[ "$2" = "$3" ] || ok=1
	result "$1" $ok "$(printf -- '< got, > wanted\n'; diff <(printf '%s\n' "$2") <(printf '%s\n' "$3") |
		head -20)"
}

# json NAME EXPRESSION: a Python expression over the printed object, d, is true
json()
{
	local ok=0 why

	why=$(python3 -c 'import json, sys
d = json.load(open(sys.argv[1]))
sys.exit(not eval(sys.argv[2]))' "$WORK/out" "$2" 2>&1) || ok=1
	result "$1" $ok "$(printf '%s\n%s\n' "$2" "$why"; said)"
}

# A copy of a recorded tree, to be changed: sets TREE
copy_tree() # NAME
{
	rm -rf "$WORK/tree"
	cp -a "$TREES/$1" "$WORK/tree"
	TREE=$WORK/tree
}

sys() # BDF FILE: what a device's file holds now
{
	cat "$TREE/sys/bus/pci/devices/$1/$2"
}

driver_now() # BDF
{
	local link

	link=$(readlink "$TREE/sys/bus/pci/devices/$1/driver") || link=none
	printf '%s\n' "${link##*/}"
}
