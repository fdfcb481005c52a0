// SPDX-License-Identifier: Apache-2.0
#include <iostream>

#include "hw/config/explain.h"
#include "hw/config/load.h"
#include "sim/cli/verbs.h"

namespace aipu::cli {
namespace {

ExitCode explain(const Arguments& arguments) {
  if (arguments.flag("schema")) {
    if (arguments.given("positional")) throw UsageError(arguments.verb(), "--schema takes no KEY");
    config::explain_schema(std::cout);
    return ExitCode::kGood;
  }
  const config::Board board = config::load(arguments.text("config"), arguments.all("set"));
  config::explain_key(std::cout, arguments.text("positional"), board);
  return ExitCode::kGood;
}

}  // namespace

Verb explain_verb() {
  using Kind = Option::Kind;
  return {{"explain",
           "says what a key of the configuration means; without KEY the whole board",
           "KEY",
           false,
           {{"config", "PRESET|FILE", "machine whose values are shown", "hc1000_module"},
            {"set", "KEY=VALUE", "overrides a key; may be repeated", "", Kind::kRepeated},
            {"schema", "", "print the JSON Schema of configuration files", "", Kind::kFlag}},
           {"hc1000 explain aipu.hbm", "hc1000 explain aipu.hbm.data_rate --config my_chip.yaml",
            "hc1000 explain --schema > hc1000.schema.json"}},
          explain};
}

}  // namespace aipu::cli
