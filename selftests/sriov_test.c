// SPDX-License-Identifier: GPL-2.0-only
/*
 * SR-IOV: the virtual functions of an NPU that the driver has appear when they are allowed
 * to, fall to the driver, are guarded one by one, and cannot be opened without the token.
 *
 * With the simulator every VF is played by one of its own, whose log lies beside the PF's
 * and is called like it with -vf1 or -vf2 added.
 */
#include <fcntl.h>
#include <limits.h>
#include <sys/ioctl.h>
#include <linux/pci_regs.h>

#include "fixture.h"

#define NR_VFS		2

#define TOKEN		"5a6b7c8d-0000-4000-8000-0123456789ab"
#define WRONG_TOKEN	"5a6b7c8d-0000-4000-8000-0123456789ac"

FIXTURE(sriov) {
	const char *enable;
	char enable_before[8];
	struct kmsg kmsg;
	struct npu_id pf_id;
	struct npu_id vf_id[NR_VFS];
	struct npu pf;
	struct npu vf;
};

FIXTURE_VARIANT(sriov) {
	const char *driver;
	const char *enable;	/* by itself the driver makes no VFs */
	enum npu_backend backend;
};

#define ENABLE(module)	"/sys/module/" module "/parameters/enable_sriov"

FIXTURE_BACKENDS_WITH(sriov, .driver = GUARDED, .enable = ENABLE(GUARDED));

/* The control: what core does for the driver it does for vfio-pci */
FIXTURE_VARIANT_ADD(sriov, vfio_pci) {
	.driver = PLAIN,
	.enable = ENABLE("vfio_pci"),
	.backend = NPU_GROUP,
};

/* What every VF must be taken for */
static const struct npu_model *vf_model(void)
{
	return npu_dut.model->vf ? npu_model_find(npu_dut.model->vf) : NULL;
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
	if (npu_attr_num(npu_dut.bdf, "sriov_totalvfs") < NR_VFS || !vf_model())
		SKIP(return, "the device has no SR-IOV, or not here");
	if (npu_backend_missing(variant->backend))
		SKIP(return, "%s", npu_backend_missing(variant->backend));
	if (variant->backend == NPU_CDEV && !core_has("vfio_pci_core_match_token_uuid"))
		SKIP(return, "this kernel asks who opens a VF by iommufd for no token");
	if (!npu_driver_loaded(variant->driver))
		SKIP(return, "%s is not loaded", variant->driver);
	self->pf_id = npu_dut;
	self->pf = (struct npu) { .fd = -1, .group = -1, .iommu = -1 };
	self->vf = self->pf;
	/* Not every version of the driver asks for it */
	self->enable = access(variant->enable, F_OK) ? NULL : variant->enable;
	if (self->enable) {
		ASSERT_LT(0, sysfs_read(self->enable, self->enable_before,
					sizeof(self->enable_before)));
		ASSERT_EQ(0, sysfs_write(self->enable, "Y"));
	}
	ASSERT_EQ(0, kmsg_open(&self->kmsg));
	ASSERT_EQ(0, npu_unbind(npu_dut.bdf));
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
	if (self->enable)
		sysfs_write(self->enable, self->enable_before);
}

static bool exists(const char *bdf)
{
	char text[16];

	return npu_attr(bdf, "vendor", text, sizeof(text)) > 0;
}

/* The log of a VF's simulator, NULL on a real NPU */
static const char *vf_simlog(unsigned int vf)
{
	static char paths[NR_VFS][PATH_MAX];
	size_t len = npu_dut.simlog ? strlen(npu_dut.simlog) : 0;

	if (len < strlen(".log"))
		return NULL;
	snprintf(paths[vf], sizeof(paths[vf]), "%.*s-vf%u.log", (int)(len - strlen(".log")),
		 npu_dut.simlog, vf + 1);
	return access(paths[vf], F_OK) ? NULL : paths[vf];
}

/*
 * A real VF has no BARs in its own configuration space: they are where the PF's SR-IOV
 * capability puts them. To the VMM a simulated one is a function like any other, with BARs
 * where it is told, which nobody does: the kernel knows better. So tell it.
 */
static int place_bars(const char *bdf)
{
	const __le16 command = PCI_COMMAND_MEMORY;
	char path[PATH_MAX], text[1024], *line = text;
	int fd, ret = 0;

	if (npu_attr(bdf, "resource", text, sizeof(text)) < 0)
		return -EIO;
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/config", bdf);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	for (unsigned int bar = 0; bar < NPU_NR_BARS && line && !ret; bar += 2) {
		unsigned long long start;

		if (sscanf(line, "%llx", &start) != 1 ||
		    pwrite(fd, &start, 8, PCI_BASE_ADDRESS_0 + 4 * bar) != 8)
			ret = -EIO;
		for (unsigned int i = 0; i < 2 && line; i++)
			line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL;
	}
	if (!ret && pwrite(fd, &command, sizeof(command), PCI_COMMAND) != sizeof(command))
		ret = -EIO;
	close(fd);
	return ret;
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
		vf_id[i] = (struct npu_id) { .model = vf_model(), .simlog = vf_simlog(i) };
		snprintf(vf_id[i].bdf, sizeof(vf_id[i].bdf), "%.15s", strrchr(target, '/') + 1);
		ASSERT_TRUE(exists(vf_id[i].bdf));
	}
}

