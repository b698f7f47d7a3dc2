# SPDX-License-Identifier: GPL-2.0-only
#
# bench.tsv (see bench.sh) as a program for gnuplot, data and all: a bar for each row and
# kernel, the goal beside it.

{
	if (!($2 in seen)) {
		seen[$2] = 1
		kernels[++nr_kernels] = $2
	}
	if (!($3 in goal)) {
		goal[$3] = $7
		rows[++nr_rows] = $3
	}
	ratio[$3, $2] = $6
}

END {
	print "$counts << END"
	for (r = 1; r <= nr_rows; r++) {
		line = rows[r]
		for (k = 1; k <= nr_kernels; k++)
			line = line " " ratio[rows[r], kernels[k]]
		print line " " goal[rows[r]]
	}
	print "END"
	print "set terminal svg size 1000,500 background rgb 'white'"
	print "set title \"Instructions (or faults) by ascend\\\\_vfio\\\\_pci, vfio-pci's being 1\""
	print "set style data histogram"
	print "set style histogram clustered gap 1"
	print "set style fill solid 0.8 border -1"
	print "set yrange [0.9:*]"
	print "set ytics nomirror; set grid ytics; set xtics rotate by -35 nomirror"
	print "set key top left"
	line = "plot "
	for (k = 1; k <= nr_kernels; k++)
		line = line "$counts using " k + 1 ":xtic(1) title '" kernels[k] "', "
	print line "$counts using 0:" nr_kernels + 2 " with points pt 7 ps 0.6 lc 'black' title 'goal'"
}
