# SPDX-License-Identifier: GPL-2.0-only
#
# bench.tsv (see bench.sh) for programs.

BEGIN { printf "{\n\t\"chip\": \"%s\",\n\t\"date\": \"%s\",\n\t\"rows\": [", chip, date }

{
	printf "%s\n\t\t{ \"kernel\": \"%s\", \"release\": \"%s\", \"row\": \"%s\", \"text\": \"%s\", ",
	       (NR > 1 ? "," : ""), $1, $2, $3, $9
	printf "\"vfio_pci\": %s, \"ascend_vfio_pci\": %s, \"ratio\": %s, \"goal\": %s, \"repeats\": %s }",
	       $4, $5, $6, $7, $8 == "yes" ? "true" : "false"
}

END { print "\n\t]\n}" }
