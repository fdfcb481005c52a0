// SPDX-License-Identifier: Apache-2.0
#include "sim/cosim/workers.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "hw/base/error.h"

namespace aipu::cosim {
namespace {

using HostClock = std::chrono::steady_clock;

constexpr int kThrew = 1;           // exit code of a job that threw
constexpr int kPollMs = 100;        // between two looks at the clock
constexpr std::size_t kSaid = 400;  // characters of standard error that are told

[[noreturn]] void fail(const char* what) {
  throw IoError(what, std::strerror(errno));
}

void put(int to, const std::string& text) {
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t n = write(to, text.data() + done, text.size() - done);
    if (n < 0 && errno != EINTR) return;
    if (n > 0) done += static_cast<std::size_t>(n);
  }
}

/// A process and the ends of its pipes: its answer, its standard error.
struct Child {
  std::size_t job = 0;
  pid_t pid = -1;
  std::array<int, 2> from{-1, -1};
  std::array<std::string, 2> text;
  HostClock::time_point start;
  bool late = false;

  bool open() const { return from[0] >= 0 || from[1] >= 0; }
};

[[noreturn]] void be_child(std::size_t job, const std::array<int, 2>& to,
                           const std::function<std::string(std::size_t)>& work) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  dup2(to[1], STDERR_FILENO);
  int code = 0;
  try {
    put(to[0], work(job));
  } catch (const std::exception& error) {
    put(STDERR_FILENO, error.what());
    code = kThrew;
  }
  _exit(code);  // what the parent had not yet flushed is the parent's
}

Child start(std::size_t job, const std::function<std::string(std::size_t)>& work) {
  Child child;
  child.job = job;
  child.start = HostClock::now();
  std::array<int, 2> to{};
  for (std::size_t p = 0; p < 2; ++p) {
    std::array<int, 2> ends{};
    if (pipe(ends.data()) != 0) fail("pipe");
    child.from[p] = ends[0];
    to[p] = ends[1];
  }
  child.pid = fork();
  if (child.pid < 0) fail("fork");
  if (child.pid == 0) be_child(job, to, work);
  for (const int end : to)
    close(end);
  return child;
}

/// Takes what the children have written, and ends the late ones.
void listen(std::vector<Child>& children, std::chrono::seconds each) {
  std::vector<pollfd> ends;
  for (const Child& child : children) {
    for (const int end : child.from)
      ends.push_back({end, POLLIN, 0});
  }
  if (poll(ends.data(), ends.size(), kPollMs) < 0 && errno != EINTR) fail("poll");
  for (std::size_t k = 0; k < ends.size(); ++k) {
    Child& child = children[k / 2];
    if (ends[k].fd < 0 || ends[k].revents == 0) continue;
    std::array<char, 4096> part{};
    const ssize_t n = read(ends[k].fd, part.data(), part.size());
    if (n > 0) child.text[k % 2].append(part.data(), static_cast<std::size_t>(n));
    if (n > 0 || (n < 0 && errno == EINTR)) continue;
    close(ends[k].fd);
    child.from[k % 2] = -1;
  }
  for (Child& child : children) {
    if (each.count() == 0 || child.late || HostClock::now() - child.start < each) continue;
    child.late = true;
    kill(child.pid, SIGKILL);
  }
}

/// One line, its end.
std::string last_words(std::string said) {
  std::replace(said.begin(), said.end(), '\n', ' ');
  while (!said.empty() && said.back() == ' ')
    said.pop_back();
  if (said.size() > kSaid) said = "..." + said.substr(said.size() - kSaid);
  return said.empty() ? "" : ": " + said;
}

JobResult result_of(const Child& child, std::chrono::seconds each) {
  int status = 0;
  while (waitpid(child.pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (child.late)
    return {JobResult::State::kLate, fmt::format("not done in {} s, ended", each.count())};
  if (WIFSIGNALED(status)) {
    return {JobResult::State::kLost,
            fmt::format("its process ended by signal {} ({}){}", WTERMSIG(status),
                        strsignal(WTERMSIG(status)), last_words(child.text[1]))};
  }
  if (WEXITSTATUS(status) != 0) {
    return {JobResult::State::kLost, fmt::format("its process ended with code {}{}",
                                                 WEXITSTATUS(status), last_words(child.text[1]))};
  }
  return {JobResult::State::kDone, child.text[0]};
}

}  // namespace

std::vector<JobResult> run_jobs(std::size_t jobs, const Workers& workers,
                                const std::function<std::string(std::size_t)>& work) {
  std::vector<JobResult> results(jobs);
  std::vector<Child> children;
  const HostClock::time_point begin = HostClock::now();
  std::size_t next = 0;
  while (next < jobs || !children.empty()) {
    if (workers.all.count() != 0 && HostClock::now() - begin >= workers.all) next = jobs;
    while (next < jobs && children.size() < workers.count)
      children.push_back(start(next++, work));
    if (children.empty()) break;
    listen(children, workers.each);
    for (const Child& child : children) {
      if (!child.open()) results[child.job] = result_of(child, workers.each);
    }
    children.erase(std::remove_if(children.begin(), children.end(),
                                  [](const Child& child) { return !child.open(); }),
                   children.end());
  }
  return results;
}

}  // namespace aipu::cosim
