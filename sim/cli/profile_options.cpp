// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/profile_options.h"

#include <algorithm>

#include "sim/profile/collector.h"
#include "sim/profile/profile_file.h"
#include "sim/trace/perfetto.h"

namespace aipu::cli {
namespace {

constexpr std::uint64_t kMostRecords = 50'000'000;  // about 5 GB

}  // namespace

std::vector<Option> profile_options() {
  using Kind = Option::Kind;
  return {
      {"profile", "",
       "follow functions, commands and markers of the firmware: profile.json and commands.csv, for "
       "`hc1000 report --firmware`; changes no simulated time",
       "", Kind::kFlag},
      {"trace", "", "the same and a timeline, trace.pftrace.gz, for ui.perfetto.dev", "",
       Kind::kFlag},
      {"profile-cores", "GLOB",
       "cores that are followed, as 'aipu0.core*' or 'aipu?.control' (default: all)"},
      {"profile-limit", "N",
       "single commands, slices and marks kept; later ones are counted, not kept (default 500000)"},
  };
}

bool profile_wanted(const Arguments& arguments) {
  const auto options = profile_options();
  return std::any_of(options.begin(), options.end(),
                     [&](const Option& option) { return arguments.given(option.name); });
}

profile::Request profile_request(const Arguments& arguments, const config::Board& board) {
  profile::Request request;
  request.trace = arguments.flag("trace");
  request.on = profile_wanted(arguments);
  if (arguments.given("profile-cores")) request.cores = arguments.text("profile-cores");
  if (arguments.given("profile-limit"))
    request.limit = arguments.count("profile-limit", 0, kMostRecords);
  if (request.on) profile::check_cores(request, board.aipus, board.aipu.cores);
  return request;
}

void write_profile(platform::Platform& platform, const profile::Request& request,
                   const std::string& command, const report::RunFolder& folder) {
  if (!request.on) return;
  const profile::Result result = platform.profile_result();
  folder.write(profile::kProfileFile, profile::profile_json(result, command));
  folder.write(profile::kCommandsFile, profile::commands_csv(result));
  if (request.trace) folder.write(trace::kTraceFile, trace::perfetto_trace(result));
}

}  // namespace aipu::cli
