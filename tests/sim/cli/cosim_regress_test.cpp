// SPDX-License-Identifier: Apache-2.0
// `hc1000 cosim regress` as a user starts it, with and without RTL in the build.
#include <algorithm>

#include "tests/sim/cli/program.h"

namespace aipu {
namespace {

using test::Outcome;
using Words = std::vector<std::string>;

class CosimRegressTest : public test::ProgramTest {
 protected:
  static Words small(const Words& more = {}) {
    Words words{"cosim", "regress", "--ports", "4", "--seeds", "4", "--cycles", "300"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }
};

TEST_F(CosimRegressTest, TheGroupNamesItsVerbs) {
  const Outcome help = run({"cosim", "--help"});
  EXPECT_EQ(help.code, 0);
  EXPECT_NE(help.out.find("cosim regress"), std::string::npos);
  expect_refused({"cosim"}, 2, "one verb more is missing: ");
  expect_refused({"cosim", "regres"}, 2, "did you mean 'regress'?");
  EXPECT_EQ(run({"cosim", "regress", "--help"}).code, 0);
}

#ifndef AIPU_HAS_RTL
TEST_F(CosimRegressTest, WithoutRtlOneLineSaysWhatIsMissing) {
  expect_refused(small(), 2,
                 "install Verilator (Debian package verilator) and configure again with "
                 "-DAIPU_RTL=ON");
}
#else
TEST_F(CosimRegressTest, BytesDoNotDependOnTheNumberOfProcesses) {
  const Words files{"--junit", "a.xml", "--html", "a.html"};
  Words first = small(files);
  first.insert(first.end(), {"-j", "1"});
  const Outcome one = run(first);
  EXPECT_EQ(one.code, 0) << one.out << one.err;
  const std::string xml = read("a.xml"), html = read("a.html");
  Words second = small(files);
  second.insert(second.end(), {"-j", "2"});
  const Outcome two = run(second);
  EXPECT_EQ(one.out, two.out);
  EXPECT_EQ(read("a.xml"), xml);
  EXPECT_EQ(read("a.html"), html);
  EXPECT_EQ(std::count(xml.begin(), xml.end(), '\n'), 15) << xml;  // 8 cases, 2 suites
}

TEST_F(CosimRegressTest, ADifferenceIsExitCodeOneWithACommandThatShowsItAgain) {
  const Outcome broken = run(small({"--self-test", "--speedup", "1"}));
  EXPECT_EQ(broken.code, 1);
  EXPECT_NE(broken.out.find("RTL-4"), std::string::npos) << broken.out;
  EXPECT_NE(broken.out.find("again with: hc1000 cosim regress --ports 4 --speedup 1 --from 1 "
                            "--seeds 1 --cycles 300 --self-test"),
            std::string::npos)
      << broken.out;
  const Outcome again = run({"cosim", "regress", "--ports", "4", "--speedup", "1", "--from", "1",
                             "--seeds", "1", "--cycles", "300", "--self-test", "--json"});
  EXPECT_EQ(again.code, 1);
  EXPECT_EQ(again.json()["failed"][0]["seed"], 1);
}

TEST_F(CosimRegressTest, BadInputIsOneLine) {
  expect_refused(small({"--speedup", "3"}), 2, "each of 1..2");
  expect_refused({"cosim", "regress", "--ports", "4,4"}, 2, "has 4 twice");
  expect_refused({"cosim", "regress", "--ports", "1"}, 2, "each of 2..");
  expect_refused({"cosim", "regress", "--seeds", "0"}, 2, "not a whole number of 1..");
  expect_refused({"cosim", "regress", "-j", "many"}, 2, "--jobs many");
  expect_refused(small({"--junit", "none/a.xml"}), 4, "none/a.xml");
}
#endif

}  // namespace
}  // namespace aipu
