// SPDX-License-Identifier: GPL-2.0
/*
 * An operator names the register layout of a device that would be refused: by the module
 * parameter layout, or by driver_data of new_id for a rebranded vendor id.
 *
 * Runs on a refused device, ASCEND_LAYOUT being the layout that fits it; the guards must
 * then hold on that layout's registers.
 */
#include <sys/stat.h>

#include "fixture.h"

#define PARAMETER	"/sys/module/" GUARDED "/parameters/layout"
#define DRIVER		"/sys/bus/pci/drivers/" GUARDED

static const struct npu_model *wanted;

FIXTURE(layout) {
	struct kmsg kmsg;
	char before[4096];
};

FIXTURE_SETUP(layout)
{
	if (!wanted)
		SKIP(return, "set ASCEND_LAYOUT to the layout that fits this refused device");
	ASSERT_LE(0, sysfs_read(PARAMETER, self->before, sizeof(self->before)));
	ASSERT_EQ(0, npu_unbind(npu_dut.bdf));
	ASSERT_EQ(0, kmsg_open(&self->kmsg));
	/* The control: by itself the driver does not take it */
	ASSERT_EQ(-ENODEV, npu_bind(npu_dut.bdf, GUARDED));
}

FIXTURE_TEARDOWN(layout)
{
	npu_unbind(npu_dut.bdf);
	sysfs_write(PARAMETER, *self->before ? self->before : "\n");
	kmsg_close(&self->kmsg);
}

/* No write to a register of the layout arrives, and no page of one can be mapped */
static void is_guarded_by(struct __test_metadata *_metadata, enum npu_backend backend)
{
	struct npu_id id = npu_dut;
	const __u32 physical = NPU_XLOADER_PHYSICAL;
	struct simlog log;
	struct sim_event e;
	struct npu npu;
	int ret;

	id.model = wanted;
	ASSERT_EQ(0, npu_open(&npu, &id, backend));
	ASSERT_EQ(0, simlog_open(&log, id.simlog));
	for (unsigned int i = 0; i < wanted->nr_regs; i++) {
		const struct npu_reg *reg = &wanted->regs[i];

		EXPECT_EQ(4, npu_pwrite(&npu, reg->bar, &physical, 4, reg->offset));
		EXPECT_EQ(MAP_FAILED, npu_mmap(&npu, reg->bar,
					       reg->offset & ~(npu_page_size() - 1),
					       npu_page_size(), PROT_READ, MAP_SHARED));
	}
	while ((ret = simlog_next(&log, &e)) > 0)
		EXPECT_NE(SIM_WRITE, e.kind);
	EXPECT_EQ(0, ret);
	npu_close(&npu);
	simlog_close(&log);
}

/* The device is bound and the registers of the layout are guarded, however it is opened */
static void is_guarded(struct __test_metadata *_metadata)
{
	char text[32];

	ASSERT_LT(0, npu_attr(npu_dut.bdf, "ascend_vfio/model", text, sizeof(text)));
	EXPECT_STREQ(wanted->name, text);
	for (enum npu_backend backend = NPU_GROUP; npu_dut.simlog && backend <= NPU_CDEV; backend++)
		if (!npu_backend_missing(backend))
			is_guarded_by(_metadata, backend);
}

static void set_layout(struct __test_metadata *_metadata, const char *name)
{
	char text[64];

	snprintf(text, sizeof(text), "%s:%s", npu_dut.bdf, name);
	ASSERT_EQ(0, sysfs_write(PARAMETER, text));
}

TEST_F(layout, forced_one_is_used)
{
	char text[256], want[64];

	set_layout(_metadata, wanted->name);
	snprintf(want, sizeof(want), "%s:%s", npu_dut.bdf, wanted->name);
	ASSERT_LT(0, sysfs_read(PARAMETER, text, sizeof(text)));
	EXPECT_STREQ(want, text);
	ASSERT_EQ(0, npu_bind(npu_dut.bdf, GUARDED));
	is_guarded(_metadata);

	/* It is looked at when a device is bound, and can be taken back */
	ASSERT_EQ(0, npu_unbind(npu_dut.bdf));
	ASSERT_EQ(0, sysfs_write(PARAMETER, "\n"));
	EXPECT_EQ(-ENODEV, npu_bind(npu_dut.bdf, GUARDED));
}

TEST_F(layout, another_devices_is_not)
{
	char text[128];

	snprintf(text, sizeof(text), "ffff:1e.7:910,0000:ee:1f.6:%s", wanted->name);
	EXPECT_EQ(-EINVAL, sysfs_write(PARAMETER, text));
	snprintf(text, sizeof(text), "ffff:ee:1e.7:910,0000:ee:1f.6:%s", wanted->name);
	ASSERT_EQ(0, sysfs_write(PARAMETER, text));
	EXPECT_EQ(-ENODEV, npu_bind(npu_dut.bdf, GUARDED));
}

