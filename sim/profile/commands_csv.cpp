// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <iterator>

#include "regs/abi.h"
#include "sim/profile/names.h"
#include "sim/profile/profile_file.h"

namespace aipu::profile {
namespace {

std::string time(std::uint64_t ps) {
  return ps == kNever ? "" : fmt::format("{}", ps);
}

}  // namespace

std::string commands_csv(const Result& result) {
  std::string text =
      "core,queue,opcode,function,pc,issued_ps,head_ps,began_ps,ended_ps,waited_for,bytes,flops\n";
  for (const CommandRecord& c : result.commands) {
    fmt::format_to(std::back_inserter(text), "{},{},{},{},{:#010x},{},{},{},{},{},{},{}\n",
                   result.cores[c.core].name, regs::abi::queue_name(c.queue),
                   opcode_name(c.queue, c.opcode), result.functions[c.function], c.pc, c.issued,
                   time(c.head), time(c.began), time(c.ended), wait_name(c), c.bytes, c.flops);
  }
  return text;
}

}  // namespace aipu::profile
