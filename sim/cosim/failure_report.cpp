// SPDX-License-Identifier: Apache-2.0
#include "sim/cosim/failure_report.h"

#include <fmt/format.h>

#include "hw/base/error.h"
#include "sim/cosim/wave_view.h"
#include "sim/memory/new_file.h"

namespace aipu::cosim {

std::unique_ptr<SwitchPins> FailureReport::log(std::unique_ptr<SwitchPins> pins) {
  auto logged = std::make_unique<LoggedPins>(std::move(pins));
  pins_ = logged.get();
  return logged;
}

Replay FailureReport::replay_of(const Mismatch& mismatch, std::uint64_t clocks) const {
  Replay replay;
  replay.build = SwitchPins::build();
  replay.ports = pins_->ports();
  replay.speedup = pins_->limits().speedup;
  replay.tick_ps = where_.tick_ps;
  replay.switch_name = where_.switch_name;
  replay.rule = mismatch.rule();
  replay.tick = mismatch.tick();
  replay.text = mismatch.what();
  replay.expected = mismatch.expected();
  replay.window = pins_->window(clocks);
  return replay;
}

std::string FailureReport::write(const Mismatch& mismatch) const {
  const std::string file = where_.prefix + ".replay";
  try {
    std::uint64_t clocks = kClocks;
    Replay replay = replay_of(mismatch, clocks);
    Bytes8 bytes = replay.encode();
    for (; bytes.size() > kMostBytes && clocks > 1; clocks /= 2) {
      replay = replay_of(mismatch, clocks / 2);
      bytes = replay.encode();
    }
    memory::write_file(file, std::string(bytes.begin(), bytes.end()));
    ReplayRun run;
    run.waves = where_.prefix + ".fst";
    run_again(replay, std::move(run));
    WavePlace place;
    place.dump = where_.prefix + ".fst";
    place.ports = replay.ports;
    place.speedup = replay.speedup;
    place.tick_ps = replay.tick_ps;
    place.tick = replay.window.last_tick;
    memory::write_file(where_.prefix + ".gtkw", wave_view("pins", place));
    return fmt::format(
        "\nlast {} clocks: {} ({} B){}; waves: gtkwave {}.fst {}.gtkw\nagain alone "
        "with: hc1000 cosim replay {}",
        replay.window.clocks, file, bytes.size(),
        replay.window.same ? "" : ", which do not show it", where_.prefix, where_.prefix, file);
  } catch (const UserError& e) {
    return fmt::format("\nno replay file: {}", e.what());
  }
}

}  // namespace aipu::cosim
