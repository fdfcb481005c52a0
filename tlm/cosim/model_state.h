// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstring>
#include <verilated_save.h>

#include "tlm/cosim/snapshot.h"

namespace aipu::cosim {

/// What Verilator's classes write when they are saved, into a Snapshot.
class StateWriter final : public VerilatedSerialize {
 public:
  explicit StateWriter(Snapshot& to) : to_(to) { m_isOpen = true; }
  ~StateWriter() override = default;
  /// Whole blocks go on, what is left stays at the front.
  void flush() override {
    const auto used = static_cast<std::size_t>(m_cp - m_bufp);
    const std::size_t blocks = used / Snapshot::kBlock;
    to_.append(m_bufp, blocks);
    const std::size_t left = used - blocks * Snapshot::kBlock;
    std::memmove(m_bufp, m_bufp + blocks * Snapshot::kBlock, left);
    m_cp = m_bufp + left;
  }
  void finish() {
    flush();
    if (m_cp == m_bufp) return;
    std::memset(m_cp, 0, Snapshot::kBlock);
    to_.append(m_bufp, 1);
    m_cp = m_bufp;
  }

 private:
  Snapshot& to_;
};

class StateReader final : public VerilatedDeserialize {
 public:
  explicit StateReader(const Snapshot& from) : from_(from) {
    m_isOpen = true;
    m_endp = m_cp;
  }
  ~StateReader() override = default;

 private:
  void fill() override {
    const auto left = static_cast<std::size_t>(m_endp - m_cp);
    std::memmove(m_bufp, m_cp, left);
    const std::size_t blocks = (bufferSize() - left) / Snapshot::kBlock;
    for (std::size_t b = 0; b < blocks; ++b)
      from_.next(m_bufp + left + b * Snapshot::kBlock);
    m_cp = m_bufp;
    m_endp = m_bufp + left + blocks * Snapshot::kBlock;
  }

  Snapshot::Reader from_;
};

}  // namespace aipu::cosim
