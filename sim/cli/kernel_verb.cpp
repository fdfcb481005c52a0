// SPDX-License-Identifier: Apache-2.0
// `hc1000 kernel`: a kernel of the firmware on one shape, against its roofline.
#include <fmt/format.h>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>

#include "hw/config/load.h"
#include "sim/cli/profile_options.h"
#include "sim/cli/setup.h"
#include "sim/cli/verbs.h"
#include "sim/cosim/workers.h"
#include "sim/kernel/run.h"

namespace aipu::cli {
namespace {

using Json = nlohmann::ordered_json;
using kernel::Kind;
using kernel::Parameters;

constexpr unsigned kMostProcesses = 64;

/// A case to run, in a process of its own: one simulation per process.
struct Job {
  const Kind* kind;
  std::vector<std::string> with;
};

config::Board board_of(const Arguments& arguments, const Job& job) {
  std::vector<std::string> set = arguments.all("set");
  const bool functional = arguments.flag("functional");
  set.emplace_back(functional ? "simulation.data=functional" : "simulation.data=timing");
  const config::Board board = config::load(arguments.text("config"), set);
  const Parameters parameters(job.kind->name, job.kind->parameters, job.with);
  const std::uint32_t aipus = job.kind->make(parameters, board)->aipus();
  set.emplace_back(fmt::format("aipus={}", aipus));
  return config::load(arguments.text("config"), set);
}

Json json_of(const Job& job, const Parameters& parameters, const kernel::Result& r) {
  Json j;
  j["kernel"] = job.kind->name;
  j["shape"] = parameters.text();
  j["time_us"] = r.seconds() * 1e6;
  j["bound_by"] = r.bound_by();
  for (const auto& [resource, seconds] : r.bounds)
    j["bounds_us"][resource] = seconds * 1e6;
  j["share"] = r.share();
  j["bar"] = job.kind->bar;
  j["hart"] = r.hart;
  j["hbm_bytes"] = r.hbm_bytes;
  j["busy"] = r.busy;
  j["error"] = r.error ? Json(*r.error) : Json();
  for (const kernel::Check& c : r.checks)
    j["counts"][c.what] = {{"expected", c.expected}, {"counted", c.counted}};
  j["good"] = r.good();
  return j;
}

/// The run folder with the profile of the kernel that was named; none unless one was asked for.
class ProfileFolder {
 public:
  ProfileFolder(const Arguments& arguments, const config::Board& board, const Job& job)
      : command_(arguments.command()), request_(profile_request(arguments, board)) {
    if (!request_.on || arguments.text("positional") != job.kind->name) return;
    folder_.emplace("kernel", arguments.text("output"), arguments.flag("force"));
  }
  bool on() const { return folder_.has_value(); }
  const std::string& path() const { return folder_->path(); }
  kernel::Hooks hooks() {
    if (!on()) return {};
    return {[this](platform::Platform& p) { p.profile(request_); },
            [this](platform::Platform& p) { write_profile(p, request_, command_, *folder_); }};
  }

