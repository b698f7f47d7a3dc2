// SPDX-License-Identifier: GPL-2.0-only
/*
 * An operator names the register layout of a device that would be refused, by the module
 * parameter layout; it must be one of the device's chip.
 *
 * Runs on a refused device, ASCEND_LAYOUT being the layout that fits it; the guards must
 * then hold on that layout's registers.
 */
#include <ctype.h>

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

	ASSERT_LT(0, npu_attr(npu_dut.bdf, "ascend_vfio/layout", text, sizeof(text)));
	EXPECT_STREQ(npu_model_layout(wanted), text);
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

	set_layout(_metadata, npu_model_layout(wanted));
	snprintf(want, sizeof(want), "%s:%s", npu_dut.bdf, npu_model_layout(wanted));
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

	snprintf(text, sizeof(text), "ffff:1e.7:%1$s,0000:ee:1f.6:%1$s",
		 npu_model_layout(wanted));
	EXPECT_EQ(-EINVAL, sysfs_write(PARAMETER, text));
	snprintf(text, sizeof(text), "ffff:ee:1e.7:%1$s,0000:ee:1f.6:%1$s",
		 npu_model_layout(wanted));
	ASSERT_EQ(0, sysfs_write(PARAMETER, text));
	EXPECT_EQ(-ENODEV, npu_bind(npu_dut.bdf, GUARDED));
}

/* @list is refused, with a reason in the kernel log, and what was set stays */
static void is_refused(struct __test_metadata *_metadata, struct kmsg *kmsg, const char *list)
{
	unsigned int said = kmsg_count(kmsg, GUARDED, "layout");
	char was[4096], now[4096];

	ASSERT_LT(0, sysfs_read(PARAMETER, was, sizeof(was)));
	EXPECT_EQ(-EINVAL, sysfs_write(PARAMETER, list)) {
		TH_LOG("\"%s\" was taken", list);
	}
	EXPECT_LT(said, kmsg_count(kmsg, GUARDED, "layout")) {
		TH_LOG("no reason in the kernel log for \"%s\"", list);
	}
	ASSERT_LT(0, sysfs_read(PARAMETER, now, sizeof(now)));
	EXPECT_STREQ(was, now);
}

TEST_F(layout, bad_lists_change_nothing)
{
	/* %1$s is a layout that there is */
	static const char * const lists[] = {
		"%1$s", ":%1$s", "0000:01:00.0", "0000:01:00.0:", "0000:01:00.0:%1$sx",
		"0000:01:00:%1$s", "0000:01:00.8:%1$s", "0000:01:20.0:%1$s",
		"0000:01:00.0:%1$s,", ",0000:01:00.0:%1$s",
		"0000:01:00.0:%1$s,,0000:02:00.0:%1$s", "0000:01:00.0:%1$s 0000:02:00.0:%1$s",
		"0000:01:00.0 :%1$s", "zz:01:00.0:%1$s", "0000:01:00.0:%1$s,0000:02:00.0:nonsense",
		/* Each of these once was some device's address */
		"0000:0x:00.0:%1$s", "0x00:01:00.0:%1$s", "0000:01:0x.0:%1$s",
		"0000:+1:00.0:%1$s", "0000:1:00.0:%1$s", "0:01:00.0:%1$s",
		"000000001:01:00.0:%1$s",
	};
	const char *name = npu_model_layout(wanted);
	char list[128];
	size_t letter;

	set_layout(_metadata, name);
	for (unsigned int i = 0; i < ARRAY_SIZE(lists); i++) {
		snprintf(list, sizeof(list), lists[i], name);
		is_refused(_metadata, &self->kmsg, list);
	}
	/* The case of a letter matters, in a name that has one */
	letter = snprintf(list, sizeof(list), "0000:01:00.0:%s", name);
	while (letter && !islower(list[letter - 1]))
		letter--;
	if (letter) {
		list[letter - 1] = toupper(list[letter - 1]);
		is_refused(_metadata, &self->kmsg, list);
	}
}

static const char *longest_layout(void)
{
	const char *longest = "";

	for (size_t i = 0; i < npu_models_count; i++)
		if (strlen(npu_model_layout(&npu_models[i])) > strlen(longest))
			longest = npu_model_layout(&npu_models[i]);
	return longest;
}

