// SPDX-License-Identifier: Apache-2.0
// Whatever firmware writes to its queues, an engine does it or refuses it; the simulator goes on.
#include <random>

#include "regs/abi.h"
#include "tests/firmware/chip/guest.h"

namespace aipu::test {
namespace {

/// Words that mean something somewhere: sizes, SRAM addresses, upper halves of Gaddr; and any.
class Words {
 public:
  explicit Words(std::uint32_t seed) : random_(seed) {}

  std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(random_() % limit); }
  std::uint32_t next() {
    constexpr std::uint32_t kUsual[] = {0,          1,          2,          3,          4,
                                        8,          16,         32,         64,         255,
                                        256,        1024,       0xFFFF,     0x10000,    0x7FFFFFFF,
                                        0x80000000, 0xFFFFFFFF, 0x2FFF0000, 0x0FFF0000, 0x1FFF0000,
                                        0x00010000, 0x2FFF0100};
    switch (below(4)) {
      case 0:
        return static_cast<std::uint32_t>(random_());
      case 1:
        return regs::core::kSramBase + 64 * below(1U << 14U);
      default:
        return kUsual[below(std::size(kUsual))];
    }
  }
  Command command() {
    Command c;
    c.opcode = below(8) == 0 ? next() : below(16);
    c.pc = regs::core::kSramBase;
    for (std::uint32_t& word : c.words)
      word = below(3) == 0 ? next() : below(64);
    if (below(8) != 0) c.words[regs::abi::kWWait] = 0;  // else most would wait for ever
    return c;
  }

 private:
  std::mt19937 random_;
};

class RandomCommandsTest : public GuestTest, public testing::WithParamInterface<std::uint32_t> {};

TEST_P(RandomCommandsTest, AreDoneOrRefusedAndNeverEndTheSimulator) {
  build({"aipus=2", "aipu.cores=32"});
  Words words(GetParam());
  std::vector<CommandEngine*> engines;
  for (const auto& aipu : platform_->board().aipus) {
    for (const auto& core : aipu->cores) {
      for (CommandEngine* engine :
           {static_cast<CommandEngine*>(&core->load), static_cast<CommandEngine*>(&core->store),
            static_cast<CommandEngine*>(core->tensor.get()),
            static_cast<CommandEngine*>(core->vector.get()),
            static_cast<CommandEngine*>(&core->directcom)}) {
        if (engine != nullptr) engines.push_back(engine);
      }
    }
  }
  std::size_t pushed = 0;
  for (int round = 0; round < 20; ++round) {
    for (CommandEngine* engine : engines) {
      if (engine->free_slots() == 0 || engine->halted()) continue;
      engine->push(words.command());
      ++pushed;
    }
    sc_core::sc_start(sc_core::sc_time(2, sc_core::SC_US));
  }

  const auto halted = std::count_if(engines.begin(), engines.end(),
                                    [](const CommandEngine* engine) { return engine->halted(); });
  EXPECT_GT(pushed, engines.size()) << "some did their first command";
  EXPECT_GT(halted, 0);
  EXPECT_NE(console_.find("fault: "), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomCommandsTest, testing::Range(1U, 9U));

}  // namespace
}  // namespace aipu::test
