// Notices that a file of the configuration says something else than when it was
// read. A folder_watch says when to look; contents are compared, so that what is
// written beside, or written again as it was, is no change. Has no thread.
#pragma once

#include "config/sources.hpp"
#include "proxy/control/folder_watch.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace bearward::proxy {

struct watch_pace {
    std::chrono::milliseconds quiet{250};       ///< without an event, before files are compared: several are often written together
    std::chrono::milliseconds longest{2'000};   ///< from the first event
    std::chrono::milliseconds unwatched{3'000}; ///< between two looks when not everything can be watched
    std::chrono::milliseconds anyway{30'000};   ///< between two looks: mounts and network file systems report nothing
};

/// For one thread: wait until wake_time() or descriptor() is readable, then call
/// changes().
class file_watcher {
public:
    using clock = std::chrono::steady_clock;

    explicit file_watcher(watch_pace pace = {}, int inotify = folder_watch::open_inotify()) : pace_(pace), folders_(inotify) {}

    /// What a load read. In force: these are watched and nothing else. Otherwise the
    /// load failed, and they are watched besides those in force, since each may repair
    /// it. changes() gives what changed since the load.
    void watch(const config::sources& read, bool in_force, clock::time_point now);

    /// The files that this process may not read, though the load did: it was another
    /// user's then (`user`). They count as unchanged. For after the first watch().
    [[nodiscard]] std::vector<std::string> forgive_unreadable();

    /// For poll(2), until the next call; -1: none.
    [[nodiscard]] int descriptor(clock::time_point now) const noexcept { return now < next_read_ ? -1 : folders_.descriptor(); }
    [[nodiscard]] clock::time_point wake_time(clock::time_point now) const noexcept;

    /// The files that are different, appeared or went, since watch() or the last call.
    /// Empty: none, or it is too early to tell.
    [[nodiscard]] std::vector<std::string> changes(clock::time_point now);

    /// False: changes are found by looking every now and then only.
    [[nodiscard]] bool watches_all() const noexcept { return folders_.complete(); }

private:
    /// Of the file that a path leads to. ctime can't be set, so it tells of every write.
    struct state_of_file {
        dev_t device;
        ino_t inode;
        off_t size;
        std::int64_t changed; ///< ctime, in nanoseconds
        std::int64_t looked;  ///< when, by the same clock
        [[nodiscard]] bool same_as(const state_of_file& other) const noexcept;
    };
    struct known_file {
        config::source_file source;
        std::optional<state_of_file> state; ///< when the fingerprint was taken, if it was taken here
    };

    static std::optional<state_of_file> look_at(const std::string& path);
    static bool differs(known_file& file);
    [[nodiscard]] clock::time_point due() const noexcept;
    [[nodiscard]] config::sources everything() const;

    watch_pace pace_;
    folder_watch folders_;
    config::sources in_force_;
    std::vector<known_file> files_;
    std::vector<config::source_pattern> patterns_;
    clock::time_point next_read_{};
    clock::time_point looked_{};
    std::optional<clock::time_point> first_event_;
    clock::time_point last_event_{};
};

} // namespace bearward::proxy
