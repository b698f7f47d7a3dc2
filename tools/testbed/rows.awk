# SPDX-License-Identifier: GPL-2.0
#
# The one reader of TAP: what a plan's commands printed, as lines of results.tsv. With
# tsv.awk before it, variables kernel and plan, and as arguments
#   what=scene FILE what=plan FILE what=results FILE	(of boot.sh; may still grow)
# progress=1: tell on stderr how each command ended, and the lines before each failure.
#
# TAP 13 and KTAP 1, with subtests (KUnit): the line of a suite is no test of its own.
# Whatever a command's output lacks to be believed is a failure, called "tap".

function row(variant, test, result, seconds, reason,   n, part)
{
	n = split(test, part, ".")
	if (variant == "-" && n == 3) {
		variant = part[2]
		test = part[1] "." part[3]
	}
	gsub(/[\t\r]/, " ", test)
	gsub(/[\t\r]/, " ", reason)
	nr[result]++
	print kernel, plan, where, model, program, variant, test, result, seconds, reason
}

function failed(variant, test, reason,   i, first)
{
	row(variant, test, "fail", "-", reason)
	text = text "\n    " (test == "tap" ? "" : test ": ") reason
	first = nr_lines > KEEP ? nr_lines - KEEP + 1 : 1
	for (i = first; i <= nr_lines; i++)
		text = text "\n      " lines[i]
	nr_lines = 0
}

function wrong(reason) { failed("-", "tap", reason) }

# --- a stream of TAP at one depth: 0, or deeper for the subtests of a suite ------------

function open_level(d)
{
	if (d in count)
		close_level(d)
	planned[d] = ""
	count[d] = last[d] = skipped_all[d] = 0
	suite[d] = "-"
}

function close_level(d,   name)
{
	if ((d + 1) in count)
		close_level(d + 1)
	name = d ? suite[d] ": " : ""
	if (planned[d] == "")
		wrong(name "no plan line (1..N), " count[d] " tests")
	else if (count[d] != planned[d])
		wrong(name count[d] " tests, but " planned[d] " were planned")
	else if (!planned[d] && !skipped_all[d])
		wrong(name "planned no test, and gave no reason")
	delete count[d]
}

