/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Between the library and the harness: what a fixture's setup does.
 *
 * To be included once per test program, for the harness defines variables.
 */
#ifndef SELFTESTS_LIB_FIXTURE_H
#define SELFTESTS_LIB_FIXTURE_H

#include "kselftest_harness.h"
#include "log.h"
#include "npu.h"
#include "region.h"

/*
 * Seconds for a test: of TEST_F(), and of TEST_F_TIMEOUT() for slow ones. The harness's own 30
 * are too few: the tests are run on emulated machines, which take five times as long when the
 * real one does much else.
 */
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT	150
#define SLOW_TIMEOUT		300

/* The ways to open a device, as variants; __VA_ARGS__ is what else the two have */
#define FIXTURE_BACKENDS_WITH(fixture_name, ...)					\
	FIXTURE_VARIANT_ADD(fixture_name, group) { .backend = NPU_GROUP, __VA_ARGS__ };	\
	FIXTURE_VARIANT_ADD(fixture_name, iommufd) { .backend = NPU_CDEV, __VA_ARGS__ }

/* The same for a fixture whose variants are nothing else */
#define FIXTURE_BACKENDS(fixture_name)							\
	FIXTURE_VARIANT(fixture_name) { enum npu_backend backend; };			\
	FIXTURE_BACKENDS_WITH(fixture_name)

/*
 * Bind the device under test to @driver and open it by @backend. False: the
 * backend is not there and the test was skipped; a failure ends the test.
 */
static inline bool fixture_open(struct __test_metadata *_metadata, struct npu *npu,
				const char *driver, enum npu_backend backend)
{
	const char *missing = npu_backend_missing(backend);

	if (missing)
		SKIP(return false, "%s", missing);
	if (!npu_driver_loaded(driver))
		SKIP(return false, "%s is not loaded: modprobe %s", driver, driver);
	ASSERT_EQ(0, npu_bind(npu_dut.bdf, driver)) {
		TH_LOG("%s does not bind to %s: see the kernel log", npu_dut.bdf, driver);
	}
	ASSERT_EQ(0, npu_open(npu, &npu_dut, backend));
	return true;
}

/* Close, bind to @driver, open again */
static inline void fixture_reopen(struct __test_metadata *_metadata, struct npu *npu,
				  const char *driver)
{
	ASSERT_EQ(0, npu_reopen(npu, driver)) {
		TH_LOG("%s does not bind to %s: see the kernel log", npu_dut.bdf, driver);
	}
}

/*
 * For what must never be done to a real NPU: writes near a register, DMA by an
 * engine that only the simulator has. False: skipped.
 */
static inline bool fixture_needs_sim(struct __test_metadata *_metadata)
{
	if (npu_dut.simlog)
		return true;
	SKIP(return false, "only against a simulated NPU: set ASCEND_SIM_LOG to its log");
}

/* Count calls of a function of the kernel, until calls_stop(). False: skipped. */
static inline bool fixture_count_calls(struct __test_metadata *_metadata, const char *function)
{
	int ret = calls_start(function);

	if (ret == -ENOENT)
		SKIP(return false,
		     "no kprobe events: mount tracefs, on a kernel with KPROBE_EVENTS");
	ASSERT_EQ(0, ret) {
		TH_LOG("no kprobe on %s", function);
	}
	return true;
}

#endif /* SELFTESTS_LIB_FIXTURE_H */
