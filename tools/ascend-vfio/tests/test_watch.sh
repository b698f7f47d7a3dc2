# shellcheck shell=bash disable=SC2034,SC2153,SC2154 # variables shared with run.sh
# SPDX-License-Identifier: GPL-2.0-only
#
# watch, of a recorded trace: both spellings of the fields

cat >"$WORK/trace" <<'END'
# tracer: nop
       CPU 0/KVM-2187    [003] .....  1201.118013: ascend_vfio_trap: dev=0000:01:00.0 register=xloader bar=2 offset=0x18208430 size=4 value=0x5a6b7c8d write
       CPU 0/KVM-2187    [003] .....  1201.118014: ascend_vfio_trap: dev=0000:01:00.0 register=feature bar=2 offset=0x182085f8 size=4 value=0x15 read
 a-b [1] c-4711    [003] .....  1201.118015: ascend_vfio_trap: dev=0000:02:00.0 reg=feature bar=2 offset=0x182085f8 size=2 value=0x0 is_write=1
       CPU 0/KVM-2187    [003] .....  1201.118016: some_other_event: dev=0000:01:00.0
END
TREE=$TREES/a2-bound
run watch --from "$WORK/trace"
exits 'watch: exits 0 at the end of a recorded trace' 0
is 'watch: who, what, where' "$STDOUT" \
'0000:01:00.0: dropped write to xloader BAR2+0x18208430, 4 bytes, 0x5a6b7c8d: guest web1 (CPU 0/KVM), pid 2187
0000:02:00.0: dropped write to feature BAR2+0x182085f8, 2 bytes, 0x0: a-b [1] c, pid 4711'
run watch --from "$WORK/trace" --reads 01:00.0
is 'watch --reads, one device' "$(wc -l <"$WORK/out") $(grep -c 'read of feature' "$WORK/out")" '2 1'
run watch --from "$WORK/trace" --json
is 'watch --json: an object a line' \
	"$(python3 -c 'import json, sys; print([json.loads(l)["guest"] for l in open(sys.argv[1])])' "$WORK/out")" \
	"['web1', None]"
echo 'x-1 [0] 1: ascend_vfio_trap: dev=0000:01:00.0 something new' >"$WORK/trace"
run watch --from "$WORK/trace"
exits 'watch: an event that is not understood is a failure' 1
has 'watch: and is said' '1 lines of the trace were not understood'
run watch --from "$WORK/nowhere"
exits 'watch: no such file' 1
head -c 20000 /dev/zero | tr '\0' x >"$WORK/trace"
run watch --from "$WORK/trace"
exits 'watch: a line without an end' 0
