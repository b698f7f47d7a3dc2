// SPDX-License-Identifier: GPL-2.0
/*
 * SR-IOV: the virtual functions of a device that the driver has appear, fall to the
 * driver, are guarded one by one, and cannot be opened without the token.
 *
 * Runs on any device with SR-IOV, ASCEND_LAYOUT being a layout that fits it and its VFs;
 * on an NPU the ids tell them.
 */
#include <limits.h>
#include <sys/ioctl.h>

#include "fixture.h"

#define NR_VFS		2
#define LAYOUT		"/sys/module/" GUARDED "/parameters/layout"
/* By itself vfio-pci makes no VFs */
#define ENABLE_SRIOV	"/sys/module/vfio_pci/parameters/enable_sriov"

#define TOKEN		"5a6b7c8d-0000-4000-8000-0123456789ab"
#define WRONG_TOKEN	"5a6b7c8d-0000-4000-8000-0123456789ac"

/* ASCEND_LAYOUT; NULL where the ids tell the layouts */
static const char *named;

FIXTURE(sriov) {
	char layout_before[4096];
	char enable_before[8];
	struct kmsg kmsg;
	struct npu_id pf_id;
	struct npu_id vf_id[NR_VFS];
	struct npu pf;
	struct npu vf;
};

FIXTURE_VARIANT(sriov) {
	const char *driver;
	enum npu_backend backend;
};

FIXTURE_VARIANT_ADD(sriov, group) {
	.driver = GUARDED,
	.backend = NPU_GROUP,
};

FIXTURE_VARIANT_ADD(sriov, iommufd) {
	.driver = GUARDED,
	.backend = NPU_CDEV,
};

/* The control: what core does for the driver it does for vfio-pci */
FIXTURE_VARIANT_ADD(sriov, vfio_pci) {
	.driver = PLAIN,
	.backend = NPU_GROUP,
};

/* The layout that every VF must get */
static const struct npu_model *vf_model(void)
{
	long long device = npu_attr_num(npu_dut.bdf, "device");

	if (named)
		return npu_model_find(named);
	for (size_t i = 0; i < npu_models_count; i++)
		if (npu_models[i].is_vf && npu_models[i].device == device)
			return &npu_models[i];
	return NULL;
}

/* Name the layout of the PF and of the first @nr_vfs VFs */
static int name_layouts(const struct npu_id *vf_id, unsigned int nr_vfs)
{
	char list[(1 + NR_VFS) * 64];
	size_t len;

	if (!named)
		return 0;
	len = snprintf(list, sizeof(list), "%s:%s", npu_dut.bdf, named);
	for (unsigned int i = 0; i < nr_vfs; i++)
		len += snprintf(list + len, sizeof(list) - len, ",%s:%s", vf_id[i].bdf, named);
	return sysfs_write(LAYOUT, list);
}

static int set_numvfs(unsigned int nr)
{
	char path[PATH_MAX], text[16];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/sriov_numvfs", npu_dut.bdf);
	snprintf(text, sizeof(text), "%u", nr);
	return sysfs_write(path, text);
}

/* Whether core has a function; kallsyms says so however the kernel was patched */
static bool core_has(const char *function)
{
	FILE *f = fopen("/proc/kallsyms", "r");
	char line[512], name[256];
	bool found = false;

	while (f && !found && fgets(line, sizeof(line), f))
		found = sscanf(line, "%*s %*s %255s", name) == 1 && !strcmp(name, function);
	if (f)
		fclose(f);
	return found;
}

FIXTURE_SETUP(sriov)
{
	if (npu_attr_num(npu_dut.bdf, "sriov_totalvfs") < NR_VFS)
		SKIP(return, "the device has no SR-IOV");
	if (!vf_model())
		SKIP(return, "set ASCEND_LAYOUT to a layout that fits the device and its VFs");
	if (npu_backend_missing(variant->backend))
		SKIP(return, "%s", npu_backend_missing(variant->backend));
	if (variant->backend == NPU_CDEV && !core_has("vfio_pci_core_match_token_uuid"))
		SKIP(return, "this kernel asks who opens a VF by iommufd for no token (before 6.17)");
	if (!npu_driver_loaded(variant->driver))
		SKIP(return, "%s is not loaded", variant->driver);
	self->pf_id = npu_dut;
	self->pf = (struct npu) { .fd = -1, .group = -1, .iommu = -1 };
	self->vf = self->pf;
	ASSERT_LE(0, sysfs_read(LAYOUT, self->layout_before, sizeof(self->layout_before)));
	ASSERT_LT(0, sysfs_read(ENABLE_SRIOV, self->enable_before, sizeof(self->enable_before)));
	ASSERT_EQ(0, sysfs_write(ENABLE_SRIOV, "Y"));
	ASSERT_EQ(0, kmsg_open(&self->kmsg));
	ASSERT_EQ(0, npu_unbind(npu_dut.bdf));
	ASSERT_EQ(0, name_layouts(NULL, 0));
	ASSERT_EQ(0, npu_bind(npu_dut.bdf, variant->driver));
}

