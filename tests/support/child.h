// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <functional>
#include <string>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace aipu::test {

/// What a child process said and used.
struct ChildResult {
  std::string output;
  bool good = false;             ///< nothing was thrown, and it was not killed
  double cpu_seconds = 0;        ///< user and system
  std::uint64_t peak_bytes = 0;  ///< resident
};

/// Runs `work` in a process of its own, so that a test can compare several simulations. The calling
/// process must not have begun one. Killed after `limit_seconds` of real time.
inline ChildResult in_child(const std::function<std::string()>& work, unsigned limit_seconds = 60) {
  int ends[2];
  if (::pipe(ends) != 0) return {};
  const ::pid_t child = ::fork();
  if (child < 0) return {};
  if (child == 0) {
    ::close(ends[0]);
    ::alarm(limit_seconds);
    std::string text;
    bool threw = false;
    try {
      text = work();
    } catch (const std::exception& e) {  // must not come back as a second test process
      text = std::string("exception: ") + e.what();
      threw = true;
    }
    for (std::size_t done = 0; done < text.size();) {
      const ::ssize_t n = ::write(ends[1], text.data() + done, text.size() - done);
      if (n <= 0) ::_exit(1);
      done += static_cast<std::size_t>(n);
    }
    ::_exit(threw ? 1 : 0);
  }
  ::close(ends[1]);
  ChildResult result;
  char buffer[4096];
  for (::ssize_t n = 0; (n = ::read(ends[0], buffer, sizeof buffer)) > 0;)
    result.output.append(buffer, static_cast<std::size_t>(n));
  ::close(ends[0]);
  int status = 0;
  ::rusage usage{};
  ::wait4(child, &status, 0, &usage);
  result.good = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  const auto seconds = [](const ::timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  result.cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  result.peak_bytes = static_cast<std::uint64_t>(usage.ru_maxrss) * 1024U;
  return result;
}

}  // namespace aipu::test