function directive(line,   name)
{
	if (!match(line, /[^\\]# *[A-Za-z]+/))
		return ""
	name = toupper(substr(line, RSTART, RLENGTH))
	gsub(/[^A-Z]/, "", name)
	# What follows it is the reason.
	why = substr(line, RSTART + RLENGTH)
	sub(/^[: ]+/, "", why)
	return name ~ /^(SKIP|TODO|XFAIL|XPASS)/ ? name : ""
}

function plan_line(d, line)
{
	if (planned[d] != "")
		wrong("a second plan line: " line)
	planned[d] = substr(line, 4) + 0
	if (!planned[d] && directive(line) ~ /^SKIP/) {
		row(suite[d], "-", "skip", "-", why)
		skipped_all[d] = 1
	}
}

function number_is_next(d, number)
{
	if (number !~ /^[0-9]+$/)
		number = last[d] + 1
	else if (number + 0 <= last[d])
		wrong("test number " number " twice or out of order")
	else if (number + 0 > last[d] + 1)
		wrong("no test with number " last[d] + 1)
	if (number + 0 > last[d])
		last[d] = number + 0
}

function result_line(d, line,   bad, name, is, number, before)
{
	count[d]++
	bad = sub(/^not /, "", line)
	is = directive(line)
	name = line
	sub(/^ok */, "", name)
	number = name
	sub(/[^0-9].*$/, "", number)
	number_is_next(d, number)
	sub(/^[0-9]+ */, "", name)
	sub(/^- /, "", name)
	sub(/ *# .*$/, "", name)
	if ((d + 1) in count) {
		before = nr["fail"]
		suite[d + 1] = name
		close_level(d + 1)
		if (bad && nr["fail"] == before && !suite_failed)
			failed(name, "suite", "not ok, though none of its tests failed")
		suite_failed = 0
		return
	}
	if (is ~ /^(TODO|XFAIL)/)
		row(suite[d], name, "skip", "-", "known to fail: " why)
	else if (is ~ /^XPASS/)
		failed(suite[d], name, "passed, though known to fail: " why)
	else if (bad)
		failed(suite[d], name, "not ok")
	else if (is ~ /^SKIP/)
		row(suite[d], name, "skip", "-", why)
	else
		row(suite[d], name, "pass", "-", "-")
	suite_failed += bad && d
	nr_lines = 0
}

# --- a command of the plan -------------------------------------------------------------

function start(command,   npu)
{
	npu = ""
	if (command ~ /^@/) {
		npu = substr(command, 2)
		sub(/ .*/, "", npu)
	}
	where = scene (npu == "" ? "" : "/" npu)
	model = npu == "" ? "-" : npu in model_of ? model_of[npu] : "unknown"
	program = program_of(command)
	running = command
	nr["pass"] = nr["fail"] = nr["skip"] = 0
	seconds = "-"
	text = ""
	nr_lines = ktap = suite_failed = 0
	delete count
	open_level(0)
}

function finish(status)
{
	if (status == "")
		wrong("did not end")
	# A skip of a program that knows no TAP is no test.
	close_level(0)
	if (status == 4 && nr["pass"])
		wrong("exit status 4 means skipped, but " nr["pass"] " tests passed")
	else if (status == 0 && status != "" && nr["fail"] && !ktap)
		wrong("exit status 0, though tests failed")
	else if (status && status != 4 && !nr["fail"])
		wrong("exit status " status ", though no test failed")
	row("-", "-", "ran", seconds, "exit status " (status == "" ? "unknown" : status))
	if (progress)
		printf "  %-5s %s-%s: %s (%d passed%s%s, %s s)%s\n",
		       nr["fail"] ? "FAIL" : nr["pass"] ? "ok" : "skip", kernel, plan, running,
		       nr["pass"], nr["fail"] ? ", " nr["fail"] " failed" : "",
		       nr["skip"] ? ", " nr["skip"] " skipped" : "", seconds, text >"/dev/stderr"
	running = ""
}

BEGIN { KEEP = 25 }

{ sub(/\r$/, "") }

what == "scene" && !/^#/ && NF {
	model_of[$1] = "none"
	for (i = 2; i < NF; i++)
		if ($i == "--model")
			model_of[$1] = $(i + 1)
}

what == "plan" && /^# scene: / { scene = $3 }
what == "plan" && /^# cpu: / { cpu = $3 }

what == "plan" && !/^#/ && NF {
	commands[++nr_commands] = $0
	to_run[$0]++
}

what != "results" { next }

/^# testbed: (kernel|skipped:) / {
	where = scene == "" ? plan : scene
	model = "-"
	program = "testbed"
	if ($3 == "skipped:") {
		whole = 1
		row("-", "plan", "skip", "-", substr($0, 21))
		next
	}
	# "# testbed: kernel RELEASE MACHINE PAGES BACKENDS"
	split("release machine pages opens", names, " ")
	for (i = 1; i <= 4; i++)
		row("-", names[i], "saw", "-", $(i + 3) == "" ? "nothing" : $(i + 3))
	next
}

/^# begin / {
	if (running != "")
		finish("")
	if (scene == "")
		scene = plan
	start(substr($0, 9))
	if (nr_commands && to_run[running]-- < 1)
		wrong("the plan has no such command")
	next
}

running == "" { next }

/^# took / { seconds = sprintf("%.1f", $3 / 1000); next }
/^# end / { finish($3 + 0); next }
/^# stage2: .*=/ { row("-", "stage2", "saw", "-", substr($0, 11)) }
/^Bail out!/ { wrong($0) }

{
	match($0, /^ */)
	d = int(RLENGTH / 4)
	line = substr($0, RLENGTH + 1)
}

line ~ /^K?TAP version / {
	ktap += line ~ /^K/
	# The next stream, when a command prints several; not the first line of the first.
	if (d || count[0] || planned[0] != "")
		open_level(d)
	next
}

line ~ /^# Subtest: / && d {
	if (!(d in count))
		open_level(d)
	suite[d] = substr(line, 12)
	next
}

# Ordinary output may be indented, too.
(d in count) && line ~ /^1\.\.[0-9]+/ { plan_line(d, line); next }
(d in count) && line ~ /^(not )?ok( |$)/ { result_line(d, line); next }

# What the harness prints about tests that went well is of no help.
!/^#  RUN|^#  +OK/ { lines[++nr_lines] = $0 }

END {
	if (running != "")
		finish("")
	if (scene == "")
		scene = plan
	for (i = 1; i <= nr_commands && !whole; i++) {
		if (to_run[commands[i]]-- < 1)
			continue
		start(commands[i])
		wrong("was not run")
		row("-", "-", "ran", "-", "was not run")
	}
	if (!nr_commands) {
		start("testbed")
		wrong("the plan has no command")
	}
	if (cpu != "") {
		program = "testbed"
		row("-", "cpu", "saw", "-", cpu)
	}
}
