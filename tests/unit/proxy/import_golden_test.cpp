// `bearward import`: what becomes of whole configurations of the peers. tests/golden/import/FILE is the input,
// FILE.expected the exit code and the result; BEARWARD_UPDATE_GOLDEN=1 writes it anew.
#include "config/configuration.hpp"
#include "proxy/commands/import/import_configuration.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace bearward::proxy::commands::importing {
namespace {

namespace fs = std::filesystem;

std::string content_of(const fs::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> inputs() {
    std::vector<std::string> names;
    for (const auto& each : fs::directory_iterator(fs::path(BEARWARD_SOURCE_DIR) / "tests/golden/import")) {
        if (each.path().extension() != ".expected") {
            names.push_back(each.path().filename());
        }
    }
    std::ranges::sort(names);
    return names;
}

class import_golden : public testing::TestWithParam<std::string> {
protected:
    static fs::path path() { return fs::path(BEARWARD_SOURCE_DIR) / "tests/golden/import" / GetParam(); }
    static import_result result() {
        const peer from = GetParam().starts_with("oauth2-proxy") ? peer::oauth2_proxy
                          : GetParam().starts_with("envoy")      ? peer::envoy
                                                                 : peer::nginx;
        return import_configuration(from, content_of(path()), GetParam());
    }
};

TEST_P(import_golden, text) {
    const import_result made = result();
    ASSERT_TRUE(made.text);
    const std::string text = "exit code " + std::string(made.opens() ? "1" : "0") + '\n' + *made.text;
    const fs::path expected = path().string() + ".expected";
    if (std::getenv("BEARWARD_UPDATE_GOLDEN") != nullptr) {
        std::ofstream(expected) << text;
    }
    EXPECT_EQ(text, content_of(expected));
}

TEST_P(import_golden, loads_without_warnings) {
    const auto loaded = config::load_text(*result().text, "bearward.yaml", {.offline = true});
    for (const auto& each : loaded.diagnostics) {
        EXPECT_EQ(each.severity, config::diagnostic::kind::note) << to_string(each);
    }
    EXPECT_TRUE(loaded.loaded);
}

TEST_P(import_golden, says_no_secret) {
    EXPECT_THAT(*result().text,
                testing::Not(testing::AnyOf(testing::HasSubstr("not-for-anybodys-eyes"), testing::HasSubstr("0123456789abcdef\""))));
}

std::string test_name(const testing::TestParamInfo<std::string>& one) {
    std::string name = one.param;
    std::ranges::replace_if(name, [](char c) { return c == '-' || c == '.'; }, '_');
    return name;
}
INSTANTIATE_TEST_SUITE_P(all, import_golden, testing::ValuesIn(inputs()), test_name);

} // namespace
} // namespace bearward::proxy::commands::importing
