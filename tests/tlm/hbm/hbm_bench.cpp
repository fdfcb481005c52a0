// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <benchmark/benchmark.h>
#include <memory>
#include <random>
#include <systemc>
#include <tlm_utils/simple_initiator_socket.h>
#include <vector>

#include "hw/hbm/location.h"
#include "tlm/core/transaction.h"
#include "tlm/hbm/subsystem.h"

namespace aipu::hbm {
namespace {

constexpr std::uint64_t kSpan = 1ULL << 34U;

/// Addresses of a run: sequential, or random granules; the same on every run.
class Pattern {
 public:
  Pattern(bool random, std::uint64_t start, std::uint32_t bytes)
      : random_(random), next_(start), bytes_(bytes), generator_(start + 1) {}
  std::uint64_t next() {
    if (random_) return generator_() % (kSpan / bytes_) * bytes_;
    next_ = (next_ + bytes_) % kSpan;
    return next_;
  }

 private:
  bool random_;
  std::uint64_t next_;
  std::uint64_t bytes_;
  std::mt19937_64 generator_;
};

/// One pseudo-channel with full queues. Arguments: random, bytes of a request.
void Core(benchmark::State& state) {
  Config config;
  config.stacks = 1;
  config.pseudo_channels = 1;
  config.capacity = Bytes(kSpan);
  const auto bytes = static_cast<std::uint32_t>(state.range(1));
  const Interleaving interleaving(config);
  Controller controller(config);
  Pattern pattern(state.range(0) != 0, 0, bytes);
  std::vector<Issue> issued;
  Ck now = 0;
  for (auto _ : state) {
    while (!controller.has_room(kRead)) {
      now = std::max(now, controller.next_issue());
      controller.advance(now, issued);
      issued.clear();
    }
    const Location at = interleaving.locate(pattern.next());
    controller.enqueue(
        {kRead, at.set, at.row, at.column * config.bank_groups + at.group, bytes / 32, 0}, now,
        issued);
  }
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * bytes);
}
BENCHMARK(Core)->Args({0, 1024})->Args({1, 1024})->Args({0, 32})->Args({1, 32});

/// Keeps a number of requests in flight; every response brings the next request.
class Source : public sc_core::sc_module {
 public:
  explicit Source(const sc_core::sc_module_name& name) : sc_module(name) {
    out.register_nb_transport_bw(this, &Source::nb_transport_bw);
  }
  tlm_utils::simple_initiator_socket<Source, 256> out{"out"};

  void start(const Pattern& pattern, std::uint32_t bytes, std::uint64_t requests,
             std::uint32_t outstanding) {
    pattern_ = std::make_unique<Pattern>(pattern);
    bytes_ = bytes;
    left_ = requests;
    window_ = outstanding;
    blocked_ = false;
    send();
  }

 private:
  void send() {
    while (left_ != 0 && window_ != 0 && !blocked_) {
      --left_;
      --window_;
      Transaction& transaction = pool_.acquire();
      transaction.prepare(tlm::TLM_READ_COMMAND, pattern_->next(), bytes_);
      tlm::tlm_phase phase = tlm::BEGIN_REQ;
      sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
      blocked_ = out->nb_transport_fw(transaction, phase, delay) == tlm::TLM_ACCEPTED;
    }
  }
  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time&) {
    if (phase == tlm::END_REQ) {
      blocked_ = false;
      send();
      return tlm::TLM_ACCEPTED;
    }
    payload.release();
    ++window_;
    send();
    return tlm::TLM_COMPLETED;
  }

  TransactionPool pool_;
  std::unique_ptr<Pattern> pattern_;
  std::uint32_t bytes_ = 0;
  std::uint64_t left_ = 0;
  std::uint32_t window_ = 0;
  bool blocked_ = false;
};

struct Bench {
  Config config;
  Storage storage{config.capacity, 0_B};  // phantom: the model's own cost
  Subsystem hbm{"hbm", config, storage};
  std::vector<std::unique_ptr<Source>> sources;

  Bench() {
    for (int i = 0; i < 32; ++i) {
      sources.push_back(std::make_unique<Source>(sc_core::sc_gen_unique_name("source")));
      sources.back()->out.bind(hbm.mem_in);
    }
  }
};

Bench* bench = nullptr;

/// All pseudo-channels behind TLM sockets, 32 initiators. Arguments: random, bytes of a request, in
/// flight of one initiator.
void Shell(benchmark::State& state) {
  constexpr std::uint64_t kBatch = 2000;
  const auto bytes = static_cast<std::uint32_t>(state.range(1));
  std::uint64_t round = 0;
  const std::uint64_t before = bench->hbm.stats().requests.value();
  const std::uint64_t began = bench->hbm.stats().bytes_read.value();
  const std::uint64_t time = now_ps();
  for (auto _ : state) {
    std::uint64_t start = 0;
    for (auto& source : bench->sources) {
      source->start(Pattern(state.range(0) != 0, start + round * kBatch * bytes, bytes), bytes,
                    kBatch, static_cast<std::uint32_t>(state.range(2)));
      start += kSpan / 32;
    }
    ++round;
    sc_core::sc_start();
  }
  const std::uint64_t requests = bench->hbm.stats().requests.value() - before;
  const std::uint64_t moved = bench->hbm.stats().bytes_read.value() - began;
  state.SetItemsProcessed(static_cast<std::int64_t>(requests));
  state.SetBytesProcessed(static_cast<std::int64_t>(moved));
  state.counters["of_peak"] = static_cast<double>(moved) * 1e12 /
                              static_cast<double>(now_ps() - time) /
                              static_cast<double>(peak_bytes_per_second(bench->config));
}
BENCHMARK(Shell)
    ->Args({0, 1024, 64})
    ->Args({1, 1024, 64})
    ->Args({0, 1024, 4})
    ->Args({0, 256, 64})
    ->Args({0, 32, 64})
    ->Args({1, 32, 64});

}  // namespace
}  // namespace aipu::hbm

int sc_main(int, char**);
int sc_main(int, char**) {
  return 0;
}

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  aipu::hbm::Bench bench;
  aipu::hbm::bench = &bench;
  sc_core::sc_start(sc_core::SC_ZERO_TIME);  // elaborate
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
