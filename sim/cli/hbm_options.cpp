// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/hbm_options.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fmt/format.h>
#include <limits>

#include "hw/base/schema_value.h"
#include "hw/config/load.h"
#include "hw/hbm/ecc.h"
#include "sim/cli/simulation.h"
#include "sim/memory/policy.h"
#include "sim/memory/trace.h"

namespace aipu::cli {
namespace {

using memory::Pattern;
using memory::Workload;

constexpr std::uint64_t kMostRequests = 1'000'000'000'000U;
constexpr std::uint64_t kPeak = 1000;         // load per mille
constexpr std::uint32_t kFinest = 1'000'000;  // parts of a share
constexpr std::uint64_t kStreams = 4;         // where none are given

/// Options of a synthetic source, and the sources that have them (empty: all).
struct SourceOption {
  const char* name;
  std::vector<Pattern> patterns;
};
const std::vector<SourceOption>& source_options() {
  static const std::vector<SourceOption> all{
      {"requests", {}},
      {"load", {}},
      {"seed", {}},
      {"reads", {Pattern::kSequential, Pattern::kRandom, Pattern::kBlock}},
      {"stride", {Pattern::kSequential}},
      {"block", {Pattern::kBlock, Pattern::kStreams}},
      {"streams", {Pattern::kStreams}},
      {"banks", {Pattern::kBankConflict}}};
  return all;
}

/// What is to be done instead of a replay, and the options that go with it.
struct Mode {
  const char* name;
  std::vector<std::string> options;
};
const std::vector<Mode>& modes() {
  static const std::vector<Mode> all{{"devices", {"policies"}},
                                     {"policies", {"devices"}},
                                     {"print-device", {"device", "policy", "set"}},
                                     {"calibrate", {"device", "policy", "set", "output"}}};
  return all;
}

/// Requests until the user interrupts.
class Interruptible : public memory::Source {
 public:
  explicit Interruptible(std::unique_ptr<memory::Source> source) : source_(std::move(source)) {}
  void next(std::vector<memory::Request>& batch, std::size_t most) override {
    if (guard_.interrupted()) {
      throw UserError(ExitCode::kInterrupted,
                      fmt::format("interrupted after {} requests; nothing is reported", passed_));
    }
    source_->next(batch, most);
    passed_ += batch.size();
  }

 private:
  const InterruptGuard guard_;
  const std::unique_ptr<memory::Source> source_;
  std::uint64_t passed_ = 0;
};

void check_options(const Arguments& arguments, Pattern pattern) {
  for (const SourceOption& option : source_options()) {
    const auto& fit = option.patterns;
    if (!arguments.given(option.name) || fit.empty()) continue;
    if (std::find(fit.begin(), fit.end(), pattern) != fit.end()) continue;
    std::vector<std::string> names;
    names.reserve(fit.size());
    for (const Pattern one : fit)
      names.push_back(memory::pattern_names()[static_cast<std::size_t>(one)]);
    throw UsageError(arguments.verb(), fmt::format("--{} goes with --source {}", option.name,
                                                   fmt::join(names, " or ")));
  }
}

/// Bytes as a bare number or with a unit.
Bytes read_bytes(const Arguments& arguments, const std::string& name) {
  const std::string text = arguments.text(name);
  std::uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error == std::errc() && stop == end) return Bytes(number);
  try {
    return Bytes(std::get<std::uint64_t>(parse_value(value_type<Bytes>(), text, {})));
  } catch (const ConfigError&) {
    throw UsageError(arguments.verb(),
                     fmt::format("--{} '{}': not a size, such as 1024 or 1 KiB", name, text));
  }
}

/// "1", "0", "2/3" or "0.7".
void read_share(const Arguments& arguments, Workload& workload) {
  const std::string text = arguments.text("reads");
  const char* at = text.data();
  const char* end = at + text.size();
  std::uint32_t of = 1;
  std::uint32_t reads = 0;
  auto [stop, error] = std::from_chars(at, end, reads);
  bool good = error == std::errc();
  if (good && stop != end && (*stop == '/' || *stop == '.')) {
    const bool fraction = *stop == '/';
    std::uint32_t second = 0;
    const char* from = stop + 1;
    const auto rest = std::from_chars(from, end, second);
    good = rest.ec == std::errc() && rest.ptr == end && second <= kFinest;
    if (fraction) {
      of = second;
    } else {
      for (; from != end && of < kFinest; ++from)
        of *= 10;
      good = good && from == end && reads <= 1;
      reads = reads * of + second;
    }
  } else {
    good = good && stop == end;
  }
  if (!good || of == 0 || reads > of) {
    throw UsageError(arguments.verb(),
                     fmt::format("--reads '{}': not a share, such as 1, 2/3 or 0.7", text));
  }
  workload.reads = reads;
  workload.reads_of = of;
}

/// "0:R,8001000:W"; by default four of reads, spread over the device.
std::vector<memory::Stream> read_streams(const Arguments& arguments, const hbm::Config& device) {
  std::vector<memory::Stream> streams;
  for (std::uint64_t i = 0; !arguments.given("streams") && i < kStreams; ++i)
    streams.push_back({i * (device.capacity.count / kStreams), hbm::kRead});
  const std::string text = arguments.text("streams");
  for (std::size_t from = 0; from < text.size();) {
    const std::size_t comma = std::min(text.find(',', from), text.size());
    const std::string one = text.substr(from, comma - from);
    const std::size_t colon = std::min(one.find(':'), one.size());
    memory::Stream stream;
    const char* end = one.data() + colon;
    const auto [stop, error] = std::from_chars(one.data(), end, stream.base, 16);
    const std::string direction = one.substr(colon);
    if (error != std::errc() || stop != end || (direction != ":R" && direction != ":W")) {
      throw UsageError(arguments.verb(),
                       fmt::format("--streams: '{}' is no stream; one reads BASE:R or BASE:W, the "
                                   "base in hexadecimal",
                                   one));
    }
    stream.direction = direction == ":W" ? hbm::kWrite : hbm::kRead;
    streams.push_back(stream);
    from = comma + 1;
  }
  return streams;
}

Workload read_workload(const Arguments& arguments, const hbm::Config& device) {
  const auto& names = memory::pattern_names();
  const std::string name = arguments.word("source", names);
  Workload workload;
  workload.pattern =
      static_cast<Pattern>(std::find(names.begin(), names.end(), name) - names.begin());
  check_options(arguments, workload.pattern);
  workload.requests = arguments.count("requests", 1, kMostRequests);
  workload.load = static_cast<std::uint32_t>(arguments.count("load", 0, kPeak));
  workload.seed = arguments.count("seed", 0, std::numeric_limits<std::uint64_t>::max());
  workload.banks = static_cast<std::uint32_t>(arguments.count("banks", 1, bank_sets(device)));
  read_share(arguments, workload);
  workload.stride = arguments.given("stride") ? read_bytes(arguments, "stride") : atom(device);
  workload.block = read_bytes(arguments, "block");
  if (workload.pattern == Pattern::kStreams) workload.streams = read_streams(arguments, device);
  try {
    check(workload, device);
  } catch (const ConfigError& error) {
    throw UsageError(arguments.verb(), std::string("--") + error.what());
  }
  return workload;
}

}  // namespace

