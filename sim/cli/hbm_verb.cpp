// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <iostream>
#include <memory>

#include "hw/config/load.h"
#include "hw/config/presets.h"
#include "hw/config/resolve.h"
#include "sim/cli/hbm_calibrate.h"
#include "sim/cli/hbm_options.h"
#include "sim/cli/verbs.h"
#include "sim/memory/command_watch.h"
#include "sim/memory/policy.h"
#include "sim/memory/replay.h"
#include "sim/memory/report.h"
#include "sim/memory/tlm_replay.h"

namespace aipu::cli {
namespace {

constexpr std::size_t kShown = 10;  // violations of a pseudo-channel that are told in full

void list_devices() {
  for (const config::Preset& preset : config::hbm_presets()) {
    const hbm::Config device = config::load_hbm(preset.name);
    std::cout << fmt::format(
        "{:<22}{:>10}{:>9} pseudo-channels of {:>6.2f} GB/s\n", preset.name,
        to_text(device.capacity), channel_count(device),
        static_cast<double>(peak_bytes_per_second(device)) / channel_count(device) / 1e9);
  }
}

void list_policies() {
  for (const memory::Policy& policy : memory::policies())
    std::cout << fmt::format("{:<16}{}\n", policy.name, policy.description);
}

/// Whoever watches the commands of the pseudo-channels.
class Watches {
 public:
  Watches(const Arguments& arguments, const hbm::Config& device) {
    const bool check = arguments.flag("check");
    if (arguments.given("command-log")) {
      log_ = std::make_unique<memory::CommandLogFile>(arguments.text("command-log"), device);
    }
    const std::uint32_t watched = check ? channel_count(device) : log_ ? 1 : 0;
    for (std::uint32_t c = 0; c < watched; ++c) {
      watches_.push_back(
          std::make_unique<memory::CommandWatch>(device, c == 0 ? log_.get() : nullptr, check));
    }
  }

  std::vector<hbm::CommandSink*> sinks() const {
    std::vector<hbm::CommandSink*> sinks;
    for (const auto& watch : watches_)
      sinks.push_back(watch.get());
    return sinks;
  }

  /// Violations are told on standard error, the first few of each pseudo-channel in full.
  ExitCode finish(hbm::Tick end) {
    if (log_) log_->finish();
    std::size_t count = 0;
    for (std::size_t c = 0; c < watches_.size(); ++c) {
      const auto& violations = watches_[c]->finish(end);
      for (std::size_t i = 0; i < violations.size() && i < kShown; ++i)
        std::cerr << fmt::format("pseudo-channel {}: {}\n", c, to_text(violations[i]));
      count += violations.size();
    }
    if (count == 0) return ExitCode::kGood;
    std::cerr << fmt::format("hc1000: {} violations of the rules of the device\n", count);
    return ExitCode::kCheckFailed;
  }

 private:
  std::unique_ptr<memory::CommandLogFile> log_;
  std::vector<std::unique_ptr<memory::CommandWatch>> watches_;
};

ExitCode replay(const Arguments& arguments, const hbm::Config& device) {
  const bool tlm = arguments.word("through", {"direct", "tlm"}) == "tlm";
  if (!tlm && device.ecc == hbm::Ecc::kInline) {
    throw UsageError(arguments.verb(),
                     "ecc=inline needs --through tlm, which makes the accesses of check bits");
  }
  const auto source = read_source(arguments, device);
  Watches watches(arguments, device);
  memory::Experiment experiment{
      arguments.text("device"), arguments.text("policy"), source_name(arguments), device, {}};
  experiment.replay = tlm ? memory::replay_through_tlm(device, *source, watches.sinks())
                          : memory::replay(device, *source, watches.sinks());
  const ExitCode code = watches.finish(experiment.replay.end);
  if (arguments.flag("json")) {
    std::cout << memory::to_json(experiment) << "\n";
  } else {
    memory::print(std::cout, experiment);
    if (arguments.flag("check") && code == ExitCode::kGood) {
      std::cout << "every command keeps every rule of the device\n";
    }
  }
  return code;
}

ExitCode hbm(const Arguments& arguments) {
  check_mode(arguments);
  if (arguments.flag("devices") || arguments.flag("policies")) {
    if (arguments.flag("devices")) list_devices();
    if (arguments.flag("policies")) list_policies();
    return ExitCode::kGood;
  }
  const hbm::Config device = read_device(arguments);
  if (arguments.flag("print-device")) {
    std::cout << config::to_yaml(device);
    return ExitCode::kGood;
  }
  if (arguments.flag("calibrate")) return calibrate(arguments, device);
  return replay(arguments, device);
}

}  // namespace

Verb hbm_verb() {
  using Kind = Option::Kind;
  std::vector<Option> options{
      {"device", "PRESET|FILE", "memory; --devices lists the presets", "HBM2E-3600"},
      {"policy", "NAME", "of the controller; --policies lists them", "device"},
      {"set", "KEY=VALUE", "overrides a key of the device; may be repeated", "", Kind::kRepeated}};
  const auto requests = request_options();
  options.insert(options.end(), requests.begin(), requests.end());
  options.insert(
      options.end(),
      {{"through", "direct|tlm", "the controllers, or the SystemC model before them", "direct"},
       {"command-log", "FILE", "gets every command of the first pseudo-channel, as CSV"},
       {"check", "", "hold every command against the rules of the device", "", Kind::kFlag},
       {"json", "", "print the result as one JSON object", "", Kind::kFlag},
       {"calibrate", "", "measure the device for simulation.memory=fast, print that", "",
        Kind::kFlag},
       {"output,o", "FILE", "of --calibrate, in place of standard output"},
       {"print-device", "", "print the device as --device FILE takes it", "", Kind::kFlag},
       {"devices", "", "list the presets of devices", "", Kind::kFlag},
       {"policies", "", "list the policies", "", Kind::kFlag}});
  return {{"hbm",
           "replays requests through a memory alone and says where its bandwidth went",
           "",
           false,
           options,
           {"hc1000 hbm --device HBM3-6400-PC --source random",
            "hc1000 hbm --device HBM2-2000-PC --policy frfcfs --trace requests.trc --json",
            "hc1000 hbm --source block --block 256 --load 500 --reads 2/3 --set page=closed",
            "hc1000 hbm --device HBM3-6400 --print-device > my_device.yaml",
            "hc1000 hbm --device HBM3-6400 --calibrate -o hbm3.yaml"}},
          hbm};
}

}  // namespace aipu::cli
