#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# prove.sh: print, as TAP, what CBMC proves of the driver's pure files, which it compiles
# as they are (selftests/cbmc/README.md says what that is), and that each proof fails on a
# copy with a slip in it. What it has said of the very same files is not asked again.

# Functions are called by names that are words of others' arguments.
# shellcheck disable=SC2317
# shellcheck source=tools/testbed/common.sh
. "$(dirname "$0")/common.sh"

PROOFS=$TOP/selftests/cbmc
# Seconds for one proof, on a machine that does much else; the longest takes a minute or two
# of a processor.
LIMIT=1500

# function prove_NAME, for lists of up to so many registers, for page sizes (as powers of
# two, with that of a block behind it) or "-" where no page plays a part or all are tried at
# once; "cadical" where CBMC's own solver takes longer
TABLE='
    valid      16 -
    order      16 -
    bar        16 -
    split       2 -
    split_more 16 - cadical
    spans       4 - cadical
    near        1 -
    far         2 -
    places      4 - cadical
    at         16 - cadical
    range       1 12/21 14/25 16/29
    range_more 16 -
    skip_keeps  2 12/21 14/25 16/29 cadical
    skip_more  16 - cadical
    gap_more   16 - cadical
    area        3 12/21 14/25 16/29'

# A slip (sed), in which file, and the claim that must fail, by proof and text.
MUTANTS='
traps.c|s/reg->offset <= ASCEND_BAR_LEN_MAX - reg->size/true/|valid|valid: no bad list is accepted
traps.c|s/a->offset + a->size <= b->offset/a->offset <= b->offset/|valid|valid: no bad list is accepted
traps.c|s/reg->size \&\& reg->size/reg->size/|valid|valid: no bad list is accepted
traps.c|s/if (regs->reg\[i\].bar == bar)/if (i == 0 \&\& regs->reg[i].bar == bar)/|bar|bar: guarded if it holds the last register or one of the others, else not
traps.c|s/pos >= end)/pos > end)/|split|split: not empty, not longer than the access
traps.c|s/if (pos >= reg->offset) {/if (pos > reg->offset) {/|split|split: not empty, not longer than the access
traps.c|s/min_t(u64, count, reg->offset - pos)/count/|split|split: outside all others
traps.c|s/min_t(u64, count, end - pos)/count/|split|split: inside the register returned
traps.c|s/min_t(u64, count, end - pos)/1/|split|split: ends with the access or where a register does or begins
traps.c|s/const struct ascend_reg \*reg = \&regs->reg\[i\];\n//;s/u64 end = reg->offset + reg->size;/u64 end = reg->offset + reg->size + i;/|split_more|split: the first register that ends behind pos decides
traps.c|s/reg->offset - all.end >= gap.end - gap.start/reg->bar/|far|far: an access that touches neither of two registers is not seen
traps.c|s/gap = (struct ascend_range) { all.end, reg->offset };/gap = (struct ascend_range) { reg->offset, reg->offset };/|far|far: an access that touches neither of two registers is not seen
traps.c|s/all.end = reg->offset + reg->size/all.end = reg->offset/|spans|spans: every register is in one
guard.h|s/pos >= spans->last.end/pos > spans->last.start/|near|near: an access to a byte of a span is seen
guard.h|s/count > next - pos/pos + count > next/|near|near: an access to a byte of a span is seen
guard.h|s/pos < spans->first.end/pos <= spans->first.start/|near|near: an access to a byte of a span is seen
traps.c|s/places->at\[nr++\] =/places->at[i] =/|places|places: a register has the place that its number in the BAR tells
traps.c|s/for (i = nr; i < ASCEND_MAX_REGS; i++)/for (; 0;)/|places|places: what is left is behind all bytes
guard.h|s/pos >= at\[3\].end/pos >= at[3].start/|at|at: an access is seen if and only if it touches a register
guard.h|s/at += pos >= at\[0\].end ? 1 : 0;//|at|at: an access is seen if and only if it touches a register
guard.h|s/count > at->start - pos/pos + count >= at->start/|at|at: an access is seen if and only if it touches a register
traps.c|s/if (check_add_overflow(start, len, \&end))/end = start + len; if (0)/|range|range: past 2^64 is guarded
traps.c|s/ALIGN(reg->offset + reg->size, page_size)/reg->offset + reg->size/|range|range: touching a guarded page is seen
traps.c|s/end > ALIGN_DOWN(reg->offset, page_size)/end >= ALIGN_DOWN(reg->offset, page_size)/|range|range: touching none is not
traps.c|s/if (reg->bar == bar \&\&/if (!i \&\& reg->bar == bar \&\&/|range_more|range: guarded if one of the registers makes it so
areas.c|s/pages.end = ALIGN(end, page_size)/pages.end = ALIGN_DOWN(end, page_size)/|area|area: no hidden page in it
areas.c|s/pages.start = ALIGN_DOWN(start, page_size)/pages.start = 0/|area|area: only hidden pages before it
areas.c|s/reg->bar == view->bar ?/1 ?/|area|area: only hidden pages before it
areas.c|s/hole.start <= start)/hole.start < start)/|area|area: no hidden page in it
areas.c|s/start = max(start, hole.end)/start = hole.end/|skip_keeps|skip: not before start
areas.c|s/hole.start <= start)/!i \&\& hole.start <= start)/|skip_more|skip: as over all but the last, and from there over the last
areas.c|s/end = min(end, hole.start)/end = hole.start/|gap_more|gap: ends at the last register if that is before all others
areas.c|s/start = ascend_skip_regs(view, msix.end)/start = msix.end/|area|area: no hidden page in it
areas.c|s/end = min(end, msix->start)/;/|area|area: no hidden page in it
areas.c|s/u64 end = ALIGN_DOWN(view->len, view->page_size)/u64 end = view->len/|area|area: whole pages
areas.c|s/cut > start \&\& cut < end/cut > start/|area|area: inside the BAR, not before start'

