// Documents and what is said about them: tests/golden/config/{good,bad}/NAME.yaml
// with NAME.expected beside it. BEARWARD_UPDATE_GOLDEN=1 writes the expectations anew.
#include "config/configuration.hpp"

#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

namespace bearward::config {
namespace {

namespace fs = std::filesystem;

const fs::path golden = fs::path(BEARWARD_SOURCE_DIR) / "tests/golden/config";

std::string read(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

load_options test_options() {
    load_options options;
    options.environment = [](const std::string& name) -> std::optional<std::string> {
        static const std::map<std::string, std::string> values{
            {"SECRET_KEY", "0123456789abcdef0123456789abcdef"},        {"SHORT", "abc"}, {"EMPTY", ""}, {"PORT", "8080"}, {"FOUR", "4"},
            {"OCT_KEY", "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY"}};
        const auto found = values.find(name);
        return found != values.end() ? std::optional(found->second) : std::nullopt;
    };
    return options;
}

/// What `check` would print, then the routes' names.
std::string report(const load_result& result) {
    std::string text;
    for (const diagnostic& each : result.diagnostics) {
        text += to_string(each) + '\n';
    }
    if (result.loaded) {
        for (const auto& route : result.loaded->rules->routes.routes()) {
            text += "route " + route.name + '\n';
        }
    }
    return text;
}

class config_golden : public testing::Test {
protected:
    void SetUp() override { before_ = fs::current_path(); }
    void TearDown() override { fs::current_path(before_); }

    /// Loads every document of a folder from inside of it, so that messages hold bare file names.
    static std::size_t run(const char* folder, bool loads) {
        fs::current_path(golden / folder);
        std::vector<fs::path> documents;
        for (const auto& each : fs::directory_iterator(".")) {
            if (each.path().extension() == ".yaml") {
                documents.push_back(each.path().filename());
            }
        }
        std::ranges::sort(documents);
        for (const fs::path& document : documents) {
            SCOPED_TRACE(document.string());
            const load_result result = load_file(document.string(), test_options());
            EXPECT_EQ(result.loaded.has_value(), loads);
            fs::path expectation = document;
            expectation.replace_extension(".expected");
            const std::string said = report(result);
            EXPECT_EQ(said.find("0123456789abcdef"), std::string::npos) << "a secret in a message";
            EXPECT_EQ(said.find("hunter2"), std::string::npos) << "a secret in a message";
            if (std::getenv("BEARWARD_UPDATE_GOLDEN") != nullptr) {
                std::ofstream(expectation, std::ios::binary) << said;
            }
            EXPECT_EQ(said, read(expectation));
        }
        return documents.size();
    }

private:
    fs::path before_;
};

TEST_F(config_golden, bad_documents_are_refused_with_exactly_these_words) {
    EXPECT_GE(run("bad", false), 100U);
}

TEST_F(config_golden, good_documents_load_with_exactly_these_warnings) {
    EXPECT_GE(run("good", true), 20U);
}

TEST_F(config_golden, the_masked_dump_shows_no_secret) {
    fs::current_path(golden / "good");
    const load_result result = load_file("secret_inline_warns.yaml", test_options());
    ASSERT_TRUE(result.loaded.has_value());
    const std::string dump = boost::json::serialize(result.loaded->effective);
    EXPECT_EQ(dump.find("0123456789abcdef"), std::string::npos);
    EXPECT_NE(dump.find("\"secret\":\"********\""), std::string::npos);
}

TEST(config_examples, every_example_loads) {
    std::size_t count = 0;
    for (const auto& each : fs::recursive_directory_iterator(fs::path(BEARWARD_SOURCE_DIR) / "config/examples")) {
        if (each.path().extension() == ".yaml") {
            ++count;
            load_options options = test_options();
            options.offline = each.path().stem() == "kubernetes"; // its files are a pod's
            const load_result result = load_file(each.path().string(), options);
            EXPECT_TRUE(result.loaded.has_value()) << report(result);
        }
    }
    EXPECT_GE(count, 1U);
}

TEST(config_examples, minimal_has_at_most_fifteen_lines) {
    const std::string text = read(fs::path(BEARWARD_SOURCE_DIR) / "config/examples/minimal.yaml");
    EXPECT_LE(std::ranges::count(text, '\n'), 15);
}

} // namespace
} // namespace bearward::config
