// Log files as root opens and gives them away: never another file than the one that is named.
#include "proxy/telemetry/log_output.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <sys/stat.h>
#include <unistd.h>

namespace bearward::proxy {
namespace {

using ::testing::HasSubstr;

/// Whom a file can be given to: only root has a choice.
const uid_t somebody = ::geteuid() == 0 ? 12345 : ::geteuid();

class log_output_test : public testing::Test {
protected:
    log_output_test() {
        std::string name = testing::TempDir() + "bearward-XXXXXX";
        folder_ = ::mkdtemp(name.data());
        log_ = folder_ / "access.log";
        precious_ = folder_ / "precious";
        std::ofstream(precious_) << "root only";
    }
    ~log_output_test() override { std::filesystem::remove_all(folder_); }

    static std::string read(const std::filesystem::path& from) {
        std::ifstream file(from);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    static uid_t owner_of(const std::filesystem::path& file) {
        struct stat status{};
        EXPECT_EQ(::lstat(file.c_str(), &status), 0);
        return status.st_uid;
    }

    std::filesystem::path folder_;
    std::filesystem::path log_;
    std::filesystem::path precious_;
};

TEST_F(log_output_test, a_link_at_the_end_is_not_followed) {
    std::filesystem::create_symlink(precious_, log_);
    try {
        const log_output output(log_.string());
        FAIL() << "followed";
    } catch (const std::runtime_error& error) {
        EXPECT_THAT(error.what(), HasSubstr(log_.string() + ": it is a symbolic link, which is not followed"));
    }
    std::filesystem::remove(log_);
    std::filesystem::create_symlink(folder_ / "absent", log_);
    EXPECT_THROW(log_output{log_.string()}, std::runtime_error);
    EXPECT_FALSE(std::filesystem::exists(folder_ / "absent"));
}

TEST_F(log_output_test, nor_when_it_is_opened_anew) {
    log_output output(log_.string());
    output.write("one\n");
    std::filesystem::rename(log_, folder_ / "rotated");
    std::filesystem::create_symlink(precious_, log_);
    EXPECT_FALSE(output.reopen());
    output.write("two\n");
    EXPECT_EQ(read(folder_ / "rotated"), "one\ntwo\n") << "the old file stays in use";
    EXPECT_EQ(read(precious_), "root only");
}

TEST_F(log_output_test, a_link_on_the_way_is_fine) {
    std::filesystem::create_directory(folder_ / "real");
    std::filesystem::create_symlink(folder_ / "real", folder_ / "linked");
    log_output output((folder_ / "linked" / "a.log").string());
    output.write("one\n");
    EXPECT_EQ(read(folder_ / "real" / "a.log"), "one\n");
}

TEST_F(log_output_test, the_open_file_changes_hands_and_not_what_its_name_leads_to) {
    log_output output(log_.string());
    std::filesystem::rename(log_, folder_ / "moved");
    std::filesystem::create_symlink(precious_, log_);
    EXPECT_EQ(output.give_to(somebody, somebody), std::nullopt);
    EXPECT_EQ(owner_of(folder_ / "moved"), somebody);
    EXPECT_EQ(owner_of(precious_), ::geteuid());
    EXPECT_EQ(owner_of(log_), ::geteuid());
}

TEST_F(log_output_test, a_file_with_another_name_is_not_given_away) {
    std::filesystem::create_hard_link(precious_, log_);
    log_output output(log_.string());
    EXPECT_THAT(output.give_to(somebody, somebody).value_or("given"), HasSubstr("another name"));
    EXPECT_EQ(owner_of(precious_), ::geteuid());
}

TEST_F(log_output_test, devices_and_the_standard_streams_stay_whose_they_are) {
    for (const std::string name : {"stderr", "stdout", "/dev/null"}) {
        log_output output(name);
        EXPECT_EQ(output.give_to(somebody, somebody), std::nullopt) << name;
    }
    EXPECT_EQ(owner_of("/dev/null"), 0U);
}

} // namespace
} // namespace bearward::proxy
