// SPDX-License-Identifier: Apache-2.0
#include "tlm/hbm/calibration.h"

#include <algorithm>
#include <fmt/format.h>
#include <functional>

#include "hw/base/rng.h"
#include "hw/hbm/address_map.h"
#include "tlm/hbm/channel_server.h"
#include "tlm/hbm/controller_reference.h"

namespace aipu::hbm {
namespace {

constexpr std::uint32_t kLong = 3000;   // granules: more than a round of refreshes of every bank
constexpr std::uint32_t kAtoms = 4000;  // random single atoms
constexpr std::uint32_t kProbes = 64;   // accesses without load
constexpr Picoseconds kApart = 2_us;    // of those: everything is over
constexpr std::uint32_t kMixture = 3;   // every third access of the mixed stream is a write
constexpr std::uint32_t kQuarter = 4;   // small pieces: a granule divided by this

using Stream = std::vector<Demand>;

/// `count` demands; `fill` gives each its direction, granule or smaller unit, and size.
class Streams {
 public:
  explicit Streams(const Config& config) : config_(config) {}

  Stream sequential(Direction direction) const {
    return make(kLong, [&](std::uint32_t i) { return whole(direction, i); });
  }
  Stream mixed() const {
    return make(kLong, [&](std::uint32_t i) {
      return whole(i % kMixture == 0 ? kWrite : kRead, scattered(i, config_.interleave.count));
    });
  }
  Stream pieces(std::uint32_t count, std::uint64_t bytes) const {
    return make(count, [&](std::uint32_t i) {
      return Demand{0_ps, kRead, scattered(i, bytes) * bytes, static_cast<std::uint32_t>(bytes)};
    });
  }
  Stream unloaded(Direction direction) const {
    return make(kProbes, [&](std::uint32_t i) {
      Demand demand = whole(direction, scattered(i, config_.interleave.count));
      demand.at = kApart * (i + 1);
      return demand;
    });
  }

 private:
  static Stream make(std::uint32_t count, const std::function<Demand(std::uint32_t)>& demand) {
    Stream stream;
    for (std::uint32_t i = 0; i < count; ++i)
      stream.push_back(demand(i));
    return stream;
  }
  Demand whole(Direction direction, std::uint64_t granule) const {
    const std::uint64_t bytes = config_.interleave.count;
    return {0_ps, direction, granule * bytes % channel_capacity(config_).count,
            static_cast<std::uint32_t>(bytes)};
  }
  /// A fixed pseudo-random place, in units of `bytes`.
  std::uint64_t scattered(std::uint64_t i, std::uint64_t bytes) const {
    return split_mix(i * 0x9E3779B97F4A7C15ULL) % (channel_capacity(config_).count / bytes);
  }
  const Config& config_;
};

Picoseconds length(const std::vector<Picoseconds>& done) {
  return *std::max_element(done.begin(), done.end());
}

/// When the server has served the stream.
Picoseconds predicted(const Config& config, const Calibration& calibration, const Stream& stream) {
  const Config one = one_channel(config);
  const AddressMap map(one);
  const ServiceTimes times(config, calibration);
  ChannelServer server;
  OpenRows rows(1, bank_sets(config));
  std::uint64_t end = 0;
  for (const Demand& demand : stream) {
    const Location at = map.locate(demand.address);
    const auto atoms = static_cast<std::uint32_t>(demand.bytes / atom(config).count);
    const bool new_row = rows.open(0, at.set, at.row);
    end = server.serve(demand.at.count, {demand.direction, new_row, atoms}, times).end;
  }
  return Picoseconds(end);
}

/// Mean time from arrival to the last data.
Picoseconds mean_latency(const Stream& stream, const std::vector<Picoseconds>& done) {
  Picoseconds sum;
  for (std::size_t i = 0; i < stream.size(); ++i)
    sum += done[i] - stream[i].at;
  return sum / stream.size();
}

Picoseconds beyond(Picoseconds whole, Picoseconds part) {
  return whole > part ? whole - part : Picoseconds(0);
}

std::uint64_t turns(const Stream& stream) {
  std::uint64_t count = 0;
  for (std::size_t i = 1; i < stream.size(); ++i)
    count += stream[i].direction != stream[i - 1].direction ? 1 : 0;
  return count;
}

}  // namespace

Schema<Calibration> calibration_schema() {
  const auto time = between(0_ps, 100_us);
  const auto error = between(-10.0, 10.0);
  return Schema<Calibration>("calibration", "A pseudo-channel of HBM as a server")
      .field("read_granule", &Calibration::read_granule, time, "granule of a long read")
      .field("write_granule", &Calibration::write_granule, time, "granule of a long write")
      .field("turnaround", &Calibration::turnaround, time, "change of direction")
      .field("bank", &Calibration::bank, time, "least time for a bank that a small piece opens")
      .field("read_latency", &Calibration::read_latency, time, "beyond the service, unloaded")
      .field("write_latency", &Calibration::write_latency, time, "beyond the service, unloaded")
      .field("read_error", &Calibration::read_error, error, "of time, long reads")
      .field("write_error", &Calibration::write_error, error, "of time, long writes")
      .field("mixed_error", &Calibration::mixed_error, error, "of time, random reads and writes")
      .field("atom_error", &Calibration::atom_error, error, "of time, random single atoms")
      .field("piece_error", &Calibration::piece_error, error, "of time, random small pieces")
      .require(
          [](const Calibration& c) {
            return c.read_granule.count != 0 && c.write_granule.count != 0;
          },
          "read_granule and write_granule must be given");
}

std::string to_yaml(const Calibration& calibration) {
  std::string text;
  for (const SchemaEntry& entry : calibration_schema().describe(calibration).entries)
    text += fmt::format("{}: {}\n", entry.name, print_value(entry.type, entry.value));
  return text;
}

Calibration calibrate(const Config& config, Reference& reference) {
  const Streams streams(config);
  const auto measure = [&](const Stream& s) { return length(reference.run(s)); };
  Calibration c;
  const Stream reads = streams.sequential(kRead), writes = streams.sequential(kWrite);
  const Stream mixed = streams.mixed(), atoms = streams.pieces(kAtoms, atom(config).count);
  const Picoseconds read_time = measure(reads), write_time = measure(writes);
  const Picoseconds mixed_time = measure(mixed), atom_time = measure(atoms);
  c.read_granule = read_time / kLong;
  c.write_granule = write_time / kLong;
  c.bank = atom_time / kAtoms;
  c.turnaround = beyond(mixed_time, predicted(config, c, mixed)) / turns(mixed);
  for (const Direction d : {kRead, kWrite}) {
    const Stream probes = streams.unloaded(d);
    const Picoseconds latency = mean_latency(probes, reference.run(probes));
    (d == kRead ? c.read_latency : c.write_latency) =
        beyond(latency, d == kRead ? c.read_granule : c.write_granule);
  }
  const auto error = [&](const Stream& stream, Picoseconds exact) {
    return static_cast<double>(predicted(config, c, stream).count) /
               static_cast<double>(exact.count) -
           1.0;
  };
  c.read_error = error(reads, read_time);
  c.write_error = error(writes, write_time);
  c.mixed_error = error(mixed, mixed_time);
  c.atom_error = error(atoms, atom_time);
  const std::uint64_t piece = std::max(atom(config).count, config.interleave.count / kQuarter);
  const Stream pieces = streams.pieces(kLong, piece);
  c.piece_error = error(pieces, measure(pieces));
  return c;
}

Calibration calibrate(const Config& config) {
  ControllerReference reference(config);
  return calibrate(config, reference);
}

}  // namespace aipu::hbm
