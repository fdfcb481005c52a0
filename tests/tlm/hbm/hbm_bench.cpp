// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <benchmark/benchmark.h>
#include <memory>
#include <random>
#include <systemc>
#include <tlm_utils/simple_initiator_socket.h>
#include <vector>

#include "hw/hbm/address_map.h"
#include "tlm/core/transaction.h"
#include "tlm/hbm/subsystem.h"

namespace aipu::hbm {
namespace {

constexpr std::uint32_t kBurst = 32;

Config one_channel() {
  Config config;
  config.stacks = 1;
  config.pseudo_channels = 1;
  config.capacity = 1_GiB;
  return config;
}

/// Addresses of a run: sequential, or random blocks; the same on every run.
class Pattern {
 public:
  Pattern(bool random, std::uint64_t start, std::uint32_t bytes, std::uint64_t span)
      : random_(random), next_(start), bytes_(bytes), span_(span), generator_(start + 1) {}
  std::uint64_t next() {
    if (random_) return generator_() % (span_ / bytes_) * bytes_;
    next_ = (next_ + bytes_) % span_;
    return next_;
  }

 private:
  bool random_;
  std::uint64_t next_;
  std::uint64_t bytes_;
  std::uint64_t span_;
  std::mt19937_64 generator_;
};

/// One pseudo-channel with full queues, no kernel. Argument: random.
void Core(benchmark::State& state) {
  const Config config = one_channel();
  const AddressMap map(config);
  Controller controller(config);
  Pattern pattern(state.range(0) != 0, 0, kBurst, config.capacity.count);
  std::vector<Issue> issued;
  for (auto _ : state) {
    const Location at = map.locate(pattern.next());
    controller.offer({kRead, at.set * config.bank_groups + at.group, at.row, at.column, 0}, 0);
    if (controller.waiting() < 64) continue;
    controller.advance_to(0, issued);
    issued.clear();
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(Core)->Arg(0)->Arg(1);

/// A stock initiator. Keeps a number of requests in flight, every response bringing the next one,
/// or sends one at random times, on the average `gap` apart.
class Source : public sc_core::sc_module {
 public:
  explicit Source(const sc_core::sc_module_name& name) : sc_module(name) {
    out.register_nb_transport_bw(this, &Source::nb_transport_bw);
    SC_METHOD(send_one);
    sensitive << event_;
    dont_initialize();
  }
  tlm_utils::simple_initiator_socket<Source, 256> out{"out"};

  void start(const Pattern& pattern, std::uint32_t bytes, std::uint64_t requests,
             std::uint32_t outstanding, std::uint64_t gap_ps = 0) {
    pattern_ = std::make_unique<Pattern>(pattern);
    bytes_ = bytes;
    left_ = requests;
    window_ = outstanding;
    gap_ps_ = gap_ps;
    blocked_ = false;
    gap_ps_ == 0 ? send() : send_one();
  }

 private:
  SC_HAS_PROCESS(Source);

  void send() {
    while (left_ != 0 && window_ != 0 && !blocked_) {
      --window_;
      begin();
    }
  }
  void send_one() {
    if (left_ == 0) return;
    begin();
    event_.notify(sc_core::sc_time::from_value(1 + generator_() % (2 * gap_ps_)));
  }
  void begin() {
    --left_;
    Transaction& transaction = pool_.acquire();
    transaction.prepare(tlm::TLM_READ_COMMAND, pattern_->next(), bytes_);
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    blocked_ = out->nb_transport_fw(transaction, phase, delay) == tlm::TLM_ACCEPTED;
  }
  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                     sc_core::sc_time&) {
    if (phase == tlm::END_REQ) {
      blocked_ = false;
    } else {
      payload.release();
      ++window_;
    }
    if (gap_ps_ == 0) send();
    return phase == tlm::END_REQ ? tlm::TLM_ACCEPTED : tlm::TLM_COMPLETED;
  }

  TransactionPool pool_;
  std::unique_ptr<Pattern> pattern_;
  std::uint32_t bytes_ = 0;
  std::uint64_t left_ = 0;
  std::uint64_t gap_ps_ = 0;
  std::uint32_t window_ = 0;
  bool blocked_ = false;
  std::mt19937_64 generator_;
  sc_core::sc_event event_;
};

/// A memory and its initiators, kept from run to run: one elaboration a process.
struct Bench {
  Config config;
  Storage storage{config.capacity, 0_B};  // phantom: the model's own cost
  Subsystem hbm;
  std::vector<std::unique_ptr<Source>> sources;

  Bench(const char* name, const Config& of, int initiators)
      : config(of), hbm(name, config, storage) {
    for (int i = 0; i < initiators; ++i) {
      sources.push_back(std::make_unique<Source>(sc_core::sc_gen_unique_name("source")));
      sources.back()->out.bind(hbm.mem_in);
    }
  }
};

Config unbuffered() {
  Config config = one_channel();
  config.front_queue = 0;
  return config;
}

struct Benches {
  Bench one{"one", one_channel(), 1};
  Bench unbuffered{"unbuffered", hbm::unbuffered(), 1};
  Bench chip{"chip", Config{}, 32};
};
Benches* benches = nullptr;

/// Batches of requests until the time is up. Items are requests.
void drive(benchmark::State& state, Bench& bench, bool random, std::uint32_t bytes,
           std::uint32_t outstanding, std::uint64_t gap_ps = 0) {
  constexpr std::uint64_t kBatch = 2000;
  const std::uint64_t span = bench.config.capacity.count;
  const std::uint64_t before = bench.hbm.stats().requests.value();
  const std::uint64_t began = bench.hbm.stats().bytes_read.value();
  const std::uint64_t wakes = bench.hbm.wake_ups();
  const std::uint64_t time = now_ps();
  std::uint64_t round = 0;
  for (auto _ : state) {
    std::uint64_t start = round++ * kBatch * bytes;
    for (auto& source : bench.sources) {
      source->start(Pattern(random, start, bytes, span), bytes, kBatch, outstanding, gap_ps);
      start += span / bench.sources.size();
    }
    sc_core::sc_start();
  }
  const std::uint64_t requests = bench.hbm.stats().requests.value() - before;
  const auto moved = static_cast<double>(bench.hbm.stats().bytes_read.value() - began);
  state.SetItemsProcessed(static_cast<std::int64_t>(requests));
  state.SetBytesProcessed(static_cast<std::int64_t>(moved));
  state.counters["wake_ups"] =
      static_cast<double>(bench.hbm.wake_ups() - wakes) / static_cast<double>(requests);
  state.counters["of_peak"] = moved * 1e12 / static_cast<double>(now_ps() - time) /
                              static_cast<double>(peak_bytes_per_second(bench.config));
}

/// One pseudo-channel behind TLM. Arguments: random, bytes of a request.
void OneChannel(benchmark::State& state) {
  drive(state, benches->one, state.range(0) != 0, static_cast<std::uint32_t>(state.range(1)), 64);
}
BENCHMARK(OneChannel)
    ->Args({0, 32})
    ->Args({1, 32})
    ->Args({0, 256})
    ->Args({0, 1024})
    ->Args({1, 1024});

/// The same without a front queue: END_REQ when the scheduler has the request. Argument: random.
void OneChannelUnbuffered(benchmark::State& state) {
  drive(state, benches->unbuffered, state.range(0) != 0, kBurst, 64);
}
BENCHMARK(OneChannelUnbuffered)->Arg(0)->Arg(1);

/// Random bursts at 1 % of the peak of one pseudo-channel.
void OneChannelAtOnePercent(benchmark::State& state) {
  const std::uint64_t peak = peak_bytes_per_second(benches->one.config);
  drive(state, benches->one, true, kBurst, 64, 100 * kBurst * 1'000'000'000'000U / peak);
}
BENCHMARK(OneChannelAtOnePercent);

/// All pseudo-channels of a chip, 32 initiators. Arguments: random, bytes of a request, in flight
/// of one initiator.
void Chip(benchmark::State& state) {
  drive(state, benches->chip, state.range(0) != 0, static_cast<std::uint32_t>(state.range(1)),
        static_cast<std::uint32_t>(state.range(2)));
}
BENCHMARK(Chip)->Args({0, 1024, 64})->Args({1, 1024, 64})->Args({0, 1024, 4})->Args({1, 32, 64});

}  // namespace
}  // namespace aipu::hbm

int sc_main(int, char**);
int sc_main(int, char**) {
  return 0;
}

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  aipu::hbm::Benches benches;
  aipu::hbm::benches = &benches;
  sc_core::sc_start(sc_core::SC_ZERO_TIME);  // elaborate
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
