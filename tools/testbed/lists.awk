# SPDX-License-Identifier: GPL-2.0
#
# Why tests were skipped, the most frequent reason first, and all that failed.

$RESULT == "skip" { skipped[$REASON]++ }

$RESULT == "fail" {
	failed[++nr] = $KERNEL " " $PLAN " " $SCENE " " $PROGRAM " " $VARIANT " " $TEST ": " $REASON
	gsub(/ -/, "", failed[nr])
}

END {
	for (reason in skipped)
		printf "  %d skipped: %s\n", skipped[reason], reason | "sort -k1nr"
	close("sort -k1nr")
	for (i = 1; i <= nr; i++)
		print "  FAIL " failed[i]
}
