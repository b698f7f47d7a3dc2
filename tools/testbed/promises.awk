# SPDX-License-Identifier: GPL-2.0-only
#
# What was seen against what was promised, as lines of results.tsv: program "promise", with
# what was seen as the reason, or what is wrong. With tsv.awk before it; arguments in order
#   what=promises FILE what=asked FILE what=results FILE	(report.sh says what they hold)
# A promise is due when a plan was run that says it shows it (plans.sh: shows); the others
# must not show anything else.

function promise(key, kept, reason)
{
	print kernel, "-", "-", "-", "promise", "-", key, kept ? "pass" : "fail", "-", reason
}

function has(set, word) { return index(" " set " ", " " word " ") }

# gawk 5.2 does not bear elements that are not there as arguments of functions.
function add(sets, at, word)
{
	if (!(at in sets))
		sets[at] = word
	else if (!has(sets[at], word))
		sets[at] = sets[at] " " word
}

# The words of a set that another does not have.
function minus(set, other,   i, n, word, rest)
{
	n = split(set, word, " ")
	for (i = 1; i <= n; i++)
		if (!has(other, word[i]))
			rest = rest " " word[i]
	return rest
}

# The set that was seen of @key with the one that is promised.
function compare(key, have,   missing, more)
{
	missing = minus(promises[kernel, key] "", have)
	more = minus(have, promises[kernel, key] "")
	if (missing more == "")
		promise(key, 1, have)
	else
		promise(key, 0, "promised:" (missing == "" ? " nothing else" : missing) ", seen:" \
			(more == "" ? " nothing else" : more) SEE)
}

# What was seen of @key by the way.
function not_only(key,   more)
{
	more = minus(seen[kernel, key] "", promises[kernel, key] "")
	if (!has(due[kernel] "", key) && more != "")
		promise(key, 0, "promised: nothing else, seen:" more SEE)
}

BEGIN {
	FS = "\t"
	SEE = " (see tools/testbed/kernels/promises)"
	# What tests show: "yes" by one that passes, "no" if all are skipped.
	about["module_param_test"] = "wc"; by["wc"] = "normal_nc_on"
	about["region_info_test"] = "vfio-wc"; by["vfio-wc"] = "normal_nc_wherever"
	about["device_feature_test"] = "dma-buf"; by["dma-buf"] = "dmabuf"
	about["sriov_test"] = "sr-iov"; by["sr-iov"] = "."
}

what == "promises" && $1 == "skips" { skips[++nr_skips] = $0 }
what == "promises" { promises[$1, $2] = $3 }

what == "asked" {
	split($0, pair, " ")
	if (!(pair[1] in plans))
		kernels[++nr_kernels] = pair[1]
	on_host += pair[1] == "host"
	plans[pair[1]] = plans[pair[1]] " " pair[2]
}

what != "results" { next }

$RESULT == "pass" { passed[$KERNEL, $PLAN]++ }

$RESULT == "skip" {
	add(skipped, $KERNEL, ++nr_skipped)
	skip[nr_skipped] = $PROGRAM "\t" $REASON
	if ($PROGRAM == "testbed")
		not_run[$KERNEL, $PLAN] = 1
}

$RESULT == "saw" && $TEST == "stage2" {
	# "... fwb=no backing=sysfs ... attr=device ..."
	attr = backing = $REASON
	sub(/.* backing=/, "", backing)
	sub(/ .*/, "", backing)
	sub(/.* attr=/, "", attr)
	sub(/ .*/, "", attr)
	add(seen, $KERNEL SUBSEP ($REASON ~ / fwb=yes / ? "fwb" : "stage2"), backing "=" attr)
	next
}

$RESULT == "saw" && $TEST == "left-out" { add(left_out, $KERNEL, $PROGRAM "=" $REASON); next }

$RESULT == "saw" && $TEST == "shows" { add(shown, $KERNEL SUBSEP $PLAN, $REASON); next }

$RESULT == "saw" { add(seen, $KERNEL SUBSEP $TEST, $REASON) }

$PROGRAM == "kunit" && $RESULT == "pass" { add(seen, $KERNEL SUBSEP "kunit", $VARIANT) }

$PROGRAM in about {
	key = about[$PROGRAM]
	if ($RESULT == "pass" && $TEST ~ by[key])
		seen[$KERNEL, key] = "yes"
	else if ($RESULT == "skip" && $TEST ~ by[key] && seen[$KERNEL, key] == "")
		seen[$KERNEL, key] = "no"
}

# What the plan says it shows is due where it is promised; elsewhere it must not be seen.
function add_due(plan,   n, i, key)
{
	n = split(shown[kernel, plan], key, " ")
	for (i = 1; i <= n; i++)
		if (promises[kernel, key[i]] "" != "")
			add(due, kernel, key[i])
}

function check_plan(plan,   want, have)
{
	want = promises[kernel, "passes " plan]
	have = passed[kernel, plan] + 0
	if (kernel == "-" || plan == "-")
		promise("plan " plan, 0, "of what was asked for, no plan and kernel are for each other")
	else if (want !~ /^[1-9]/)
		promise("passes " plan, 0, have " passed; add the fewest that must" SEE)
	else if (!((kernel, plan) in not_run)) {
		promise("passes " plan, have >= want, have >= want ? have : \
			have " passed, at least " want " must")
		if (kernel != "host")
			add(due, kernel, "pages opens")
		if ((kernel, plan) in shown)
			add_due(plan)
	}
}

# Whether 'skips' has the reason for this kernel.
function may_skip(program, reason,   i, rule, if_)
{
	for (i = 1; i <= nr_skips; i++) {
		split(skips[i], rule, "\t")
		split(rule[3], if_, "=")
		if (rule[2] == program && index(reason, rule[4]) == 1 && (rule[3] == "*" ||
		    rule[3] == kernel || if_[2] != "" && promises[kernel, if_[1]] == if_[2]))
			return 1
	}
	return 0
}

function check_kernel(   n, i, list, part, bad)
{
	n = split(plans[kernel], list, " ")
	for (i = 1; i <= n; i++)
		check_plan(list[i])
	n = split(skipped[kernel], list, " ")
	for (i = 1; i <= n; i++) {
		split(skip[list[i]], part, "\t")
		if (!may_skip(part[1], part[2]) && !bad[part[1], part[2]]++)
			promise("skips", 0, part[1] ": no reason to be skipped here: " part[2] SEE)
	}
	n = split(left_out[kernel], list, " ")
	for (i = 1; i <= n; i++) {
		split(list[i], part, "=")
		if (index("," promises[kernel, "opens"] ",", "," part[2] ","))
			promise("opens", 0, part[1] ": left out its variant " part[2] SEE)
	}
	n = split(due[kernel], list, " ")
	for (i = 1; i <= n; i++)
		compare(list[i], seen[kernel, list[i]] "")
	tested += n
	# Not all that is seen is promised: a release, for one.
	n = split("stage2 fwb wc vfio-wc dma-buf sr-iov kunit", list, " ")
	for (i = 1; i <= n; i++)
		not_only(list[i])
}

END {
	for (k = 1; k <= nr_kernels; k++) {
		kernel = kernels[k]
		check_kernel()
	}
	kernel = "-"
	# A run that is about the host alone asks for no kernel.
	if (!tested && (!on_host || nr_kernels > 1))
		promise("asked", 0, "no plan was run on any kernel")
}
