# SPDX-License-Identifier: GPL-2.0-only
#
# README with its table of kernels made anew: what was promised of each, and kept. With
# tsv.awk before it, and as arguments results.tsv and README.md.

$RESULT == "saw" && $PROGRAM == "testbed" { fact[$KERNEL, $TEST] = $REASON; next }

$RESULT == "pass" && $PROGRAM == "promise" { kept[$KERNEL, $TEST] = $REASON; next }

$RESULT == "pass" && !passed[$KERNEL]++ { kernels[++nr] = $KERNEL }

FILENAME ~ /\.tsv$/ { next }

/^<!-- end of what supported.sh made -->$/ { inside = 0 }

!inside

/^<!-- supported.sh makes this/ {
	inside = 1
	print "| kernel | machine | pages | devices opened by | tests passed |" \
	      " guest's mappings of BARs | name in `make check` |"
	print "|---|---|---|---|---|---|---|"
	for (i = 1; i <= nr; i++)
		if ((kernels[i], "release") in fact)
			print_row(kernels[i])
}

function print_row(k,   opens, maps)
{
	opens = kept[k, "opens"]
	sub(/,/, ", ", opens)
	maps = " " kept[k, "stage2"]
	maps = maps ~ / ascend_vfio_pci=normal-nc/ ? "Normal-NC" : \
	       maps ~ / ascend_vfio_pci=device/ ? "Device" : "not tested"
	printf "| %s | %s | %s | %s | %d | %s | `%s` |\n", fact[k, "release"], fact[k, "machine"],
	       kept[k, "pages"], opens, passed[k], maps, k
}
