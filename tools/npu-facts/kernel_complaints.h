/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernel messages that no test may cause: what each holds. For whoever defines COMPLAINT()
 * and includes this, and for tools/testbed/report.sh, which reads it line by line.
 */
COMPLAINT("WARNING: ")
COMPLAINT("BUG: ")
COMPLAINT("BUG ")
COMPLAINT("Oops")
COMPLAINT("Internal error")
COMPLAINT("Unable to handle")
COMPLAINT("general protection")
COMPLAINT("Kernel panic")
COMPLAINT("Call trace:")
COMPLAINT("Call Trace:")
COMPLAINT("possible circular locking")
COMPLAINT("blocked for more than")
COMPLAINT("refcount_t:")
COMPLAINT("UBSAN")
COMPLAINT("DMA-API: ")
