// SPDX-License-Identifier: Apache-2.0
#include "sim/cosim/regress.h"

#include <sstream>

#include "sim/cosim/workers.h"
#include "tlm/cosim/passed_pins.h"

namespace aipu::cosim {
namespace {

constexpr std::size_t kMadeAgain = 4;             ///< failing runs
constexpr std::chrono::seconds kLongestRun{300};  ///< real time; such a run is stuck

constexpr char kEqual = '=';
constexpr char kDifferent = '!';

/// Flips a bit of a flit on its way out.
class FlippedPins final : public PassedPins {
 public:
  using PassedPins::PassedPins;
  Flit flit(std::uint32_t output) const override {
    Flit bits = PassedPins::flit(output);
    if (++flits_ == kWhen) bits[0] ^= 1U;
    return bits;
  }

 private:
  static constexpr std::uint32_t kWhen = 100;
  mutable std::uint32_t flits_ = 0;
};

RandomRun run_of(const RegressPlan& plan, const RegressRun& row) {
  RandomRun run = random_run(row.ports, row.speedup, row.seed);
  run.cycles = plan.cycles;
  if (plan.cycles != RegressPlan{}.cycles) run.replay += " --cycles " + std::to_string(plan.cycles);
  const bool first = row.ports == plan.ports.front() && row.speedup == plan.speedups.front() &&
                     row.seed == plan.from;
  if (plan.self_test && first) {
    run.replay += " --self-test";
    run.disturb = [](std::unique_ptr<SwitchPins> pins) {
      return std::make_unique<FlippedPins>(std::move(pins));
    };
  }
  return run;
}

/// The answer of a worker: how it ended, and figures or the difference.
std::string answer(const RandomRun& run) {
  try {
    const RandomRun::Result r = run.run();
    std::ostringstream text;
    text << kEqual << r.flits << ' ' << r.packets << ' ' << r.delivered << ' ' << r.clocks;
    for (const std::uint64_t flits : r.class_flits)
      text << ' ' << flits;
    return text.str();
  } catch (const Mismatch& mismatch) {
    return kDifferent + std::string(mismatch.what());
  }
}

void take(RegressRun& row, const JobResult& job) {
  using Outcome = RegressRun::Outcome;
  row.what = job.text;
  switch (job.state) {
    case JobResult::State::kSkipped:
      row.outcome = Outcome::kSkipped;
      row.what = "the time limit was over";
      return;
    case JobResult::State::kLost:
    case JobResult::State::kLate:
      row.outcome = Outcome::kLost;
      return;
    case JobResult::State::kDone:
      break;
  }
  if (job.text.empty() || (job.text.front() != kEqual && job.text.front() != kDifferent)) {
    row.outcome = Outcome::kLost;
    row.what = "its process ended without an answer";
    return;
  }
  row.what.erase(0, 1);
  row.outcome = job.text.front() == kEqual ? Outcome::kEqual : Outcome::kDifferent;
  if (row.outcome == Outcome::kDifferent) return;
  std::istringstream text(row.what);
  RandomRun::Result& r = row.result;
  text >> r.flits >> r.packets >> r.delivered >> r.clocks;
  for (std::uint64_t& flits : r.class_flits)
    text >> flits;
  row.what.clear();
}

void make_again(Regression& regression, const Again& again) {
  std::vector<RegressRun*> failed;
  for (RegressRun& row : regression.runs) {
    if (row.outcome == RegressRun::Outcome::kDifferent && failed.size() < kMadeAgain)
      failed.push_back(&row);
  }
  const Workers workers{regression.plan.workers, kLongestRun, {}};
  const auto results = run_jobs(failed.size(), workers, [&](std::size_t k) {
    return again(run_of(regression.plan, *failed[k]));
  });
  for (std::size_t k = 0; k < failed.size(); ++k)
    failed[k]->evidence = results[k].text;
}

}  // namespace

void RegressSum::add(const RegressRun& run) {
  using Outcome = RegressRun::Outcome;
  seeds += run.outcome == Outcome::kSkipped ? 0 : 1;
  different += run.outcome == Outcome::kDifferent ? 1 : 0;
  lost += run.outcome == Outcome::kLost ? 1 : 0;
  skipped += run.outcome == Outcome::kSkipped ? 1 : 0;
  result.flits += run.result.flits;
  result.packets += run.result.packets;
  result.delivered += run.result.delivered;
  result.clocks += run.result.clocks;
  for (std::size_t c = 0; c < result.class_flits.size(); ++c)
    result.class_flits[c] += run.result.class_flits[c];
}

RegressSum Regression::sum() const {
  RegressSum sum;
  for (const RegressRun& run : runs)
    sum.add(run);
  return sum;
}

Regression regress(const RegressPlan& plan, const Again& again) {
  Regression regression{plan, {}};
  for (const std::uint32_t ports : plan.ports) {
    for (const std::uint32_t speedup : plan.speedups) {
      for (std::uint64_t k = 0; k < plan.seeds; ++k) {
        RegressRun row;
        row.ports = ports;
        row.speedup = speedup;
        row.seed = plan.from + k;
        const RandomRun run = run_of(plan, row);
        row.pattern = run.pattern;
        row.replay = run.replay;
        regression.runs.push_back(row);
      }
    }
  }
  const Workers workers{plan.workers, kLongestRun, plan.limit};
  const auto results = run_jobs(regression.runs.size(), workers, [&](std::size_t k) {
    return answer(run_of(plan, regression.runs[k]));
  });
  for (std::size_t k = 0; k < results.size(); ++k)
    take(regression.runs[k], results[k]);
  if (again) make_again(regression, again);
  return regression;
}

}  // namespace aipu::cosim
