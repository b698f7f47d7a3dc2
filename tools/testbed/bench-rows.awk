# SPDX-License-Identifier: GPL-2.0-only
#
# What L1 printed in a run of bench.sh (its plan is there), as lines of bench.tsv: kernel's
# name, its release, row, counts by vfio-pci and by ascend_vfio_pci, ratio, goal, whether it
# repeated, what the row is about.
#
# Of the commands behind the first the table has how much the extra cost grew from one to the
# other, in vfio-pci's counts: a ratio of 1 is no growth.

BEGIN { OFS = "\t" }

{ sub(/\r$/, "") }

/^# testbed: kernel / { release = $4 }

# "small", "large", "beside" or, for the first command, nothing
/^# begin / {
	where = /--beside/ ? "beside" : $3 == "@small" || $3 == "@large" ? substr($3, 2) : ""
}

/^# speed: row=/ {
	text = $0
	sub(/.* text=/, "", text)
	split("", value)
	for (i = 3; i <= NF && $i !~ /^text=/; i++) {
		split($i, pair, "=")
		value[pair[1]] = pair[2]
	}
	row = value["row"]
	plain[where, row] = value["vfio-pci"]
	extra[where, row] = value["ascend_vfio_pci"] - value["vfio-pci"]
	repeats[where, row] = value["repeats"]
	if (where == "")
		print kernel, release, row, value["vfio-pci"], value["ascend_vfio_pci"],
		      value["ratio"], value["goal"], value["repeats"], text
	else if (where == "large")
		grown("small", "large", "size", "BAR4 64 MiB → 64 GiB")
	else if (where == "beside")
		grown("small", "beside", "npus", "1 → 8 NPUs")
}

function grown(from, to, name, what)
{
	if (!((from, row) in plain))
		return
	print kernel, release, name "-" row, plain[from, row],
	      plain[from, row] + extra[to, row] - extra[from, row],
	      sprintf("%.3f", 1 + (extra[to, row] - extra[from, row]) / plain[from, row]),
	      goal, repeats[from, row] == "yes" && repeats[to, row] == "yes" ? "yes" : "no",
	      "growth, " what ": " text
}
