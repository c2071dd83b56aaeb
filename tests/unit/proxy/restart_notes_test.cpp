#include "proxy/restart_notes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bearward::proxy {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

TEST(restart_notes, there_are_none_for_what_a_reload_changes) {
    config::configuration before;
    config::configuration after;
    after.limits.max_token = 1;
    after.headers.drop_rewrites = false;
    after.errors.realm = "other";
    EXPECT_THAT(restart_notes(before, after), IsEmpty());
}

TEST(restart_notes, there_are_none_for_what_only_moved_in_the_file) {
    config::configuration before;
    config::configuration after;
    before.admin.address = after.admin.address = config::endpoint{.text = "127.0.0.1:1", .host = "127.0.0.1", .port = 1, .unix_path = {}};
    after.admin.at = {{"other.yaml", 7, 1}, "admin"};
    EXPECT_THAT(restart_notes(before, after), IsEmpty());
    after.admin.hosts = {"admin.example"};
    EXPECT_THAT(restart_notes(before, after), ElementsAre(StartsWith("admin: ")));
}

TEST(restart_notes, name_each_key_that_needs_a_start) {
    config::configuration before;
    config::configuration after;
    after.threads = 3;
    after.user = "nobody";
    after.admin.probes = config::endpoint{.text = "0.0.0.0:9902", .host = "0.0.0.0", .port = 9902, .unix_path = {}};
    after.log.identity = false;
    EXPECT_THAT(restart_notes(before, after),
                ElementsAre(StartsWith("threads: "), StartsWith("user: "), StartsWith("admin: "), StartsWith("log: ")));
}

} // namespace
} // namespace bearward::proxy
