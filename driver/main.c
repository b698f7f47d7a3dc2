// SPDX-License-Identifier: GPL-2.0-only
/*
 * ascend_vfio_pci - give a Huawei Ascend NPU to a virtual machine
 *
 * A vfio-pci variant driver. It keeps two registers out of every guest's and
 * every VMM's hands, and lets arm64 guests map BARs write-combining.
 *
 *   probe        select.c chooses a register layout of models.c, or refuses
 *   open         regs.c maps the registers and scrubs xloader
 *   region info  region.c: areas that leave out the registers' pages, NORMAL_NC
 *   mmap         region.c refuses those pages -> core
 *   read, write  rw.c cuts the access -> regs.c for a register, else core
 *   ioctl        ioctl.c refuses what would go around the above -> core
 *
 * Whatever is not about a trapped register goes to vfio-pci-core at once.
 */

#include <linux/module.h>
#include <linux/pci.h>
#include <linux/vfio_pci_core.h>

#include "ascend.h"
#include "compat/compat.h"

#if !IS_ENABLED(CONFIG_VFIO_PCI_CORE)
#error "ascend_vfio_pci needs a kernel with CONFIG_VFIO_PCI_CORE"
#endif

static int ascend_open_device(struct vfio_device *core_vdev)
{
	struct ascend_device *adev = to_ascend(core_vdev);
	int ret;

	ret = vfio_pci_core_enable(&adev->core);
	if (ret)
		return ret;

	ret = ascend_regs_open(adev);
	if (ret) {
		vfio_pci_core_disable(&adev->core);
		return ret;
	}

	vfio_pci_core_finish_enable(&adev->core);
	ascend_region_open(adev);
	return 0;
}

static void ascend_close_device(struct vfio_device *core_vdev)
{
	vfio_pci_core_close_device(core_vdev);
	ascend_regs_close(to_ascend(core_vdev));
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
	const struct ascend_layout *layout = adev->layout;
	char regs[ASCEND_MAX_REGS * 32] = "";
	unsigned int i;
	size_t n = 0;

	for (i = 0; i < layout->nr_regs; i++)
		n += scnprintf(regs + n, sizeof(regs) - n, " %s BAR%u+0x%llx",
			       layout->regs[i].name, layout->regs[i].bar,
			       layout->regs[i].offset);
	pci_info(adev->core.pdev, "layout %s, guarding%s, Normal-NC BARs 0x%lx\n",
		 layout->name, regs, adev->normal_nc_bars);
}

static void ascend_init(struct ascend_device *adev,
			const struct ascend_layout *layout)
{
	unsigned int i;

	adev->layout = layout;
	for (i = 0; i < layout->nr_regs; i++)
		adev->traps[i].reg = &layout->regs[i];
	ascend_region_probe(adev);

	/* A guest can write as fast as it likes; the log must not follow it. */
	ratelimit_state_init(&adev->drop_log, 60 * HZ, 2);
	ratelimit_set_flags(&adev->drop_log, RATELIMIT_MSG_ON_RELEASE);
}

static int ascend_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	const struct ascend_layout *layout;
	struct ascend_device *adev;
	int ret;

	layout = ascend_select_layout(pdev, id->driver_data);
	if (!layout)
		return -EINVAL;

	adev = vfio_alloc_device(ascend_device, core.vdev, &pdev->dev,
				 &ascend_vfio_ops);
	if (IS_ERR(adev))
		return PTR_ERR(adev);

	ascend_init(adev, layout);
	ascend_compat_set_dmabuf_ops(&adev->core);
	dev_set_drvdata(&pdev->dev, &adev->core);
	ret = vfio_pci_core_register_device(&adev->core);
	if (ret)
		goto out_put_vdev;

	ascend_debugfs_add(adev);
	ascend_log_bound(adev);
	return 0;

out_put_vdev:
	vfio_put_device(&adev->core.vdev);
	return ret;
}

static void ascend_remove(struct pci_dev *pdev)
{
	struct ascend_device *adev = dev_to_ascend(&pdev->dev);

	ascend_debugfs_remove(adev);
	vfio_pci_core_unregister_device(&adev->core);
	vfio_put_device(&adev->core.vdev);
}

static int ascend_sriov_configure(struct pci_dev *pdev, int nr_virtfn)
{
	return vfio_pci_core_sriov_configure(dev_get_drvdata(&pdev->dev),
					     nr_virtfn);
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
	unsigned int i;
	int ret;

	for (i = 0; i < ascend_nr_layouts; i++) {
		ret = ascend_layout_check(&ascend_layouts[i]);
		if (ret) {
			pr_err(ASCEND_DRIVER_NAME ": register table entry %u is invalid, not loading\n",
			       i);
			return ret;
		}
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
MODULE_AUTHOR("The ascend_vfio_pci authors");
MODULE_LICENSE("GPL");
MODULE_VERSION(ASCEND_VFIO_VERSION);
