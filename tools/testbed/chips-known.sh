#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# chips-known.sh: print, as TAP, whether every chip of the driver's table is in every other
# place that driver/ADDING-A-CHIP.md names, and the other way round. A failure names the
# place and what it lacks.

# shellcheck source=tools/testbed/common.sh
. "$(dirname "$0")/common.sh"

# The driver's, which the other places are compared with.
MODELS=$TOP/driver/models.c

layouts() # of the driver
{
	sed -nE '/ascend_layouts\[\] = /,/^};/s/.*\.name = "([^"]+)", \.devices.*/\1/p' "$MODELS"
}

# Device ids in a part of a file, as "d802", each once.
ids() # FILE FIRST-LINE-PATTERN LINE-PATTERN
{
	sed -nE "/$2/,/^};/p" "$1" | grep -E "$3" | grep -oE '0xd[0-9a-f]{3}\b' |
		sed 's/^0x//' | sort -u
}

driver_ids()
{
	ids "$MODELS" 'ascend_layouts\[\] = ' '\.devices'
}

readme_table()
{
	sed -n '/^| chip | PCI device ids/,/^$/p' "$TOP/README.md"
}

NR=0 FAILED=0

# Passes when both lists hold the same.
same() # NAME EXPECTED-LIST FOUND-LIST
{
	local missing extra

	missing=$(comm -23 <(sort -u <<<"$2") <(sort -u <<<"$3") | paste -sd' ')
	extra=$(comm -13 <(sort -u <<<"$2") <(sort -u <<<"$3") | paste -sd' ')
	if [ -n "$2" ] && [ -z "$missing$extra" ]; then
		printf 'ok %d %s\n' "$((NR += 1))" "$1"
		return
	fi
	FAILED=1
	printf 'not ok %d %s\n' "$((NR += 1))" "$1"
	[ -n "$2" ] || echo '# the driver has none: does this script still read its table?'
	[ -z "$missing" ] || printf '# it lacks %s, which driver/models.c has\n' "$missing"
	[ -z "$extra" ] || printf '# it has %s, which driver/models.c lacks\n' "$extra"
}

main()
{
	local npu=$FACTS/models.c table=$TOP/selftests/kunit/layouts.c

	echo 1..8
	same "driver/models.c, ascend_pci_ids: device ids" "$(driver_ids)" \
		"$(ids "$MODELS" 'ascend_pci_ids\[\] = ' 'ASCEND_ID')"
	same "tools/npu-facts/models.c: layouts" "$(layouts)" \
		"$(sed -nE 's/.*\.name = "([^"]+)".*/\1/p' "$npu")"
	same "tools/npu-facts/models.c: device ids" "$(driver_ids)" \
		"$(ids "$npu" 'npu_models\[\] = ' '\.device|\.more_devices')"
	same "tools/testbed/plans, scenes with every guard: layouts" "$(layouts)" \
		"$(awk '/^[^#]/ { print $1 }' "$TESTBED"/plans/{one,models-*}.scene)"
	same "selftests/kunit/layouts.c, devices: layouts" "$(layouts)" \
		"$(sed -nE '/^} devices\[\] = /,/^};/s/.*, "([^"]+)" \},$/\1/p' "$table")"
	same "selftests/kunit/layouts.c, devices: device ids" "$(driver_ids)" \
		"$(sed -nE '/^} devices\[\] = /,/^};/p' "$table" | grep -v '"unknown device' |
			grep -oE '0xd[0-9a-f]{3}\b' | sed 's/^0x//' | sort -u)"
	same "README.md, table of chips: layouts" "$(layouts)" \
		"$(readme_table | awk -F'|' 'NR > 2 && NF { gsub(/[ `]/, "", $4); print $4 }')"
	same "README.md, table of chips: device ids" "$(driver_ids)" \
		"$(readme_table | awk -F'|' 'NR > 2 { print $3 }' | grep -oE '\bd[0-9a-f]{3}\b' | sort -u)"
	return $FAILED
}

main; exit
