# SPDX-License-Identifier: GPL-2.0-only
#
# Which program ran on which model and kernel, and how it ended. A cell has one character
# for each model, in the order of their list ("none" is a device of QEMU's own), or just one
# for what needs no device.

# Remembers @name in the order of first appearance.
function place(list, order, name)
{
	if (!(name in list)) {
		list[name] = ++order[0]
		order[order[0]] = name
	}
}

{ place(kernel, kernels, $KERNEL) }

$RESULT == "saw" && $PROGRAM == "testbed" { fact[$KERNEL, $TEST] = $REASON }

$RESULT ~ /pass|fail|skip/ {
	place(program, programs, $PROGRAM)
	if ($MODEL != "-")
		place(model, models, $MODEL)
	# What failed once has failed; what passed once was not skipped.
	at = $KERNEL SUBSEP $PROGRAM SUBSEP $MODEL
	value = $RESULT == "fail" ? "F" : $RESULT == "pass" ? "+" : "s"
	if (!(at in state) || index("s+F", value) > index("s+F", state[at]))
		state[at] = value
}

function cell(kernel, program,   m, text, at)
{
	for (m = 1; m <= models[0]; m++) {
		at = kernel SUBSEP program SUBSEP models[m]
		text = text (at in state ? state[at] : ".")
	}
	at = kernel SUBSEP program SUBSEP "-"
	if (!(at in state))
		return text
	return text ~ /[^.]/ ? text state[at] : state[at]
}

END {
	print "Which tests ran: + passed, F failed, s skipped, . not run there"
	for (k = 1; k <= kernels[0]; k++) {
		printf "  kernel %d: %s", k, kernels[k]
		if ((kernels[k], "release") in fact)
			printf ", %s (%s, %s; by %s)", fact[kernels[k], "release"], fact[kernels[k], "machine"],
			       fact[kernels[k], "pages"], fact[kernels[k], "opens"]
		printf "\n"
	}
	printf "  models:"
	for (m = 1; m <= models[0]; m++)
		printf " %s", models[m]
	printf "\n"
	format = "  %-" models[0] + 1 "s"
	for (p = 0; p <= programs[0]; p++) {
		printf "  %-20s", p ? programs[p] : "test \\ kernel"
		for (k = 1; k <= kernels[0]; k++)
			printf format, p ? cell(kernels[k], programs[p]) : k
		printf "\n"
	}
}
