// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/simulation.h"

#include <fmt/format.h>
#include <iostream>

#include "hw/config/resolve.h"
#include "sim/report/summary.h"
#include "sim/report/verdict.h"
#include "tlm/core/clock.h"

namespace aipu::cli {

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
  for (std::uint32_t aipu = 0; aipu < setup.board.aipus; ++aipu) {
    programs_.push_back(workload::lower(job_, machine_, placements_, aipu));
  }
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

void Simulation::run(const Inputs& inputs, report::RunFolder& folder, Progress& progress,
                     const std::function<void(std::uint32_t)>& on_mail) {
  platform::Listener listener;
  listener.console = [&](const std::string& line) { folder.console(line); };
  listener.mail = on_mail;
  listener.mark = [&](std::uint32_t aipu, const platform::Reached& r) { mark(aipu, r, progress); };
  listener.progress = [&](std::uint64_t now) { progress.update(now); };
  platform_ = std::make_unique<platform::Platform>(setup_.board, setup_.firmware, listener);
  for (std::uint32_t aipu = 0; aipu < setup_.board.aipus; ++aipu) {
    platform_->load(aipu, job_, placements_[aipu], programs_[aipu], inputs.prompt, inputs.last_ids,
                    inputs.weights);
  }
  programs_.clear();
  ending_ = platform_->run();
  progress.clear();
  if (!ending_.report.empty()) folder.console(ending_.report);
  final_ = report::take_snapshot(platform_->board(), now_ps());
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
  record.unsteadiness = clock_.unsteadiness();
  record.step = final_;
  record.step_ps = ending_.elapsed_ps;
  if (ending_.code == ExitCode::kGood) {
    clock_.extend(record.step);
    record.step_ps += clock_.added_ps();
  }
  const report::Account hbm = record.step.total("hbm");
  record.hbm_bytes =
      static_cast<double>(hbm.counts.at("bytes_read") + hbm.counts.at("bytes_written"));
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
    for (const std::string& command : next_commands)
      std::cout << "  " << command << "\n";
    std::cout << std::flush;
  }
  if (record.ending != ExitCode::kGood) std::cerr << "hc1000: " << record.failure << std::endl;
  return record.ending;
}

}  // namespace aipu::cli
