# SPDX-License-Identifier: GPL-2.0-only
#
# What KVM did at stage 2: a row for each kernel, processor and what backs the memory. A
# cell holds everything that was seen, so one deviating BAR or area shows.

$RESULT != "saw" || $TEST != "stage2" { next }

{
	n = split($REASON, pair, " ")
	for (i = 1; i <= n; i++) {
		split(pair[i], part, "=")
		seen[part[1]] = part[2] (part[3] == "" ? "" : "=" part[3])
	}
	row = seen["kernel"] SUBSEP seen["cpu"] SUBSEP seen["backing"]
	if (!(row in known))
		rows[++nr] = row
	known[row]
	add(row, "stage 2", seen["attr"])
	column = seen["access"] ~ /^(fetch|aligned-store)$/ ? seen["access"] : "unaligned"
	add(row, seen["after-zap"] == "yes" ? "after zap" : column, seen["result"])
}

function add(row, column, value)
{
	if (index(" " cell[row, column] " ", " " value " ") == 0)
		cell[row, column] = cell[row, column] (cell[row, column] == "" ? "" : " ") value
}

END {
	format = "%-26s  %-11s  %-27s  %-10s  %-10s  %-9s  %s\n"
	if (nr)
		printf format, "kernel", "CPU", "memory is", "unaligned", "after zap", "fetch", "stage 2"
	for (i = 1; i <= nr; i++) {
		split(rows[i], part, SUBSEP)
		printf format, part[1], part[2], part[3], cell[rows[i], "unaligned"],
		       (rows[i], "after zap") in cell ? cell[rows[i], "after zap"] : "-",
		       cell[rows[i], "fetch"], cell[rows[i], "stage 2"]
	}
}
