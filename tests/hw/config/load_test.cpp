// SPDX-License-Identifier: Apache-2.0
#include "hw/config/load.h"

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <string>
#include <utility>
#include <vector>

#include "hw/base/error.h"
#include "hw/config/presets.h"
#include "hw/config/resolve.h"

namespace aipu::config {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string error_of(const std::string& text, const std::vector<std::string>& overrides = {}) {
  try {
    load_text(text, "t.yaml", overrides);
  } catch (const ConfigError& error) {
    EXPECT_EQ(error.code(), ExitCode::kUsage);
    return error.what();
  }
  return "accepted";
}

TEST(LoadTest, APresetIsTheReferenceMachine) {
  EXPECT_EQ(load("aipu").aipus, 1U);
  const Board module = load("hc1000_module");
  EXPECT_EQ(module.aipus, 16U);
  EXPECT_EQ(module.aipu.cores, 32U);
  EXPECT_EQ(module.aipu.clock, 1_GHz);
}

TEST(LoadTest, EveryPresetLoadsAndIsListedInOrder) {
  std::string last;
  for (const Preset& preset : presets()) {
    EXPECT_NO_THROW(load(preset.name)) << preset.name;
    EXPECT_LT(last, preset.name);
    last = preset.name;
  }
}

TEST(LoadTest, AnEmptyFileIsTheDefaults) {
  EXPECT_EQ(hash(load_text("", "t.yaml")), hash(Board{}));
  EXPECT_EQ(hash(load_text("# nothing\n", "t.yaml")), hash(Board{}));
}

TEST(LoadTest, LayersApplyInOrder) {
  const Board board = load_text(
      "extends: aipu\n"
      "aipu:\n"
      "  clock: 1.2 GHz\n"
      "  cores: 16\n",
      "t.yaml", {"aipu.cores=8", "aipu.cores=4", "simulation.data=functional"});
  EXPECT_EQ(board.aipus, 1U);
  EXPECT_EQ(board.aipu.clock, 1200_MHz);
  EXPECT_EQ(board.aipu.cores, 4U);
  EXPECT_EQ(board.simulation.data, DataMode::kFunctional);
}

TEST(LoadTest, PointsAtAMistypedKey) {
  EXPECT_EQ(error_of("aipus: 4\naipu:\n  hbm:\n    stakcs: 4\n"),
            "t.yaml:4:5: aipu.hbm: unknown key 'stakcs'; did you mean 'stacks'?");
  EXPECT_EQ(error_of("apius: 4\n"), "t.yaml:1:1: unknown key 'apius'; did you mean 'aipus'?");
}

TEST(LoadTest, PointsAtAValueOutOfRange) {
  EXPECT_EQ(error_of("aipus: 4097\n"), "t.yaml:1:8: aipus: 4097 is out of range; valid: 1..4096");
}

TEST(LoadTest, PointsAtAMissingOrUnwantedUnit) {
  EXPECT_THAT(error_of("aipu:\n  clock: 1000\n"),
              StartsWith("t.yaml:2:10: aipu.clock: '1000' needs a unit (Hz, kHz, MHz, GHz)"));
  EXPECT_THAT(error_of("aipus: 4 KiB\n"), HasSubstr("no unit"));
}

TEST(LoadTest, PointsAtAKeyGivenTwice) {
  EXPECT_EQ(error_of("aipus: 4\naipus: 5\n"),
            "t.yaml:2:1: aipus: given twice, first at t.yaml:1:1");
}

TEST(LoadTest, PointsAtASyntaxError) {
  EXPECT_THAT(error_of("aipu: [1, 2\n"), StartsWith("t.yaml:2:1: "));
  EXPECT_THAT(error_of("aipus: 1\n---\naipus: 2\n"), HasSubstr("second document"));
  EXPECT_THAT(error_of("a: b: c\n"), StartsWith("t.yaml:1:"));
}

TEST(LoadTest, RefusesTheWrongShape) {
  EXPECT_THAT(error_of("- aipus\n"), HasSubstr("is a group"));
  EXPECT_THAT(error_of("aipu: 3\n"), StartsWith("t.yaml:1:7: aipu: is a group"));
  EXPECT_THAT(error_of("aipus: [1]\n"), HasSubstr("aipus: takes one value"));
  EXPECT_THAT(error_of("aipus:\n"), HasSubstr("aipus: takes one value"));
  EXPECT_THAT(error_of("? [a]\n: 1\n"), HasSubstr("a key must be a plain name"));
}

TEST(LoadTest, ARuleOverSeveralKeysPointsAtOneOfThem) {
  EXPECT_EQ(error_of("simulation:\n  real_sram: 2 MiB\n"),
            "t.yaml:2:14: board: simulation.real_sram must not exceed aipu.sram.core_size");
  EXPECT_THAT(error_of("aipu:\n  directcom:\n    lane_rate: 200 Gb/s\nsimulation: {seed: 3}\n"),
              StartsWith("t.yaml:3:16: board: aipu.directcom and switch must agree"));
}

TEST(LoadTest, AnAddressMapThatDoesNotFitIsShownWithItsPiece) {
  EXPECT_EQ(error_of("aipu:\n  hbm:\n    address_map: row:15 bnak:2\n    row: 1 KiB\n"),
            "t.yaml:3:18: aipu.hbm: address_map: 'bnak:2': no field 'bnak'; did you mean 'bank'?");
  EXPECT_THAT(error_of("", {"aipu.hbm.address_xor=bank0^row99"}),
              StartsWith("--set aipu.hbm.address_xor=bank0^row99: aipu.hbm: address_xor: "
                         "'bank0^row99': 'row99' is no bit; those of row: row0..row14"));
}

TEST(LoadTest, AnAddressMapKeepsABurstOnOnePseudoChannel) {
  const std::string wide = "row:15 sid:1 bank:2 column:2 channel:6 column:3 group:2";
  EXPECT_EQ(error_of("", {"aipu.hbm.address_map=" + wide}), "accepted");
  const std::string narrow = "row:15 sid:1 bank:2 column:3 channel:6 column:2 group:2";
  EXPECT_THAT(error_of("", {"aipu.hbm.address_map=" + narrow}),
              HasSubstr("the consecutive bytes that hbm.address_map keeps on one pseudo-channel"));
  EXPECT_EQ(error_of("", {"aipu.hbm.address_map=" + narrow, "aipu.dma.burst=512 B",
                          "aipu.directcom.read=512 B"}),
            "accepted");
}

TEST(LoadTest, AnOverrideIsItsOwnPlace) {
  EXPECT_EQ(error_of("", {"aipus=9999"}),
            "--set aipus=9999: aipus: 9999 is out of range; valid: 1..4096");
  EXPECT_EQ(error_of("", {"aipu.hbm.stakcs=2"}),
            "--set aipu.hbm.stakcs=2: unknown key 'aipu.hbm.stakcs'; did you mean "
            "'aipu.hbm.stacks'?");
  EXPECT_THAT(error_of("", {"hbm.stacks=2"}), HasSubstr("did you mean 'aipu.hbm.stacks'?"));
  EXPECT_THAT(error_of("", {"aipus"}), HasSubstr("an override reads key=value"));
  EXPECT_THAT(error_of("", {"aipu..clock=1 GHz"}), HasSubstr("a key reads a.b.c"));
  EXPECT_THAT(error_of("", {"aipu=1"}), HasSubstr("is a group"));
  EXPECT_THAT(error_of("", {"aipus.x=1"}), HasSubstr("unknown key 'aipus.x'"));
}

TEST(LoadTest, ExtendsMustLeadSomewhere) {
  EXPECT_THAT(error_of("extends: aipuu\n"),
              StartsWith("t.yaml:1:10: no preset or file 'aipuu'; did you mean 'aipu'?"));
  EXPECT_THAT(error_of("extends: missing.yaml\n"), StartsWith("t.yaml:1:10: cannot read"));
  EXPECT_THAT(error_of("extends: aipu\nextends: aipu\n"), HasSubstr("given twice"));
  EXPECT_THAT(error_of("extends: [aipu]\n"), HasSubstr("takes one preset or file"));
  EXPECT_THROW(load("aipuu"), ConfigError);
  EXPECT_THROW(load("missing.yaml"), IoError);
}

TEST(LoadTest, ExtendsAFileBesideItself) {
  const std::filesystem::path folder = testing::TempDir() + "/extends beside";
  std::filesystem::create_directories(folder);
  std::ofstream(folder / "base.yaml") << "aipus: 3\n";
  std::ofstream(folder / "top.yaml") << "extends: base.yaml\naipu: {cores: 2}\n";
  std::ofstream(folder / "loop.yaml") << "extends: loop.yaml\n";
  const Board board = load((folder / "top.yaml").string());
  EXPECT_EQ(board.aipus, 3U);
  EXPECT_EQ(board.aipu.cores, 2U);
  EXPECT_THROW(load((folder / "loop.yaml").string()), ConfigError);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace aipu::config
