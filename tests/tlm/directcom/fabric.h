// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <systemc>
#include <tlm>
#include <tlm_utils/simple_target_socket.h>
#include <vector>

#include "hw/base/gaddr.h"
#include "regs/abi.h"
#include "regs/directcom.h"
#include "tlm/core/storage.h"
#include "tlm/directcom/interface.h"
#include "tlm/directcom/queue.h"
#include "tlm/directcom/switch.h"
#include "tlm/directcom/switch_core.h"

namespace aipu::directcom::test {

namespace abi = regs::abi;
namespace dc = regs::directcom;

/// Local memory of an AIPU: HBM and core SRAM in one array (bits [59:40] of an address do not
/// count), fixed latency, optional cycle per request. Answers at once with an annotated delay, or
/// in phases.
class Memory : public sc_core::sc_module {
 public:
  struct Timing {
    Picoseconds latency = 100_ns;
    Picoseconds gap{0};  ///< between requests
    bool phases = false;
  };

  Memory(const sc_core::sc_module_name& name, Bytes size, Bytes real, Timing timing)
      : sc_module(name), storage_(size, real), timing_(timing) {
    SC_HAS_PROCESS(Memory);
    for (int port = 0; port < 2; ++port)
      in[static_cast<std::size_t>(port)].register_nb_transport_fw(this, &Memory::forward, port);
    SC_METHOD(run);
    sensitive << event_;
    dont_initialize();
  }

  sc_core::sc_vector<tlm_utils::simple_target_socket_tagged<Memory, 256>> in{"in", 2};

  Storage& storage() { return storage_; }
  std::uint64_t written() const { return written_; }
  /// Bytes at which an access may begin and end (accesses beyond answer with an address error).
  static std::uint64_t offset(std::uint64_t address) { return Gaddr{address}.offset(); }

 private:
  struct Pending {
    std::uint64_t time;
    bool end_request;
    tlm::tlm_generic_payload* payload;
    int port;
  };

  tlm::tlm_sync_enum forward(int port, tlm::tlm_generic_payload& p, tlm::tlm_phase& phase,
                             sc_core::sc_time& delay) {
    if (phase != tlm::BEGIN_REQ) return tlm::TLM_ACCEPTED;
    access(p);
    if (!timing_.phases) {
      const std::uint64_t start = std::max(now_ps(), free_at_);
      free_at_ = start + timing_.gap.count;
      delay = to_time(Picoseconds(start + timing_.latency.count - now_ps()));
      return tlm::TLM_COMPLETED;
    }
    queue_.push_back({now_ps() + timing_.gap.count, true, &p, port});
    queue_.push_back({now_ps() + timing_.latency.count, false, &p, port});
    next();
    return tlm::TLM_ACCEPTED;
  }

  void access(tlm::tlm_generic_payload& p) {
    const std::uint64_t at = offset(p.get_address());
    if (!storage_.contains(at, p.get_data_length())) {
      p.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
      return;
    }
    p.set_response_status(tlm::TLM_OK_RESPONSE);
    auto* phantom = p.get_extension<PhantomExtension>();
    const bool real = storage_.is_real(at, p.get_data_length());
    if (p.is_write()) {
      written_ += p.get_data_length();
      if (real && !phantom->phantom) {
        std::copy_n(p.get_data_ptr(), p.get_data_length(), storage_.at(at));
      }
    } else if (real) {
      std::copy_n(storage_.at(at), p.get_data_length(), p.get_data_ptr());
    } else {
      phantom->phantom = true;
    }
  }

  void run() {
    for (std::size_t i = 0; i < queue_.size();) {
      if (queue_[i].time > now_ps()) {
        ++i;
        continue;
      }
      const Pending due = queue_[i];
      queue_.erase(queue_.begin() + static_cast<std::ptrdiff_t>(i));
      tlm::tlm_phase phase = due.end_request ? tlm::END_REQ : tlm::BEGIN_RESP;
      sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
      in[static_cast<std::size_t>(due.port)]->nb_transport_bw(*due.payload, phase, delay);
    }
    next();
  }

  void next() {
    std::uint64_t at = ~0ULL;
    for (const Pending& p : queue_)
      at = std::min(at, p.time);
    if (at != ~0ULL) event_.notify(to_time(Picoseconds(at - now_ps())));
  }

  Storage storage_;
  Timing timing_;
  std::uint64_t free_at_ = 0;
  std::uint64_t written_ = 0;
  std::deque<Pending> queue_;
  sc_core::sc_event event_;
};

/// What arrived at the counters and faults of one AIPU; adds act at once.
class Sink : public SignalRouter, public FaultSink {
 public:
  struct Signal {
    std::uint64_t time;
    std::uint32_t core, scope, counter, amount;
  };
  std::vector<Signal> signals;
  std::vector<Fault> faults;

  void signal(std::uint32_t core, std::uint32_t scope, std::uint32_t counter,
              std::uint32_t amount) override {
    signals.push_back({now_ps(), core, scope, counter, amount});
  }
  void fault(const Fault& f) override { faults.push_back(f); }
};

/// A put, get or notify, as the words of a command.
struct Request {
  std::uint32_t opcode = dc::kOpPut;
  Gaddr source = Gaddr::hbm(0);
  Gaddr destination = Gaddr::hbm(0);
  std::uint32_t bytes = 64;
  std::uint32_t rows = 1;
  std::uint32_t source_stride = 0;
  std::uint32_t destination_stride = 0;
  std::uint32_t traffic_class = 2;
  std::uint32_t pace = 0;
  std::uint32_t remote_add = 1U << 8U | abi::kScopeSelf << 16U;  ///< counter 0 += 1

