#include "config/file_pattern.hpp"

#include <algorithm>
#include <cerrno>
#include <glob.h>
#include <memory>
#include <system_error>

namespace bearward::config {
namespace {

// glob's callback takes no argument of ours.
thread_local int glob_error = 0;

int stop_at_unreadable(const char*, int error) {
    // What isn't there just doesn't match; what can't be looked into may hold rules.
    glob_error = error == ENOENT || error == ENOTDIR ? 0 : error;
    return glob_error != 0 ? 1 : 0;
}

} // namespace

bool is_pattern(std::string_view path) noexcept {
    return path.find_first_of("*?[") != std::string_view::npos;
}

std::string as_literal(std::string_view path) {
    std::string literal;
    for (const char letter : path) {
        if (std::string_view("*?[]\\").find(letter) != std::string_view::npos) {
            literal += '\\';
        }
        literal += letter;
    }
    return literal;
}

matches find_matches(const std::string& pattern) {
    glob_t found{};
    const std::unique_ptr<glob_t, decltype(&::globfree)> guard(&found, &::globfree);
    glob_error = 0;
    const int result = ::glob(pattern.c_str(), GLOB_NOSORT, &stop_at_unreadable, &found);
    if (result != 0 && result != GLOB_NOMATCH) {
        return std::unexpected(glob_error != 0 ? std::generic_category().message(glob_error) : std::string("too many files"));
    }
    std::vector<std::string> paths(found.gl_pathv, found.gl_pathv + found.gl_pathc);
    std::ranges::sort(paths);
    return paths;
}

} // namespace bearward::config