/* 65 devices are one too many; 64 fit, and come back in one page */
TEST_F(layout, long_lists)
{
	char list[65 * 32], now[4096];
	size_t len = 0;

	for (unsigned int i = 0; i < 65; i++)
		len += snprintf(list + len, sizeof(list) - len, "%s0000:%02x:00.0:%s",
				i ? "," : "", 0x80 + i, longest_layout());
	EXPECT_EQ(-EINVAL, sysfs_write(PARAMETER, list));
	*strrchr(list, ',') = '\0';
	EXPECT_EQ(0, sysfs_write(PARAMETER, list));
	ASSERT_LT(0, sysfs_read(PARAMETER, now, sizeof(now)));
	EXPECT_STREQ(list, now);
}

/* Whether @model's registers are those of a chip with this device id */
static bool is_of_chip(const struct npu_model *model, long long device)
{
	const __u16 *more = model->more_devices;

	while (*more && *more != device)
		more++;
	return model->device == device || *more;
}

/* Another chip's layout is refused, wherever its registers would lie in this device */
TEST_F(layout, other_chips_are_refused)
{
	long long device = npu_attr_num(npu_dut.bdf, "device");
	unsigned int refused = 0;

	for (size_t i = 0; i < npu_models_count; i++) {
		const struct npu_model *model = &npu_models[i];

		if (is_of_chip(model, device))
			continue;
		set_layout(_metadata, npu_model_layout(model));
		EXPECT_EQ(-ENODEV, npu_bind(npu_dut.bdf, GUARDED)) {
			TH_LOG("%s was taken", model->name);
		}
		ASSERT_EQ(0, npu_unbind(npu_dut.bdf));
		refused++;
	}
	EXPECT_LT(0, refused);
	EXPECT_EQ(refused, kmsg_count(&self->kmsg, npu_dut.bdf, "layout of another chip"));
}

/* So is that of the other kind of function, though its registers are inside the BAR */
TEST_F(layout, a_vfs_is_refused_for_a_pf)
{
	if (!wanted->vf)
		SKIP(return, "this chip has no virtual functions");
	set_layout(_metadata, npu_model_layout(npu_model_find(wanted->vf)));
	EXPECT_EQ(-ENODEV, npu_bind(npu_dut.bdf, GUARDED));
	EXPECT_NE(NULL, kmsg_find(&self->kmsg, npu_dut.bdf, "another register layout"));
}

/* One line for new_id: the device's own ids, and a number as driver_data; -1 for none */
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

/* new_id makes the driver look at the device, but names no layout: no number in it does */
TEST_F(layout, new_id_names_none)
{
	char driver[64];

	ASSERT_EQ(0, npu_unbind(npu_dut.bdf));
	for (int number = -1; number < 32; number++) {
		int ret = new_id(DRIVER "/new_id", number);

		/* The PCI core takes no number that is not in the driver's own table */
		EXPECT_TRUE(!ret || (number > 0 && ret == -EINVAL)) {
			TH_LOG("driver_data %d: new_id answers %d", number, ret);
		}
		if (ret)
			continue;
		npu_driver(npu_dut.bdf, driver, sizeof(driver));
		EXPECT_STREQ("", driver) {
			TH_LOG("taken with driver_data %d", number);
		}
		EXPECT_EQ(0, new_id(DRIVER "/remove_id", -1));
	}
	EXPECT_LT(0, kmsg_count(&self->kmsg, npu_dut.bdf, "refus"));
}

/* With a layout that fits the parameter, it is all that is needed */
TEST_F(layout, new_id_with_a_named_one)
{
	char driver[64];

	ASSERT_EQ(0, npu_unbind(npu_dut.bdf));
	set_layout(_metadata, npu_model_layout(wanted));
	ASSERT_EQ(0, new_id(DRIVER "/new_id", -1));
	npu_driver(npu_dut.bdf, driver, sizeof(driver));
	EXPECT_STREQ(GUARDED, driver);
	if (!strcmp(GUARDED, driver))
		is_guarded(_metadata);
	EXPECT_EQ(0, new_id(DRIVER "/remove_id", -1));
}

int main(int argc, char **argv)
{
	const char *name = getenv("ASCEND_LAYOUT");

	npu_init_any(&argc, &argv);
	wanted = name ? npu_model_find(name) : NULL;
	return test_harness_run(argc, argv);
}
