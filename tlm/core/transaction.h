// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <tlm>
#include <vector>

namespace aipu {

/// Ignorable extension: whether the data of a payload mean anything. A target that reads phantom
/// storage sets it, an initiator that writes phantom data sets it and the target stores nothing.
/// Payloads without it carry real data (a phantom byte then reads as zero).
struct PhantomExtension : tlm::tlm_extension<PhantomExtension> {
  bool phantom = false;
  tlm::tlm_extension_base* clone() const override { return new PhantomExtension(*this); }
  void copy_from(const tlm::tlm_extension_base& other) override {
    *this = static_cast<const PhantomExtension&>(other);
  }
};

/// Ignorable extension of a register access: an initiator that offers it may be told to come back.
/// A target that cannot serve a store yet (a full command queue) sets `stalled`, changes nothing,
/// and later calls what the chip wired for that (HartStall). Without the extension it answers with
/// TLM_COMMAND_ERROR_RESPONSE.
struct MmioExtension : tlm::tlm_extension<MmioExtension> {
  bool stalled = false;
  std::uint32_t pc = 0;  ///< of the instruction, for fault reports
  tlm::tlm_extension_base* clone() const override { return new MmioExtension(*this); }
  void copy_from(const tlm::tlm_extension_base& other) override {
    *this = static_cast<const MmioExtension&>(other);
  }
};

class TransactionPool;

/// A pooled payload of up to kMaxBytes with its own buffer and phantom flag. `context` is the
/// initiator's: it finds its own state again when the response comes.
class Transaction : public tlm::tlm_generic_payload {
 public:
  static constexpr std::uint32_t kMaxBytes = 1024;

  explicit Transaction(TransactionPool& pool);
  ~Transaction() override;

  /// Fields of a fresh request; the data pointer is the own buffer, the response incomplete.
  void prepare(tlm::tlm_command command, std::uint64_t address, std::uint32_t bytes);
  bool phantom() const { return phantom_.phantom; }
  void set_phantom(bool p) { phantom_.phantom = p; }

  std::uint64_t context = 0;
  void* owner = nullptr;

 private:
  friend class TransactionPool;
  PhantomExtension phantom_;
  std::vector<std::uint8_t> buffer_;
};

/// Recycles transactions of one initiator; nothing is allocated in steady state.
class TransactionPool : public tlm::tlm_mm_interface {
 public:
  TransactionPool() = default;
  ~TransactionPool() override;
  TransactionPool(const TransactionPool&) = delete;
  TransactionPool& operator=(const TransactionPool&) = delete;

  /// With one reference, which the initiator gives back by release().
  Transaction& acquire();
  void free(tlm::tlm_generic_payload* payload) override;

 private:
  std::vector<std::unique_ptr<Transaction>> all_;
  std::vector<Transaction*> free_;
};

/// The Transaction's phantom flag if the payload carries one, else real.
inline bool is_phantom(const tlm::tlm_generic_payload& payload) {
  const auto* extension = payload.get_extension<PhantomExtension>();
  return extension != nullptr && extension->phantom;
}

}  // namespace aipu
