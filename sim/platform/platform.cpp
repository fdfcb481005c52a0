// SPDX-License-Identifier: Apache-2.0
#include "sim/platform/platform.h"

#include <chrono>
#include <csignal>
#include <fmt/format.h>

#include "hw/base/assert.h"
#include "regs/core.h"
#include "sim/platform/calibration.h"
#include "sim/platform/crash_report.h"
#include "sim/platform/hang_report.h"
#include "sim/platform/switches.h"
#include "sim/profile/names.h"

namespace aipu::platform {
namespace {

volatile std::sig_atomic_t g_interrupted = 0;  // the only way a signal handler can speak
void on_interrupt(int) {
  g_interrupted = 1;
}

/// Ends the process's SIGINT handling with the run.
class InterruptScope {
 public:
  InterruptScope() : previous_(std::signal(SIGINT, on_interrupt)) { g_interrupted = 0; }
  ~InterruptScope() { std::signal(SIGINT, previous_); }
  InterruptScope(const InterruptScope&) = delete;
  InterruptScope& operator=(const InterruptScope&) = delete;

 private:
  void (*previous_)(int);
};

constexpr std::uint64_t kSlice =
    20'000'000;  // ps of simulated time between looks at the host clock

}  // namespace

Platform::Platform(const config::Board& config, const FirmwareImage& firmware, Listener listener,
                   cosim::SwitchMaker::Run rtl)
    : config_(config),
      firmware_(firmware),
      symbols_(firmware, config.aipu.cores),
      listener_(std::move(listener)) {
  const auto text_of = [&](const load::Elf& elf) {
    const auto& text = *std::find_if(elf.segments.begin(), elf.segments.end(),
                                     [](const auto& segment) { return segment.executable; });
    return std::make_shared<cpu::CodeCache>(32U, config_.aipu.cpu, text.address, text.bytes);
  };
  core_code_ = text_of(firmware_.core);
  control_code_ = text_of(firmware_.control);
  rtl.on_mismatch = [this](const std::string& text) { fail(text); };
  board::Board::MakeSwitch make_switch;
  if (!config_.simulation.switch_models.empty()) {
    make_switch = [this, maker = switch_maker(config_, rtl)](const directcom::SwitchConfig& plane,
                                                             const directcom::Routes& routes,
                                                             std::uint32_t index) {
      return maker.make(plane, routes, index, config_.simulation.seed);
    };
  }
  board_ = std::make_unique<board::Board>("board", config_, static_cast<HostPort&>(*this),
                                          given_calibration(config_.simulation), make_switch);
  watches_.resize(config_.aipus);
  sc_core::sc_start(
      sc_core::SC_ZERO_TIME);  // ends elaboration: sockets are bound, nothing runs yet
}

Platform::~Platform() = default;

void Platform::profile(const profile::Request& request) {
  profile::check_cores(request, config_.aipus, config_.aipu.cores);
  profile_ = std::make_unique<profile::Collector>(request, *board_, config_.aipu.clock,
                                                  firmware_.core, firmware_.control);
}

void Platform::load_elf(std::uint32_t aipu, std::uint32_t core, const load::Elf& elf) {
  for (const auto& segment : elf.segments) {
    const Gaddr at = Gaddr::core(core, segment.address - regs::core::kSramBase);
    const bool ok =
        board_->aipus[aipu]->loader.write(at, segment.bytes.data(), segment.bytes.size());
    AIPU_ASSERT(ok, "firmware segment {:#x} does not fit the SRAM", segment.address);
  }
}

void Platform::load(std::uint32_t aipu, const workload::Job& job, const workload::Placement& place,
                    const workload::Program& program, const std::vector<load::TokenId>& prompt,
                    const std::vector<load::TokenId>& last_ids,
                    const workload::WeightSource* weights) {
  chip::Aipu& chip = *board_->aipus[aipu];
  const workload::ImageSink sink = [&](std::uint64_t offset, const std::uint8_t* data,
                                       std::uint64_t bytes) {
    const bool ok = chip.loader.write(Gaddr::hbm(offset), data, bytes);
    AIPU_ASSERT(ok, "{} bytes at HBM {:#x} do not fit", bytes, offset);
  };
  write_control(job, place, program, prompt, last_ids, sink);
  if (weights != nullptr) write_weights(job, place, *weights, sink);
  start(aipu);
  watches_[aipu] = std::make_unique<Watch>(chip.cores[0]->counters(), program.marks,
                                           [this, aipu](const Reached& r) {
                                             if (listener_.mark) listener_.mark(aipu, r);
                                           });
  watches_[aipu]->start();
}

void Platform::start_hart(std::uint32_t aipu, std::uint32_t core) {
  const bool control = core == config_.aipu.cores;
  const load::Elf& elf = control ? firmware_.control : firmware_.core;
  load_elf(aipu, core, elf);
  cpu::Hart& hart = board_->aipus[aipu]->cores[core]->hart;
  hart.set_code(control ? control_code_ : core_code_);
  hart.reset(static_cast<std::uint32_t>(elf.entry), 0);
  ++harts_running_;
}

void Platform::start(std::uint32_t aipu) {
  for (std::uint32_t core = 0; core <= config_.aipu.cores; ++core)
    start_hart(aipu, core);
}

void Platform::start_cores(std::uint32_t aipu, std::uint32_t cores,
                           const std::vector<std::uint32_t>& registers) {
  constexpr unsigned kA0 = 10;
  for (std::uint32_t core = 0; core < cores; ++core) {
    start_hart(aipu, core);
    cpu::Hart& hart = board_->aipus[aipu]->cores[core]->hart;
    for (unsigned i = 0; i < registers.size(); ++i)
      hart.set_reg(kA0 + i, registers[i]);
  }
}

void Platform::serve_semihosting(const std::string& folder, const std::string& command_line) {
  const auto files = folder.empty() ? nullptr : std::make_shared<const SemihostFolder>(folder);
  const SemihostPort::End end = [this](CoreId core, std::uint32_t code) { exited(core, code); };
  const SemihostPort::Say say_line = [this](CoreId core, const std::string& line) {
    console_line(core, line);
  };
  for (std::uint32_t aipu = 0; aipu < config_.aipus; ++aipu) {
    for (std::uint32_t core = 0; core <= config_.aipu.cores; ++core) {
      semihosts_.push_back(std::make_unique<SemihostPort>(*board_->aipus[aipu], CoreId{aipu, core},
                                                          files, command_line, say_line, end));
    }
  }
}

void Platform::debug(const debug::Options& options, Debugger::Say say) {
  debugger_ = std::make_unique<Debugger>(
      *board_, symbols_, [this] { return hang_report(); }, options,
      [] { return g_interrupted != 0; }, std::move(say));
}

Ending Platform::run() {
  const InterruptScope scope;
  if (debugger_ == nullptr) return run_to_end();
  debugger_->attach();
  const Ending ending = run_to_end();
  debugger_->ended(ending.code);
  return ending;
}

Ending Platform::run_to_end() {
  auto last = std::chrono::steady_clock::now();
  const std::uint64_t limit = config_.simulation.max_time.count;
  while (harts_running_ != 0 && failure_.empty() && !stopped_) {
    if (g_interrupted != 0)
      return finish(ExitCode::kInterrupted, "interrupted; the results are partial");
    if (debugger_ != nullptr && debugger_->killed())
      return finish(ExitCode::kInterrupted, "killed by the debugger; the results are partial");
    if (!sc_core::sc_pending_activity()) {
      const std::string text =
          "hang: nothing is left to happen, but someone waits; first who nobody here would wake\n" +
          hang_report();
      if (debugger_ != nullptr) debugger_->hang(text);
      return finish(ExitCode::kLimit, text);
    }
    const std::uint64_t next = sc_core::sc_time_to_pending_activity().value();
    if (now_ps() >= limit || next > limit - now_ps()) {
      if (now_ps() < limit) sc_core::sc_start(to_time(Picoseconds(limit - now_ps())));
      return finish(ExitCode::kLimit,
                    fmt::format("simulated time limit of {} ps reached (simulation.max_time)\n{}",
                                limit, hang_report()));
    }
    // At least up to the next event, which may be further off than a slice.
    const std::uint64_t slice = std::min(std::max(kSlice, next), limit - now_ps());
    sc_core::sc_start(to_time(Picoseconds(slice)), sc_core::SC_EXIT_ON_STARVATION);
    if (sc_core::sc_get_status() == sc_core::SC_STOPPED) break;
    if (debugger_ != nullptr) debugger_->poll();
    const auto now = std::chrono::steady_clock::now();
    if (listener_.progress && now - last > std::chrono::milliseconds(100)) {
      last = now;
      listener_.progress(now_ps());
    }
  }
  return failure_.empty() ? finish(ExitCode::kGood, {}) : finish(ExitCode::kCheckFailed, failure_);
}

void Platform::stop() {
  stopped_ = true;
  last_exit_ = now_ps();
  sc_core::sc_pause();
}

Ending Platform::finish(ExitCode code, const std::string& report) {
  for (const auto& chip : board_->aipus) {
    for (const auto& core : chip->cores)
      core->registers.flush_console();
  }
  return {code, report, code == ExitCode::kGood ? last_exit_ : now_ps()};
}

std::string Platform::hang_report() const {
  std::string text;
  for (const auto& [core, fault] : faults_) {
    text += fmt::format("  {}: {}\n", symbols_.hart({core.first, core.second}), fault);
  }
  text += hang_text(symbols_, *board_);
  return text;
}

void Platform::say(CoreId core, const std::string& text) {
  const std::string hart = symbols_.hart(core);
  const std::string line = fmt::format("{:>12} ns {}: {}", now_ps() / 1000, hart, text);
  if (listener_.console) listener_.console(line);
  if (listener_.hart_console) listener_.hart_console(hart, line);
}

void Platform::fail(const std::string& text) {
  if (failure_.empty()) failure_ = text;
  sc_core::sc_pause();
}

void Platform::console_line(CoreId core, const std::string& text) {
  say(core, text);
}

void Platform::mail(CoreId, std::uint32_t word) {
  if (listener_.mail) listener_.mail(word);
}

void Platform::mark(CoreId core, std::uint32_t word) {
  if (profile_ != nullptr) profile_->mark(core, word);
  const profile::MarkRecord mark = profile::decode_mark(word);
  if (mark.kind != profile::MarkRecord::kPoint) return;
  const auto& names =
      (core.core == config_.aipu.cores ? firmware_.control : firmware_.core).markers;
  const auto name = names.find(mark.number);
  say(core, fmt::format("mark {}{}", mark.number,
                        name == names.end() ? "" : fmt::format(" ({})", name->second)));
}

void Platform::exited(CoreId core, std::uint32_t code) {
  last_exit_ = now_ps();
  --harts_running_;
  if (listener_.exit) listener_.exit(core, code);
  if (code != 0) {
    std::string text = fmt::format("{}: firmware exited with code {}", symbols_.hart(core), code);
    say(core, fmt::format("exited with code {}", code));
    const auto fault = faults_.find({core.aipu, core.core});
    if (fault != faults_.end()) text += "\n  " + fault->second;
    const cpu::Hart& hart = board_->aipus[core.aipu]->cores[core.core]->hart;
    if (const std::string crash = crash_text(symbols_, core, hart); !crash.empty()) {
      text += "\n" + crash.substr(0, crash.size() - 1);
    }
    fail(text);
  }
  if (harts_running_ == 0) sc_core::sc_pause();
}

void Platform::engine_fault(CoreId core, const Fault& fault) {
  std::string& text = faults_[{core.aipu, core.core}];
  text = "fault: " + fault_text(symbols_, core, fault);
  say(core, text);
  if (debugger_ != nullptr) debugger_->engine_fault(core, text);
}

void Platform::engine_warning(CoreId core, const Fault& fault) {
  if (!warned_.insert({core.aipu, core.core, fault.pc}).second) return;
  const std::string text = "warning: " + fault_text(symbols_, core, fault);
  say(core, text);
  if (listener_.warning) listener_.warning(symbols_.hart(core) + ": " + text);
}

void Platform::hart_fault(CoreId core, const std::string& text) {
  const auto& hart = board_->aipus[core.aipu]->cores[core.core]->hart;
  const std::string line =
      fmt::format("hart fault: {} in {}", text, symbols_.place(core, hart.pc()));
  say(core, line);
  if (debugger_ != nullptr) debugger_->hart_fault(core, line);
  const std::string crash = crash_text(symbols_, core, hart);
  fail(crash.empty() ? line : line + "\n" + crash.substr(0, crash.size() - 1));
}

}  // namespace aipu::platform
