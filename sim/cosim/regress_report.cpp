// SPDX-License-Identifier: Apache-2.0
#include "sim/cosim/regress_report.h"

#include <fmt/format.h>
#include <map>
#include <nlohmann/json.hpp>
#include <tuple>

namespace aipu::cosim {
namespace {

using Json = nlohmann::ordered_json;
using Outcome = RegressRun::Outcome;
using Configuration = std::pair<std::uint32_t, std::uint32_t>;  // ports, speed-up

struct Row {
  std::string configuration;
  std::string pattern;
  RegressSum sum;
};

const char* name_of(Outcome outcome) {
  static constexpr const char* kNames[] = {"equal", "different", "lost", "skipped"};
  return kNames[static_cast<std::size_t>(outcome)];
}

std::string text(const Configuration& c) {
  return fmt::format("{} ports, speed-up {}", c.first, c.second);
}

std::vector<Row> rows_of(const Regression& regression) {
  std::map<std::tuple<std::uint32_t, std::uint32_t, Pattern>, RegressSum> sums;
  for (const RegressRun& run : regression.runs)
    sums[{run.ports, run.speedup, run.pattern}].add(run);
  std::vector<Row> rows;
  for (const auto& [key, sum] : sums) {
    rows.push_back(
        {text({std::get<0>(key), std::get<1>(key)}), cosim::name_of(std::get<2>(key)), sum});
  }
  return rows;
}

std::map<Configuration, std::vector<const RegressRun*>> by_configuration(
    const Regression& regression) {
  std::map<Configuration, std::vector<const RegressRun*>> all;
  for (const RegressRun& run : regression.runs)
    all[{run.ports, run.speedup}].push_back(&run);
  return all;
}

/// Text for XML and HTML: no mark-up, and none of the characters that XML cannot hold.
std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default: {
        const bool known = c == '\n' || c == '\t' || (c >= ' ' && c <= '~');
        out += known ? c : '?';
      }
    }
  }
  return out;
}

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

Json figures(const RegressSum& sum) {
  return {
      {"runs", sum.seeds},           {"packets", sum.result.packets}, {"flits", sum.result.flits},
      {"clocks", sum.result.clocks}, {"differences", sum.different},  {"lost", sum.lost},
      {"skipped", sum.skipped}};
}

/// One test case of JUnit.
std::string junit_case(const RegressRun& run, const std::string& suite) {
  std::string out = fmt::format("    <testcase classname=\"{}\" name=\"seed {} {}\"", suite,
                                run.seed, cosim::name_of(run.pattern));
  if (run.outcome == Outcome::kEqual) return out + "/>\n";
  if (run.outcome == Outcome::kSkipped)
    return out + fmt::format("><skipped message=\"{}\"/></testcase>\n", escaped(run.what));
  const char* const tag = run.outcome == Outcome::kDifferent ? "failure" : "error";
  return out + fmt::format(
                   ">\n      <{0} message=\"{1}\">{2}\nagain with: {3}\n{4}</{0}>\n    "
                   "</testcase>\n",
                   tag, escaped(first_line(run.what)), escaped(run.what), escaped(run.replay),
                   escaped(run.evidence));
}

constexpr const char* kStyle =
    "body{font:15px/1.45 system-ui,sans-serif;margin:2em auto;max-width:60em;padding:0 1em;"
    "color:#1c2733;background:#fff}table{border-collapse:collapse;width:100%}"
    "th,td{padding:.25em .6em;text-align:right;border-bottom:1px solid #d8dee5}"
    "th:first-child,td:first-child,th:nth-child(2),td:nth-child(2){text-align:left}"
    "tr.bad td{background:#fde8e6}tfoot td{font-weight:600}"
    ".good{color:#13703a}.bad{color:#a8201a}"
    "pre{background:#f3f5f8;padding:.8em;overflow-x:auto;font-size:13px}"
    "@media(prefers-color-scheme:dark){body{color:#dfe6ee;background:#12181f}"
    "th,td{border-color:#2c3845}pre{background:#1b2430}tr.bad td{background:#4a1f1d}"
    ".good{color:#6fd08c}.bad{color:#ff8a80}}";

std::string html_row(const std::string& first, const std::string& second, const RegressSum& sum) {
  return fmt::format(
      "<tr{}><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td>"
      "</tr>\n",
      sum.different + sum.lost != 0 ? " class=\"bad\"" : "", first, second, sum.seeds,
      sum.result.packets, sum.result.flits, sum.result.clocks, sum.different + sum.lost);
}

/// The one sentence of a regression.
std::string verdict(const RegressSum& sum) {
  std::string out = fmt::format("{} runs, {} packets, {} flits, {} clocks of the RTL: {}",
                                sum.seeds, sum.result.packets, sum.result.flits, sum.result.clocks,
                                sum.different == 0 ? "no" : "");
  if (sum.different != 0) out += std::to_string(sum.different);
  out += sum.different == 1 ? " difference" : sum.different == 0 ? " difference" : " differences";
  if (sum.lost != 0) out += fmt::format(", {} without an answer", sum.lost);
  if (sum.skipped != 0) out += fmt::format(", {} not run (time limit)", sum.skipped);
  return out;
}

}  // namespace

