# SPDX-License-Identifier: GPL-2.0
#
# Table of what KVM did at stage 2, from the "# stage2:" lines of the results of
# kvm_stage2_test: a row for each kernel, processor and what backs the memory. A cell
# holds everything that was seen, so one deviating BAR or area shows.

function add(table, key, value)
{
	if (index(" " table[key] " ", " " value " ") == 0)
		table[key] = table[key] (table[key] == "" ? "" : " ") value
}

/^# stage2: / {
	for (i = 3; i <= NF; i++) {
		eq = index($i, "=")
		seen[substr($i, 1, eq - 1)] = substr($i, eq + 1)
	}
	row = seen["kernel"] SUBSEP seen["cpu"] SUBSEP seen["backing"]
	if (!(row in attr))
		rows[++nr] = row
	add(attr, row, seen["attr"])
	if (seen["access"] == "fetch")
		add(fetch, row, seen["result"])
	else if (seen["access"] != "aligned-store" && seen["after-zap"] == "yes")
		add(zapped, row, seen["result"])
	else if (seen["access"] != "aligned-store")
		add(unaligned, row, seen["result"])
}

function print_row(kernel, cpu, backing, a, b, c, d)
{
	printf "%-26s  %-11s  %-15s  %-10s  %-10s  %-9s  %s\n", kernel, cpu, backing, a, b, c, d
}

END {
	if (!nr)
		exit
	print_row("kernel", "CPU", "memory is", "unaligned", "after zap", "fetch", "stage 2")
	for (i = 1; i <= nr; i++) {
		split(rows[i], part, SUBSEP)
		print_row(part[1], part[2], part[3], unaligned[rows[i]],
			  zapped[rows[i]] == "" ? "-" : zapped[rows[i]],
			  fetch[rows[i]], attr[rows[i]])
	}
}