FIXTURE_TEARDOWN(sriov)
{
	const char *trouble;

	npu_close(&self->vf);
	npu_close(&self->pf);
	set_numvfs(0);
	npu_unbind(npu_dut.bdf);
	trouble = kmsg_trouble(&self->kmsg);
	EXPECT_EQ(NULL, trouble) {
		TH_LOG("kernel log: %s", trouble);
	}
	kmsg_close(&self->kmsg);
	sysfs_write(ENABLE_SRIOV, self->enable_before);
	sysfs_write(LAYOUT, *self->layout_before ? self->layout_before : "\n");
}

static bool exists(const char *bdf)
{
	char text[16];

	return npu_attr(bdf, "vendor", text, sizeof(text)) > 0;
}

/* Make the VFs and find them; which driver took them is another matter */
static void make_vfs(struct __test_metadata *_metadata, struct npu_id *vf_id)
{
	char link[PATH_MAX], target[PATH_MAX];

	ASSERT_EQ(0, set_numvfs(NR_VFS)) {
		TH_LOG("no VFs: the PF's driver has no sriov_configure, or it failed");
	}
	for (unsigned int i = 0; i < NR_VFS; i++) {
		ssize_t len;

		snprintf(link, sizeof(link), "/sys/bus/pci/devices/%s/virtfn%u", npu_dut.bdf, i);
		len = readlink(link, target, sizeof(target) - 1);
		ASSERT_LT(0, len);
		target[len] = '\0';
		vf_id[i] = (struct npu_id) { .model = vf_model() };
		snprintf(vf_id[i].bdf, sizeof(vf_id[i].bdf), "%.15s", strrchr(target, '/') + 1);
		ASSERT_TRUE(exists(vf_id[i].bdf));
	}
}

static void make_bound_vfs(struct __test_metadata *_metadata, struct npu_id *vf_id,
			   const char *driver)
{
	make_vfs(_metadata, vf_id);
	ASSERT_EQ(0, name_layouts(vf_id, NR_VFS));
	for (unsigned int i = 0; i < NR_VFS; i++)
		ASSERT_EQ(0, npu_bind(vf_id[i].bdf, driver));
}

/* No other driver may pick them up, even if the PF's does not know their layout */
TEST_F(sriov, vfs_are_the_pfs_drivers)
{
	bool unknown = named && !strcmp(variant->driver, GUARDED);
	char text[64];

	make_vfs(_metadata, self->vf_id);
	for (unsigned int i = 0; i < NR_VFS; i++) {
		const char *bdf = self->vf_id[i].bdf;

		ASSERT_LT(0, npu_attr(bdf, "driver_override", text, sizeof(text)));
		EXPECT_STREQ(variant->driver, text);
		npu_driver(bdf, text, sizeof(text));
		EXPECT_STREQ(unknown ? "" : variant->driver, text);
		EXPECT_EQ(unknown, kmsg_count(&self->kmsg, bdf, "refus") > 0);
	}

	ASSERT_EQ(0, name_layouts(self->vf_id, NR_VFS));
	for (unsigned int i = 0; i < NR_VFS; i++)
		EXPECT_EQ(0, npu_bind(self->vf_id[i].bdf, variant->driver));
	EXPECT_EQ(0, set_numvfs(0));
	for (unsigned int i = 0; i < NR_VFS; i++)
		EXPECT_FALSE(exists(self->vf_id[i].bdf));
}

/*
 * Open the PF or a VF; @other is one that is open. If the last try succeeded and should
 * not have, it is closed, as VFs are not removed while somebody has them open.
 */
static int open_with(struct npu *npu, struct npu_id *id, const char *token,
		     const struct npu *other)
{
	npu_close(npu);
	id->vf_token = token;
	return npu_open_beside(npu, id, other);
}

