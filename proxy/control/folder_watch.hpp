// Tells when the way to a file may lead to another one (inotify). Watches
// folders, not files: of the path as written, and of each symbolic link on the
// way to the real file. So renames over a file, swapped links and folders that
// come back are seen, and a file that isn't there yet can appear.
#pragma once

#include "config/sources.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace bearward::proxy {

/// For one thread.
class folder_watch {
public:
    /// Of the kernel's; -1, with errno: it gives none.
    [[nodiscard]] static int open_inotify() noexcept;
    /// Takes the descriptor over.
    explicit folder_watch(int inotify = open_inotify());
    ~folder_watch();
    folder_watch(const folder_watch&) = delete;
    folder_watch& operator=(const folder_watch&) = delete;

    /// Watches the ways to these, as they are now, and no others. A change after
    /// the call is noticed; so compare the files after it.
    void cover(const config::sources& what);

    /// Readable when read_events() has something; -1: the kernel gives none.
    [[nodiscard]] int descriptor() const noexcept { return inotify_; }
    enum class news : std::uint8_t { none, of_others, of_ours };
    /// Takes what there is without waiting; whether any of it concerns what is covered.
    news read_events();

    /// False: some change can go unnoticed, since the kernel refused a watch (its
    /// limits, a folder that may not be read). That is logged once.
    [[nodiscard]] bool complete() const noexcept { return complete_; }

private:
    /// What matters in a folder.
    struct interest {
        std::set<std::string> names;
        std::set<std::string> patterns;
        [[nodiscard]] bool concerns(const char* name) const;
    };

    enum class kind : std::uint8_t { names, contents };
    interest* watch(const std::string& folder, kind what);
    std::optional<std::string> follow(const std::string& path);
    void cover_pattern(const std::string& pattern);
    void refuse(const std::string& folder, int error);

    int inotify_;
    bool complete_ = true;
    bool told_ = false;
    std::map<int, interest> folders_;                   ///< by watch
    std::map<std::pair<std::string, kind>, int> paths_; ///< of one round of cover()
};

} // namespace bearward::proxy
