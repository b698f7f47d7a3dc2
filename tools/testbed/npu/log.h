/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef NPU_LOG_H
#define NPU_LOG_H

#include "defs.h"

/**
 * npu_log_open - choose where events go
 * @path: file to append to, or NULL for standard error
 *
 * Return: 0, or -1 with errno set.
 */
int npu_log_open(const char *path);

/**
 * npu_log - append one line, with the time in front
 * @fmt: the event's name and its key=value fields, no newline
 *
 * The line is on its way to the file when this returns: call it before
 * answering the client, so that a guest that saw its access complete finds the
 * line there. The tests take the log for the truth about what reached the
 * device, so a log that cannot be written ends the program.
 */
__printf(1, 2)
void npu_log(const char *fmt, ...);

/**
 * npu_log_access - log a BAR or config access that came as a message
 * @what: "READ" or "WRITE"
 * @region: VFIO region index
 * @offset: from the start of the region
 * @data: the bytes read or written
 * @size: as it arrived, however odd
 * @note: what to add at the end of the line, or ""
 *
 * Up to 8 bytes are one little-endian value=; more are data= in memory order,
 * the first 64 of them.
 */
void npu_log_access(const char *what, u32 region, u64 offset, const u8 *data, u32 size,
		    const char *note);

#endif /* NPU_LOG_H */
