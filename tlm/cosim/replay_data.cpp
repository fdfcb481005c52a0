// SPDX-License-Identifier: Apache-2.0
#include "tlm/cosim/replay_data.h"

#include <cstring>
#include <fmt/format.h>
#include <xxhash.h>

#include "tlm/cosim/byte_stream.h"
#include "tlm/cosim/port_mask.h"
#include "tlm/cosim/wave_pins.h"

namespace aipu::cosim {
namespace {

constexpr char kMagic[] = "hc1000 replay\n";
constexpr std::size_t kMagicBytes = sizeof kMagic - 1;
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kSum = sizeof(XXH64_hash_t);
/// More than the largest model: nothing larger is ever allocated for a file.
constexpr std::size_t kLargest = std::size_t{128} << 20U;

std::uint64_t sum_of(const std::uint8_t* bytes, std::size_t count) {
  return XXH64(bytes, count, 0);
}

void put_window(ByteWriter& to, const LoggedPins::Window& window) {
  to.number(window.last_tick);
  to.number(window.clocks);
  to.number(window.outputs.size());
  for (const std::uint32_t word : window.outputs)
    to.number(word);
  to.counted(window.broken);
  to.counted(pack_state(window.snapshot.expand()));
  to.counted(window.log);
}

LoggedPins::Window get_window(ByteReader& from) {
  LoggedPins::Window window;
  window.last_tick = from.number();
  window.clocks = from.number();
  for (std::uint64_t words = from.number(); words != 0; --words)
    window.outputs.push_back(static_cast<std::uint32_t>(from.number()));
  window.broken = from.counted<std::string>();
  const Bytes8 state = unpack_state(from.counted<Bytes8>(), kLargest);
  if (state.size() % Snapshot::kBlock != 0) throw BadReplay("its snapshot has a part of a block");
  window.snapshot.append(state.data(), state.size() / Snapshot::kBlock);
  window.log = from.counted<Bytes8>();
  return window;
}

std::string name(const OutputGrant& g) {
  return fmt::format("output {} input {} class {}{}", g.output, g.grant.input,
                     g.grant.traffic_class, g.grant.mark ? " marked" : "");
}

std::string names(const std::vector<OutputGrant>& grants) {
  std::vector<std::string> all;
  for (const OutputGrant& grant : grants)
    all.push_back(name(grant));
  return all.empty() ? "nothing" : fmt::format("{}", fmt::join(all, ", "));
}

std::vector<OutputGrant> grants_of(const SwitchPins& pins) {
  std::vector<OutputGrant> grants;
  for_each_bit(pins.granted(), [&](std::uint32_t o) { grants.push_back({o, pins.grant(o)}); });
  return grants;
}

}  // namespace

Bytes8 Replay::encode() const {
  ByteWriter to;
  to.counted(build);
  to.number(ports);
  to.number(speedup);
  to.number(tick_ps);
  to.counted(switch_name);
  to.counted(rule);
  to.number(tick);
  to.counted(text);
  to.number(expected.size());
  for (const OutputGrant& g : expected) {
    to.number(g.output);
    to.number(g.grant.input);
    to.number(g.grant.traffic_class);
    to.number(g.grant.mark ? 1 : 0);
  }
  put_window(to, window);
  ByteWriter file;
  file.bytes.assign(kMagic, kMagic + kMagicBytes);
  file.number(kVersion);
  file.number(to.bytes.size());
  const Bytes8 packed = deflate_bytes(to.bytes);
  file.run(packed.data(), packed.size());
  const XXH64_hash_t sum = sum_of(file.bytes.data(), file.bytes.size());
  for (std::size_t b = 0; b < kSum; ++b)
    file.bytes.push_back(static_cast<std::uint8_t>(sum >> 8 * b));
  return std::move(file.bytes);
}

Replay Replay::decode(const Bytes8& file) {
  if (file.size() < kMagicBytes || std::memcmp(file.data(), kMagic, kMagicBytes) != 0)
    throw BadReplay("is no replay file of hc1000");
  ByteReader outer(file.data() + kMagicBytes, file.size() - kMagicBytes);
  const std::uint64_t version = outer.number();
  if (version != kVersion)
    throw BadReplay(fmt::format("is of version {}, this program reads {}", version, kVersion));
  std::uint64_t sum = 0;
  for (std::size_t b = 0; b < kSum && outer.left() >= kSum; ++b)
    sum |= std::uint64_t{file[file.size() - kSum + b]} << 8 * b;
  if (outer.left() < kSum || sum != sum_of(file.data(), file.size() - kSum))
    throw BadReplay("is cut off or damaged: its sum differs");
  const std::uint64_t size = outer.number();
  if (size > kLargest) throw BadReplay("is larger than any that this program writes");
  const std::size_t packed = outer.left() - kSum;
  const Bytes8 body = inflate_bytes(outer.run(packed), packed, size);
  ByteReader from(body.data(), body.size());
  Replay replay;
  replay.build = from.counted<std::string>();
  replay.ports = static_cast<std::uint32_t>(from.number());
  replay.speedup = static_cast<std::uint32_t>(from.number());
  replay.tick_ps = from.number();
  replay.switch_name = from.counted<std::string>();
  replay.rule = from.counted<std::string>();
  replay.tick = from.number();
  replay.text = from.counted<std::string>();
  for (std::uint64_t grants = from.number(); grants != 0; --grants) {
    OutputGrant g;
    g.output = static_cast<std::uint32_t>(from.number());
    g.grant.input = static_cast<std::uint32_t>(from.number());
    g.grant.traffic_class = static_cast<std::uint32_t>(from.number());
    g.grant.mark = from.number() != 0;
    replay.expected.push_back(g);
  }
  replay.window = get_window(from);
  return replay;
}

namespace {

std::unique_ptr<SwitchPins> model_for(const Replay& replay, std::unique_ptr<SwitchPins> pins) {
  if (replay.build != SwitchPins::build()) {
    throw BadReplay(
        fmt::format("was made with build {} of the RTL, this is build {}: it fits only "
                    "the program that wrote it",
                    replay.build, SwitchPins::build()));
  }
  if (pins == nullptr) pins = SwitchPins::make(replay.ports, replay.speedup);
  if (pins == nullptr || pins->ports() != replay.ports) {
    throw BadReplay(fmt::format("needs a model of {} ports with speed-up {}, which is not built",
                                replay.ports, replay.speedup));
  }
  if (!replay.window.snapshot.empty() && !pins->restore(replay.window.snapshot))
    throw BadReplay("has a snapshot that is not of its model");
  return pins;
}

/// So that a viewer has room to show the failing tick, the last, in its middle.
constexpr std::uint64_t kBlankTicks = 100;

}  // namespace

ReplayResult run_again(const Replay& replay, ReplayRun run) {
  auto pins = model_for(replay, std::move(run.pins));
  if (!run.waves.empty()) {
    pins = std::make_unique<WavePins>(std::move(pins),
                                      WaveWindow{run.waves, run.from, run.to, replay.tick_ps});
  }
  pins->assertions(!replay.window.broken.empty());
  PinLogReader reader(replay.window.log, replay.ports);
  ReplayResult result;
  while (reader.clock(*pins))
    ++result.clocks;
  pins->close_waves(kBlankTicks);
  if (result.clocks != replay.window.clocks)
    throw BadReplay(fmt::format("has {} clocks, not {}", result.clocks, replay.window.clocks));
  const std::vector<std::uint32_t> outputs = outputs_of(*pins);
  result.reproduced =
      outputs == replay.window.outputs && broken_rule(*pins) == replay.window.broken;
  if (!result.reproduced) {
    result.text = fmt::format(
        "{} in tick {} of switch {} is not reproduced: the pins of tick {} differ from those of "
        "the "
        "failing run, though state, stimuli and build are the same",
        replay.rule, replay.tick, replay.switch_name, replay.window.last_tick);
    return result;
  }
  result.text = replay.text;
  if (replay.rule == "lockstep" && replay.window.last_tick == replay.tick) {
    result.text += fmt::format("\ngrants in tick {}: reference: {}; RTL, run again: {}",
                               replay.tick, names(replay.expected), names(grants_of(*pins)));
  }
  return result;
}

}  // namespace aipu::cosim