TEST_F(sriov, each_vf_has_its_own_guards)
{
	const struct npu_reg *reg = &vf_model()->regs[0];
	const size_t page = npu_page_size();
	bool guarded = !strcmp(variant->driver, GUARDED);
	struct npu_region region;
	/* What the driver itself may write to xloader */
	const __u32 zero = 0;
	char text[32];
	void *p;

	make_bound_vfs(_metadata, self->vf_id, variant->driver);
	/* The first to use the PF says what the token is */
	self->pf_id.vf_token = TOKEN;
	ASSERT_EQ(0, npu_open(&self->pf, &self->pf_id, variant->backend));
	ASSERT_EQ(0, open_with(&self->vf, &self->vf_id[0], TOKEN, &self->pf));
	p = npu_mmap(&self->vf, reg->bar, reg->offset & ~(page - 1), page, PROT_READ, MAP_SHARED);
	EXPECT_EQ(guarded, p == MAP_FAILED);
	if (p != MAP_FAILED)
		munmap(p, page);
	ASSERT_EQ(0, npu_region_get(&self->vf, reg->bar, &region));
	EXPECT_EQ(guarded, region.nr_areas > 0);
	if (!guarded)
		return;

	ASSERT_LT(0, npu_attr(self->vf_id[0].bdf, "ascend_vfio/model", text, sizeof(text)));
	EXPECT_STREQ(vf_model()->name, text);
	/* A VF has no memory enable bit: it must not be taken for one that is off */
	EXPECT_EQ(4, npu_pwrite(&self->vf, reg->bar, &zero, 4, reg->offset));
	EXPECT_EQ(1, npu_attr_num(self->vf_id[0].bdf, "ascend_vfio/dropped_writes"));
	EXPECT_EQ(0, npu_attr_num(self->vf_id[1].bdf, "ascend_vfio/dropped_writes"));
	EXPECT_EQ(0, npu_attr_num(npu_dut.bdf, "ascend_vfio/dropped_writes"));
}

static int set_token(struct npu *pf)
{
	__u64 room[4] = { 0 };
	struct vfio_device_feature *feature = (void *)room;

	feature->argsz = sizeof(*feature) + NPU_TOKEN_SIZE;
	feature->flags = VFIO_DEVICE_FEATURE_SET | VFIO_DEVICE_FEATURE_PCI_VF_TOKEN;
	if (npu_parse_token(TOKEN, feature->data))
		return -EINVAL;
	return ioctl(pf->fd, VFIO_DEVICE_FEATURE, feature) ? -errno : 0;
}

/* Who uses the PF and who uses a VF of it must know of each other */
TEST_F(sriov, a_vf_needs_the_token)
{
	struct npu_id *vf_id = &self->vf_id[0];

	make_bound_vfs(_metadata, self->vf_id, variant->driver);
	ASSERT_EQ(0, npu_open(&self->pf, &self->pf_id, variant->backend));
	ASSERT_EQ(0, set_token(&self->pf));

	EXPECT_EQ(-EACCES, open_with(&self->vf, vf_id, NULL, &self->pf));
	EXPECT_EQ(-EACCES, open_with(&self->vf, vf_id, WRONG_TOKEN, &self->pf));
	ASSERT_EQ(0, open_with(&self->vf, vf_id, TOKEN, &self->pf));

	/* A VF is in use: now it is the PF that needs the token */
	npu_close(&self->pf);
	EXPECT_EQ(-EACCES, open_with(&self->pf, &self->pf_id, NULL, &self->vf));
	EXPECT_EQ(-EACCES, open_with(&self->pf, &self->pf_id, WRONG_TOKEN, &self->vf));
	EXPECT_EQ(0, open_with(&self->pf, &self->pf_id, TOKEN, &self->vf));
}

TEST_F(sriov, unbinding_the_pf_removes_them)
{
	/* It wants its pci_rescan_remove_lock held, which no driver's remove() can know */
	if (!access("/proc/lockdep", F_OK))
		SKIP(return, "with lockdep the PCI core complains of any PF that is unbound with VFs");
	make_bound_vfs(_metadata, self->vf_id, variant->driver);
	ASSERT_EQ(0, npu_unbind(npu_dut.bdf));
	for (unsigned int i = 0; i < NR_VFS; i++)
		EXPECT_FALSE(exists(self->vf_id[i].bdf));
}

int main(int argc, char **argv)
{
	named = getenv("ASCEND_LAYOUT");
	npu_init_any(&argc, &argv);
	return test_harness_run(argc, argv);
}
