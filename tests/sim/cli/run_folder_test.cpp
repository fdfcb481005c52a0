// SPDX-License-Identifier: Apache-2.0
// The run folder, the JSON, and that equal runs are equal.
#include <chrono>
#include <filesystem>

#include "tests/sim/cli/program.h"

namespace aipu {
namespace {

using test::Outcome;
using test::small_run;
using Words = std::vector<std::string>;

constexpr const char* kFiles[] = {"summary.json", "console.log", "config.resolved.yaml"};

class CliRunTest : public test::ProgramTest {
 protected:
  /// A run that would take a minute, interrupted so long after its folder is there.
  Outcome run_interrupted(std::chrono::milliseconds after) const {
    return run({"run", "--model", "llama-3.1-8b", "--aipus", "4", "--json", "-o", "out"},
               test::Interrupt{"out/config.resolved.yaml", after});
  }
};

TEST_F(CliRunTest, AFreshFolderIsMadeForEveryRun) {
  EXPECT_EQ(run(small_run()).code, 0);
  EXPECT_EQ(run(small_run()).code, 0);

  for (const char* name : kFiles) {
    EXPECT_TRUE(exists(std::string("runs/run-0001/") + name)) << name;
    EXPECT_TRUE(exists(std::string("runs/run-0002/") + name)) << name;
  }
}

TEST_F(CliRunTest, AnExistingFolderNeedsForce) {
  ASSERT_EQ(run(small_run({"-o", "out"})).code, 0);
  const std::string before = read("out/summary.json");
  test::write_file(file("out/notes.txt"), "mine");

  const Outcome refused = run(small_run({"-o", "out", "--batch", "2"}));
  EXPECT_EQ(refused.code, 2);
  EXPECT_NE(refused.err.find("--force"), std::string::npos);
  EXPECT_EQ(read("out/summary.json"), before);

  EXPECT_EQ(run(small_run({"-o", "out", "--batch", "2", "--force"})).code, 0);
  EXPECT_NE(read("out/summary.json"), before);
  EXPECT_EQ(read("out/notes.txt"), "mine");
}

TEST_F(CliRunTest, AFolderThatCannotBeMadeIsAnIoError) {
  test::write_file(file("file"), "x");

  EXPECT_EQ(run(small_run({"-o", "file"})).code, 2);
  EXPECT_EQ(run(small_run({"-o", "file", "--force"})).code, 2);
  EXPECT_EQ(run(small_run({"-o", "file/inside"})).code, 4);
  EXPECT_EQ(listing(), Words{"file"});
}

TEST_F(CliRunTest, NothingIsLeftUnderATemporaryName) {
  ASSERT_EQ(run(small_run({"-o", "out"})).code, 0);
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(file("out"))) {
    EXPECT_NE(entry.path().extension(), ".tmp");
    ++count;
  }
  EXPECT_EQ(count, 3U);
}

TEST_F(CliRunTest, EqualRunsLeaveEqualBytes) {
  const Outcome first = run(small_run({"-o", "a", "--json", "--batch", "2"}));
  const Outcome second = run(small_run({"-o", "b", "--json", "--batch", "2"}));

  EXPECT_EQ(first.out, second.out);
  for (const char* name : kFiles) {
    EXPECT_EQ(read(std::string("a/") + name), read(std::string("b/") + name)) << name;
  }
  EXPECT_EQ(first.out, read("a/summary.json"));
}

TEST_F(CliRunTest, TheResolvedConfigurationRepeatsTheRun) {
  const Words odd = small_run({"--set", "aipu.hbm.stacks=2", "--json", "-o", "a"});
  const auto first = run(odd).json();
  const auto again =
      run(small_run({"--config", "a/config.resolved.yaml", "--json", "-o", "b"})).json();

  EXPECT_EQ(first.at("step_s"), again.at("step_s"));
  EXPECT_EQ(first.at("provenance").at("config_hash"), again.at("provenance").at("config_hash"));
}

TEST_F(CliRunTest, JsonHoldsWhatAScriptNeeds) {
  const Outcome result = run(small_run({"--json", "--batch", "2", "-o", "out"}));
  const auto json = result.json();

  for (const char* key :
       {"time_per_token_s", "step_s", "tokens_per_s", "mfu", "hbm_bytes", "flops"}) {
    EXPECT_GT(json.at(key).get<double>(), 0) << key;
  }
  EXPECT_EQ(json.at("status"), "complete");
  EXPECT_NEAR(json.at("tokens_per_s").get<double>() * json.at("step_s").get<double>(), 2, 1e-9);
  EXPECT_EQ(json.at("cost").at("counted"), json.at("cost").at("expected"));
}

TEST_F(CliRunTest, EveryStackAddsUp) {
  const auto json = run(small_run({"--json", "--layers", "4", "-o", "out"})).json();

  ASSERT_FALSE(json.at("stalls").empty());
  for (const auto& [kind, stack] : json.at("stalls").items()) {
    double percent = 0;
    std::int64_t ps = 0;
    for (const auto& share : stack.at("percent"))
      percent += share.get<double>();
    for (const auto& share : stack.at("ps")) {
      EXPECT_GE(share.get<std::int64_t>(), 0) << kind;
      ps += share.get<std::int64_t>();
    }
    EXPECT_NEAR(percent, 100, 1e-9) << kind;
    EXPECT_EQ(ps, stack.at("total_ps").get<std::int64_t>()) << kind;
    const double elapsed = json.at("step_s").get<double>() * 1e12;
    EXPECT_NEAR(static_cast<double>(ps), elapsed * stack.at("servers").get<double>(), 1e3 * 600)
        << kind;
  }
}

TEST_F(CliRunTest, TheVerdictComesFirstAndSaysWhereThingsAre) {
  const Outcome result = run(small_run({"-o", "out"}));

  EXPECT_NE(result.out.substr(0, result.out.find('\n')).find("tokens/s"), std::string::npos);
  EXPECT_NE(result.out.find("MFU = useful FLOPs"), std::string::npos);
  EXPECT_NE(result.out.find("bound by"), std::string::npos);
  EXPECT_NE(result.out.find("Run folder: out"), std::string::npos);
  EXPECT_NE(result.out.find("\n  hc1000 run --model stories260k"), std::string::npos);
}

TEST_F(CliRunTest, RandomWeightsTakeTheSameTimeAsNone) {
  const auto timing = run(small_run({"--json", "--batch", "3", "-o", "a"})).json();
  const auto functional =
      run(small_run({"--json", "--batch", "3", "--functional", "-o", "b"})).json();

  EXPECT_EQ(timing.at("step_s"), functional.at("step_s"));
  EXPECT_EQ(timing.at("statistics"), functional.at("statistics"));
}

TEST_F(CliRunTest, PrefillRunsPromptsOneAfterAnother) {
  const Words base{"run", "--model", "stories260k", "--aipus", "2", "--phase", "prefill", "--json"};
  const auto with = [&](const char* batch, const char* context, const char* folder) {
    Words words = base;
    words.insert(words.end(), {"--batch", batch, "--context", context, "-o", folder});
    return run(words).json();
  };
  const auto one = with("1", "300", "a"), two = with("2", "300", "b");

  EXPECT_EQ(one.at("cost").at("counted"), one.at("cost").at("expected"));
  EXPECT_EQ(two.at("flops").get<double>(), 2 * one.at("flops").get<double>());
  EXPECT_NEAR(two.at("step_s").get<double>() / one.at("step_s").get<double>(), 2, 0.1);
}

TEST_F(CliRunTest, ExtrapolationAgreesWithEveryLayer) {
  test::TinyModelOptions model;
  model.layers = 12;
  model.hidden = 1024;
  model.intermediate = 2816;
  model.query_heads = model.kv_heads = 8;
  model.head_dim = 128;
  test::write_file(file("config.json"), test::tiny_config_json(model));
  const Words base{"run",       "--model",   "config.json", "--aipus", "2",       "--plan",
                   "tp=1,pp=2", "--context", "64",          "--json",  "--output"};
  Words few = base, all = base;
  few.insert(few.end(), {"few", "--layers", "4"});
  all.insert(all.end(), {"all", "--all-layers"});
  const auto a = run(few).json(), b = run(all).json();

  EXPECT_EQ(a.at("extrapolation").at("simulated_layers"), 8);
  EXPECT_EQ(b.at("extrapolation").at("simulated_layers"), 12);
  EXPECT_EQ(a.at("hbm_bytes"), b.at("hbm_bytes"));
  EXPECT_EQ(a.at("cost").at("tensor_flops"), b.at("cost").at("tensor_flops"));
  EXPECT_NEAR(a.at("step_s").get<double>() / b.at("step_s").get<double>(), 1, 0.01);
}

TEST_F(CliRunTest, AnInterruptBeforeTheStartIsKept) {
  const Outcome result = run_interrupted(std::chrono::milliseconds(0));

  EXPECT_EQ(result.code, 130) << result.err;
  EXPECT_EQ(result.json().at("status"), "interrupted");
}

TEST_F(CliRunTest, AnInterruptKeepsWhatThereIs) {
  const Outcome result = run_interrupted(std::chrono::milliseconds(1500));

  EXPECT_EQ(result.code, 130) << result.err;
  const auto json = result.json();
  EXPECT_EQ(json.at("status"), "interrupted");
  EXPECT_GT(json.at("simulated_s").get<double>(), 0);
  EXPECT_GT(json.at("hbm_bytes").get<double>(), 0);
  EXPECT_EQ(read("out/summary.json"), result.out);
}

}  // namespace
}  // namespace aipu
