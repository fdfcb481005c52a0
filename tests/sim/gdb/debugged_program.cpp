// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/gdb/debugged_program.h"

#include <arpa/inet.h>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fmt/format.h>
#include <fstream>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include "sim/debug/packet.h"

namespace aipu::test {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kPatience = std::chrono::seconds(30);
constexpr int kSilence = 10'000;  // ms

[[noreturn]] void become(const std::vector<std::string>& arguments, const std::string& folder) {
  const auto redirect = [&](const char* name, int to) {
    const int from = ::open((folder + "/" + name).c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (from >= 0) ::dup2(from, to);
  };
  redirect("out", STDOUT_FILENO);
  redirect("err", STDERR_FILENO);
  std::vector<std::string> copy{AIPU_PROGRAM};
  copy.insert(copy.end(), arguments.begin(), arguments.end());
  std::vector<char*> words;
  for (std::string& word : copy)
    words.push_back(word.data());
  words.push_back(nullptr);
  if (::chdir(folder.c_str()) == 0) ::execv(words[0], words.data());
  ::_exit(127);
}

bool exists(const std::string& path) {
  return ::access(path.c_str(), R_OK) == 0;
}

}  // namespace

DebuggedProgramTest::~DebuggedProgramTest() {
  if (child_ <= 0) return;
  ::kill(child_, SIGKILL);
  ::waitpid(child_, nullptr, 0);
}

void DebuggedProgramTest::start(std::vector<std::string> arguments) {
  arguments.insert(arguments.end(), {"--gdb", "0"});
  ::unlink(folder_.file("err").c_str());  // of a start before
  child_ = ::fork();
  if (child_ == 0) become(arguments, folder_.path());
  const std::string mark = "target remote :";
  for (const auto end = Clock::now() + kPatience; Clock::now() < end;) {
    const std::string text = exists(folder_.file("err")) ? err() : "";
    if (const auto at = text.find(mark); at != std::string::npos && text.back() == '\n') {
      port_ = static_cast<std::uint16_t>(std::stoul(text.substr(at + mark.size())));
      return;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  FAIL() << "no port: " << err();
}

std::string DebuggedProgramTest::gdb(const std::string& elf,
                                     const std::vector<std::string>& commands) {
  std::ofstream script(folder_.file("script"));
  script << "set pagination off\nset confirm off\nset width 0\n"
         << "set remotetimeout 20\ntarget remote :" << port_ << "\n";
  for (const std::string& command : commands)
    script << command << "\n";
  script.close();
  const std::string log = folder_.file("gdb");
  const std::string line =
      fmt::format("cd {} && timeout 50 gdb-multiarch -nx -batch -x {} {} > {} 2>&1 < /dev/null",
                  AIPU_ROOT, folder_.file("script"), elf, log);
  EXPECT_EQ(std::system(line.c_str()), 0) << read_file(log);
  return read_file(log);
}

int DebuggedProgramTest::wait() {
  int status = 0;
  for (const auto end = Clock::now() + kPatience; Clock::now() < end;) {
    if (::waitpid(child_, &status, WNOHANG) == child_) {
      child_ = -1;
      return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  ADD_FAILURE() << "still running: " << err();
  return -1;
}

void DebuggedProgramTest::send_signal(int number) {
  ::kill(child_, number);
}

RawDebugger::RawDebugger(std::uint16_t port) : line_(::socket(AF_INET, SOCK_STREAM, 0)) {
  ::sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  EXPECT_EQ(::connect(line_, reinterpret_cast<::sockaddr*>(&address), sizeof address), 0);
}

RawDebugger::~RawDebugger() {
  close();
}

void RawDebugger::close() {
  if (line_ >= 0) ::close(line_);
  line_ = -1;
}

void RawDebugger::send(const std::string& bytes) {
  ::send(line_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

std::string RawDebugger::ask(const std::string& payload) {
  send(debug::frame(payload));
  return packet();
}

std::string RawDebugger::packet() {
  debug::Receiver receiver;
  for (;;) {
    ::pollfd entry{line_, POLLIN, 0};
    char c = 0;
    if (::poll(&entry, 1, kSilence) <= 0 || ::recv(line_, &c, 1, 0) <= 0) return {};
    if (receiver.push(c) != debug::Receiver::Event::kPacket) continue;
    send("+");
    return receiver.packet();
  }
}

}  // namespace aipu::test
