#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# bench.sh: what guarding costs: ascend_vfio_pci beside vfio-pci, in one run a kernel, counted
# by speed_test in a virtual host that counts instructions. Prints a table; bench.txt,
# bench.json and bench.svg are left in BENCH_OUT. Exits 0 only when every row met its goal;
# what did not repeat to 0.5 % in the run is marked. Ratios, not times: whatever the machine
# does beside changes nothing.
# bench.sh --bus: print what writes take on the bus, which is arithmetic.
# bench.sh --readme: put both tables into README.md.
#   KERNELS="NAME..."  of kernels.sh --list (default: debian-stable debian-backports; not
#                      source-newest, as what lockdep costs both drivers would hide the rest)
#   CHIP=NAME          the NPU, one that npu-sim --list shows (910a2-pf)
#   BENCH_OUT=DIR      default: bench in the cache

# shellcheck source=tools/testbed/common.sh
. "$(dirname "$0")/common.sh"

DIR=${BENCH_OUT:-$CACHE/bench}
MODEL=${CHIP:-910a2-pf}
LIMIT=400
# What is shown not to grow with the number of NPUs and the size of BAR4, and the most that
# is taken for no growth: what a count of a bind differs by.
GROWING='read-guarded info-guarded open bind'
GROWTH=1.010

usage()
{
	sed -n '/^# bench.sh/,/^$/s/^# \?//p' "$0"
}

# Eight NPUs: the one that the table is about, two that differ in BAR4, and more of them.
scene()
{
	local i

	printf '%s --model %s --bar 4=%s\n' "$MODEL" "$MODEL" 4G small "$MODEL" 64M \
		large "$MODEL" 64G
	for i in 4 5 6 7 8; do
		printf 'npu%d --model %s --bar 4=64M\n' "$i" "$MODEL"
	done
}

run_on() # KERNEL
{
	local out=$OUT/$1

	mkdir -p "$out"
	scene >"$out/scene"
	{
		printf '@%s timeout=%d speed_test\n' "$MODEL" "$LIMIT"
		printf '@%s timeout=%d speed_test %s\n' small "$LIMIT" "$GROWING" \
			large "$LIMIT" "$GROWING" small "$LIMIT" "--beside $GROWING"
	} >"$out/plan"
	"$TESTBED/boot.sh" --kernel "$1" --scene "$out/scene" --plan "$out/plan" --out "$out" \
		--timeout "$((4 * LIMIT))" --icount 0 --selftests &
	# In the background, so that a signal is taken meanwhile.
	wait $!
}

plot()
{
	local tree

	tree=$(part fetch gnuplot)
	awk -F'\t' -f "$TESTBED/bench-plot.awk" "$DIR/bench.tsv" >"$OUT/plot"
	in_tree "$tree" -r "$OUT" -e TERM=dumb -- gnuplot-nox "$OUT/plot" >"$DIR/bench.svg" 2>"$OUT/plot.err" ||
		die "gnuplot: $(<"$OUT/plot.err")"
}

bus()
{
	awk -f "$TESTBED/bench-bus.awk"
}

# README FILE OPTIONS: what FILE holds between the comments about "bench.sh OPTIONS".
insert()
{
	local new

	new=$(awk -v table="$2" -v who="bench.sh${3:+ $3}" '
		$0 == "<!-- end of what " who " made -->" { inside = 0 }
		!inside
		$0 == "<!-- " who " made this -->" {
			inside = 1
			while ((getline line <table) > 0)
				print line
		}' "$1")
	printf '%s\n' "$new" >"$1"
}

# Put what was measured last, and what is computed, into README's tables.
readme()
{
	local readme

	[ -s "$DIR/bench.txt" ] || die "nothing on record: run 'make bench'"
	for readme in "$TOP"/README.md "$TOP"/tools/README.*.md; do
		insert "$readme" "$DIR/bench.txt" ''
		insert "$readme" <(bus) --bus
	done
	say "README has what was measured on $(date -r "$DIR/bench.txt" '+%F %R')"
}

# All of it is parsed before it runs, as a run takes minutes.
main()
{
	local kernel status=0

	start_run bench
	mkdir -p "$DIR"
	for kernel in ${KERNELS:-debian-stable debian-backports}; do
		run_on "$kernel"
		awk -v kernel="$kernel" -v goal="$GROWTH" -f "$TESTBED/bench-rows.awk" \
			"$OUT/$kernel/results" >"$OUT/$kernel.tsv"
		[ -s "$OUT/$kernel.tsv" ] || {
			cat "$OUT/$kernel/results" >&2
			die "$kernel: nothing was measured; what was printed is above"
		}
		cat "$OUT/$kernel.tsv" >>"$OUT/bench.tsv"
	done
	cp "$OUT/bench.tsv" "$DIR/bench.tsv"
	awk -F'\t' -v chip="$MODEL" -v date="$(date -u +%F)" -f "$TESTBED/bench-json.awk" \
		"$DIR/bench.tsv" >"$DIR/bench.json"
	plot
	awk -F'\t' -v chip="$MODEL" -v date="$(date -u +%F)" -f "$TESTBED/bench-text.awk" \
		"$DIR/bench.tsv" |
		tee "$DIR/bench.txt"
	awk -F'\t' '$6 > $7 { over = 1 } END { exit over }' "$DIR/bench.tsv" || status=1
	say "bench.txt, bench.json and bench.svg are in $DIR"
	return $status
}

case ${1-} in
--help) usage; exit ;;
--bus) bus; exit ;;
--readme) readme; exit ;;
esac
[ $# = 0 ] || { usage >&2; exit 2; }
main; exit
