/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ascend_vfio_pci - the files of sysfs that an operator can write
 */
#ifndef ASCEND_VFIO_PCI_OPERATOR_H
#define ASCEND_VFIO_PCI_OPERATOR_H

#include "ascend.h"
#include "compat/compat.h"

extern ASCEND_COMPAT_BIN_CONST struct bin_attribute bin_attr_guard;
extern struct device_attribute dev_attr_guest_numa_node;
bool ascend_has_node(struct ascend_device *adev);

#endif /* ASCEND_VFIO_PCI_OPERATOR_H */
