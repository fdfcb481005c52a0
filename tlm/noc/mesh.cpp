// SPDX-License-Identifier: Apache-2.0
#include "tlm/noc/mesh.h"

#include <algorithm>

#include "hw/base/assert.h"

namespace aipu::noc {
namespace {

sc_core::sc_time since(std::uint64_t now, std::uint64_t then) {
  return to_time(Picoseconds(then - now));
}

}  // namespace

Mesh::Mesh(const sc_core::sc_module_name& name, const Config& config, const Wiring& wiring)
    : Model(name),
      wiring_(wiring),
      response_order_(config.responses_y_first ? Order::kYFirst : Order::kXFirst),
      links_(config, wiring.clock, static_cast<std::uint32_t>(wiring.port_tiles.size()),
             static_cast<std::uint32_t>(wiring.core_tiles.size())),
      behind_(wiring.hbm.channels) {
  for (std::uint32_t channel = 0; channel < wiring.hbm.channels; ++channel)
    channel_tiles_.push_back(links_.topology().tile_of_channel(channel, wiring.hbm.channels));
  core_in.register_b_transport(this, &Mesh::b_transport);
  core_in.register_nb_transport_fw(this, &Mesh::nb_transport_fw);
  core_in.register_transport_dbg(this, &Mesh::transport_dbg);
  for (auto* out : {&hbm_out, &shared_out, &core_out}) {
    out->register_nb_transport_bw(this, &Mesh::nb_transport_bw);
  }
}

Mesh::~Mesh() {
  for (Route& route : routes_) {
    if (route.payload != nullptr) route.payload->clear_extension(&route);
  }
}

void Mesh::end_of_elaboration() {
  const std::size_t ports = wiring_.port_tiles.size();
  AIPU_ASSERT(core_in.size() == ports, "{}: {} initiators on {} ports", name(), core_in.size(),
              ports);
  for (auto* out : {&hbm_out, &shared_out}) {
    AIPU_ASSERT(out->size() == 0 || out->size() == ports, "{}: {} bindings for {} ports",
                out->name(), out->size(), ports);
  }
  AIPU_ASSERT(core_out.size() == wiring_.core_tiles.size() &&
                  wiring_.compute_cores <= wiring_.core_tiles.size(),
              "{}: {} core memories on {} tiles", name(), core_out.size(),
              wiring_.core_tiles.size());
}

bool Mesh::decode(int port, const Payload& payload, Place& place) {
  const Gaddr address{payload.get_address()};
  place.port = static_cast<std::uint32_t>(port);
  place.space = address.space();
  place.offset = address.offset();
  if (address.aipu() != Gaddr::kSelf && address.aipu() != wiring_.aipu) return false;
  switch (address.space()) {
    case Gaddr::Space::kHbm: {
      const ChannelMap& map = wiring_.hbm;
      const std::uint32_t channel =
          map.channel_of == nullptr ? 0 : map.channel_of(map.context, place.offset);
      place.tile = links_.topology().tile_of_channel(channel, map.channels);
      return hbm_out.size() != 0;
    }
    case Gaddr::Space::kShared: {
      const std::uint64_t bank = place.offset / wiring_.bank_interleave.count % wiring_.banks;
      place.tile = links_.topology().tile_of_bank(static_cast<std::uint32_t>(bank));
      return shared_out.size() != 0;
    }
    case Gaddr::Space::kCore: {
      place.core = address.core();
      place.multicast = place.core == Gaddr::kAllCores && payload.is_write();
      if (place.multicast) return wiring_.compute_cores != 0;
      if (place.core >= wiring_.core_tiles.size()) return false;
      place.tile = wiring_.core_tiles[place.core];
      return true;
    }
  }
  return false;
}

Mesh::Forward* Mesh::target_of(const Place& place) {
  switch (place.space) {
    case Gaddr::Space::kHbm:
      return hbm_out[static_cast<int>(place.port)];
    case Gaddr::Space::kShared:
      return shared_out[static_cast<int>(place.port)];
    case Gaddr::Space::kCore:
      break;
  }
  return core_out[static_cast<int>(place.core)];
}

tlm::tlm_sync_enum Mesh::refuse(Payload& payload) {
  ++stats_.errors;
  payload.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
  return tlm::TLM_COMPLETED;
}

Links::Passage Mesh::request(const Place& place, const Payload& payload, std::uint64_t start) {
  const std::uint32_t from = wiring_.port_tiles[place.port];
  ++stats_.requests;
  if (!payload.is_write()) {
    return {start + links_.cycle_ps(), start + links_.header_latency(from, place.tile), 0};
  }
  if (StreamExtension* data = stream_of(place, payload); data != nullptr) {
    return stream(place, payload, data->first, start);
  }
  const std::uint64_t bytes = payload.get_data_length();
  const std::uint32_t exit =
      place.space == Gaddr::Space::kCore ? links_.to_core(place.core) : Links::kNone;
  const Links::Passage passage =
      links_.send(now_ps(), start, {links_.from_port(place.port), from, place.tile, exit, bytes});
  ++stats_.packets;
  stats_.bytes += bytes;
  stats_.hop_bytes += bytes * passage.hops;
  return passage;
}

std::uint64_t Mesh::response(const Place& place, const Payload& payload, std::uint64_t start) {
  start += place.lead;
  const std::uint32_t to = wiring_.port_tiles[place.port];
  if (!payload.is_read() || payload.is_response_error()) {
    return start + links_.header_latency(place.tile, to);
  }
  if (StreamExtension* data = stream_of(place, payload); data != nullptr) {
    data->first += place.lead;
    return stream(place, payload, data->first, start).landed;
  }
  const std::uint64_t bytes = payload.get_data_length();
  const std::uint32_t entry =
      place.space == Gaddr::Space::kCore ? links_.from_core(place.core) : Links::kNone;
  const Links::Passage passage = links_.send(
      now_ps(), start, {entry, place.tile, to, links_.to_port(place.port), bytes, response_order_});
  ++stats_.packets;
  stats_.bytes += bytes;
  stats_.hop_bytes += bytes * passage.hops;
  return passage.landed;
}

std::uint64_t Mesh::multicast(const Place& place, Payload& payload, std::uint64_t start) {
  const std::uint64_t now = now_ps();
  const std::uint64_t bytes = payload.get_data_length();
  const std::uint32_t from = wiring_.port_tiles[place.port];
  ++stats_.requests;
  ++stats_.packets;
  ++stats_.multicasts;
  stats_.bytes += bytes;
  links_.begin_tree(now, start, {links_.from_port(place.port), from, from, Links::kNone, bytes});
  payload.set_address(place.offset);
  std::uint64_t done = start;
  auto status = tlm::TLM_OK_RESPONSE;
  for (std::uint32_t core = 0; core < wiring_.compute_cores; ++core) {
    const std::uint32_t tile = wiring_.core_tiles[core];
    const Links::Passage passage = links_.branch(now, tile, links_.to_core(core));
    stats_.hop_bytes += bytes * passage.hops;
    sc_core::sc_time delay = since(now, passage.landed);
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    const tlm::tlm_sync_enum answer =
        core_out[static_cast<int>(core)]->nb_transport_fw(payload, phase, delay);
    AIPU_ASSERT(answer == tlm::TLM_COMPLETED,
                "{}: a multicast needs core memories that complete in one call", name());
    if (payload.is_response_error()) status = payload.get_response_status();
    const std::uint64_t landed = now + delay.value();
    done = std::max(done, landed + links_.header_latency(tile, from));
  }
  payload.set_response_status(status);
  return done;
}

Mesh::Route& Mesh::attach(Payload& payload, const Place& place) {
  if (free_routes_.empty()) free_routes_.push_back(&routes_.emplace_back());
  Route& route = *free_routes_.back();
  free_routes_.pop_back();
  route.place = place;
  route.payload = &payload;
  payload.set_extension(&route);
  if (payload.has_mm()) payload.acquire();
  return route;
}

void Mesh::detach(Route& route) {
  Payload& payload = *route.payload;
  payload.clear_extension(&route);
  route.payload = nullptr;
  free_routes_.push_back(&route);
  if (payload.has_mm()) payload.release();
}

tlm::tlm_sync_enum Mesh::begin(int port, Payload& payload, tlm::tlm_phase& phase,
                               sc_core::sc_time& delay) {
  Place place;
  if (!decode(port, payload, place)) return refuse(payload);
  const std::uint64_t now = now_ps();
  const std::uint64_t start = now + delay.value();
  if (place.multicast) {
    delay = since(now, multicast(place, payload, start));
    return tlm::TLM_COMPLETED;
  }
  const Links::Passage way = request(place, payload, start);
  payload.set_address(place.offset);
  // HBM gives END_REQ when a request is there, and a port has one request at a time: with the way
  // of the header before it, a port could not issue faster than one request a way. The header's
  // time is charged with the response instead.
  if (place.space == Gaddr::Space::kHbm && payload.is_read()) place.lead = way.landed - now;
  Route& route = attach(payload, place);
  delay = since(now, way.landed - place.lead);
  const tlm::tlm_sync_enum answer = target_of(place)->nb_transport_fw(payload, phase, delay);
  const std::uint64_t then = now + delay.value();
  if (answer == tlm::TLM_COMPLETED) {
    delay = since(now, response(place, payload, then));
    detach(route);
  } else if (answer == tlm::TLM_UPDATED && phase == tlm::END_REQ) {
    // Late acceptance holds the port back; the latency of the way does not.
    const std::uint64_t arrival = way.landed - place.lead;
    delay = since(now, way.accepted + (then > arrival ? then - arrival : 0));
  } else if (answer == tlm::TLM_UPDATED) {
    delay = since(now, response(place, payload, then));
  }
  return answer;
}

tlm::tlm_sync_enum Mesh::nb_transport_fw(int port, Payload& payload, tlm::tlm_phase& phase,
                                         sc_core::sc_time& delay) {
  if (phase == tlm::BEGIN_REQ) return begin(port, payload, phase, delay);
  Route* route = nullptr;
  payload.get_extension(route);
  AIPU_ASSERT(route != nullptr && phase == tlm::END_RESP, "{}: phase {} out of order", name(),
              phase.get_name());
  const tlm::tlm_sync_enum answer = target_of(route->place)->nb_transport_fw(payload, phase, delay);
  detach(*route);
  return answer;
}

tlm::tlm_sync_enum Mesh::nb_transport_bw(int, Payload& payload, tlm::tlm_phase& phase,
                                         sc_core::sc_time& delay) {
  Route* route = nullptr;
  payload.get_extension(route);
  AIPU_ASSERT(route != nullptr, "{}: phase {} of an unknown request", name(), phase.get_name());
  const Place& place = route->place;
  auto* initiator = core_in[static_cast<int>(place.port)];
  if (phase != tlm::BEGIN_RESP) return initiator->nb_transport_bw(payload, phase, delay);
  const std::uint64_t now = now_ps();
  sc_core::sc_time up = since(now, response(place, payload, now + delay.value()));
  const tlm::tlm_sync_enum answer = initiator->nb_transport_bw(payload, phase, up);
  // The target is free of the response as soon as the network has it.
  if (answer != tlm::TLM_ACCEPTED) detach(*route);
  return answer;
}

void Mesh::b_transport(int port, Payload& payload, sc_core::sc_time& delay) {
  Place place;
  if (!decode(port, payload, place)) {
    refuse(payload);
    return;
  }
  const std::uint64_t address = payload.get_address();
  const std::uint64_t now = now_ps();
  if (place.multicast) {
    delay = since(now, multicast(place, payload, now + delay.value()));
  } else {
    payload.set_address(place.offset);
    delay = since(now, request(place, payload, now + delay.value()).landed);
    target_of(place)->b_transport(payload, delay);
    const std::uint64_t then = now_ps();  // the target may have waited
    delay = since(then, response(place, payload, then + delay.value()));
  }
  payload.set_address(address);
}

unsigned Mesh::transport_dbg(int port, Payload& payload) {
  Place place;
  if (!decode(port, payload, place)) return 0;
  const std::uint64_t address = payload.get_address();
  payload.set_address(place.offset);
  unsigned bytes = 0;
  if (place.multicast) {
    for (std::uint32_t core = 0; core < wiring_.compute_cores; ++core) {
      bytes = core_out[static_cast<int>(core)]->transport_dbg(payload);
    }
  } else {
    bytes = target_of(place)->transport_dbg(payload);
  }
  payload.set_address(address);
  return bytes;
}

std::vector<TimeShare> Mesh::time_shares(std::uint64_t now) const {
  const std::uint64_t busy = links_.busy(now);
  return {{"busy", busy}, {"idle", now * links_.count() - busy}};
}

}  // namespace aipu::noc
