// The kernel queues its events before a write returns, and time is an argument:
// nothing here waits.
#include "proxy/control/file_watcher.hpp"

#include "config/files.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <unistd.h>

namespace bearward::proxy {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr watch_pace pace{.quiet = 250ms, .longest = 2s, .unwatched = 3s, .anyway = 24h};

void write(const fs::path& path, const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
}

class file_watcher_test : public testing::Test {
protected:
    file_watcher_test() {
        std::string name = (fs::temp_directory_path() / "bearward-watch-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) {
            throw std::runtime_error("no folder for the test");
        }
        root = name;
    }
    ~file_watcher_test() override { fs::remove_all(root); }

    [[nodiscard]] std::string at(const std::string& name) const { return root / name; }

    /// As a load reads them.
    static config::sources read(const std::vector<std::string>& paths, const std::vector<std::string>& patterns = {}) {
        config::sources made;
        for (const auto& path : paths) {
            made.files.push_back({path, &config::read_regular_file, config::fingerprint_of(config::read_regular_file(path))});
        }
        for (const auto& pattern : patterns) {
            made.patterns.push_back({pattern, config::find_matches(pattern)});
        }
        return made;
    }

    /// Watches, and looks once as the loop would.
    void watch(const config::sources& what, bool in_force = true) {
        watcher.watch(what, in_force, now);
        EXPECT_THAT(after_quiet(), IsEmpty());
    }

    /// What changes() says once events were read and it was quiet for long enough.
    std::vector<std::string> after_quiet() {
        now += 1s;
        auto changed = watcher.changes(now);
        now += pace.quiet;
        const auto later = watcher.changes(now);
        changed.insert(changed.end(), later.begin(), later.end());
        return changed;
    }

    /// Whether an event concerned the files, so that they will be compared soon.
    [[nodiscard]] bool stirred() {
        now += 1s;
        EXPECT_THAT(watcher.changes(now), IsEmpty());
        return watcher.wake_time(now + 200ms) < now + 1h;
    }

