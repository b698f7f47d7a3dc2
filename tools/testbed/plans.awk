# SPDX-License-Identifier: GPL-2.0
#
# Are the plans fit to be run? TAP: a test for each plan and for each test program. For
# plans.sh --check, which says what is read; with tsv.awk before it.

function test(ok, name, problem)
{
	printf "%sok %d %s\n", ok ? "" : "not ", ++nr, name
	if (!ok)
		print "# " problem
}

what == "promises" && $2 == "made" { known[$1] = 1 }
what == "promises" && $2 ~ /^passes / { number[$1, substr($2, 8)] = 1; numbered[$1 "\t" substr($2, 8)] = 1 }

what == "pairs" {
	plans[$2] = plans[$2]
	if (!($1 in known))
		plans[$2] = plans[$2] "for '" $1 "', which kernels/promises does not know; "
	else if (!(($1, $2) in number))
		plans[$2] = plans[$2] "'passes' in kernels/promises has no number for " $1 "; "
	paired[$1 "\t" $2] = 1
}

what == "programs" { programs[$1] = 1 }

what == "plan" && /^[^#]/ {
	name = FILENAME
	sub(/^.*\//, "", name)
	sub(/\.plan$/, "", name)
	has_command[name] = 1
	called[program_of($0)] = 1
}

END {
	for (name in plans)
		test(has_command[name] && plans[name] == "", "plan " name,
		     (has_command[name] ? "" : "has no command; ") plans[name])
	for (name in programs)
		test(name in called, "selftests/" name, "in no plan of tools/testbed/plans: add it to one")
	for (at in numbered)
		if (!(at in paired) && at !~ /^host\t/)
			test(0, "passes of " at, "kernels/promises has a number, but no plan is for it")
	test(length(programs) > 0, "list of programs", "make -C selftests list named none")
	print "1.." nr
}
