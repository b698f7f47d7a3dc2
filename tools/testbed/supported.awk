# SPDX-License-Identifier: GPL-2.0
#
# README's table of kernels: what was promised of each, and kept.

function or_not(text) { return text == "" ? "not tested" : text }

$RESULT == "saw" && $PROGRAM == "testbed" { fact[$KERNEL, $TEST] = $REASON }

$RESULT == "pass" && $PROGRAM == "promise" { kept[$KERNEL, $TEST] = $REASON }

$RESULT == "pass" && $PROGRAM != "promise" {
	if (!passed[$KERNEL]++)
		kernels[++nr] = $KERNEL
}

END {
	print "| kernel | machine | pages | devices opened by | tests passed | guest's mappings of BARs | name in `make check` |"
	print "|---|---|---|---|---|---|---|"
	for (i = 1; i <= nr; i++) {
		k = kernels[i]
		# Without a release it is what needs no kernel, or not one plan was run.
		if (!((k, "release") in fact))
			continue
		nc = kept[k, "stage2 ascend_vfio_pci"]
		sub(/^normal-nc$/, "Normal-NC", nc)
		sub(/^device$/, "Device", nc)
		opens = kept[k, "opens"]
		sub(/,/, ", ", opens)
		printf "| %s | %s | %s | %s | %d | %s | `%s` |\n", fact[k, "release"], fact[k, "machine"],
		       or_not(kept[k, "pages"]), or_not(opens), passed[k], or_not(nc), k
	}
}
