# SPDX-License-Identifier: GPL-2.0-only
#
# results.tsv: the columns, and what those who write or read it share. A line is a test,
# whose result is pass, fail or skip, or else
#   ran    a command of a plan: seconds is what it took, reason its exit status
#   saw    a fact that a plan showed: test is its name, reason its value
# scene is "SCENE" or "SCENE/NPU"; "-" stands for nothing.

BEGIN {
	KERNEL = 1; PLAN = 2; SCENE = 3; MODEL = 4; PROGRAM = 5; VARIANT = 6; TEST = 7
	RESULT = 8; SECONDS = 9; REASON = 10
	OFS = "\t"
}

# What a command of a plan is called: the test program in it, if there is one.
function program_of(command,   n, i, word, name)
{
	n = split(command, word, " ")
	for (i = n; i > 0; i--) {
		if (word[i] ~ /ascend_vfio_kunit/)
			return "kunit"
		if (word[i] ~ /^[a-z0-9_\/]*_test$/) {
			name = word[i]
			sub(/^.*\//, "", name)
			return name
		}
	}
	for (i = 1; i < n && word[i] ~ /^@|=/; i++)
		;
	return word[i]
}