    fs::path root;
    file_watcher watcher{pace};
    file_watcher::clock::time_point now = file_watcher::clock::now();
};

TEST_F(file_watcher_test, a_file_edited_in_place_changed_once) {
    write(at("secret"), "one");
    watch(read({at("secret")}));
    write(at("secret"), "two");
    EXPECT_THAT(after_quiet(), ElementsAre(at("secret")));
    EXPECT_THAT(after_quiet(), IsEmpty());
    write(at("secret"), "three"); // and is watched further
    EXPECT_THAT(after_quiet(), ElementsAre(at("secret")));
}

TEST_F(file_watcher_test, a_file_held_open_and_appended_to_changed) {
    std::ofstream list(at("revoked.txt"), std::ios::app);
    list << "jti:1\n" << std::flush;
    watch(read({at("revoked.txt")}));
    list << "jti:2\n" << std::flush;
    EXPECT_THAT(after_quiet(), ElementsAre(at("revoked.txt")));
}

TEST_F(file_watcher_test, a_rename_over_a_file_changed_it) {
    write(at("secret"), "one");
    watch(read({at("secret")}));
    for (const std::string text : {"two", "six", "ten"}) {
        write(at("secret.new"), text);
        fs::rename(at("secret.new"), at("secret"));
        EXPECT_THAT(after_quiet(), ElementsAre(at("secret"))) << text;
    }
}

TEST_F(file_watcher_test, what_is_written_again_as_it_was_is_no_change) {
    write(at("secret"), "one");
    watch(read({at("secret")}));
    write(at("secret"), "one");
    fs::last_write_time(at("secret"), fs::file_time_type::clock::now() + 1h);
    write(at("secret.new"), "one");
    fs::rename(at("secret.new"), at("secret"));
    EXPECT_THAT(after_quiet(), IsEmpty());
}

TEST_F(file_watcher_test, what_is_written_beside_is_not_even_looked_at) {
    write(at("secret"), "one");
    watch(read({at("secret")}));
    write(at("access.log"), "a line\n");
    write(at("secret2"), "a line\n");
    fs::create_directory(at("folder"));
    fs::remove(at("access.log"));
    EXPECT_FALSE(stirred());
    write(at("secret"), "two");
    EXPECT_TRUE(stirred());
}

TEST_F(file_watcher_test, a_file_deleted_and_made_again_changed_once) {
    write(at("secret"), "one");
    watch(read({at("secret")}));
    fs::remove(at("secret"));
    write(at("secret"), "two");
    EXPECT_THAT(after_quiet(), ElementsAre(at("secret")));
    fs::remove(at("secret")); // and when that takes longer, it is notified of both
    EXPECT_THAT(after_quiet(), ElementsAre(at("secret")));
    write(at("secret"), "two");
    EXPECT_THAT(after_quiet(), ElementsAre(at("secret")));
}

TEST_F(file_watcher_test, a_config_map_swaps_a_link_to_a_folder) {
    const auto publish = [this](const std::string& version, const std::string& text) {
        fs::create_directory(at(version));
        write(at(version + "/bearward.yaml"), text);
        fs::create_symlink(version, at("..data_tmp"));
        fs::rename(at("..data_tmp"), at("..data"));
    };
    publish("..2026_01", "one");
    fs::create_symlink("..data/bearward.yaml", at("bearward.yaml"));
    watch(read({at("bearward.yaml")}));

    publish("..2026_02", "two");
    fs::remove_all(at("..2026_01"));
    EXPECT_THAT(after_quiet(), ElementsAre(at("bearward.yaml")));
    publish("..2026_03", "two");
    fs::remove_all(at("..2026_02"));
    EXPECT_THAT(after_quiet(), IsEmpty()) << "the same text";
    write(at("..2026_03/bearward.yaml"), "three");
    EXPECT_THAT(after_quiet(), ElementsAre(at("bearward.yaml")));
}

TEST_F(file_watcher_test, each_link_on_the_way_is_watched) {
    for (const std::string each : {"a", "b", "c"}) {
        fs::create_directories(at("real/" + each + "/keys"));
        write(at("real/" + each + "/keys/secret"), "of " + each);
    }
    fs::create_directory_symlink(at("real"), at("first"));                 // absolute, and a folder in the middle
    fs::create_directory_symlink("../real/a/../a", root / "real/current"); // relative, with dots
    watch(read({at("first/current/./keys/secret")}));
    fs::create_directory_symlink("b", at("real/next"));
    fs::rename(at("real/next"), at("real/current"));
    EXPECT_THAT(after_quiet(), ElementsAre(at("first/current/./keys/secret")));
    fs::create_directories(at("other"));
    fs::create_directory_symlink("../real/c", at("other/current"));
    fs::remove(at("first"));
    fs::create_directory_symlink("other", at("first"));
    EXPECT_THAT(after_quiet(), ElementsAre(at("first/current/./keys/secret")));
    write(at("real/c/keys/secret"), "new");
    EXPECT_THAT(after_quiet(), ElementsAre(at("first/current/./keys/secret")));
    write(at("real/a/keys/secret"), "new");
    EXPECT_FALSE(stirred()) << "where the link led before isn't watched any more";
}

TEST_F(file_watcher_test, links_in_a_circle_end) {
    fs::create_symlink("two", at("one"));
    fs::create_symlink("one", at("two"));
    watch(read({at("one")}));
    fs::remove(at("two"));
    write(at("two"), "at last");
    EXPECT_THAT(after_quiet(), ElementsAre(at("one")));
}

TEST_F(file_watcher_test, a_folder_removed_and_made_again_is_watched_again) {
    fs::create_directories(at("etc/keys"));
    write(at("etc/keys/secret"), "one");
    watch(read({at("etc/keys/secret")}));
    fs::remove_all(at("etc"));
    EXPECT_THAT(after_quiet(), ElementsAre(at("etc/keys/secret")));
    fs::create_directory(at("etc"));
    EXPECT_THAT(after_quiet(), IsEmpty());
    fs::create_directory(at("etc/keys"));
    EXPECT_THAT(after_quiet(), IsEmpty());
    write(at("etc/keys/secret"), "one");
    EXPECT_THAT(after_quiet(), ElementsAre(at("etc/keys/secret")));
    fs::rename(at("etc"), at("old"));
    fs::create_directories(at("new/keys"));
    write(at("new/keys/secret"), "two");
    fs::rename(at("new"), at("etc"));
    EXPECT_THAT(after_quiet(), ElementsAre(at("etc/keys/secret")));
}

TEST_F(file_watcher_test, a_file_that_was_missing_appears) {
    watch(read({at("tls/server.crt")}));
    fs::create_directory(at("tls"));
    write(at("tls/server.crt"), "a certificate");
    EXPECT_THAT(after_quiet(), ElementsAre(at("tls/server.crt")));
}

TEST_F(file_watcher_test, a_file_that_matches_an_include_comes_and_goes) {
    fs::create_directories(at("teams/a"));
    write(at("teams/a/routes.yaml"), "a");
    const std::string pattern = at("teams/*/r*.yaml");
    watch(read({at("teams/a/routes.yaml")}, {pattern}));
    write(at("teams/a/notes.txt"), "none of its business");
    EXPECT_FALSE(stirred());
    write(at("teams/a/rules.yaml"), "more");
    EXPECT_THAT(after_quiet(), ElementsAre(at("teams/a/rules.yaml")));
    fs::create_directory(at("teams/b"));
    EXPECT_THAT(after_quiet(), IsEmpty());
    write(at("teams/b/routes.yaml"), "b");
    EXPECT_THAT(after_quiet(), ElementsAre(at("teams/b/routes.yaml")));
    fs::remove(at("teams/a/routes.yaml"));
    EXPECT_THAT(after_quiet(), ElementsAre(at("teams/a/routes.yaml")));
}

TEST_F(file_watcher_test, a_pattern_in_a_folder_that_is_not_there_yet) {
    fs::create_directory(at("a[1]"));
    watch(read({}, {config::as_literal(at("a[1]/conf.d")) + "/*.yaml"}));
    fs::create_directory(at("a[1]/conf.d"));
    EXPECT_THAT(after_quiet(), IsEmpty());
    write(at("a[1]/conf.d/one.yaml"), "x");
    EXPECT_THAT(after_quiet(), ElementsAre(at("a[1]/conf.d/one.yaml")));
}

TEST_F(file_watcher_test, a_pattern_whose_folder_can_not_be_looked_into_changed_once) {
    watch(read({}, {at("rules.d/*.yaml")}));
    fs::create_symlink("rules.d", at("rules.d"));
    EXPECT_THAT(after_quiet(), ElementsAre(at("rules.d/*.yaml")));
    EXPECT_THAT(after_quiet(), IsEmpty());
    watch(read({}, {at("rules.d/*.yaml")}), false); // a load that failed for it
    fs::remove(at("rules.d"));
    EXPECT_THAT(after_quiet(), ElementsAre(at("rules.d/*.yaml")));
}

TEST_F(file_watcher_test, a_change_between_the_load_and_the_watch_is_noticed) {
    write(at("secret"), "one");
    const auto loaded = read({at("secret"), at("missing")}, {at("*.yaml")});
    write(at("secret"), "two");
    write(at("missing"), "there");
    write(at("new.yaml"), "x");
    watcher.watch(loaded, true, now);
    EXPECT_THAT(after_quiet(), ElementsAre(at("missing"), at("new.yaml"), at("secret")));
}

TEST_F(file_watcher_test, after_a_failed_load_both_its_files_and_those_in_force_are_watched) {
    write(at("main"), "one");
    write(at("old"), "one");
    watch(read({at("main"), at("old")}));
    write(at("main"), "two");
    EXPECT_THAT(after_quiet(), ElementsAre(at("main")));
    watch(read({at("main"), at("new")}), false);
    write(at("new"), "appears");
    EXPECT_THAT(after_quiet(), ElementsAre(at("new")));
    write(at("old"), "two");
    EXPECT_THAT(after_quiet(), ElementsAre(at("old")));
    watch(read({at("main"), at("new")}), false);
    EXPECT_THAT(after_quiet(), IsEmpty()) << "what the load did not read is as it was last seen";
    watch(read({at("main"), at("new")}));
    write(at("old"), "three");
    EXPECT_FALSE(stirred()) << "the new one in force doesn't name it";
}

TEST_F(file_watcher_test, several_changes_at_once_are_told_together_after_a_quiet_time) {
    write(at("a"), "1");
    write(at("b"), "1");
    watch(read({at("a"), at("b")}));
    now += 1s;
    const auto began = now;
    write(at("a"), "2");
    EXPECT_THAT(watcher.changes(now), IsEmpty());
    now += 200ms;
    write(at("b"), "2");
    EXPECT_THAT(watcher.changes(now), IsEmpty());
    now += 200ms;
    EXPECT_THAT(watcher.changes(now), IsEmpty());
    EXPECT_EQ(watcher.wake_time(now), began + 450ms);
    now += 50ms;
    EXPECT_THAT(watcher.changes(now), ElementsAre(at("a"), at("b")));
}

TEST_F(file_watcher_test, a_file_that_never_rests_is_looked_at_all_the_same) {
    write(at("a"), "0");
    watch(read({at("a")}));
    now += 1s;
    const auto began = now;
    std::vector<std::string> changed;
    for (int i = 1; changed.empty() && i < 100; ++i) {
        write(at("a"), std::to_string(i));
        changed = watcher.changes(now);
        now += 150ms;
    }
    EXPECT_THAT(changed, ElementsAre(at("a")));
    EXPECT_LE(now - began, pace.longest + 300ms);
}

TEST_F(file_watcher_test, a_busy_neighbour_wakes_it_seldom) {
    write(at("a"), "0");
    watch(read({at("a")}));
    now += 1s;
    write(at("access.log"), "x");
    EXPECT_THAT(watcher.changes(now), IsEmpty());
    EXPECT_EQ(watcher.descriptor(now), -1);
    EXPECT_EQ(watcher.wake_time(now), now + 100ms);
    now += 100ms;
    EXPECT_NE(watcher.descriptor(now), -1);
    EXPECT_GT(watcher.wake_time(now), now + 1h);
}

TEST_F(file_watcher_test, more_events_than_the_kernel_keeps_count_as_a_change) {
    write(at("secret"), "one");
    watch(read({at("secret")}));
    for (int i = 0; i < 9'000; ++i) { // the queue takes 16384 (fs.inotify.max_queued_events)
        write(at("noise"), "");
        fs::remove(at("noise"));
    }
    write(at("secret"), "two");
    EXPECT_THAT(after_quiet(), ElementsAre(at("secret")));
}

TEST_F(file_watcher_test, without_inotify_it_looks_every_now_and_then) {
    write(at("secret"), "one");
    errno = EMFILE; // as when fs.inotify.max_user_instances is reached
    file_watcher blind(pace, -1);
    EXPECT_FALSE(blind.watches_all());

    blind.watch(read({at("secret")}), true, now);
    EXPECT_EQ(blind.descriptor(now), -1);
    EXPECT_THAT(blind.changes(now + pace.quiet), IsEmpty());
    now += pace.quiet;
    write(at("secret"), "two");
    EXPECT_EQ(blind.wake_time(now), now + pace.unwatched);
    EXPECT_THAT(blind.changes(now + pace.unwatched), ElementsAre(at("secret")));
}

TEST_F(file_watcher_test, what_no_event_told_is_found_by_a_look_every_now_and_then) {
    write(at("a"), "one");
    fs::create_hard_link(at("a"), at("b"));
    fs::create_directory(at("elsewhere"));
    fs::rename(at("b"), at("elsewhere/b"));
    watch(read({at("a")}));
    write(at("elsewhere/b"), "two"); // the same file under a name that nobody watches
    EXPECT_FALSE(stirred());
    EXPECT_THAT(watcher.changes(now + pace.anyway), ElementsAre(at("a")));
}

} // namespace
} // namespace bearward::proxy
