// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/verbs.h"

#include <fmt/format.h>
#include <iostream>

#include "hw/base/nearest.h"

namespace aipu::cli {
namespace {

void print_overview(std::ostream& out) {
  out << "hc1000: a SystemC/TLM-2.0 model of the AIPU and the HC1000.\n\n"
         "Usage: hc1000 VERB [arguments]\n\nVerbs:\n";
  for (const Verb& verb : verbs())
    out << fmt::format("  {:<10} {}\n", verb.usage.verb, verb.usage.summary);
  out << "\n  hc1000 VERB --help   options and examples of a verb\n"
         "  hc1000 --version     version\n\n"
         "Exit codes: 0 good; 1 a check failed (firmware fault, non-zero exit); 2 usage or "
         "configuration;\n"
         "3 deadlock or limit; 4 input or output; 70 internal error; 130 interrupted\n";
}

const Verb& find_verb(const std::string& name) {
  std::vector<std::string> names;
  for (const Verb& verb : verbs()) {
    if (verb.usage.verb == name) return verb;
    names.emplace_back(verb.usage.verb);
  }
  const bool option = !name.empty() && name.front() == '-';
  if (option) names = {"--help", "--version"};
  throw UsageError("", fmt::format("unknown {} '{}'{}", option ? "option" : "verb", name,
                                   suggestion(name, names)));
}

ExitCode run_words(const Verb& verb, const std::vector<std::string>& words) {
  const Arguments arguments = parse(verb.usage, words);
  if (arguments.flag("help")) {
    print_help(std::cout, verb.usage);
    return ExitCode::kGood;
  }
  return verb.run(arguments);
}

void print_group(std::ostream& out, const Verb& group) {
  out << fmt::format("Usage: hc1000 {} VERB [options]\n\n{}\n\nVerbs:\n", group.usage.verb,
                     group.usage.summary);
  for (const Verb& part : group.parts())
    out << fmt::format("  {:<16} {}\n", part.usage.verb, part.usage.summary);
  out << "\nExamples:\n";
  for (const char* example : group.usage.examples)
    out << "  " << example << "\n";
}

/// `words` begin with the name of a part.
ExitCode run_group(const Verb& group, const std::vector<std::string>& words) {
  if (!words.empty() && (words.front() == "--help" || words.front() == "-h")) {
    print_group(std::cout, group);
    return ExitCode::kGood;
  }
  std::vector<std::string> names;
  const std::string before = std::string(group.usage.verb) + " ";
  for (const Verb& part : group.parts()) {
    names.push_back(std::string(part.usage.verb).substr(before.size()));
    if (!words.empty() && words.front() == names.back())
      return run_words(part, {words.begin() + 1, words.end()});
  }
  if (words.empty()) {
    throw UsageError(group.usage.verb,
                     fmt::format("one verb more is missing: {}", fmt::join(names, ", ")));
  }
  throw UsageError(group.usage.verb, fmt::format("unknown verb '{}'{}", words.front(),
                                                 suggestion(words.front(), names)));
}

}  // namespace

const std::vector<Verb>& verbs() {
  static const std::vector<Verb> all{run_verb(),        generate_verb(), explain_verb(),
                                     report_verb(),     hart_verb(),     exec_verb(),
                                     new_kernel_verb(), kernel_verb(),   hbm_verb(),
                                     fabric_verb(),     cosim_verb(),    doctor_verb()};
  return all;
}

ExitCode dispatch(const std::vector<std::string>& words) {
  if (words.empty()) {
    print_overview(std::cerr);
    return ExitCode::kUsage;
  }
  const std::string& first = words.front();
  if (first == "--help" || first == "-h") {
    print_overview(std::cout);
    return ExitCode::kGood;
  }
  if (first == "--version") {
    std::cout << "hc1000 " << AIPU_VERSION << "\n";
    return ExitCode::kGood;
  }
  const Verb& verb = find_verb(first);
  const std::vector<std::string> rest(words.begin() + 1, words.end());
  return verb.parts != nullptr ? run_group(verb, rest) : run_words(verb, rest);
}

}  // namespace aipu::cli
