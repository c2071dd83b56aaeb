#include "proxy/control/file_watcher.hpp"

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace bearward::proxy {
namespace {

/// Between two readings of the kernel's events, so that a file written all the
/// time in the same folder costs little.
constexpr std::chrono::milliseconds read_pause{100};
/// A file that changed so shortly before it was read may have changed again within
/// the file system's tick.
constexpr std::int64_t settled = 2'000'000'000;

std::int64_t nanoseconds_of(const timespec& time) noexcept {
    return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

/// What only one of two lists has.
std::vector<std::string> difference(const config::matches& before, const config::matches& after, const std::string& pattern) {
    if (before == after) {
        return {};
    }
    if (!before || !after) {
        return {pattern};
    }
    std::vector<std::string> differing;
    std::ranges::set_symmetric_difference(*before, *after, std::back_inserter(differing));
    return differing;
}

} // namespace

bool file_watcher::state_of_file::same_as(const state_of_file& other) const noexcept {
    return device == other.device && inode == other.inode && size == other.size && changed == other.changed;
}

std::optional<file_watcher::state_of_file> file_watcher::look_at(const std::string& path) {
    struct stat about{};
    if (::stat(path.c_str(), &about) != 0) {
        return std::nullopt;
    }
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    return state_of_file{about.st_dev, about.st_ino, about.st_size, nanoseconds_of(about.st_ctim), nanoseconds_of(now)};
}

/// Takes the new state over.
bool file_watcher::differs(known_file& file) {
    const auto state = look_at(file.source.path);
    const auto state_before = std::exchange(file.state, state);
    const bool touched = state && state_before && !state_before->same_as(*state);
    if (state && state_before && !touched && state_before->changed < state_before->looked - settled) {
        file.state = state_before;
        return false;
    }
    const auto content = file.source.read(file.source.path);
    const std::string before = std::exchange(file.source.fingerprint, config::fingerprint_of(content));
    // What can't be read may say something else.
    return before != file.source.fingerprint || (!content && touched);
}

std::vector<std::string> file_watcher::forgive_unreadable() {
    std::vector<std::string> unreadable;
    for (auto& each : patterns_) {
        if (auto found = config::find_matches(each.pattern); !found) {
            each.found = std::move(found);
            unreadable.push_back(each.pattern);
        }
    }
    for (known_file& each : files_) {
        if (::access(each.source.path.c_str(), R_OK) != 0 && errno == EACCES) {
            (void)differs(each);
            unreadable.push_back(each.source.path);
        }
    }
    return unreadable;
}

config::sources file_watcher::everything() const {
    config::sources all;
    for (const known_file& each : files_) {
        all.files.push_back(each.source);
    }
    all.patterns = patterns_;
    return all;
}

void file_watcher::watch(const config::sources& read, bool in_force, clock::time_point now) {
    if (in_force) {
        in_force_ = read;
    }
    const auto before = std::exchange(files_, {});
    const auto patterns_before = std::exchange(patterns_, {});
    for (const auto& each : read.files) {
        files_.push_back({each, std::nullopt});
    }
    patterns_ = read.patterns;
    // What this load did not read is as it was at the last look.
    for (const auto& each : in_force_.files) {
        const auto is_it = [&](const known_file& known) { return known.source.path == each.path && known.source.read == each.read; };
        if (std::ranges::none_of(files_, is_it)) {
            const auto known = std::ranges::find_if(before, is_it);
            files_.push_back(known != before.end() ? *known : known_file{each, std::nullopt});
        }
    }
    for (const auto& each : in_force_.patterns) {
        if (std::ranges::find(patterns_, each.pattern, &config::source_pattern::pattern) == patterns_.end()) {
            const auto known = std::ranges::find(patterns_before, each.pattern, &config::source_pattern::pattern);
            patterns_.push_back(known != patterns_before.end() ? *known : each);
        }
    }
    folders_.cover(everything());
    // Files may have changed between the load and now.
    first_event_ = last_event_ = looked_ = now;
}

file_watcher::clock::time_point file_watcher::due() const noexcept {
    const auto look = looked_ + (folders_.complete() ? pace_.anyway : pace_.unwatched);
    return first_event_ ? std::min({look, last_event_ + pace_.quiet, *first_event_ + pace_.longest}) : look;
}

file_watcher::clock::time_point file_watcher::wake_time(clock::time_point now) const noexcept {
    return now < next_read_ && folders_.descriptor() >= 0 ? std::min(next_read_, due()) : due();
}

std::vector<std::string> file_watcher::changes(clock::time_point now) {
    const auto news = now < next_read_ ? folder_watch::news::none : folders_.read_events();
    if (news != folder_watch::news::none) {
        next_read_ = now + read_pause;
    }
    if (news == folder_watch::news::of_ours) {
        last_event_ = now;
        first_event_ = first_event_.value_or(now);
    }
    if (now < due()) {
        return {};
    }
    first_event_.reset();
    looked_ = now;
    folders_.cover(everything());
    std::vector<std::string> changed;
    for (known_file& each : files_) {
        if (differs(each)) {
            changed.push_back(each.source.path);
        }
    }
    for (auto& each : patterns_) {
        auto found = config::find_matches(each.pattern);
        std::ranges::move(difference(each.found, found, each.pattern), std::back_inserter(changed));
        each.found = std::move(found);
    }
    std::ranges::sort(changed);
    const auto surplus = std::ranges::unique(changed);
    changed.erase(surplus.begin(), surplus.end());
    return changed;
}

} // namespace bearward::proxy