std::vector<Option> request_options() {
  return {
      {"trace", "FILE", "requests, one a line: ARRIVAL_CK R|W HEX_ADDRESS"},
      {"source", "NAME", "or made: sequential, random, block, streams, bank_conflict"},
      {"requests", "N", "of the source", "30000"},
      {"load", "PERMILLE", "of the peak they arrive at; 0: all at once", "0"},
      {"reads", "SHARE", "of sequential, random, block; such as 2/3", "1"},
      {"stride", "BYTES", "of sequential (default: one access of the device)"},
      {"block", "BYTES", "of block; of streams the turn of each", "1024"},
      {"streams", "LIST", "BASE:R|W,... in hexadecimal (default: four of reads)"},
      {"banks", "N", "of bank_conflict, in one bank group", "1"},
      {"seed", "N", "of the source", "1"},
  };
}

void check_mode(const Arguments& arguments) {
  for (const Mode& mode : modes()) {
    if (!arguments.given(mode.name)) continue;
    for (const std::string& option : arguments.options()) {
      const auto& fit = mode.options;
      if (option == mode.name || std::find(fit.begin(), fit.end(), option) != fit.end()) continue;
      throw UsageError(arguments.verb(),
                       fmt::format("--{} does not go with --{}", option, mode.name));
    }
  }
  if (arguments.given("output") && !arguments.given("calibrate")) {
    throw UsageError(arguments.verb(), "--output goes with --calibrate");
  }
}

hbm::Config read_device(const Arguments& arguments) {
  std::vector<std::string> overrides = memory::find_policy(arguments.text("policy")).overrides;
  const auto& own = arguments.all("set");
  overrides.insert(overrides.end(), own.begin(), own.end());
  return config::load_hbm(arguments.text("device"), overrides);
}

std::unique_ptr<memory::Source> read_source(const Arguments& arguments, const hbm::Config& device) {
  const bool trace = arguments.given("trace");
  if (trace == arguments.given("source")) {
    throw UsageError(arguments.verb(), trace ? "--trace and --source exclude one another"
                                             : "one of --trace FILE and --source NAME is missing");
  }
  if (!trace) {
    return std::make_unique<Interruptible>(
        std::make_unique<memory::SyntheticSource>(read_workload(arguments, device), device));
  }
  for (const SourceOption& option : source_options()) {
    if (!arguments.given(option.name)) continue;
    throw UsageError(arguments.verb(), fmt::format("--{} goes with --source", option.name));
  }
  return std::make_unique<Interruptible>(
      std::make_unique<memory::TraceSource>(arguments.text("trace"), data_capacity(device)));
}

std::string source_name(const Arguments& arguments) {
  if (!arguments.given("trace")) return arguments.text("source");
  return std::filesystem::path(arguments.text("trace")).stem().string();
}

}  // namespace aipu::cli