cbmc() # DRIVER PROOF REGISTERS PAGE/BLOCK [SOLVER|'' [OPTION...]]
{
	local page=${4%/*} block=${4#*/} solver=() unwind=$(($3 + 2))

	# All places are filled, however few registers there are.
	[ "$2" != places ] || unwind=18
	[ "$4" != - ] || page=12 block=21
	[ -z "${5-}" ] || solver=(--external-sat-solver "$5")
	timeout -k 5 "$LIMIT" "$TESTBED/prove.sh" --run "$1" \
		-I "$PROOFS/shim" -I "$1" -I "$PROOFS" \
		-D "PROOF_REGS=$3" -D "PAGE_SHIFT=$page" -D "BLOCK_SHIFT=$block" \
		"$PROOFS/prove_traps.c" "$PROOFS/prove_areas.c" "$1/traps.c" \
		--function "prove_$2" --unwind "$unwind" --unwinding-assertions \
		--unsigned-overflow-check --conversion-check --pointer-overflow-check \
		"${solver[@]}" "${@:6}"
}

# What CBMC says where it does not say that.
proves() # PROOF REGISTERS PAGE/BLOCK [SOLVER]
{
	local output

	output=$(cbmc "$TOP/driver" "$@" 2>&1) && grep -qx 'VERIFICATION SUCCESSFUL' <<<"$output" &&
		return
	printf '%s\n' "$output"
	return 1
}

# It must be that claim that fails, and only it is asked: to find that the others still hold
# can take much longer.
refutes() # FILE SED PROOF CLAIM
{
	local dir output='error: the slip changes nothing'

	dir=$(mktemp -d "$CACHE/.prove.XXXXXX")
	cp "$TOP"/driver/{guard.h,traps.c,areas.c} "$dir"
	sed -i "$2" "$dir/$1"
	cmp -s "$dir/$1" "$TOP/driver/$1" || output=$(ask "$4" "$dir" "$3" 2>&1) || true
	rm -rf "$dir"
	grep -aqF "$4: FAILURE" <<<"$output" && return
	printf '%s\n' "$output"
	return 1
}

ask() # CLAIM DRIVER PROOF
{
	local question=("${@:2}" "$(regs_for "$3")" 12/21 '') properties=()

	[ "$3" != at ] || question[4]=cadical
	mapfile -t properties < <(cbmc "${question[@]}" --show-properties |
		awk -v claim="  $1" '$1 == "Property" { sub(":$", ""); id = $2 }
			$0 == claim { print "--property"; print id }')
	[ "${#properties[@]}" -gt 0 ] || { echo "error: no property says: $1"; return 1; }
	cbmc "${question[@]}" "${properties[@]}"
}

NR=0 FAILED=0 KNOWN=0

result() # TEXT proves|refutes ARGUMENT...
{
	local verdict output='' not=''

	verdict=proof-$(key_of "$INPUTS" "${@:2}")
	if is_known_good "$verdict"; then
		KNOWN=$((KNOWN + 1))
	elif output=$("${@:2}"); then
		keep_as_good "$verdict"
	else
		not='not ' FAILED=1
	fi
	printf '%sok %d %s\n' "$not" "$((NR += 1))" "$1"
	[ -z "$not" ] || grep -aE 'FAILURE|rror' <<<"$output" | sed 's/^/# /' | head -n 10 || true
}

# A slip is found in short lists, too.
regs_for() # PROOF
{
	case $1 in
	valid|at) echo 16 ;;
	*) echo 2 ;;
	esac
}

# "PROOF REGISTERS PAGE/BLOCK [SOLVER]", one a line.
each_proof()
{
	awk 'NF { solver = $NF ~ /^[a-z]/ ? $NF : ""
		for (i = 3; i <= NF - (solver != ""); i++) print $1, $2, $i, solver }' <<<"$TABLE"
}

# All that a verdict depends on, beside what is asked.
inputs()
{
	part fetch cbmc
	(cd "$TOP" && find driver/{guard.h,traps.c,areas.c} selftests/cbmc \
		tools/testbed/prove.sh -type f -print0 | sort -z | xargs -0 sha256sum)
}

main()
{
	local words file slip proof claim what

	INPUTS=$(inputs)
	echo "1..$(($(each_proof | wc -l) + $(grep -c . <<<"$MUTANTS")))"
	while read -ra words; do
		what="${words[0]}: lists of up to ${words[1]} registers"
		[ "${words[2]}" = - ] || what+=", pages and blocks of 2^${words[2]} bytes"
		result "$what" proves "${words[@]}"
	done < <(each_proof)
	while IFS='|' read -r file slip proof claim; do
		result "with a slip, not: $claim ($slip)" refutes "$file" "$slip" "$proof" "$claim"
	done < <(grep . <<<"$MUTANTS")
	echo "# $KNOWN of $NR were known from an earlier run, of these very files"
	return $FAILED
}

# In a process of its own, so that timeout can end it.
if [ "${1-}" = --run ]; then
	in_tree "$(part fetch cbmc)" -r "$2" -r "$PROOFS" -- cbmc "${@:3}"
	exit
fi
mkdir -p "$CACHE"
part fetch cbmc >/dev/null
main; exit
