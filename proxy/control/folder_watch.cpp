#include "proxy/control/folder_watch.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <fnmatch.h>
#include <sys/inotify.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

namespace bearward::proxy {
namespace {

namespace fs = std::filesystem;

/// Of a folder on the way: what is written in it doesn't matter.
constexpr std::uint32_t events_of_names = IN_ATTRIB | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF;
/// And where the file itself is.
constexpr std::uint32_t events_of_contents = events_of_names | IN_CLOSE_WRITE | IN_MODIFY;
constexpr std::uint32_t of_the_folder_itself = IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED | IN_UNMOUNT;
constexpr int most_links = 40;         ///< as the kernel follows (path_resolution(7))
constexpr std::size_t most_reads = 64; ///< a busy folder must not hold up the rest

/// "a/b" in a stack: the first part on top.
void put_parts(const fs::path& path, std::vector<std::string>& stack) {
    const auto first = static_cast<std::ptrdiff_t>(stack.size());
    for (const fs::path& part : path) {
        stack.push_back(part.string());
    }
    std::reverse(stack.begin() + first, stack.end());
}

std::string without_backslashes(std::string_view literal) {
    std::string plain;
    for (std::size_t i = 0; i < literal.size(); ++i) {
        i += literal[i] == '\\' && i + 1 < literal.size() ? 1 : 0;
        plain += literal[i];
    }
    return plain;
}

bool has_wildcard(std::string_view pattern) noexcept {
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] == '\\') {
            ++i;
        } else if (config::is_pattern(pattern.substr(i, 1))) {
            return true;
        }
    }
    return false;
}

} // namespace

bool folder_watch::interest::concerns(const char* name) const {
    return names.contains(name) ||
           std::ranges::any_of(patterns, [name](const std::string& each) { return ::fnmatch(each.c_str(), name, 0) == 0; });
}

int folder_watch::open_inotify() noexcept {
    return ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
}

folder_watch::folder_watch(int inotify) : inotify_(inotify) {
    if (inotify_ < 0) {
        refuse("", errno);
    }
}

folder_watch::~folder_watch() {
    if (inotify_ >= 0) {
        ::close(inotify_);
    }
}

void folder_watch::refuse(const std::string& folder, int error) {
    complete_ = false;
    if (!std::exchange(told_, true)) {
        spdlog::warn("changes of files can't be watched by inotify{}{}: {}; they are looked for every few seconds instead",
                     folder.empty() ? "" : " in ", folder, std::generic_category().message(error));
    }
}

/// Null: it is gone, which its parent reports, or can't be watched.
folder_watch::interest* folder_watch::watch(const std::string& folder, kind what) {
    if (inotify_ < 0) {
        return nullptr;
    }
    auto known = paths_.find({folder, what});
    if (known == paths_.end()) {
        const std::uint32_t events =
            (what == kind::contents ? events_of_contents : events_of_names) | IN_ONLYDIR | IN_EXCL_UNLINK | IN_MASK_ADD;
        const int made = ::inotify_add_watch(inotify_, folder.c_str(), events);
        if (made < 0) {
            if (errno != ENOENT && errno != ENOTDIR && errno != ELOOP) {
                refuse(folder, errno);
            }
            return nullptr;
        }
        known = paths_.emplace(std::pair(folder, what), made).first;
    }
    return &folders_[known->second];
}

/// Goes the path as the kernel does, link by link. Each folder is watched before a
/// name in it is looked at, so that no change falls between. Where it leads to, if
/// that is a folder.
std::optional<std::string> folder_watch::follow(const std::string& path) {
    std::error_code error;
    std::vector<std::string> rest;
    put_parts(fs::absolute(path, error), rest);
    fs::path at = "/";
    for (int links = 0; !rest.empty();) {
        const std::string name = std::move(rest.back());
        rest.pop_back();
        if (name == "/") {
            at = "/";
        } else if (name == "..") {
            at = at.parent_path();
        } else if (!name.empty() && name != ".") {
            if (interest* const here = watch(at.string(), kind::names)) {
                here->names.insert(name);
            }
            const fs::path next = at / name;
            const fs::file_type type = fs::symlink_status(next, error).type();
            if (type == fs::file_type::directory) {
                at = next;
            } else if (type != fs::file_type::symlink || ++links > most_links) {
                (void)watch(at.string(), kind::contents);
                return std::nullopt;
            } else {
                put_parts(fs::read_symlink(next, error), rest);
            }
        }
    }
    return at.string();
}

/// Every folder in which a name of the pattern is looked for: of "a/*/b*" these
/// are "a" and what "a/*" matches.
void folder_watch::cover_pattern(const std::string& pattern) {
    std::string before;
    bool literal = true;
    for (const fs::path& part : fs::path(pattern)) {
        const std::string name = part.string();
        if (literal && has_wildcard(name)) {
            literal = false;
            const auto folder = follow(without_backslashes(before.empty() ? "." : before));
            if (interest* const here = folder ? watch(*folder, kind::names) : nullptr) {
                here->patterns.insert(name);
            }
        } else if (!literal) {
            for (const std::string& each : config::find_matches(before).value_or(std::vector<std::string>{})) {
                const auto folder = follow(each);
                if (interest* const here = folder ? watch(*folder, kind::names) : nullptr) {
                    here->patterns.insert(name);
                }
            }
        }
        before += (before.empty() || before.ends_with('/') ? "" : "/") + name;
    }
}

void folder_watch::cover(const config::sources& what) {
    complete_ = inotify_ >= 0;
    paths_.clear();
    const auto before = std::exchange(folders_, {});
    for (const auto& each : what.files) {
        follow(each.path);
    }
    for (const auto& each : what.patterns) {
        cover_pattern(each.pattern);
    }
    for (const auto& [watch, ignored] : before) {
        if (!folders_.contains(watch)) {
            ::inotify_rm_watch(inotify_, watch);
        }
    }
}

folder_watch::news folder_watch::read_events() {
    bool concerned = false;
    bool any = false;
    alignas(inotify_event) std::array<char, std::size_t{16} * 1024> block{};
    for (std::size_t reads = 0; inotify_ >= 0 && reads < most_reads; ++reads) {
        const ssize_t size = ::read(inotify_, block.data(), block.size());
        if (size <= 0) {
            break;
        }
        any = true;
        const char* const end = block.data() + size;
        for (const char* next = block.data(); next < end;) {
            const auto* const event = reinterpret_cast<const inotify_event*>(next);
            next += sizeof(inotify_event) + event->len;
            const auto folder = folders_.find(event->wd);
            if ((event->mask & IN_Q_OVERFLOW) != 0) {
                concerned = true; // what was lost may have concerned us
            } else if (folder != folders_.end()) {
                concerned =
                    concerned || (event->mask & of_the_folder_itself) != 0 || (event->len != 0 && folder->second.concerns(event->name));
            }
        }
    }
    return concerned ? news::of_ours : any ? news::of_others : news::none;
}

} // namespace bearward::proxy
