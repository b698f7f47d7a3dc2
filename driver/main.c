// SPDX-License-Identifier: GPL-2.0-only
/*
 * ascend_vfio_pci - give a Huawei Ascend NPU to a virtual machine
 *
 * A vfio-pci variant driver. It keeps two registers out of every guest's and
 * every VMM's hands, and lets arm64 guests map BARs write-combining.
 *
 *   probe        select.c finds the device's registers in models.c, or refuses;
 *                reset.c keeps a chip that resets badly from resets
 *   open         scrub.c clears xloader as soon as the device answers
 *   region info  region.c: areas that leave out the registers' pages, NORMAL_NC
 *   mmap         region.c refuses those pages -> core
 *   read, write  rw.c cuts the access -> regs.c for a register, else core
 *   ioctl        ioctl.c lets pass what cannot go around the above -> core
 *
 *   sysfs        operator.c takes an operator's rules while the device is not open, and
 *                rules.c makes one list of them and the chip's registers
 *
 * Whatever is not about a guarded register goes to vfio-pci-core at once. All of them
 * work on struct ascend_regs, the registers of this one device, worked out at bind, and
 * anew when there are other rules.
 */

#include <linux/module.h>
#include <linux/pci.h>
#include <linux/vfio_pci_core.h>

#include "ascend.h"
#include "compat/compat.h"

#if !IS_ENABLED(CONFIG_VFIO_PCI_CORE)
#error "ascend_vfio_pci needs a kernel with CONFIG_VFIO_PCI_CORE"
#endif

static_assert(ASCEND_NR_BARS == PCI_STD_NUM_BARS);
static_assert(ASCEND_NR_BARS <= ASCEND_NR_SPANS);
static_assert((ASCEND_NR_SPANS & (ASCEND_NR_SPANS - 1)) == 0);
/* ascend_at_reg() looks at so many. */
static_assert(ASCEND_MAX_REGS == 16);
static_assert(ASCEND_NR_BARS == VFIO_PCI_ROM_REGION_INDEX);
static_assert(ASCEND_BAR_LEN_MAX == VFIO_PCI_OFFSET_MASK + 1);

#ifdef CONFIG_PCI_IOV
static bool enable_sriov;
module_param(enable_sriov, bool, 0644);
MODULE_PARM_DESC(enable_sriov, "Let root create virtual functions of a bound device, as vfio-pci's parameter of that name (default: N)");
#endif

static int ascend_open_device(struct vfio_device *core_vdev)
{
	struct ascend_device *adev = to_ascend(core_vdev);
	int ret;

	ret = ascend_reset_before_open(adev);
	if (ret)
		return ret;

	ascend_operator_lock_out(adev, true);
	ret = vfio_pci_core_enable(&adev->core);
	if (ret)
		goto out_let_in;

	ret = ascend_scrub_open(adev);
	if (ret)
		goto out_disable;

	vfio_pci_core_finish_enable(&adev->core);
	ascend_region_update(adev, true);
	return 0;

out_disable:
	vfio_pci_core_disable(&adev->core);
out_let_in:
	ascend_operator_lock_out(adev, false);
	return ret;
}

static void ascend_close_device(struct vfio_device *core_vdev)
{
	struct ascend_device *adev = to_ascend(core_vdev);

	ascend_scrub_stop(adev);
	vfio_pci_core_close_device(core_vdev);
	ascend_reset_after_close(adev);
	ascend_operator_lock_out(adev, false);
}

static const struct vfio_device_ops ascend_vfio_ops = {
	.name		= ASCEND_DRIVER_NAME,
	.init		= vfio_pci_core_init_dev,
	.release	= vfio_pci_core_release_dev,
	.open_device	= ascend_open_device,
	.close_device	= ascend_close_device,
	.ioctl		= ascend_ioctl,
	.device_feature	= ascend_device_feature,
	.read		= ascend_read,
	.write		= ascend_write,
	.mmap		= ascend_region_mmap,
	.request	= vfio_pci_core_request,
	.match		= vfio_pci_core_match,
	ASCEND_COMPAT_REGION_INFO_OPS
	ASCEND_COMPAT_MATCH_TOKEN_OPS
	ASCEND_COMPAT_IOMMUFD_OPS
};

static void ascend_log_bound(struct ascend_device *adev)
{
	char list[ASCEND_MAX_REGS * 32] = "";
	unsigned int i;
	size_t n = 0;

	for (i = 0; i < adev->regs.nr; i++) {
		const struct ascend_reg *reg = &adev->regs.reg[i];

		n += scnprintf(list + n, sizeof(list) - n, " %s BAR%u+0x%llx",
			       reg->name, reg->bar, reg->offset);
	}
	pci_info(adev->core.pdev, "layout %s, guarding%s, Normal-NC BARs 0x%lx\n",
		 adev->layout->name, list, adev->normal_nc_bars);
}

