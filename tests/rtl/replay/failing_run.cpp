// SPDX-License-Identifier: Apache-2.0
#include "tests/rtl/replay/failing_run.h"

#include "tlm/cosim/payload.h"

namespace aipu::test {

using cosim::FailureReport;
using cosim::SwitchPins;

void OtherDestination::put_flit(std::uint32_t input, const Flit& flit) {
  constexpr std::uint32_t kDestinationLsb = 6;
  const bool payload = cosim::payload_of(flit[0] | std::uint64_t{flit[1]} << 32U,
                                         flit[2] | std::uint64_t{flit[3]} << 32U)
                           .has_value();
  Flit bits = flit;
  if (!payload && !done_ && now_ >= tick_) {
    bits[0] ^= 1U << kDestinationLsb;
    done_ = true;
  }
  cosim::PassedPins::put_flit(input, bits);
}

cosim::RandomRun full_load(std::uint32_t ports, std::uint32_t speedup, std::uint32_t max_flits) {
  cosim::RandomRun run = cosim::random_run(ports, speedup, 1);
  run.topology = directcom::single_switch(ports);
  run.place = 0;
  run.pattern = cosim::Pattern::kUniform;
  run.config = {};
  run.config.voq_flits = 512;
  run.config.speedup = speedup;
  run.load = 1;
  run.max_flits = max_flits;
  run.classes = 15;
  run.cycles = 10'000;
  run.link_cycles = {2};
  return run;
}

std::string fail_in_lockstep(cosim::RandomRun run, std::uint64_t tick, const std::string& prefix) {
  run.failure_prefix = prefix;
  run.disturb = [tick](std::unique_ptr<SwitchPins> pins) {
    return std::make_unique<OtherDestination>(std::move(pins), tick);
  };
  try {
    run.run();
  } catch (const cosim::Mismatch& e) {
    return e.what();
  }
  return "no failure";
}

std::string fail_by_itself(std::uint64_t tick, const std::string& prefix) {
  constexpr std::uint32_t kPorts = 4;
  const directcom::Topology topology = directcom::single_switch(kPorts);
  const directcom::Routes routes(topology);
  directcom::SwitchConfig config;
  config.speedup = 1;
  FailureReport report({prefix, topology.switches[0].name, 1'000});
  cosim::VerilatedSwitch model(
      config, routes, 0, 1,
      report.log(std::make_unique<ExtraFlit>(SwitchPins::make(kPorts, 1), tick)));
  model.on_mismatch([&](const cosim::Mismatch& e) { return report.write(e); });
  for (std::uint32_t o = 0; o < kPorts; ++o)
    model.offer(o, {});
  for (std::uint64_t cycle = 10; cycle < 2 * tick; cycle += 5) {
    for (std::uint16_t i = 0; i < kPorts; ++i)
      model.arrive(cycle, {nullptr, i, (i + static_cast<std::uint32_t>(cycle)) % kPorts, i, 4, 2});
  }
  try {
    while (model.next() != directcom::SwitchModel::kNever)
      model.step(model.next());
  } catch (const cosim::Mismatch& e) {
    return e.what();
  }
  return "no failure";
}

cosim::Replay read_replay(const std::string& path) {
  const std::string file = read_file(path);
  return cosim::Replay::decode({file.begin(), file.end()});
}

}  // namespace aipu::test
