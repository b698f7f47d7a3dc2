// SPDX-License-Identifier: GPL-2.0-only
/*
 * A layout named by hand must not replace the one that the ids of a known NPU tell:
 * its real registers would be unguarded.
 */
#include "fixture.h"

#define PARAMETER	"/sys/module/" GUARDED "/parameters/layout"

FIXTURE(contradict) {
	struct kmsg kmsg;
};

FIXTURE_SETUP(contradict)
{
	ASSERT_EQ(0, npu_unbind(npu_dut.bdf));
	ASSERT_EQ(0, kmsg_open(&self->kmsg));
}

FIXTURE_TEARDOWN(contradict)
{
	sysfs_write(PARAMETER, "\n");
	npu_unbind(npu_dut.bdf);
	kmsg_close(&self->kmsg);
}

static int bind_with(const char *layout)
{
	char text[64];

	snprintf(text, sizeof(text), "%s:%s", npu_dut.bdf, layout);
	if (sysfs_write(PARAMETER, text))
		return -EINVAL;
	return npu_bind(npu_dut.bdf, GUARDED);
}

TEST_F(contradict, another_layout_is_refused)
{
	for (unsigned int i = 0; i < npu_models_count; i++) {
		const char *name = npu_model_layout(&npu_models[i]);
		char text[32];

		if (!strcmp(name, npu_model_layout(npu_dut.model)))
			continue;
		EXPECT_NE(0, bind_with(name)) {
			TH_LOG("bound as %s", name);
		}
		npu_driver(npu_dut.bdf, text, sizeof(text));
		EXPECT_STREQ("", text);
	}
	EXPECT_NE(NULL, kmsg_find(&self->kmsg, "refus", "layout of another chip"));
	EXPECT_NE(NULL, kmsg_find(&self->kmsg, "refus", "another register layout"));
}

TEST_F(contradict, its_own_layout_is_taken)
{
	char text[32];

	ASSERT_EQ(0, bind_with(npu_model_layout(npu_dut.model)));
	ASSERT_LT(0, npu_attr(npu_dut.bdf, "ascend_vfio/layout", text, sizeof(text)));
	EXPECT_STREQ(npu_model_layout(npu_dut.model), text);
}

int main(int argc, char **argv)
{
	npu_init(&argc, &argv);
	return test_harness_run(argc, argv);
}
