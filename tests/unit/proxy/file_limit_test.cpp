#include "proxy/file_limit.hpp"

#include <gtest/gtest.h>

namespace bearward::proxy {
namespace {

TEST(file_limit_test, leaves_two_files_a_connection_and_some_for_the_process) {
    for (const std::uint64_t files : {200U, 1024U, 4096U, 1'048'576U}) {
        const auto connections = connections_within(files, 4, 2);
        EXPECT_LT(2 * connections + 4 * (4 + 2), files) << files;
        EXPECT_GT(4 * connections, files / 2) << "not half of it wasted: " << files;
    }
}

TEST(file_limit_test, serves_somebody_under_any_limit) {
    for (std::uint64_t files = 0; files < 300; ++files) {
        EXPECT_GE(connections_within(files, 64, 8), 1U) << files;
    }
}

TEST(file_limit_test, an_unlimited_process_has_room_for_a_million) {
    EXPECT_GT(connections_within(~std::uint64_t{0}, 256, 10), 1'000'000U);
}

} // namespace
} // namespace bearward::proxy
