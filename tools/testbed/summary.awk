# SPDX-License-Identifier: GPL-2.0-only
#
# Why tests were skipped, all that failed and where (dir), and the last line of make check, alone: what CI
# reads. A promise counts as a test. Exits 0 when something passed and nothing failed.

{ n[$RESULT]++ }

$RESULT == "skip" { skipped[$REASON]++ }

$RESULT == "fail" {
	line = "  FAIL " $KERNEL " " $PLAN " " $SCENE " " $PROGRAM " " $VARIANT " " $TEST
	gsub(/ -/, "", line)
	failed = failed line ": " $REASON "\n"
}

END {
	for (reason in skipped)
		printf "  %d skipped: %s\n", skipped[reason], reason | "sort -k1nr"
	close("sort -k1nr")
	if (n["fail"])
		failed = failed "  logs are in " dir "\n"
	printf "%s%d passed, %d failed", failed, n["pass"], n["fail"]
	print n["skip"] ? ", " n["skip"] " skipped" : ""
	exit n["fail"] || !n["pass"]
}
