// SPDX-License-Identifier: Apache-2.0
#include "sim/debug/server.h"

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "hw/base/error.h"

namespace aipu::debug {
namespace {

bool readable(int descriptor, int milliseconds) {
  ::pollfd entry{descriptor, POLLIN, 0};
  return ::poll(&entry, 1, milliseconds) > 0;  // a signal counts as nothing yet
}

}  // namespace

Server::Server(std::uint16_t port) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ::sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  auto* const raw = reinterpret_cast<::sockaddr*>(&address);
  ::socklen_t length = sizeof address;
  const int yes = 1;
  ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  const bool good = listener_ >= 0 && ::bind(listener_, raw, length) == 0 &&
                    ::listen(listener_, 1) == 0 && ::getsockname(listener_, raw, &length) == 0;
  if (!good) {
    const std::string why = std::strerror(errno);
    close();
    if (listener_ >= 0) ::close(listener_);
    throw UserError(ExitCode::kIo, fmt::format("--gdb {}: cannot listen on this port of the "
                                               "loopback interface: {}; 0 chooses a free one",
                                               port, why));
  }
  port_ = ntohs(address.sin_port);
}

Server::~Server() {
  close();
  if (listener_ >= 0) ::close(listener_);
}

bool Server::connect(int milliseconds) {
  if (line_ >= 0) return true;
  if (!readable(listener_, milliseconds)) return false;
  line_ = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  if (line_ < 0) return false;
  const int yes = 1;
  ::setsockopt(line_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  return true;
}

std::optional<std::string> Server::read(int milliseconds) {
  if (line_ < 0) return std::nullopt;
  if (!readable(line_, milliseconds)) return std::string();
  std::array<char, 4096> buffer{};
  const ::ssize_t count = ::recv(line_, buffer.data(), buffer.size(), 0);
  if (count > 0) return std::string(buffer.data(), static_cast<std::size_t>(count));
  if (count < 0 && errno == EINTR) return std::string();
  close();
  return std::nullopt;
}

void Server::write(std::string_view text) {
  while (line_ >= 0 && !text.empty()) {
    const ::ssize_t count = ::send(line_, text.data(), text.size(), MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      close();
      return;
    }
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

void Server::close() {
  if (line_ >= 0) ::close(line_);
  line_ = -1;
}

}  // namespace aipu::debug
