# SPDX-License-Identifier: GPL-2.0
#
# Compares what was seen with what was promised: a line of results.tsv for each promise,
# program "promise", passed with what was seen as its reason, or failed with what is wrong.
# With tsv.awk before it; arguments, in this order:
#   what=promises FILE	"KERNEL<TAB>KEY<TAB>VALUE" as kernels.sh --promises prints it
#   what=asked FILE	"KERNEL PLAN", what was to be run; "-" for one where nothing met
#   what=results FILE	results.tsv
# Promises are due for what was asked: one about KVM when a plan of that kernel has the
# program that shows it.

function promise(key, kept, reason)
{
	print kernel, "-", "-", "-", "promise", "-", key, kept ? "pass" : "fail", "-", reason
}

function add(list, at, value)
{
	if (index(" " list[at] " ", " " value " ") == 0)
		list[at] = list[at] (list[at] == "" ? "" : " ") value
}

# What is promised against what was seen, which is a set.
function compare(key, want, have)
{
	if (want == "")
		promise(key, 0, "nothing is promised, but seen was: " have WHERE)
	else if (have == "")
		promise(key, 0, "promised: " want ", but nothing shows it")
	else
		promise(key, have == want, have == want ? have : "promised: " want ", seen: " have)
}

function promised(key) { return promises[kernel, key] }

BEGIN {
	WHERE = ": say in tools/testbed/kernels/promises what must be seen"
	# Promises that tests show: one that passes means yes, only skipped ones no.
	PROGRAM_OF["wc"] = "module_param_test"; TEST_OF["wc"] = "normal_nc_on"
	PROGRAM_OF["vfio-wc"] = "region_info_test"; TEST_OF["vfio-wc"] = "normal_nc_wherever"
	PROGRAM_OF["dma-buf"] = "device_feature_test"; TEST_OF["dma-buf"] = "dmabuf"
	PROGRAM_OF["sr-iov"] = "sriov_test"; TEST_OF["sr-iov"] = "."
	FS = "\t"
}

what == "promises" && $1 == "skips" { skips[++nr_skips] = $0 }
what == "promises" && $1 != "skips" { promises[$1, $2] = $3 }

what == "asked" {
	split($0, pair, " ")
	if (!(pair[1] in plans))
		kernels[++nr_kernels] = pair[1]
	plans[pair[1]] = plans[pair[1]] " " pair[2]
}

what != "results" { next }

{ runs[$KERNEL, $PROGRAM] = 1 }

$RESULT == "pass" { passed[$KERNEL, $PLAN]++ }

$RESULT == "skip" && $PROGRAM == "testbed" { whole[$KERNEL, $PLAN] = 1 }

$RESULT == "skip" {
	at = $KERNEL SUBSEP $PROGRAM SUBSEP $REASON
	if (!(at in skipped))
		skipped_at[++nr_skipped] = at
	skipped[at]++
}

$RESULT ~ /pass|skip/ {
	for (key in PROGRAM_OF)
		if ($PROGRAM == PROGRAM_OF[key] && $TEST ~ TEST_OF[key])
			shown[$KERNEL, key, $RESULT] = 1
	if ($PROGRAM == "kunit" && $RESULT == "pass")
		add(suites, $KERNEL, $VARIANT)
}

$RESULT == "saw" && $PROGRAM == "testbed" {
	add(seen, $KERNEL SUBSEP $TEST, $REASON)
	if ($TEST == "cpu")
		cpu[$KERNEL, $PLAN] = 1
}

$RESULT == "saw" && $TEST == "stage2" {
	split("", value)
	n = split($REASON, pair, " ")
	for (i = 1; i <= n; i++) {
		split(pair[i], part, "=")
		value[part[1]] = part[2]
	}
	add(seen, $KERNEL SUBSEP (value["fwb"] == "yes" ? "fwb" : "stage2") SUBSEP value["backing"],
	    value["attr"])
}

# Not every plan with the program is on a processor with FWB.
$PROGRAM == "kvm_stage2_test" { with_stage2[$KERNEL, $PLAN] = 1 }

# "ascend_vfio_pci=normal-nc vfio-pci=...", each part a promise.
function check_stage2(key,   n, i, part, want)
{
	n = split(promised(key), part, " ")
	if (!n)
		compare(key, "", "kvm_stage2_test")
	for (i = 1; i <= n; i++) {
		split(part[i], want, "=")
		compare(key " " want[1], want[2], seen[kernel, key, want[1]])
	}
}

function check_plan(plan,   want)
{
	want = promised("passes " plan)
	if (plan == "-")
		promise("plans", 0, "none of the plans that were asked for is for this kernel")
	else if (kernel == "-")
		promise("plan " plan, 0, "it is for none of the kernels that were asked for")
	else if (want !~ /^[1-9]/)
		promise("passes " plan, 0, "no number: " passed[kernel, plan] + 0 " passed; add the" \
			" fewest that must to 'passes' in tools/testbed/kernels/promises")
	else if (!((kernel, plan) in whole))
		promise("passes " plan, passed[kernel, plan] >= want, passed[kernel, plan] + 0 \
			(passed[kernel, plan] >= want ? "" : " passed, at least " want " must"))
	if ((kernel, plan) in with_stage2 && !((kernel, plan) in whole))
		due[(kernel, plan) in cpu ? "fwb" : "stage2"] = 1
	all_whole = all_whole && (kernel, plan) in whole
}

# "PROGRAM WHERE TEXT", as kernels/promises has it.
function may_skip(program, reason,   i, rule, want)
{
	for (i = 1; i <= nr_skips; i++) {
		split(skips[i], rule, "\t")
		split(rule[3], want, "=")
		if (rule[2] == program && index(reason, rule[4]) == 1 &&
		    (rule[3] == "*" || rule[3] == kernel || want[2] != "" && promised(want[1]) == want[2]))
			return 1
	}
	return 0
}

function check_skips(   i, part, bad)
{
	for (i = 1; i <= nr_skipped; i++) {
		split(skipped_at[i], part, SUBSEP)
		if (part[1] != kernel || may_skip(part[2], part[3]))
			continue
		bad = 1
		promise("skips", 0, part[2] ": " part[3] ": no reason that 'skips' in" \
			" tools/testbed/kernels/promises has for this kernel")
	}
	if (!bad)
		promise("skips", 1, "for allowed reasons only")
}

function check_kernel(   n, i, list, key)
{
	split("", due)
	all_whole = 1
	n = split(plans[kernel], list, " ")
	for (i = 1; i <= n; i++)
		check_plan(list[i])
	check_skips()
	if (kernel == "-" || kernel == "host" || all_whole)
		return
	tested = 1
	compare("pages", promised("pages"), seen[kernel, "pages"])
	compare("opens", promised("opens"), seen[kernel, "opens"])
	for (key in due)
		check_stage2(key)
	for (key in PROGRAM_OF)
		if ((kernel, PROGRAM_OF[key]) in runs)
			compare(key, promised(key), (kernel, key, "pass") in shown ? "yes" : \
				(kernel, key, "skip") in shown ? "no" : "")
	if ((kernel, "kunit") in runs)
		compare("kunit", promised("kunit"), suites[kernel])
}

END {
	if (!nr_kernels)
		promise("asked", 0, "nothing was asked for")
	tested = nr_kernels == 1 && kernels[1] == "host"
	for (k = 1; k <= nr_kernels; k++) {
		kernel = kernels[k]
		check_kernel()
	}
	kernel = "-"
	if (!tested)
		promise("asked", 0, "no plan was run on any kernel")
}
