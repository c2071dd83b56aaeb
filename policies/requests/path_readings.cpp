#include "policies/requests/path_readings.hpp"

#include "policies/requests/dot_segments.hpp"
#include "policies/requests/escapes.hpp"

#include <algorithm>

namespace bearward::policies::requests {
namespace {

/// Decodes each escape once, in place. Says whether there was one.
std::expected<bool, path_error> decode_once(std::string& path) {
    std::size_t written = 0;
    std::size_t at = 0;
    while (at < path.size()) {
        const auto value = escaped_byte(path, at);
        if (value && is_control(*value)) {
            return std::unexpected(path_error::encoded_control);
        }
        path[written++] = value ? static_cast<char>(*value) : path[at];
        at += value ? 3 : 1;
    }
    path.resize(written);
    return written != at;
}

/// Cuts `;...` off every segment.
void cut_parameters(std::string& path) {
    bool cutting = false;
    std::erase_if(path, [&cutting](char byte) {
        cutting = byte != '/' && (cutting || byte == ';');
        return cutting;
    });
}

/// Adds a reading once, and not the path itself.
void add_once(const std::string& path, std::string reading, std::vector<std::string>& readings) {
    if (reading != path && std::ranges::find(readings, reading) == readings.end()) {
        readings.push_back(std::move(reading));
    }
}

/// What is left of `//authority/path`, which is a URL without scheme to some parsers;
/// nothing for other paths.
std::string without_authority(const std::string& path) {
    if (!path.starts_with("//")) {
        return {};
    }
    const std::size_t end = path.find('/', 2);
    return end == std::string::npos ? "/" : path.substr(end);
}

class reader {
public:
    reader(const std::string& path, bool merge, std::vector<std::string>& readings) : path_(path), merge_(merge), readings_(readings) {}

    std::expected<void, path_error> read_all() {
        readings_.clear();
        std::string decoded = path_;
        std::string cut_first = path_;
        cut_parameters(cut_first);
        for (int decodings = 0;; ++decodings) {
            if (decodings > max_decodings) {
                return std::unexpected(path_error::ambiguous);
            }
            for (const bool backslashes : {false, true}) {
                std::string cut_last = separate(decoded, backslashes);
                add_both_orders(cut_last);
                cut_parameters(cut_last);
                add_both_orders(cut_last);
                add_both_orders(separate(cut_first, backslashes));
            }
            const auto more = decode_once(decoded);
            const auto more_cut = decode_once(cut_first);
            if (!more || !more_cut || failed_) {
                return std::unexpected(!more ? more.error() : !more_cut ? more_cut.error() : path_error::above_root);
            }
            if (!*more) { // what was cut had no more escapes than the whole
                return {};
            }
        }
    }

private:
    static std::string separate(std::string path, bool backslashes) {
        if (backslashes) {
            std::ranges::replace(path, '\\', '/');
        }
        return path;
    }

    void add_both_orders(const std::string& reading) {
        std::string merged_first = reading;
        merge_slashes(merged_first);
        failed_ = failed_ || !resolve_dots(merged_first);
        add(std::move(merged_first));
        std::string resolved_first = reading;
        failed_ = failed_ || !resolve_dots(resolved_first);
        if (!merge_) {
            add(resolved_first);
            if (std::string rest = without_authority(resolved_first); !rest.empty()) {
                merge_slashes(rest);
                add(std::move(rest));
            }
        }
        merge_slashes(resolved_first);
        add(std::move(resolved_first));
    }

    void add(std::string reading) { add_once(path_, std::move(reading), readings_); }

    const std::string& path_;
    bool merge_;
    std::vector<std::string>& readings_;
    bool failed_ = false;
};

} // namespace

std::expected<void, path_error> make_readings(const std::string& path, bool merge, std::vector<std::string>& readings) {
    return reader(path, merge, readings).read_all();
}

void add_merged_readings(const std::string& path, std::vector<std::string>& readings) {
    std::string merged = path;
    merge_slashes(merged);
    add_once(path, std::move(merged), readings);
    if (std::string rest = without_authority(path); !rest.empty()) {
        merge_slashes(rest);
        add_once(path, std::move(rest), readings);
    }
}

} // namespace bearward::policies::requests
