// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "hw/config/load.h"
#include "tlm/hbm/controller.h"

namespace aipu::hbm::test {

inline Config hbm2(const std::vector<std::string>& overrides = {}) {
  return config::load_hbm("HBM2-2000-PC", overrides);
}

/// A controller with a log of its commands and a record of what became of each access.
class Driver : public CommandSink {
 public:
  explicit Driver(const Config& device) : config(device), controller(device) {
    controller.log_to(this);
  }

  /// Banks are numbered bank_in_group * groups + group, as Location does.
  std::uint32_t read(Tick at, std::uint32_t bank, std::uint32_t row, std::uint32_t column = 0) {
    return offer(kRead, at, bank, row, column);
  }
  std::uint32_t write(Tick at, std::uint32_t bank, std::uint32_t row, std::uint32_t column = 0) {
    return offer(kWrite, at, bank, row, column);
  }
  std::uint32_t offer(Direction direction, Tick at, std::uint32_t bank, std::uint32_t row,
                      std::uint32_t column) {
    controller.offer({direction, bank, row, column, next_id_}, at);
    return next_id_++;
  }

  void advance(Tick until) { controller.advance(until, issued); }
  void drain() { controller.drain(issued); }

  void command(const LoggedCommand& line) override { log.push_back(line); }

  const Issue& of(std::uint32_t id) const {
    return *std::find_if(issued.begin(), issued.end(), [id](const Issue& i) { return i.id == id; });
  }
  Tick column(std::uint32_t id) const { return of(id).column; }
  Tick last_done() const {
    Tick last = 0;
    for (const Issue& issue : issued)
      last = std::max(last, issue.done);
    return last;
  }
  std::vector<Tick> times(Command command) const {
    std::vector<Tick> result;
    for (const LoggedCommand& line : log) {
      if (line.command == command) result.push_back(line.at);
    }
    return result;
  }
  std::vector<std::uint32_t> order() const {
    std::vector<std::uint32_t> ids;
    for (const Issue& issue : issued)
      ids.push_back(issue.id);
    return ids;
  }

  const Config config;
  Controller controller;
  std::vector<LoggedCommand> log;
  std::vector<Issue> issued;

 private:
  std::uint32_t next_id_ = 0;
};

}  // namespace aipu::hbm::test
