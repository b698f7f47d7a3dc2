# SPDX-License-Identifier: GPL-2.0-only
#
# bench.tsv (see bench.sh) for people: a table, with a column for each kernel, in Markdown.
# A ratio over its goal is marked with "!", one that did not repeat to 0.5 % with "~".

{
	kernel = $2
	if (!(kernel in seen)) {
		seen[kernel] = 1
		kernels[++nr_kernels] = kernel
	}
	if (!($3 in text)) {
		text[$3] = $9
		goal[$3] = $7
		rows[++nr_rows] = $3
	}
	plain[$3, kernel] = $4
	cell[$3, kernel] = $6 ($6 > $7 ? " !" : "") ($8 == "no" ? " ~" : "")
	over += $6 > $7
	unsteady += $8 == "no"
}

END {
	head = "| operation, on an emulated " chip " | goal |"
	line = "|---|---|"
	for (k = 1; k <= nr_kernels; k++) {
		head = head " " kernels[k] ": vfio-pci's instructions | ratio |"
		line = line "---|---|"
	}
	print head
	print line
	for (r = 1; r <= nr_rows; r++) {
		row = rows[r]
		out = "| " text[row] " | ≤ " goal[row] " |"
		for (k = 1; k <= nr_kernels; k++)
			out = out " " plain[row, kernels[k]] " | " cell[row, kernels[k]] " |"
		print out
	}
	print "\nMeasured on " date "."
	if (over)
		printf "\n! %d over their goal\n", over
	if (unsteady)
		printf "\n~ %d did not repeat to 0.5 %%\n", unsteady
}