 private:
  const std::string command_;
  const profile::Request request_;
  std::optional<report::RunFolder> folder_;
};

/// In the child: the result as text, or why there is none.
std::string work(const Arguments& arguments, const Job& job) {
  try {
    const config::Board board = board_of(arguments, job);
    const Parameters parameters(job.kind->name, job.kind->parameters, job.with);
    const auto one = job.kind->make(parameters, board);
    platform::Listener listener;
    listener.console = [](const std::string& line) { std::cerr << line << "\n"; };
    ProfileFolder profile(arguments, board, job);
    const kernel::Result r =
        kernel::run(*one, board, platform::builtin_firmware(), listener, profile.hooks());
    if (r.ending.code == ExitCode::kGood) {
      Json json = json_of(job, parameters, r);
      if (profile.on()) json["run_folder"] = profile.path();
      return json.dump();
    }
    return Json{{"failure", r.ending.report}, {"code", static_cast<int>(r.ending.code)}}.dump();
  } catch (const UserError& error) {
    return Json{{"failure", error.what()}, {"code", static_cast<int>(error.code())}}.dump();
  }
}

std::vector<Json> run_all(const Arguments& arguments, const std::vector<Job>& jobs) {
  cosim::Workers workers;
  workers.count = static_cast<unsigned>(arguments.count("jobs", 1, kMostProcesses));
  std::vector<Json> results;
  for (const cosim::JobResult& r : cosim::run_jobs(
           jobs.size(), workers, [&](std::size_t k) { return work(arguments, jobs[k]); })) {
    if (r.state != cosim::JobResult::State::kDone)
      throw UserError(ExitCode::kCheckFailed, "a kernel's process was lost: " + r.text);
    results.push_back(Json::parse(r.text));
    if (!results.back().contains("failure")) continue;
    throw UserError(static_cast<ExitCode>(results.back()["code"].get<int>()),
                    results.back()["failure"].get<std::string>());
  }
  return results;
}

/// Where memory binds, what it can attain is measured: the same bytes, read and not used.
void add_attainable(const Arguments& arguments, std::vector<Json>& results) {
  constexpr std::uint64_t kKib = 1024;
  std::vector<Job> jobs;
  std::vector<std::size_t> of;
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (results[i]["bound_by"] != "hbm" || results[i]["kernel"] == "stream") continue;
    const std::uint64_t kib =
        std::max<std::uint64_t>(1, results[i]["hbm_bytes"].get<std::uint64_t>() / kKib);
    const std::string cores =
        std::to_string(config::load(arguments.text("config"), arguments.all("set")).aipu.cores);
    jobs.push_back({&kernel::find_kind("stream"), {fmt::format("kib={}", kib), "cores=" + cores}});
    of.push_back(i);
  }
  const std::vector<Json> streams = run_all(arguments, jobs);
  for (std::size_t k = 0; k < of.size(); ++k) {
    Json& r = results[of[k]];
    // Both shares are of the peak: their ratio is what the kernel makes of what there is.
    r["attainable"] = r["share"].get<double>() / streams[k]["share"].get<double>();
  }
}

void print_table(std::ostream& out, const std::vector<Json>& results) {
  out << fmt::format("{:<18} {:>11} {:<8} {:>6} {:>10} {:>5} {:>6} {:>6} {:>6}  {}\n", "kernel",
                     "time us", "bound", "share", "attainable", "bar", "hart", "counts", "error",
                     "shape");
  for (const Json& r : results) {
    bool counts = true;
    for (const auto& c : r.value("counts", Json::object()))
      counts = counts && c["expected"] == c["counted"];
    const auto percent = [](const Json& v) {
      return v.is_number() ? fmt::format("{:.1f}", v.get<double>() * 100) : std::string("-");
    };
    out << fmt::format(
        "{:<18} {:>11.3f} {:<8} {:>6} {:>10} {:>5} {:>6} {:>6} {:>6}  {}\n",
        r["kernel"].get<std::string>(), r["time_us"].get<double>(),
        r["bound_by"].get<std::string>(), percent(r["share"]),
        percent(r.value("attainable", Json())),
        r["bar"].get<double>() > 0 ? percent(r["bar"]) : "-", percent(r["hart"]),
        counts ? "equal" : "DIFFER",
        r["error"].is_number() ? fmt::format("{:.2f}", r["error"].get<double>()) : "-",
        r["shape"].get<std::string>());
  }
  out << "share: of the roofline at peak rates, attainable: of what the stream kernel gets of the "
         "HBM, hart: time that harts execute; all in %.\nerror: largest, as a part of the bound "
         "(1 and less passes); - where no bytes move.\n";
}

void print_kinds(std::ostream& out) {
  for (const Kind& kind : kernel::kinds()) {
    out << fmt::format("{:<18} {}\n", kind.name, kind.help);
    for (const kernel::Parameter& p : kind.parameters)
      out << fmt::format("  {:<16} {} (default {})\n", p.name, p.help, p.fallback);
  }
}

std::vector<Job> jobs_of(const Arguments& arguments) {
  const std::string name = arguments.text("positional");
  if (arguments.flag("all") == !name.empty())
    throw UsageError("kernel", "give either the name of a kernel or --all (--list shows them)");
  if (!name.empty()) return {{&kernel::find_kind(name), arguments.all("with")}};
  if (arguments.given("with")) throw UsageError("kernel", "--with takes the name of one kernel");
  std::vector<Job> jobs;
  for (const Kind& kind : kernel::kinds())
    jobs.push_back({&kind, {}});
  return jobs;
}

ExitCode run_kernel(const Arguments& arguments) {
  if (arguments.flag("list")) {
    print_kinds(std::cout);
    return ExitCode::kGood;
  }
  const std::vector<Job> jobs = jobs_of(arguments);
  if (arguments.flag("all") && profile_wanted(arguments))
    throw UsageError("kernel", "a profile is of one kernel: give its name in place of --all");
  for (const Job& job : jobs)
    board_of(arguments, job);
  std::vector<Json> results = run_all(arguments, jobs);
  add_attainable(arguments, results);
  if (arguments.flag("json")) {
    std::cout << (jobs.size() == 1 ? results[0] : Json(results)).dump(2) << "\n";
  } else {
    print_table(std::cout, results);
    if (results[0].contains("run_folder"))
      std::cout << "Run folder: " << results[0]["run_folder"].get<std::string>() << "\n";
  }
  bool good = true;
  for (const Json& r : results) {
    if (r["good"].get<bool>()) continue;
    good = false;
    std::cerr << "hc1000: " << r["kernel"].get<std::string>()
              << ": wrong result or counts (--json has them)\n";
  }
  return good ? ExitCode::kGood : ExitCode::kCheckFailed;
}

}  // namespace

Verb kernel_verb() {
  using OptionKind = Option::Kind;
  Verb verb{
      {"kernel",
       "runs one kernel of the firmware and compares it with its roofline",
       "NAME",
       false,
       {{"list", "", "print all kernels and their parameters", "", OptionKind::kFlag},
        {"all", "", "every kernel at its usual shape, as a table", "", OptionKind::kFlag},
        {"with", "KEY=VALUE", "a parameter of the kernel; may be repeated", "",
         OptionKind::kRepeated},
        {"functional", "", "move and compute real bytes and check them", "", OptionKind::kFlag},
        {"jobs,j", "N", "processes at a time", "1"},
        {"config", "PRESET|FILE", "machine to simulate", "aipu"},
        {"set", "KEY=VALUE", "overrides a key of the configuration; may be repeated", "",
         OptionKind::kRepeated},
        {"json", "", "print the result as JSON", "", OptionKind::kFlag},
        {"output,o", "DIR", "folder of a profile (default: the next free runs/kernel-NNNN)"},
        {"force", "", "overwrite that folder", "", OptionKind::kFlag}},
       {"hc1000 kernel stream --with kib=16384 --with cores=8", "hc1000 kernel --list",
        "hc1000 kernel --all -j 2", "hc1000 kernel stream --profile -o out"}},
      run_kernel};
  const auto profile = profile_options();
  verb.usage.options.insert(verb.usage.options.end(), profile.begin(), profile.end());
  return verb;
}

}  // namespace aipu::cli