static int ascend_init(struct ascend_device *adev,
		       const struct ascend_layout *layout,
		       const struct ascend_regs *regs)
{
	int ret;

	adev->layout = layout;
	ascend_operator_init(adev, regs);
	ascend_scrub_init(adev);

	/* A guest can write as fast as it likes; the log must not follow it. */
	ratelimit_state_init(&adev->drop_log, 60 * HZ, 2);
	ratelimit_set_flags(&adev->drop_log, RATELIMIT_MSG_ON_RELEASE);
	ret = ascend_region_reserve(adev, &adev->regs);
	if (!ret)
		ascend_region_work_out(adev);
	return ret;
}

static int ascend_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	const struct ascend_layout *layout;
	struct ascend_device *adev;
	struct ascend_regs regs;
	int ret;

	layout = ascend_select_layout(pdev, &regs);
	if (!layout)
		return -EINVAL;

	adev = vfio_alloc_device(ascend_device, core.vdev, &pdev->dev,
				 &ascend_vfio_ops);
	if (IS_ERR(adev))
		return PTR_ERR(adev);

	ret = ascend_init(adev, layout, &regs);
	if (ret)
		goto out_put;

	ascend_compat_set_dmabuf_ops(&adev->core);
	dev_set_drvdata(&pdev->dev, &adev->core);
	ascend_reset_protect(adev);
	ret = vfio_pci_core_register_device(&adev->core);
	if (ret)
		goto out_unprotect;

	ascend_debugfs_add(adev);
	ascend_log_bound(adev);
	return 0;

out_unprotect:
	ascend_reset_unprotect(adev);
out_put:
	vfio_put_device(&adev->core.vdev);
	return ret;
}

static void ascend_remove(struct pci_dev *pdev)
{
	struct ascend_device *adev = dev_to_ascend(&pdev->dev);

	ascend_debugfs_remove(adev);
	vfio_pci_core_unregister_device(&adev->core);
	ascend_scrub_exit(adev);
	ascend_reset_unprotect(adev);
	vfio_put_device(&adev->core.vdev);
}

static int ascend_sriov_configure(struct pci_dev *pdev, int nr_virtfn)
{
#ifdef CONFIG_PCI_IOV
	if (READ_ONCE(enable_sriov))
		return vfio_pci_core_sriov_configure(dev_get_drvdata(&pdev->dev),
						     nr_virtfn);
	pci_err(pdev, "no virtual functions are made: set the module parameter enable_sriov\n");
#endif
	return -ENOENT;
}

static struct pci_driver ascend_driver = {
	.name			= ASCEND_DRIVER_NAME,
	.id_table		= ascend_pci_ids,
	.probe			= ascend_probe,
	.remove			= ascend_remove,
	.sriov_configure	= ascend_sriov_configure,
	.err_handler		= &vfio_pci_core_err_handlers,
	.dev_groups		= ascend_sysfs_groups,
	.driver_managed_dma	= true,
};

static int __init ascend_module_init(void)
{
	const char *fault = ascend_models_fault();
	int ret;

	if (fault) {
		pr_err(ASCEND_DRIVER_NAME ": the table entry of layout %s is invalid, not loading\n",
		       fault);
		return -EINVAL;
	}
	if (!ascend_compat_has_any_uncached())
		pr_notice(ASCEND_DRIVER_NAME ": this kernel lacks VM_ALLOW_ANY_UNCACHED: registers are guarded, but guests get no write-combining BARs. Use Linux 6.9 or later, or (arm64) apply driver/kvm/ and rebuild kernel and module\n");

	ascend_debugfs_init();
	ret = pci_register_driver(&ascend_driver);
	if (ret)
		ascend_debugfs_exit();
	return ret;
}
module_init(ascend_module_init);

static void __exit ascend_module_exit(void)
{
	pci_unregister_driver(&ascend_driver);
	ascend_debugfs_exit();
}
module_exit(ascend_module_exit);

MODULE_DESCRIPTION("VFIO PCI driver that guards Huawei Ascend NPUs and gives guests write-combining BARs");
MODULE_AUTHOR("The ascend_vfio_pci authors <authors@ascend-vfio-pci.invalid>");
MODULE_LICENSE("GPL");
MODULE_VERSION(ASCEND_VFIO_VERSION);
