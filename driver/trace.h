/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ascend_vfio_pci - tracepoints
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM ascend_vfio

#if !defined(ASCEND_VFIO_PCI_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define ASCEND_VFIO_PCI_TRACE_H

#include <linux/pci.h>
#include <linux/tracepoint.h>

#include "ascend.h"

/*
 * Every access to a trapped register that succeeded and was answered or dropped here: reads
 * that a rule lets pass are the device's. value: the bytes read or dropped, the first 4 of
 * them if there are more, as a little-endian number.
 */
TRACE_EVENT(ascend_vfio_trap,
	TP_PROTO(struct pci_dev *pdev, const struct ascend_reg *reg, u64 offset,
		 size_t size, u32 value, bool is_write),
	TP_ARGS(pdev, reg, offset, size, value, is_write),
	TP_STRUCT__entry(
		__array(char,	dev,	20)
		__array(char,	reg,	12)
		__field(u8,	bar)
		__field(bool,	is_write)
		__field(u32,	size)
		__field(u32,	value)
		__field(u64,	offset)
	),
	TP_fast_assign(
		strscpy(__entry->dev, pci_name(pdev), sizeof(__entry->dev));
		strscpy(__entry->reg, reg->name, sizeof(__entry->reg));
		__entry->bar = reg->bar;
		__entry->size = size;
		__entry->is_write = is_write;
		__entry->value = value;
		__entry->offset = offset;
	),
	TP_printk("dev=%s register=%s bar=%u offset=0x%llx size=%u value=0x%x %s",
		  __entry->dev, __entry->reg, __entry->bar, __entry->offset,
		  __entry->size, __entry->value,
		  __entry->is_write ? "write" : "read")
);

#endif /* ASCEND_VFIO_PCI_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
