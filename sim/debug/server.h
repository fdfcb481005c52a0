// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "sim/debug/channel.h"

namespace aipu::debug {

/// A TCP port of the loopback interface. Reachable from this computer only.
class Server : public Channel {
 public:
  /// 0 chooses a free port. Throws UserError (exit 4) where the port cannot be had.
  explicit Server(std::uint16_t port);
  ~Server() override;

  std::uint16_t port() const { return port_; }
  bool connect(int milliseconds) override;
  std::optional<std::string> read(int milliseconds) override;
  void write(std::string_view text) override;
  void close() override;

 private:
  int listener_ = -1;
  int line_ = -1;
  std::uint16_t port_ = 0;
};

}  // namespace aipu::debug
