// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/source.h"

#include <cstdio>
#include <fmt/format.h>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hw/base/error.h"
#include "hw/config/load.h"
#include "tests/accuracy/hbm_reference.h"
#include "tests/support/tiny_model.h"

namespace aipu::memory {
namespace {

using testing::HasSubstr;

std::vector<Request> all_of(Source& source, std::size_t batch = 1000) {
  std::vector<Request> all;
  std::vector<Request> some;
  for (source.next(some, batch); !some.empty(); source.next(some, batch))
    all.insert(all.end(), some.begin(), some.end());
  return all;
}

std::vector<Request> requests_of(const Workload& workload, const char* device = "HBM2-2000-PC") {
  SyntheticSource source(workload, config::load_hbm(device));
  return all_of(source);
}

std::string refusal(const Workload& workload) {
  try {
    check(workload, config::load_hbm("HBM2-2000-PC"));
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "accepted";
}

std::string sha256(const std::string& path) {
  const std::string command = fmt::format("sha256sum '{}'", path);
  std::FILE* pipe = popen(command.c_str(), "r");
  char sum[65] = {};
  const bool got = pipe != nullptr && std::fread(sum, 1, 64, pipe) == 64;
  if (pipe != nullptr) pclose(pipe);
  return got ? sum : "";
}

void write_trace(const std::string& path, const std::vector<Request>& requests) {
  std::string text;
  for (const Request& r : requests)
    text +=
        fmt::format("{} {} {:x}\n", r.arrival, r.direction == hbm::kRead ? 'R' : 'W', r.address);
  test::write_file(path, text);
}

class ReferenceTraceTest : public testing::TestWithParam<std::string> {};

TEST_P(ReferenceTraceTest, IsTheSameToTheByte) {
  std::ifstream sums(test::reference_path("hbm/trace_sha256.txt"));
  std::string sum, file;
  while (sums >> sum >> file && file != GetParam() + ".trc") {
  }
  ASSERT_EQ(file, GetParam() + ".trc");
  const test::TempDir folder;
  const std::string path = folder.file("trace");
  write_trace(path, requests_of(test::reference_workloads().at(GetParam())));
  EXPECT_EQ(sha256(path), sum);
}

std::vector<std::string> reference_names() {
  std::vector<std::string> names;
  if (!test::have_reference_data()) return names;
  for (const auto& [name, workload] : test::reference_workloads())
    names.push_back(name);
  return names;
}

TEST(ReferenceTracesTest, AreThere) {
  AIPU_NEEDS_REFERENCE();
  EXPECT_EQ(reference_names().size(), 34U);
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ReferenceTraceTest);
INSTANTIATE_TEST_SUITE_P(Memory, ReferenceTraceTest, testing::ValuesIn(reference_names()),
                         [](const auto& test) { return test.param; });

TEST(SyntheticSourceTest, TheSizeOfBatchesChangesNothing) {
  Workload workload;
  workload.pattern = Pattern::kBlock;
  workload.load = 300;
  workload.requests = 500;
  const hbm::Config device = config::load_hbm("HBM2-2000-PC");
  SyntheticSource whole(workload, device), parts(workload, device);
  const auto a = all_of(whole, 1000), b = all_of(parts, 7);
  ASSERT_EQ(a.size(), 500U);
  ASSERT_EQ(b.size(), 500U);
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].arrival, b[i].arrival);
    EXPECT_EQ(a[i].address, b[i].address);
  }
}

TEST(SyntheticSourceTest, LoadIsPerMilleOfThePeakOfTheDevice) {
  for (const char* device : {"HBM2-2000-PC", "HBM3-6400"}) {
    Workload workload;
    workload.pattern = Pattern::kRandom;
    workload.load = 500;
    workload.requests = 100'000;
    const hbm::Config config = config::load_hbm(device);
    // A data bus takes an atom in 2 CK: at half the peak one arrives every 4.
    const double expected = 4.0 * 100'000 / channel_count(config);
    const double last = static_cast<double>(requests_of(workload, device).back().arrival);
    EXPECT_NEAR(last / expected, 1.0, 0.02) << device;
  }
}

TEST(SyntheticSourceTest, AddressesStayInTheDeviceAndReachItsEnd) {
  Workload workload;
  workload.pattern = Pattern::kRandom;
  workload.requests = 20'000;
  const std::uint64_t capacity = config::load_hbm("HBM2E-3600").capacity.count;
  std::uint64_t most = 0;
  for (const Request& request : requests_of(workload, "HBM2E-3600")) {
    EXPECT_LT(request.address, capacity);
    most = std::max(most, request.address);
  }
  EXPECT_GT(most, capacity / 100 * 99);
}

TEST(SyntheticSourceTest, ReadsAreTheShareAskedFor) {
  Workload workload;
  workload.pattern = Pattern::kRandom;
  workload.reads = 7;
  workload.reads_of = 10;
  workload.requests = 20'000;
  std::size_t reads = 0;
  for (const Request& request : requests_of(workload))
    reads += request.direction == hbm::kRead ? 1 : 0;
  EXPECT_NEAR(static_cast<double>(reads) / 20'000, 0.7, 0.01);
}

TEST(SyntheticSourceTest, BankConflictsGoToOneBankGroupAndANewRowEachTime) {
  Workload workload;
  workload.pattern = Pattern::kBankConflict;
  workload.banks = 2;
  workload.requests = 6;
  const hbm::Config device = config::load_hbm("HBM3-6400");
  const hbm::AddressMap map(device);
  std::vector<hbm::Location> places;
  for (const Request& request : requests_of(workload, "HBM3-6400"))
    places.push_back(map.locate(request.address));
  for (std::size_t i = 0; i < places.size(); ++i) {
    EXPECT_EQ(places[i].channel, places[0].channel);
    EXPECT_EQ(places[i].group, places[0].group);
    EXPECT_EQ(places[i].set, i % 2);
    EXPECT_EQ(places[i].row, i / 2);
  }
}

TEST(SyntheticSourceTest, RefusesWhatTheDeviceHasNot) {
  Workload workload;
  workload.stride = Bytes(48);
  EXPECT_THAT(refusal(workload), HasSubstr("stride 48 B: takes a multiple of 32 B up to 512 MiB"));
  workload.pattern = Pattern::kBlock;
  workload.block = Bytes(0);
  EXPECT_THAT(refusal(workload), HasSubstr("block 0 B"));
  workload.block = 1_GiB;
  EXPECT_THAT(refusal(workload), HasSubstr("block 1 GiB"));
  workload.pattern = Pattern::kStreams;
  EXPECT_THAT(refusal(workload), HasSubstr("streams: there is none"));
  workload.streams = {{1ULL << 29U, hbm::kRead}};
  EXPECT_THAT(refusal(workload), HasSubstr("stream 0x20000000: the device ends at 0x20000000"));
  workload.pattern = Pattern::kBankConflict;
  workload.banks = 5;
  EXPECT_THAT(refusal(workload), HasSubstr("banks 5: a bank group of the device has 1..4"));
}

}  // namespace
}  // namespace aipu::memory
