// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <fstream>
#include <iostream>
#include <iterator>

#include "sim/cli/cosim_verb.h"
#include "sim/cli/wave_options.h"
#include "sim/cosim/wave_view.h"
#include "sim/memory/new_file.h"
#include "tlm/cosim/replay_data.h"

namespace aipu::cli {
namespace {

/// More than any file that is written, so that a wrong one is not read for minutes.
constexpr std::streamoff kLargest = 16 << 20;

cosim::Bytes8 read(const std::string& path) {
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  const std::streamoff size = in ? static_cast<std::streamoff>(in.tellg()) : -1;
  if (size < 0) throw IoError(path, "cannot be read");
  if (size > kLargest) throw IoError(path, "is no replay file of hc1000: too large");
  in.seekg(0);
  cosim::Bytes8 bytes(static_cast<std::size_t>(size));
  in.read(reinterpret_cast<char*>(bytes.data()), size);
  if (!in) throw IoError(path, "cannot be read");
  return bytes;
}

void put_view(const Arguments& arguments, const cosim::Replay& replay) {
  cosim::WavePlace place;
  place.dump = arguments.text("waves");
  place.ports = replay.ports;
  place.speedup = replay.speedup;
  place.tick = replay.window.last_tick;
  place.tick_ps = replay.tick_ps;
  place.port = static_cast<std::uint32_t>(arguments.count("port", 0, replay.ports - 1));
  memory::write_file(arguments.text("view"),
                     cosim::wave_view(arguments.word("show", cosim::wave_views()), place));
}

ExitCode replay(const Arguments& arguments) {
  need_rtl(arguments.verb());
  for (const char* option : {"view", "from", "to"}) {
    if (arguments.given(option) && !arguments.given("waves"))
      throw UsageError(arguments.verb(), fmt::format("--{} goes with --waves only", option));
  }
  for (const char* option : {"show", "port"}) {
    if (arguments.given(option) && !arguments.given("view"))
      throw UsageError(arguments.verb(), fmt::format("--{} goes with --view only", option));
  }
  const std::string path = arguments.text("positional");
  const cosim::Bytes8 file = read(path);
  try {
    const cosim::Replay replay = cosim::Replay::decode(file);
    cosim::ReplayRun run;
    if (arguments.given("waves")) {
      const auto window = read_wave_window(arguments, "from", "to", replay.tick_ps);
      run.waves = window.path;
      run.from = window.from;
      run.to = window.to;
    }
    const cosim::ReplayResult result = cosim::run_again(replay, std::move(run));
    if (arguments.given("view")) put_view(arguments, replay);
    std::cout << result.text << "\n";
    if (result.reproduced) {
      std::cout << fmt::format("reproduced: tick {}, {} clocks run, alone\n",
                               replay.window.last_tick, result.clocks);
    }
    return result.reproduced ? ExitCode::kCheckFailed : ExitCode::kGood;
  } catch (const cosim::BadReplay& e) {
    throw IoError(path, e.what());
  }
}

}  // namespace

Verb cosim_replay_verb() {
  return {{"cosim replay",
           "runs a failure of an RTL switch again, alone: exit code 1 if it shows again, 0 if not",
           "FILE",
           true,
           {{"waves", "FILE", "gets the waves (FST)"},
            {"from", "TIME", "of the waves, as 1500 ns or 2 us; else from the start"},
            {"to", "TIME", "of the waves"},
            {"view", "FILE", "gets a save file of GTKWave with its marker on the failing tick"},
            {"show", "VIEW", "what the view shows: pins, arbitration, queues", "pins"},
            {"port", "N", "the output that view arbitration shows", "0"}},
           {"hc1000 cosim replay failure.replay",
            "hc1000 cosim replay failure.replay --waves f.fst --view f.gtkw --show arbitration "
            "--port 3"}},
          replay};
}

}  // namespace aipu::cli
