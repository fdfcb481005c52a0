// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/simulation.h"

#include <csignal>
#include <fmt/format.h>
#include <iostream>

#include "hw/config/resolve.h"
#include "sim/cli/profile_options.h"
#include "sim/report/summary.h"
#include "sim/report/verdict.h"
#include "tlm/core/clock.h"

namespace aipu::cli {
namespace {

volatile std::sig_atomic_t g_interrupted = 0;  // the only way a signal handler can speak
void on_interrupt(int) {
  g_interrupted = 1;
}

}  // namespace

InterruptGuard::InterruptGuard() : previous_(std::signal(SIGINT, on_interrupt)) {
  g_interrupted = 0;
}

InterruptGuard::~InterruptGuard() {
  std::signal(SIGINT, previous_);
}

bool InterruptGuard::interrupted() const {
  return g_interrupted != 0;
}

Simulation::Simulation(const Setup& setup, workload::Job job)
    : setup_(setup),
      job_(std::move(job)),
      machine_(setup.machine()),
      clock_(setup.plan, job_.model.layers, setup.model.layers,
             [this] { return report::take_snapshot(platform_->board(), now_ps()); }) {
  for (std::uint32_t aipu = 0; aipu < setup.board.aipus; ++aipu) {
    placements_.push_back(workload::place(job_, machine_, aipu));
  }
  workload::check_program_room(job_, machine_, placements_);
  for (const workload::Placement& place : placements_) {
    programs_.push_back(workload::lower(job_, machine_, placements_, place.part.aipu));
    const std::uint32_t layers =
        workload::even_share(setup.model.layers, place.part.stage, setup.plan.pp).count;
    expected_ += workload::job_cost(job_, machine_, place, programs_.back());
    whole_cost_ += workload::extended_cost(job_, machine_, place, programs_.back(),
                                           layers - place.part.layers.count);
  }
}

void Simulation::stop() {
  stopped_ = true;
  platform_->stop();
}

std::uint64_t Simulation::layers_to_mark() const {
  std::uint64_t layers = 0;
  for (const workload::Stretch& stretch : job_.stretches)
    layers += stretch.passes.size() * job_.model.layers;
  return layers;
}

void Simulation::mark(std::uint32_t aipu, const platform::Reached& reached, Progress& progress) {
  clock_.reached(aipu, reached.name, reached.time);
  if (aipu % setup_.plan.tp == 0 && reached.name.rfind("layer ", 0) == 0) progress.done_one();
}

void Simulation::load(const Inputs& inputs) {
  for (std::uint32_t aipu = 0; aipu < setup_.board.aipus; ++aipu) {
    platform_->load(aipu, job_, placements_[aipu], programs_[aipu], inputs.prompt, inputs.last_ids,
                    inputs.weights);
  }
  programs_.clear();
}

void Simulation::run(const Inputs& inputs, report::RunFolder& folder, Progress& progress,
                     const std::function<void(std::uint32_t)>& on_mail) {
  platform::Listener listener;
  listener.console = [&](const std::string& line) { folder.console(line); };
  listener.hart_console = [&](const std::string& hart, const std::string& line) {
    if (!setup_.console.shows(hart)) return;
    progress.clear();
    std::cerr << line << std::endl;
  };
  listener.warning = [&](const std::string& text) {
    progress.clear();
    std::cerr << "hc1000: " << text << std::endl;
  };
  listener.mail = on_mail;
  listener.mark = [&](std::uint32_t aipu, const platform::Reached& r) { mark(aipu, r, progress); };
  listener.progress = [&](std::uint64_t now) { progress.update(now); };
  cosim::SwitchMaker::Run rtl = setup_.rtl;
  rtl.failure_prefix = folder.path() + "/" + rtl.failure_prefix;
  platform_ = std::make_unique<platform::Platform>(setup_.board, setup_.firmware, listener, rtl);
  if (profile_.on) platform_->profile(profile_);
  load(inputs);
  if (setup_.debug.wanted) open_debugger(folder, progress);
  ending_ = guard_.interrupted()
                ? platform::Ending{ExitCode::kInterrupted, "interrupted before it began", 0}
                : platform_->run();
  progress.clear();
  if (!ending_.report.empty()) folder.console(ending_.report);
  final_ = report::take_snapshot(platform_->board(), now_ps());
}

void Simulation::write_profile(const std::string& command, const report::RunFolder& folder) {
  cli::write_profile(*platform_, profile_, command, folder);
}

void Simulation::open_debugger(report::RunFolder& folder, Progress& progress) {
  debug::Options options = setup_.debug;
  if (options.symbols.empty()) {
    const platform::FirmwareFiles files = platform::builtin_files();
    folder.write("core.elf", std::string(files.core));
    folder.write("control.elf", std::string(files.control));
    options.symbols = folder.path() + "/core.elf";
  }
  platform_->debug(options, [&progress](const std::string& line) {
    progress.clear();
    std::cerr << "hc1000: " << line << std::endl;
  });
}

void Simulation::record(report::RunRecord& record) const {
  record.board = setup_.board;
  record.model = setup_.model;
  record.plan = setup_.plan;
  record.dtype = setup_.dtype;
  record.ending = ending_.code;
  record.failure = ending_.report;
  record.simulated_ps = ending_.elapsed_ps;
  record.simulated_layers = job_.model.layers;
  record.layers = clock_.layers();
  record.layer_s = clock_.layer_seconds();
  record.uncertainty = clock_.uncertainty();
  record.step = final_;
  if (ending_.code == ExitCode::kGood) clock_.extend(record.step);
  record.step_ps = record.step.time;
  const report::Account hbm = final_.total("hbm");
  record.counted_bytes =
      static_cast<std::uint64_t>(hbm.counts.at("bytes_read") + hbm.counts.at("bytes_written"));
  record.counted_flops = static_cast<std::uint64_t>(final_.total("core.tensor").counts.at("flops"));
  record.whole = ending_.code == ExitCode::kGood && !stopped_;
  record.expected = expected_;
  record.cost = whole_cost_;
  record.hbm_bytes = record.whole ? whole_cost_.bytes() : record.counted_bytes;
}

ExitCode finish_run(const Arguments& arguments, const report::RunRecord& record,
                    report::RunFolder& folder, const std::vector<std::string>& next_commands) {
  const std::string summary = report::summary_json(record);
  folder.write("summary.json", summary);
  if (arguments.flag("json")) {
    std::cout << summary << std::flush;
  } else {
    report::print_verdict(std::cout, record);
    std::cout << fmt::format("Run folder: {}\n", folder.path());
    if (!next_commands.empty()) std::cout << "Next:\n";
    for (const std::string& command : next_commands)
      std::cout << "  " << command << "\n";
    std::cout << std::flush;
  }
  if (record.ending != ExitCode::kGood) std::cerr << "hc1000: " << record.failure << std::endl;
  return record.ending;
}

}  // namespace aipu::cli