static void make_bound_vfs(struct __test_metadata *_metadata, struct npu_id *vf_id,
			   const char *driver)
{
	make_vfs(_metadata, vf_id);
	for (unsigned int i = 0; i < NR_VFS; i++) {
		/* No driver meanwhile: it would save what is there, and restore it */
		ASSERT_EQ(0, npu_unbind(vf_id[i].bdf));
		if (vf_id[i].simlog)
			ASSERT_EQ(0, place_bars(vf_id[i].bdf));
		ASSERT_EQ(0, npu_bind(vf_id[i].bdf, driver));
	}
}

TEST_F(sriov, none_unless_they_are_allowed)
{
	if (!self->enable)
		SKIP(return, "this version of the driver does not ask");
	ASSERT_EQ(0, sysfs_write(self->enable, "N"));
	EXPECT_EQ(-ENOENT, set_numvfs(NR_VFS));
	EXPECT_EQ(0, npu_attr_num(npu_dut.bdf, "sriov_numvfs"));
	ASSERT_EQ(0, sysfs_write(self->enable, "Y"));
	EXPECT_EQ(0, set_numvfs(NR_VFS));
	EXPECT_EQ(NR_VFS, npu_attr_num(npu_dut.bdf, "sriov_numvfs"));
}

/* No other driver may pick them up */
TEST_F(sriov, vfs_are_the_pfs_drivers)
{
	char text[64];

	make_vfs(_metadata, self->vf_id);
	for (unsigned int i = 0; i < NR_VFS; i++) {
		const char *bdf = self->vf_id[i].bdf;

		ASSERT_LT(0, npu_attr(bdf, "driver_override", text, sizeof(text)));
		EXPECT_STREQ(variant->driver, text);
		npu_driver(bdf, text, sizeof(text));
		EXPECT_STREQ(variant->driver, text);
	}
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

/* How often the register of a VF was read and written; 0 where there is no log to tell */
static void count_accesses(struct __test_metadata *_metadata, struct simlog *log,
			   unsigned int *reads, unsigned int *writes)
{
	const struct npu_reg *reg = &vf_model()->regs[0];
	struct sim_event e;
	int ret = 0;

	*reads = 0;
	*writes = 0;
	while (log->fd >= 0 && (ret = simlog_next(log, &e)) > 0) {
		if (e.region != reg->bar || e.offset != reg->offset)
			continue;
		*reads += e.kind == SIM_READ;
		*writes += e.kind == SIM_WRITE;
	}
	ASSERT_EQ(0, ret);
}

/* An access to the register of a VF: what reached which device? */
static void check_access(struct __test_metadata *_metadata, struct npu *vf,
			 const struct npu_id *vf_id, bool guarded)
{
	const struct npu_reg *reg = &vf_model()->regs[0];
	struct simlog log[NR_VFS];
	/* What the driver itself may write to xloader */
	const __u32 zero = 0;
	unsigned int reads, writes;
	__u32 value;

	for (unsigned int i = 0; i < NR_VFS; i++) {
		log[i].fd = -1;
		if (vf_id[i].simlog)
			ASSERT_EQ(0, simlog_open(&log[i], vf_id[i].simlog));
	}
	EXPECT_EQ(4, npu_pread(vf, reg->bar, &value, 4, reg->offset));
	/* A VF has no memory enable bit: it must not be taken for one that is off */
	EXPECT_EQ(4, npu_pwrite(vf, reg->bar, &zero, 4, reg->offset));
	for (unsigned int i = 0; i < NR_VFS; i++) {
		bool accessed = !strcmp(vf_id[i].bdf, vf->id.bdf);

		count_accesses(_metadata, &log[i], &reads, &writes);
		if (!vf_id[i].simlog)
			continue;
		EXPECT_EQ(accessed, reads > 0);
		EXPECT_EQ(accessed && !guarded, writes > 0);
		simlog_close(&log[i]);
	}
}

TEST_F(sriov, each_vf_has_its_own_guards)
{
	const struct npu_reg *reg = &vf_model()->regs[0];
	const size_t page = npu_page_size();
	bool guarded = !strcmp(variant->driver, GUARDED);
	struct npu_region region;
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
	check_access(_metadata, &self->vf, self->vf_id, guarded);
	if (!guarded)
		return;

	ASSERT_LT(0, npu_attr(npu_dut.bdf, "ascend_vfio/layout", text, sizeof(text)));
	EXPECT_STREQ(npu_model_layout(npu_dut.model), text);
	ASSERT_LT(0, npu_attr(self->vf_id[0].bdf, "ascend_vfio/layout", text, sizeof(text)));
	EXPECT_STREQ(npu_model_layout(vf_model()), text);
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
	npu_init(&argc, &argv);
	return test_harness_run(argc, argv);
}
