# SPDX-License-Identifier: GPL-2.0
#
# Judges what a plan's commands printed (a results file of boot.sh, as it grows):
# every test is one "ok" or "not ok" line of TAP. Variables: name (of the run), counts
# (file that "passed failed skipped" is written to), reasons (file for why tests were
# skipped, "number<TAB>reason"). On standard output one line a command, and for what
# failed the lines that led to it.
#
# A command that printed no test has to be a skip (exit status 4); one that promised
# more tests than it printed, or ended badly with no test to blame, is a failure.

function fail(what)
{
	failures[++nr_failures] = what
	bad++
}

function context(   i, first, text)
{
	first = nr_lines > KEEP ? nr_lines - KEEP + 1 : 1
	for (i = first; i <= nr_lines; i++)
		text = text "\n      " lines[i]
	return text
}

function forget()
{
	nr_lines = 0
}

function start(text)
{
	command = text
	open = 1
	tests = ok = bad = skips = planned = ms = nr_failures = 0
	forget()
}

function finish(status,   i)
{
	if (tests < planned)
		fail((planned - tests) " of " planned " tests did not run, exit status " status context())
	else if (!tests && status == 4)
		skips++
	else if (!tests && !skips)
		fail("printed no test, exit status " status context())
	else if (status && status != 4 && !bad)
		fail("no test failed, but exit status " status context())
	printf "  %-5s %s: %s (%d passed", bad ? "FAIL" : ok ? "ok" : "skip", name, command, ok
	if (bad)
		printf ", %d failed", bad
	if (skips)
		printf ", %d skipped", skips
	printf ", %.1f s)\n", ms / 1000
	for (i = 1; i <= nr_failures; i++)
		printf "    %s\n", failures[i]
	fflush()
	passed += ok
	failed += bad
	skipped += skips
	open = 0
}

BEGIN { KEEP = 25 }

{ sub(/\r$/, "") }

/^# begin / {
	if (open)
		finish("unknown")
	start(substr($0, 9))
	next
}

/^# took / { ms = $3; next }

/^# end / {
	finish($3 + 0)
	next
}

/^1\.\.[0-9]+/ {
	planned += substr($1, 4)
	if (/^1\.\.0 # SKIP/)
		skips++
	next
}

/^ok / {
	tests++
	if (/# SKIP/) {
		skips++
		sub(/^.*# SKIP */, "")
		why[$0]++
	} else {
		ok++
	}
	forget()
	next
}

/^not ok / {
	tests++
	fail($0 context())
	forget()
	next
}

# What the harness prints about tests that went well is of no help.
!/^#  RUN|^#  +OK/ { lines[++nr_lines] = $0 }

END {
	if (open)
		finish("unknown")
	for (reason in why)
		print why[reason] "\t" reason >reasons
	print passed + 0, failed + 0, skipped + 0 >counts
}
