#include "proxy/commands/commands.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

namespace bearward::proxy::commands {
namespace {

/// In an empty directory of its own, without BEARWARD_CONFIG.
class find_configuration_test : public testing::Test {
protected:
    find_configuration_test() : before_(std::filesystem::current_path()) {
        std::string pattern = (std::filesystem::temp_directory_path() / "bearward-find-XXXXXX").string();
        directory_ = ::mkdtemp(pattern.data());
        std::filesystem::current_path(directory_);
        ::unsetenv("BEARWARD_CONFIG");
    }
    ~find_configuration_test() override {
        ::unsetenv("BEARWARD_CONFIG");
        std::filesystem::current_path(before_);
        std::filesystem::remove_all(directory_);
    }
    static void make(const std::string& name) { std::ofstream(name) << "version: 1\n"; }

    /// What is found when nothing else is: the system's own, where there is one.
    static std::optional<std::string> system_wide() {
        const std::string path = "/etc/bearward/bearward.yaml";
        return std::filesystem::exists(path) ? std::optional(path) : std::nullopt;
    }

private:
    std::filesystem::path before_;
    std::filesystem::path directory_;
};

TEST_F(find_configuration_test, a_given_file_is_taken_even_if_it_is_missing) {
    make("bearward.yaml");
    EXPECT_EQ(find_configuration("other.yaml"), "other.yaml");
}

TEST_F(find_configuration_test, the_environment_comes_before_the_current_directory) {
    make("bearward.yaml");
    make("environment.yaml");
    EXPECT_EQ(find_configuration(std::nullopt), "bearward.yaml");
    ::setenv("BEARWARD_CONFIG", "environment.yaml", 1);
    EXPECT_EQ(find_configuration(std::nullopt), "environment.yaml");
}

TEST_F(find_configuration_test, the_first_that_is_there_is_taken) {
    make("bearward.yaml");
    for (const auto* name : {"missing.yaml", ""}) {
        ::setenv("BEARWARD_CONFIG", name, 1);
        EXPECT_EQ(find_configuration(std::nullopt), "bearward.yaml");
    }
}

TEST_F(find_configuration_test, without_any_the_system_wide_one_is_left) {
    EXPECT_EQ(find_configuration(std::nullopt), system_wide());
}

} // namespace
} // namespace bearward::proxy::commands
