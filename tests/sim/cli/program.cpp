// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/cli/program.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace aipu::test {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void become(const std::vector<std::string>& arguments, const std::string& folder,
                         const std::string& out, const std::string& err) {
  const auto redirect = [](const std::string& path, int to) {
    const int from = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (from >= 0) dup2(from, to);
  };
  redirect(out, STDOUT_FILENO);
  redirect(err, STDERR_FILENO);
  std::vector<char*> words;
  std::vector<std::string> copy{AIPU_PROGRAM};
  copy.insert(copy.end(), arguments.begin(), arguments.end());
  for (std::string& word : copy)
    words.push_back(word.data());
  words.push_back(nullptr);
  if (chdir(folder.c_str()) == 0) execv(words[0], words.data());
  _exit(127);
}

bool written(const std::string& path) {
  std::error_code error;
  const auto size = fs::file_size(path, error);
  return !error && size != 0;
}

int wait_for(pid_t child) {
  int status = 0;
  waitpid(child, &status, 0);
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

Outcome ProgramTest::run(const std::vector<std::string>& arguments,
                         const Interrupt& interrupt) const {
  const TempDir streams;
  const std::string out = streams.file("out"), err = streams.file("err");
  const pid_t child = fork();
  if (child == 0) become(arguments, folder_.path(), out, err);
  if (!interrupt.when.empty()) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!written(file(interrupt.when)) && std::chrono::steady_clock::now() < end) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    std::this_thread::sleep_for(interrupt.after);
    kill(child, SIGINT);
  }
  Outcome outcome;
  outcome.code = wait_for(child);
  outcome.out = read_file(out);
  outcome.err = read_file(err);
  return outcome;
}

void ProgramTest::expect_refused(const Outcome& result, int code, const std::string& part) {
  EXPECT_EQ(result.code, code) << result.err;
  EXPECT_EQ(result.out, "");
  EXPECT_NE(result.err.find(part), std::string::npos) << result.err;
  EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
}

void ProgramTest::expect_refused(const std::vector<std::string>& arguments, int code,
                                 const std::string& part,
                                 const std::vector<std::string>& kept) const {
  SCOPED_TRACE(fmt::format("{}", fmt::join(arguments, " ")));
  expect_refused(run(arguments), code, part);
  EXPECT_EQ(listing(), kept);
}

bool ProgramTest::exists(const std::string& name) const {
  return fs::exists(file(name));
}

std::vector<std::string> ProgramTest::listing() const {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder_.path()))
    names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace aipu::test
