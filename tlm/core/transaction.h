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

/// Ignorable extension of a request whose data pass over a span of time, as those of a long request
/// do: the first at `first`, the last at the annotated time of the phase. A receiver may book its
/// own bandwidth from the first on; one that ignores it takes all data to be there at the end.
struct StreamExtension : tlm::tlm_extension<StreamExtension> {
  std::uint64_t first = 0;  ///< ps of simulated time; 0: no span
  tlm::tlm_extension_base* clone() const override { return new StreamExtension(*this); }
  void copy_from(const tlm::tlm_extension_base& other) override {
    *this = static_cast<const StreamExtension&>(other);
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

/// A pooled payload with its own buffer and phantom flag. `context` is the initiator's: it finds
/// its own state again when the response comes. Usually a page of up to kMaxBytes; longer requests
/// (fast memory) span time and keep their longer buffer.
class Transaction : public tlm::tlm_generic_payload {
 public:
  static constexpr std::uint32_t kMaxBytes = 1024;

  explicit Transaction(TransactionPool& pool);
  ~Transaction() override;

  /// Fields of a fresh request; the data pointer is the own buffer, the response incomplete. Its
  /// contents are undefined.
  void prepare(tlm::tlm_command command, std::uint64_t address, std::uint32_t bytes);
  bool phantom() const { return phantom_.phantom; }
  void set_phantom(bool p) { phantom_.phantom = p; }

  StreamExtension& stream() { return stream_; }

  std::uint64_t context = 0;
  void* owner = nullptr;

 private:
  friend class TransactionPool;
  PhantomExtension phantom_;
  StreamExtension stream_;
  std::uint32_t room_ = 0;  // bytes of the buffer
  std::unique_ptr<std::uint8_t[]> buffer_;
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
