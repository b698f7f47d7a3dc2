# SPDX-License-Identifier: GPL-2.0
#
# Which test ran on which model and kernel, and how it ended: from the scene and the
# results of every plan, given in turn as KERNEL/PLAN/scene KERNEL/PLAN/results. With
# -v readme=1, README's table of supported kernels instead.
#
# A cell of the matrix has one character for each model, in the order of their list;
# "none" is a device of QEMU's own.

function cell(kernel, test, model, value,   at)
{
	at = kernel SUBSEP test SUBSEP model
	# What failed once has failed; what passed once was not skipped.
	if (!(at in state) || index("s+F", value) > index("s+F", state[at]))
		state[at] = value
}

# Remembers @name in the order of first appearance; returns its place.
function place(list, order, name)
{
	if (!(name in list)) {
		list[name] = ++list[0]
		order[list[0]] = name
	}
	return list[name]
}

FNR == 1 {
	n = split(FILENAME, path, "/")
	kernel = path[n - 2]
	place(kernels, kernel_names, kernel)
}

FILENAME ~ /\/scene$/ && !/^#/ && NF {
	model_of[$1] = "none"
	for (i = 2; i < NF; i++)
		if ($i == "--model")
			model_of[$1] = $(i + 1)
	place(models, model_names, model_of[$1])
}

FILENAME ~ /\/scene$/ { next }

# "# testbed: kernel RELEASE MACHINE PAGES BACKENDS"
/^# testbed: kernel / {
	release[kernel] = $4
	machine[kernel] = $5
	pages[kernel] = $6
	backends[kernel] = $7
	sub(/,/, ", ", backends[kernel])
	next
}

# "# begin [@NPU ][timeout=S ]COMMAND"; one that runs no test program is called by it all.
/^# begin / {
	model = substr($3, 1, 1) == "@" ? model_of[substr($3, 2)] : "-"
	test = /ascend_vfio_kunit/ ? "kunit" : substr($0, 9)
	for (i = 3; i <= NF; i++)
		if ($i ~ /_test$/)
			test = $i
	place(tests, test_names, test)
	next
}

/^ok / || /^not ok / {
	value = /^not/ ? "F" : /# SKIP/ ? "s" : "+"
	passed[kernel] += (value == "+")
	cell(kernel, test, model, value)
}

/^1\.\.0 # SKIP/ { cell(kernel, test, model, "s") }

/^# end / && $3 != 0 && $3 != 4 { cell(kernel, test, model, "F") }

# As stage2.awk has it: what KVM makes of a BAR that the driver maps.
/^# stage2: / && / backing=ascend_vfio_pci / {
	for (i = 3; i <= NF; i++)
		if ($i ~ /^attr=/)
			attr[kernel] = substr($i, 6)
}

# One character for each model that @test ran on; a test without a device has just one.
function cells(kernel, test,   m, text, value)
{
	if ((kernel SUBSEP test SUBSEP "-") in state)
		return state[kernel, test, "-"]
	for (m = 1; m <= models[0]; m++) {
		value = state[kernel, test, model_names[m]]
		text = text (value == "" ? "." : value)
	}
	return text
}

function print_row(name, values,   k, format)
{
	format = "  %-" models[0] "s"
	printf "  %-20s", name
	for (k = 1; k <= kernels[0]; k++)
		printf format, values[k]
	printf "\n"
}

function print_matrix(   k, t, m, row)
{
	printf "Which tests ran: + passed, F failed, s skipped, . not run there\n"
	for (k = 1; k <= kernels[0]; k++)
		printf "  kernel %d: %s, %s (%s, %s; by %s)\n", k, kernel_names[k],
		       release[kernel_names[k]], machine[kernel_names[k]],
		       pages[kernel_names[k]], backends[kernel_names[k]]
	printf "  models:"
	for (m = 1; m <= models[0]; m++)
		printf " %s", model_names[m]
	printf "\n"
	for (k = 1; k <= kernels[0]; k++)
		row[k] = k
	print_row("test \\ kernel", row)
	for (t = 1; t <= tests[0]; t++) {
		for (k = 1; k <= kernels[0]; k++)
			row[k] = cells(kernel_names[k], test_names[t])
		print_row(test_names[t], row)
	}
}

function mapping(attribute)
{
	if (attribute == "")
		return "not tested"
	return attribute == "normal-nc" ? "Normal-NC" : "Device"
}

function print_readme(   k, name)
{
	print "| kernel | machine | pages | devices opened by | tests passed | guest's mappings of BARs | name in `make check` |"
	print "|---|---|---|---|---|---|---|"
	for (k = 1; k <= kernels[0]; k++) {
		name = kernel_names[k]
		printf "| %s | %s | %s | %s | %d | %s | `%s` |\n", release[name], machine[name], pages[name],
		       backends[name], passed[name], mapping(attr[name]), name
	}
}

END {
	if (readme)
		print_readme()
	else if (tests[0])
		print_matrix()
}