std::string table_of(const Regression& regression) {
  std::string out = fmt::format("{:<22}{:<11}{:>6}{:>10}{:>11}{:>10}{:>12}\n", "configuration",
                                "pattern", "seeds", "packets", "flits", "clocks", "differences");
  const auto line = [&](const std::string& a, const std::string& b, const RegressSum& sum) {
    out += fmt::format("{:<22}{:<11}{:>6}{:>10}{:>11}{:>10}{:>12}\n", a, b, sum.seeds,
                       sum.result.packets, sum.result.flits, sum.result.clocks,
                       sum.different + sum.lost);
  };
  for (const Row& row : rows_of(regression))
    line(row.configuration, row.pattern, row.sum);
  const RegressSum sum = regression.sum();
  line("all", "", sum);
  out += "flits delivered by class:";
  for (std::size_t c = 0; c < sum.result.class_flits.size(); ++c)
    out += fmt::format(" {}: {}", c, sum.result.class_flits[c]);
  out += "\n" + verdict(sum) + "\n";
  for (const RegressRun& run : regression.runs) {
    if (run.outcome != Outcome::kDifferent && run.outcome != Outcome::kLost) continue;
    out += fmt::format("\n{}, seed {}, {}: {}\n{}", text({run.ports, run.speedup}), run.seed,
                       cosim::name_of(run.pattern), run.what, run.evidence);
    if (run.what.find(run.replay) == std::string::npos)
      out += fmt::format("again with: {}\n", run.replay);
  }
  return out;
}

std::string json_of(const Regression& regression) {
  Json rows = Json::array();
  for (const Row& row : rows_of(regression)) {
    Json one = figures(row.sum);
    one["configuration"] = row.configuration;
    one["pattern"] = row.pattern;
    rows.push_back(one);
  }
  Json failed = Json::array();
  for (const RegressRun& run : regression.runs) {
    if (run.outcome == Outcome::kEqual || run.outcome == Outcome::kSkipped) continue;
    failed.push_back({{"ports", run.ports},
                      {"speedup", run.speedup},
                      {"seed", run.seed},
                      {"pattern", cosim::name_of(run.pattern)},
                      {"outcome", name_of(run.outcome)},
                      {"what", escaped(run.what)},
                      {"evidence", run.evidence},
                      {"replay", run.replay}});
  }
  const RegressSum sum = regression.sum();
  Json out{{"from", regression.plan.from},
           {"seeds", regression.plan.seeds},
           {"cycles", regression.plan.cycles},
           {"total", figures(sum)}};
  out["total"]["class_flits"] = sum.result.class_flits;
  out["rows"] = rows;
  out["failed"] = failed;
  return out.dump(2);
}

std::string junit_of(const Regression& regression) {
  const auto head = [](const std::string& tag, const std::string& name, const RegressSum& sum) {
    return fmt::format(
        "<{} name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\">\n", tag, name,
        sum.seeds + sum.skipped, sum.different, sum.lost, sum.skipped);
  };
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" +
                    head("testsuites", "hc1000 cosim regress", regression.sum());
  for (const auto& [configuration, runs] : by_configuration(regression)) {
    RegressSum sum;
    for (const RegressRun* run : runs)
      sum.add(*run);
    const std::string suite =
        fmt::format("cosim.ports{}.speedup{}", configuration.first, configuration.second);
    out += "  " + head("testsuite", suite, sum);
    for (const RegressRun* run : runs)
      out += junit_case(*run, suite);
    out += "  </testsuite>\n";
  }
  return out + "</testsuites>\n";
}

std::string html_of(const Regression& regression) {
  const RegressSum sum = regression.sum();
  const bool good = sum.different + sum.lost == 0;
  std::string out = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>RTL switch in "
      "lockstep</title><style>{}</style></head><body>\n<h1>RTL switch in lockstep</h1>\n<p "
      "class=\"{}\">{}</p>\n<p>Seeds {}..{}, {} cycles of sending each.</p>\n<table><thead><tr>"
      "<th>configuration</th><th>pattern</th><th>seeds</th><th>packets</th><th>flits</th>"
      "<th>clocks</th><th>differences</th></tr></thead><tbody>\n",
      kStyle, good ? "good" : "bad", verdict(sum), regression.plan.from,
      regression.plan.from + regression.plan.seeds - 1, regression.plan.cycles);
  for (const Row& row : rows_of(regression))
    out += html_row(row.configuration, row.pattern, row.sum);
  out += "</tbody><tfoot>" + html_row("all", "", sum) + "</tfoot></table>\n";
  for (const RegressRun& run : regression.runs) {
    if (run.outcome != Outcome::kDifferent && run.outcome != Outcome::kLost) continue;
    out += fmt::format(
        "<h2>{}, seed {}, {}: {}</h2>\n<pre>{}</pre>\n<p>Again with:</p><pre>{}\n"
        "{}</pre>\n",
        text({run.ports, run.speedup}), run.seed, cosim::name_of(run.pattern), name_of(run.outcome),
        escaped(run.what), escaped(run.replay), escaped(run.evidence));
  }
  return out + "</body></html>\n";
}

}  // namespace aipu::cosim
