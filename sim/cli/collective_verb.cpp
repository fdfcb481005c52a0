// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/collective_verb.h"

#include <algorithm>
#include <fmt/format.h>
#include <iostream>
#include <nlohmann/json.hpp>

#include "hw/config/load.h"
#include "sim/cli/rtl_option.h"
#include "sim/collective/run.h"
#include "tlm/board/board.h"

namespace aipu::cli {
namespace {

using collective::Algorithm;
using collective::Kind;
using collective::Result;
using collective::Spec;

constexpr std::uint64_t kMostBytes = 1ULL << 30U;  // offsets of a vector are 31 bits in firmware
// Functional up to so many bytes on all AIPUs, where simulation.data is not set: input and result
// exist on the host, and once more for the comparison.
constexpr std::uint64_t kFunctionalBytes = 1ULL << 29U;

std::uint32_t index_of(const Arguments& arguments, const char* option,
                       const std::vector<std::string>& names) {
  const std::string word = arguments.word(option, names);
  return static_cast<std::uint32_t>(std::find(names.begin(), names.end(), word) - names.begin());
}

std::uint32_t number(const Arguments& arguments, const char* option, std::uint64_t low,
                     std::uint64_t high) {
  return static_cast<std::uint32_t>(arguments.count(option, low, high));
}

std::uint32_t size(const Arguments& arguments, const char* option, std::uint64_t low,
                   std::uint64_t high) {
  return static_cast<std::uint32_t>(arguments.size(option, low, high));
}

/// The verb has options of other uses.
void refuse_others(const Arguments& arguments) {
  const auto own = collective_options();
  for (const std::string& name : arguments.options()) {
    const bool known = std::any_of(own.begin(), own.end(),
                                   [&](const Option& option) { return long_name(option) == name; });
    if (known) continue;
    throw UsageError(arguments.verb(),
                     fmt::format("--{} does not go with --collective, which runs on the board of "
                                 "--config",
                                 name));
  }
}

/// Which algorithm a collective may take.
void check_algorithm(const Arguments& arguments, const Spec& spec) {
  if (!arguments.given("algorithm") || spec.algorithm == Algorithm::kAuto) return;
  if (spec.algorithm == Algorithm::kInSwitch && spec.kind == Kind::kReduceScatter) return;
  if (spec.algorithm == Algorithm::kMulticast) {
    if (spec.kind == Kind::kAllGather || spec.kind == Kind::kBroadcast) return;
    throw UsageError(arguments.verb(),
                     "--algorithm multicast goes with --collective allgather or broadcast");
  }
  if (spec.kind == Kind::kAllReduce) return;
  throw UsageError(arguments.verb(),
                   "--algorithm goes with --collective allreduce only, but for multicast and "
                   "in-switch");
}

/// What only some collectives have a use for.
void refuse_useless(const Arguments& arguments, Kind kind) {
  const bool numbers = collective::adds_up(kind);
  const bool rows = collective::moves_rows(kind);
  const auto only = [&](const char* option, bool useful, const char* with) {
    if (!arguments.given(option) || useful) return;
    throw UsageError(arguments.verb(),
                     fmt::format("--{} goes with --collective {} only", option, with));
  };
  only("dtype", numbers, "allreduce and reducescatter");
  only("root", kind == Kind::kBroadcast, "broadcast");
  only("row", rows, "dispatch and combine");
  if (kind == Kind::kBarrier && arguments.given("bytes"))
    throw UsageError(arguments.verb(), "--bytes does not go with --collective barrier");
}

Spec read_spec(const Arguments& arguments) {
  Spec spec;
  spec.kind = static_cast<Kind>(index_of(arguments, "collective", collective::kind_names()));
  spec.algorithm =
      static_cast<Algorithm>(index_of(arguments, "algorithm", collective::algorithm_names()));
  check_algorithm(arguments, spec);
  refuse_useless(arguments, spec.kind);
  spec.dtype = arguments.word("dtype", {"f32", "bf16"}) == "f32" ? DType::kF32 : DType::kBf16;
  spec.ranks = number(arguments, "aipus", 2, HC_COLLECTIVE_MOST_RANKS);
  spec.row = size(arguments, "row", 4, 65'536);
  spec.repeat = number(arguments, "repeat", 1, 10'000);
  spec.root = number(arguments, "root", 0, spec.ranks - 1);
  spec.shared_memory = arguments.word("buffers", {"hbm", "shared"}) == "shared";
  spec.columns = number(arguments, "columns", 0, 64);
  spec.groups = number(arguments, "groups", 0, 64);
  spec.chunk = size(arguments, "chunk", 0, 65'536);
  spec.window = number(arguments, "window", 0, 64);
  spec.lead = number(arguments, "lead", 0, 1024);
  spec.seed = arguments.count("seed", 0, ~0ULL);
  if (spec.kind == Kind::kBarrier) return spec;
  arguments.require("bytes");
  const bool numbers = collective::adds_up(spec.kind);
  const bool rows = collective::moves_rows(spec.kind);
  const std::uint32_t unit = numbers ? size_of(spec.dtype) : rows ? spec.row : 1;
  spec.bytes = size(arguments, "bytes", unit, kMostBytes);
  if (numbers && spec.bytes % unit != 0) {
    throw UsageError(
        arguments.verb(),
        fmt::format("--bytes {} is no whole number of elements of {} bytes", spec.bytes, unit));
  }
  if (spec.kind == Kind::kKv && spec.ranks % 2 != 0)
    throw UsageError(arguments.verb(), "a KV transfer takes AIPUs in pairs: --aipus must be even");
  return spec;
}

std::vector<std::string> overrides(const Arguments& arguments, const Spec& spec) {
  const bool bytes = std::uint64_t{spec.bytes} * spec.ranks <= kFunctionalBytes;
  std::vector<std::string> list{fmt::format("simulation.data={}", bytes ? "functional" : "timing")};
  const auto& given = arguments.all("set");
  for (const std::string& text : given) {
    if (text.substr(0, text.find_first_of("=: ")) != "aipus") continue;
    throw UsageError(arguments.verb(),
                     fmt::format("--set '{}': --aipus says how many take part", text));
  }
  list.insert(list.end(), given.begin(), given.end());
  list.push_back(fmt::format("aipus={}", spec.ranks));
  add_rtl_override(arguments, list);
  return list;
}

nlohmann::ordered_json shares_json(const std::map<std::string, std::int64_t>& shares) {
  std::int64_t sum = 0;
  for (const auto& [cause, ps] : shares)
    sum += ps;
  nlohmann::ordered_json json;
  for (const auto& [cause, ps] : shares)
    json[cause] = sum == 0 ? 0.0 : static_cast<double>(ps) / static_cast<double>(sum);
  return json;
}

const char* algorithm_of(const Result& r) {
  if (r.spec.kind != Kind::kAllReduce && r.shape.algorithm < Algorithm::kMulticast) return "direct";
  return collective::algorithm_names()[static_cast<std::size_t>(r.shape.algorithm)].c_str();
}

void print_json(std::ostream& out, const Result& r) {
  nlohmann::ordered_json j;
  j["collective"] = collective::kind_names()[static_cast<std::size_t>(r.spec.kind)];
  j["algorithm"] = algorithm_of(r);
  j["bytes"] = r.spec.bytes;
  j["aipus"] = r.spec.ranks;
  j["dtype"] = r.spec.dtype == DType::kF32 ? "f32" : "bf16";
  j["repeat"] = r.spec.repeat;
  j["time_us"] = r.seconds() * 1e6;
  j["first_us"] = static_cast<double>(r.first_ps) * 1e-6;
  j["algbw_GBps"] = r.algbw() * 1e-9;
  j["busbw_GBps"] = r.busbw() * 1e-9;
  j["bound_us"] = r.bound() * 1e6;
  j["ratio"] = r.bound() / r.seconds();
  j["alpha_us"] = r.fabric.alpha_s * 1e6;
  j["B_GBps"] = r.fabric.bytes_per_second * 1e-9;
  j["correct"] = r.correct ? nlohmann::ordered_json(*r.correct) : nlohmann::ordered_json();
  j["cut"] = {{"columns", r.shape.columns}, {"groups", r.shape.groups}, {"slice", r.shape.slice},
              {"piece", r.shape.piece},     {"chunk", r.shape.chunk},   {"window", r.shape.window}};
  j["lanes"] = shares_json(r.lanes);
  j["switches"] = shares_json(r.switches);
  for (const collective::Stage& stage : r.stages)
    j["stages_ns"][stage.name] = static_cast<double>(stage.ps) * 1e-3;
  out << j.dump(2) << "\n";
}

void print_shares(std::ostream& out, const char* name,
                  const std::map<std::string, std::int64_t>& shares) {
  out << fmt::format("  {:<16}", name);
  const auto parts = shares_json(shares);
  for (const auto& [cause, part] : parts.items())
    out << fmt::format(" {} {:.1f} %", cause, part.get<double>() * 100);
  out << "\n";
}

void print_text(std::ostream& out, const Result& r) {
  const Spec& s = r.spec;
  out << fmt::format("{} of {} bytes on {} AIPUs, {}: {:.3f} us",
                     collective::kind_names()[static_cast<std::size_t>(s.kind)], s.bytes, s.ranks,
                     algorithm_of(r), r.seconds() * 1e6);
  if (s.repeat > 1) {
    out << fmt::format(" (mean of {}, the first {:.3f} us)", s.repeat,
                       static_cast<double>(r.first_ps) * 1e-6);
  }
  out << fmt::format("\n  algbw {:.3f} GB/s, busbw {:.3f} GB/s\n", r.algbw() * 1e-9,
                     r.busbw() * 1e-9);
  out << fmt::format(
      "  bound {:.3f} us (alpha {:.3f} us, {:.3f} GB/s of payload): {:.1f} % of it\n",
      r.bound() * 1e6, r.fabric.alpha_s * 1e6, r.fabric.bytes_per_second * 1e-9,
      r.bound() / r.seconds() * 100);
  if (s.kind == Kind::kAllReduce) {
    out << fmt::format("  one-shot has the smaller bound below {:.0f} bytes\n",
                       collective::one_shot_limit(s.ranks, r.fabric));
  }
  out << fmt::format("  cores: {} columns x {} groups, messages of up to {} bytes\n",
                     r.shape.columns, r.shape.groups, std::min(r.shape.chunk, r.shape.piece));
  print_shares(out, "DirectCom lanes", r.lanes);
  print_shares(out, "switch outputs", r.switches);
  for (const collective::Stage& stage : r.stages)
    out << fmt::format("  {:>10.3f} ns {}\n", static_cast<double>(stage.ps) * 1e-3, stage.name);
  out << "  correct: "
      << (!r.correct   ? "not checked (timing only)"
          : *r.correct ? "true, every byte as the host computes it"
                       : "false, " + r.difference)
      << "\n";
}

}  // namespace

std::vector<Option> collective_options() {
  constexpr auto kFlag = Option::Kind::kFlag;
  constexpr auto kRepeated = Option::Kind::kRepeated;
  return {
      {"collective", "NAME",
       "run allreduce, reducescatter, allgather, broadcast, alltoall, dispatch, combine, barrier "
       "or "
       "kv by firmware"},
      {"bytes", "SIZE", "of a rank's whole vector, such as 4096 or 64KiB; KV: of a transfer"},
      {"aipus", "K", "AIPUs that take part", "16"},
      {"algorithm", "auto|one-shot|two-shot|ring|multicast|in-switch",
       "of an all-reduce; multicast: of an allgather or broadcast; in-switch: also of a "
       "reducescatter",
       "auto"},
      {"dtype", "f32|bf16", "of what is added up", "f32"},
      {"root", "RANK", "of a broadcast", "0"},
      {"row", "SIZE", "a token (dispatch, combine)", "7168"},
      {"buffers", "hbm|shared", "memory of input and result", "hbm"},
      {"columns", "N", "cores that share a slice, 0: chosen", "0"},
      {"groups", "N", "groups of cores that share the destinations, 0: chosen", "0"},
      {"chunk", "SIZE", "a message, 0: chosen", "0"},
      {"window", "N", "messages that a core has in flight, 0: as many as its queue holds", "0"},
      {"lead", "N", "messages that a core sends ahead of those it has got, 0: any number", "0"},
      {"seed", "N", "of data and row counts", "1"},
      {"repeat", "N", "runs, one right after the other", "1"},
      {"config", "PRESET|FILE", "machine to simulate", "hc1000_module"},
      {"set", "KEY=VALUE", "overrides a key of the configuration; may be repeated", "", kRepeated},
      rtl_option(),
      {"json", "", "print the result as one JSON object", "", kFlag},
  };
}

ExitCode run_collective(const Arguments& arguments) {
  refuse_others(arguments);
  const Spec spec = read_spec(arguments);
  const config::Board board = config::load(arguments.text("config"), overrides(arguments, spec));
  board::check_switches(board);
  platform::Listener listener;
  listener.console = [](const std::string& line) { std::cerr << line << "\n"; };
  const Result result = collective::run(spec, board, platform::builtin_firmware(), listener);
  if (result.ending.code == ExitCode::kInterrupted)
    throw UserError(ExitCode::kInterrupted, "interrupted; nothing is reported");
  if (result.ending.code != ExitCode::kGood) {
    std::cerr << "hc1000: " << result.ending.report << std::endl;
    return result.ending.code;
  }
  if (arguments.flag("json")) {
    print_json(std::cout, result);
  } else {
    print_text(std::cout, result);
  }
  const bool good = result.correct.value_or(true);
  if (!good) std::cerr << "hc1000: wrong result: " << result.difference << std::endl;
  return good ? ExitCode::kGood : ExitCode::kCheckFailed;
}

}  // namespace aipu::cli
