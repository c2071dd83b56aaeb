#include "proxy/providers/key_cache_file.hpp"

#include "config/files.hpp"
#include "policies/date_text.hpp"
#include "policies/jose/strict_json.hpp"
#include "proxy/providers/key_fetch.hpp"

#include <boost/json.hpp>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace bearward::proxy::providers {
namespace {

namespace json = boost::json;

std::string last_error() {
    return std::generic_category().message(errno);
}

/// The end of the year 9999: far from where sums of times overflow.
constexpr std::int64_t latest = 253'402'300'799;

/// Who else could have written it chooses whose tokens are good. Empty: nobody.
std::string find_foreign_hand(const struct stat& file) {
    if (file.st_uid != ::geteuid() && file.st_uid != 0) {
        return "it belongs to another user";
    }
    return (file.st_mode & S_IWOTH) != 0 ? "every user may write it" : "";
}

bool write_all(int file, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(file, text.data(), text.size());
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return false;
        }
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

} // namespace

std::expected<kept_keys, std::string> read_kept_keys(const config::key_source_settings& source) {
    const std::string& path = source.how.cache_file.value;
    struct stat file{};
    if (::stat(path.c_str(), &file) != 0) {
        return std::unexpected(errno == ENOENT ? std::string() : "can't read " + path + ": " + last_error());
    }
    if (const std::string why = find_foreign_hand(file); !why.empty()) {
        return std::unexpected(path + ": " + why);
    }
    const auto content = config::read_regular_file(path);
    if (!content) {
        return std::unexpected("can't read " + path + ": " + content.error());
    }
    auto document = policies::jose::parse_json_object(*content);
    const json::value* const url = document ? document->if_contains("url") : nullptr;
    const json::value* const fetched = document ? document->if_contains("fetched") : nullptr;
    if (url == nullptr || fetched == nullptr || !url->is_string() || !fetched->is_int64()) {
        return std::unexpected(path + ": not a set that was kept here");
    }
    if (fetched->get_int64() < 0 || fetched->get_int64() > latest) {
        return std::unexpected(path + ": it says no time at which it was fetched");
    }
    if (url->get_string() != source.from.text) {
        return std::unexpected(path + ": kept of another URL");
    }
    auto keys = read_keys(source, *content);
    if (!keys) {
        return std::unexpected(path + ": " + keys.error());
    }
    return kept_keys{*std::move(keys), *content, policies::time_point(std::chrono::seconds(fetched->get_int64()))};
}

std::optional<std::string> keep_keys(const config::key_source_settings& source, std::string_view text, policies::time_point fetched) {
    auto document = policies::jose::parse_json_object(text);
    if (!document) {
        return "not a JWK set";
    }
    json::object kept{{"url", source.from.text}, {"fetched", std::chrono::floor<std::chrono::seconds>(fetched).time_since_epoch().count()}};
    if (const json::value* const keys = document->if_contains("keys")) {
        kept["keys"] = *keys;
    } else {
        kept["keys"] = json::array{*document};
    }
    const std::string& path = source.how.cache_file.value;
    const std::string fresh = path + ".new";
    ::unlink(fresh.c_str());
    const int file = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0) {
        return "can't write " + fresh + ": " + last_error();
    }
    const bool written = write_all(file, json::serialize(kept) + '\n');
    std::string why = written ? "" : last_error();
    if (::close(file) != 0 && why.empty()) {
        why = last_error();
    }
    if (why.empty() && ::rename(fresh.c_str(), path.c_str()) == 0) {
        return std::nullopt;
    }
    why = why.empty() ? last_error() : why;
    ::unlink(fresh.c_str());
    return "can't write " + path + ": " + why;
}

} // namespace bearward::proxy::providers