  Command command() const {
    Command c;
    c.opcode = opcode;
    auto& w = c.words;
    w[abi::kWAdd0] = 1U | 1U << 8U | abi::kScopeSelf << 16U;  // own counter 1 += 1
    w[dc::kWSrcLo] = static_cast<std::uint32_t>(source.raw);
    w[dc::kWSrcHi] = static_cast<std::uint32_t>(source.raw >> 32U);
    w[dc::kWDstLo] = static_cast<std::uint32_t>(destination.raw);
    w[dc::kWDstHi] = static_cast<std::uint32_t>(destination.raw >> 32U);
    w[dc::kWBytes] = bytes;
    w[dc::kWRows] = rows;
    w[dc::kWSrcRowStride] = source_stride;
    w[dc::kWDstRowStride] = destination_stride;
    w[dc::kWFlags] = traffic_class | pace << dc::kFlagsPaceShift;
    w[dc::kWRemoteAdd] = remote_add;
    return c;
  }
};

/// One AIPU as DirectCom sees it: memory, interface, and some cores with queue and counters.
struct Node {
  Node(std::uint32_t aipu, std::uint32_t aipus, std::uint32_t cores, const Config& config,
       Bytes size, Bytes real, Memory::Timing timing)
      : memory(("memory" + std::to_string(aipu)).c_str(), size, real, timing),
        interface(("interface" + std::to_string(aipu)).c_str(), config, Clock(1_GHz), aipu, aipus,
                  sink, aipu + 1) {
    interface.read_out.bind(memory.in[0]);
    interface.write_out.bind(memory.in[1]);
    for (std::uint32_t c = 0; c < cores; ++c) {
      counters.push_back(std::make_unique<CounterFile>());
      EngineWiring wiring{Clock(1_GHz)};
      wiring.core = c;
      wiring.queue = abi::kQueueDirectcom;
      wiring.counters = counters.back().get();
      wiring.signals = &sink;
      wiring.faults = &sink;
      wiring.sram_guard = &guard;
      const std::string queue = "queue" + std::to_string(aipu) + "_" + std::to_string(c);
      queues.push_back(std::make_unique<Queue>(queue.c_str(), config, wiring, interface));
    }
  }

  Sink sink;
  RangeGuard guard;
  Memory memory;
  Interface interface;
  std::vector<std::unique_ptr<CounterFile>> counters;
  std::vector<std::unique_ptr<Queue>> queues;
};

/// A module: AIPUs and switch planes, wired as the board wires them.
class Fabric {
 public:
  struct Options {
    std::uint32_t aipus = 4;
    std::uint32_t cores = 1;
    Bytes size = 16_MiB;
    Bytes real = 16_MiB;
    Memory::Timing timing;
    Config config;
    SwitchConfig plane;
  };

  explicit Fabric(const Options& options)
      : topology(hc1000({1, options.aipus, options.config.lanes, 1, 32})), routes(topology) {
    for (std::uint32_t p = 0; p < options.config.lanes; ++p) {
      planes.push_back(std::make_unique<Switch>(("plane" + std::to_string(p)).c_str(),
                                                options.plane, routes, p,
                                                make_switch_core(options.plane, routes, p, 1), 1));
    }
    for (std::uint32_t a = 0; a < options.aipus; ++a) {
      nodes.push_back(std::make_unique<Node>(a, options.aipus, options.cores, options.config,
                                             options.size, options.real, options.timing));
      for (std::uint32_t p = 0; p < options.config.lanes; ++p) {
        nodes[a]->interface.lane_out[p].bind(planes[p]->port_in[a]);
        planes[p]->port_out[a].bind(nodes[a]->interface.lane_in[p]);
      }
    }
  }

  Node& operator[](std::uint32_t aipu) { return *nodes[aipu]; }
  void push(std::uint32_t aipu, const Request& r, std::uint32_t core = 0) {
    nodes[aipu]->queues[core]->push(r.command());
  }
  /// Until nothing is left to happen; the end of the last event, in ps.
  std::uint64_t run(Picoseconds limit = Picoseconds(10'000'000'000)) {
    sc_core::sc_start(to_time(limit), sc_core::SC_EXIT_ON_STARVATION);
    return now_ps();
  }
  /// Before commands are pushed: elaborates, so that links know their buffers.
  void start() { sc_core::sc_start(sc_core::SC_ZERO_TIME); }

  Topology topology;
  Routes routes;
  std::vector<std::unique_ptr<Switch>> planes;
  std::vector<std::unique_ptr<Node>> nodes;
};

/// The same machine with trains, and buffers for them: switches hold a loop over the link (202
/// cycles) and two trains, the pull window is doubled, for a train lands as a whole.
inline Fabric::Options with_trains(Fabric::Options options, Bytes train) {
  options.config.train = train;
  options.config.pull_window = options.config.pull_window * 2;
  options.plane.payload = train * 2;  // longest packet that a switch takes, headers included
  options.plane.voq_flits = 202 + 2 * options.config.max_packet_flits();
  options.plane.out_flits = 2 * options.config.flits(train.count);
  return options;
}

/// The same machine with every buffer at its smallest.
inline Fabric::Options with_smallest_buffers(Fabric::Options options) {
  options.config.messages = 2;
  options.config.replies = 1;
  options.config.gets = 1;
  options.config.reads = 1;
  options.config.writes = 1;
  options.config.staging = 1_KiB;
  options.config.receive_flits = 33;
  options.plane.voq_flits = 33;
  return options;
}

/// One of several machines in a simulation: its modules' names begin with its own.
class Machine : public sc_core::sc_module {
 public:
  Machine(const sc_core::sc_module_name& name, const Fabric::Options& options)
      : sc_module(name), fabric(options) {}
  Fabric fabric;
};

}  // namespace aipu::directcom::test
