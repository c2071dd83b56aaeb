// What `bearward test` and `check` say: tests/golden/policy_tests/NAME.yaml with
// NAME.expected beside it. BEARWARD_UPDATE_GOLDEN=1 writes the expectations anew.
#include "proxy/commands/policy_tests.hpp"

#include "proxy/commands/commands.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace bearward::proxy::commands {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class policy_tests : public testing::Test {
protected:
    void SetUp() override {
        before_ = fs::current_path();
        fs::current_path(fs::path(BEARWARD_SOURCE_DIR) / "tests/golden/policy_tests");
    }
    void TearDown() override { fs::current_path(before_); }

    struct output {
        int code = 0;
        std::string out;
        std::string err;
    };

    template <class Command>
    static output run(const Command& command) {
        testing::internal::CaptureStdout();
        testing::internal::CaptureStderr();
        output said;
        said.code = command();
        said.out = testing::internal::GetCapturedStdout();
        said.err = testing::internal::GetCapturedStderr();
        return said;
    }

private:
    fs::path before_;
};

TEST_F(policy_tests, golden_outcomes_are_told_in_exactly_these_words) {
    std::size_t count = 0;
    for (const auto& each : fs::directory_iterator(".")) {
        const fs::path document = each.path().filename();
        if (document.extension() != ".yaml") {
            continue;
        }
        ++count;
        SCOPED_TRACE(document.string());
        const output said = run([&] { return test_policies(document.string()); });
        EXPECT_EQ(said.code, document == "failing.yaml" ? 1 : 0);
        EXPECT_THAT(said.out, Not(HasSubstr("hidden")));
        fs::path expectation = document;
        expectation.replace_extension(".expected");
        if (std::getenv("BEARWARD_UPDATE_GOLDEN") != nullptr) {
            std::ofstream(expectation, std::ios::binary) << said.out;
        }
        std::ifstream in(expectation, std::ios::binary);
        EXPECT_EQ(said.out, std::string(std::istreambuf_iterator<char>(in), {}));
    }
    EXPECT_GE(count, 3U);
}

TEST_F(policy_tests, check_runs_them_and_complains_of_those_that_fail) {
    const output good = run([] { return check("passing.yaml", {.strict = false, .offline = true}); });
    EXPECT_EQ(good.code, 0);
    EXPECT_THAT(good.out, HasSubstr("26 passed tests"));
    const output bad = run([] { return check("failing.yaml", {.strict = false, .offline = true}); });
    EXPECT_EQ(bad.code, 1);
    EXPECT_EQ(bad.out, "");
    EXPECT_THAT(bad.err, AllOf(HasSubstr("failing.yaml:11:5: FAILED: the tenant is another\n  status: expected 200, got 403\n"),
                               HasSubstr("tenant_mismatch"), HasSubstr("failing.yaml: 5 failed tests of 6"), Not(HasSubstr(": ok: "))));
}

TEST_F(policy_tests, a_configuration_with_errors_runs_none) {
    const output said = run([] { return test_policies("../config/bad/tests_missing.yaml"); });
    EXPECT_EQ(said.code, 1);
    EXPECT_EQ(said.out, "");
    EXPECT_THAT(said.err, HasSubstr("tests_missing.yaml:"));
}

} // namespace
} // namespace bearward::proxy::commands
