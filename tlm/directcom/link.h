// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <tlm>
#include <vector>

#include "hw/directcom/packet.h"
#include "tlm/core/transaction.h"
#include "tlm/directcom/far_end.h"

namespace aipu::directcom {

/// Extension of a TLM_WRITE payload on a DirectCom link: the header of the packet whose payload
/// bytes are the data. A link accepts no payload without it.
///
/// BEGIN_REQ: the head enters the link; the annotated delay ends when it reaches the far end, and
/// one flit follows in every link cycle. END_REQ comes at once. BEGIN_RESP returns the credit of
/// the packet, annotated with the time at which the sender may use it; TLM_COMPLETED closes.
struct PacketExtension : tlm::tlm_extension<PacketExtension> {
  Packet header;
  std::uint32_t flits = 1;
  tlm::tlm_extension_base* clone() const override { return new PacketExtension(*this); }
  void copy_from(const tlm::tlm_extension_base& other) override {
    *this = static_cast<const PacketExtension&>(other);
  }
};

/// Extension of a debug access over a link before time zero: what the far end can hold. A far end
/// that leaves it unchanged is taken to hold anything.
struct LinkOffer : tlm::tlm_extension<LinkOffer> {
  FarEnd far_end;
  tlm::tlm_extension_base* clone() const override { return new LinkOffer(*this); }
  void copy_from(const tlm::tlm_extension_base& other) override {
    *this = static_cast<const LinkOffer&>(other);
  }
};

class PacketPool;

/// A pooled packet on its way: one payload object from the sending interface through every switch
/// to the receiving one. The pool belongs to the sender.
class LinkPacket : public tlm::tlm_generic_payload {
 public:
  LinkPacket(PacketPool& pool, std::size_t payload_bytes);
  ~LinkPacket() override;

  Packet& header() { return packet_.header; }
  std::uint32_t flits() const { return packet_.flits; }
  bool phantom() const { return phantom_.phantom; }
  std::uint8_t* data() { return buffer_.data(); }
  /// Fields of a fresh packet of `bytes` of payload; the header is the caller's to fill first.
  void prepare(std::uint32_t bytes, std::uint32_t flits, bool phantom);

 private:
  PacketExtension packet_;
  PhantomExtension phantom_;
  std::vector<std::uint8_t> buffer_;
};

class PacketPool : public tlm::tlm_mm_interface {
 public:
  explicit PacketPool(std::size_t payload_bytes) : payload_bytes_(payload_bytes) {}
  ~PacketPool() override;
  PacketPool(const PacketPool&) = delete;
  PacketPool& operator=(const PacketPool&) = delete;

  /// With one reference, which the sender gives back by release().
  LinkPacket& acquire();
  void free(tlm::tlm_generic_payload* payload) override;
  std::size_t in_use() const { return all_.size() - free_.size(); }

 private:
  std::size_t payload_bytes_;
  std::vector<std::unique_ptr<LinkPacket>> all_;
  std::vector<LinkPacket*> free_;
};

/// Asks the far end of a link for its buffers: `transport` is the debug transport of the socket.
template <typename Transport>
FarEnd ask_far_end(Transport&& transport) {
  LinkOffer offer;
  tlm::tlm_generic_payload payload;
  payload.set_command(tlm::TLM_IGNORE_COMMAND);
  payload.set_data_length(0);
  payload.set_extension(&offer);
  transport(payload);
  payload.clear_extension(&offer);
  return offer.far_end;
}

/// Answers a payload that is no packet: an error response, and the transaction is complete.
tlm::tlm_sync_enum refuse(tlm::tlm_generic_payload& payload);

}  // namespace aipu::directcom