TEST_F(layout, bad_lists_change_nothing)
{
	static const char * const lists[] = {
		"310p", ":310p", "0000:01:00.0", "0000:01:00.0:", "0000:01:00.0:911",
		"0000:01:00.0:310P", "0000:01:00:310p", "0000:01:00.8:310p", "0000:01:20.0:310p",
		"0000:01:00.0:310p,", ",0000:01:00.0:310p", "0000:01:00.0:310p,,0000:02:00.0:310p",
		"0000:01:00.0:310p 0000:02:00.0:310p", "0000:01:00.0 :310p", "zz:01:00.0:310p",
		"0000:01:00.0:310p,0000:02:00.0:nonsense",
	};
	char was[4096], now[4096];

	set_layout(_metadata, wanted->name);
	ASSERT_LT(0, sysfs_read(PARAMETER, was, sizeof(was)));
	for (unsigned int i = 0; i < ARRAY_SIZE(lists); i++) {
		unsigned int said = kmsg_count(&self->kmsg, GUARDED, "layout");

		EXPECT_EQ(-EINVAL, sysfs_write(PARAMETER, lists[i])) {
			TH_LOG("\"%s\" was taken", lists[i]);
		}
		EXPECT_LT(said, kmsg_count(&self->kmsg, GUARDED, "layout")) {
			TH_LOG("no reason in the kernel log for \"%s\"", lists[i]);
		}
		ASSERT_LT(0, sysfs_read(PARAMETER, now, sizeof(now)));
		EXPECT_STREQ(was, now);
	}
}

/* 65 devices are one too many; 64 fit, and come back in one page */
TEST_F(layout, long_lists)
{
	char list[65 * 32], now[4096];
	size_t len = 0;

	for (unsigned int i = 0; i < 65; i++)
		len += snprintf(list + len, sizeof(list) - len, "%s0000:%02x:00.0:910a2-pf",
				i ? "," : "", 0x80 + i);
	EXPECT_EQ(-EINVAL, sysfs_write(PARAMETER, list));
	*strrchr(list, ',') = '\0';
	EXPECT_EQ(0, sysfs_write(PARAMETER, list));
	ASSERT_LT(0, sysfs_read(PARAMETER, now, sizeof(now)));
	EXPECT_STREQ(list, now);
}

/* No layout whose registers are not in the device's BARs, which most are not */
TEST_F(layout, misfits_are_refused)
{
	unsigned int refused = 0;

	for (size_t i = 0; i < npu_models_count; i++) {
		const struct npu_model *model = &npu_models[i];
		long long size;
		bool fits = true;

		for (unsigned int r = 0; r < model->nr_regs; r++) {
			char path[256];
			struct stat st;

			snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/resource%u",
				 npu_dut.bdf, model->regs[r].bar);
			size = stat(path, &st) ? 0 : st.st_size;
			fits &= (long long)model->regs[r].offset + NPU_REG_SIZE <= size;
		}
		if (fits)
			continue;
		set_layout(_metadata, model->name);
		EXPECT_EQ(-ENODEV, npu_bind(npu_dut.bdf, GUARDED)) {
			TH_LOG("%s does not fit and was taken", model->name);
		}
		ASSERT_EQ(0, npu_unbind(npu_dut.bdf));
		refused++;
	}
	if (!refused)
		SKIP(return, "the BARs of this device are large enough for every layout");
	EXPECT_NE(NULL, kmsg_find(&self->kmsg, npu_dut.bdf, "BAR"));
}

/* One line for new_id: the device's own ids and a layout's number; -1 for none */
static int new_id(const char *file, int number)
{
	static const char * const ids[] = {
		"vendor", "device", "subsystem_vendor", "subsystem_device",
	};
	char line[128];
	size_t len = 0;

	for (unsigned int i = 0; i < ARRAY_SIZE(ids); i++)
		len += snprintf(line + len, sizeof(line) - len, "%llx ",
				npu_attr_num(npu_dut.bdf, ids[i]));
	if (number >= 0)
		snprintf(line + len, sizeof(line) - len, "0 0 %x", number);
	return sysfs_write(file, line);
}

/* By the order of the names in the uapi header, which is the table's order too */
static int number_of(const struct npu_model *model)
{
	return model - npu_models + 1;
}

TEST_F(layout, new_id_names_one)
{
	char driver[64];

	ASSERT_EQ(0, npu_unbind(npu_dut.bdf));
	ASSERT_EQ(0, new_id(DRIVER "/new_id", number_of(wanted)));
	sysfs_write("/sys/bus/pci/drivers_probe", npu_dut.bdf);
	npu_driver(npu_dut.bdf, driver, sizeof(driver));
	EXPECT_STREQ(GUARDED, driver);
	if (!strcmp(GUARDED, driver))
		is_guarded(_metadata);
	EXPECT_EQ(0, new_id(DRIVER "/remove_id", -1));
}

TEST_F(layout, new_id_with_a_wrong_number)
{
	char driver[64];
	int ret;

	ASSERT_EQ(0, npu_unbind(npu_dut.bdf));
	/* Not a layout at all: either the PCI core refuses it, or the driver does */
	ret = new_id(DRIVER "/new_id", 0x63);
	npu_driver(npu_dut.bdf, driver, sizeof(driver));
	EXPECT_STREQ("", driver);
	if (!ret)
		new_id(DRIVER "/remove_id", -1);
	/* A layout that does not fit */
	if (strcmp(wanted->name, "910a2-pf")) {
		ASSERT_EQ(0, new_id(DRIVER "/new_id", number_of(npu_model_find("910a2-pf"))));
		npu_driver(npu_dut.bdf, driver, sizeof(driver));
		EXPECT_STREQ("", driver);
		EXPECT_EQ(0, new_id(DRIVER "/remove_id", -1));
	}
}

int main(int argc, char **argv)
{
	const char *name = getenv("ASCEND_LAYOUT");

	npu_init_any(&argc, &argv);
	wanted = name ? npu_model_find(name) : NULL;
	return test_harness_run(argc, argv);
}
