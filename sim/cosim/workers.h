// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace aipu::cosim {

/// What became of one job.
struct JobResult {
  enum class State {
    kDone,    ///< `text` is what it returned
    kLost,    ///< its process ended without an answer: `text` says how, and what it said last
    kLate,    ///< ended by force: it took longer than Workers::each
    kSkipped  ///< not started: Workers::all was over
  };
  State state = State::kSkipped;
  std::string text;
};

struct Workers {
  unsigned count = 1;            ///< processes at a time
  std::chrono::seconds each{0};  ///< real time of one job; 0: any
  std::chrono::seconds all{0};   ///< none is started later; 0: any
};

/// Calls work(k) for every k < jobs, each in a process of its own (fork), so that a job that dies
/// takes no other with it. Results are in order of k, whatever ends first. IoError where the system
/// has no process or pipe to give. The caller has no threads.
std::vector<JobResult> run_jobs(std::size_t jobs, const Workers& workers,
                                const std::function<std::string(std::size_t)>& work);

}  // namespace aipu::cosim
