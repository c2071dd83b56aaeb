// Any bytes as a path: what is accepted must be canonical, stable, and read the same
// by servers that merge, resolve and decode in another order or more often.
#include "policies/requests/target.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace bearward::policies::requests;

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

/// Segments without dots, by a stack; merging before or after. Climbing too high
/// empties the stack, as servers do.
std::string read_naively(std::string_view path, bool merge_first) {
    std::vector<std::string> stack;
    std::string_view rest = path.substr(1);
    bool directory = false;
    for (bool more = true; more;) {
        const std::size_t slash = rest.find('/');
        const std::string_view segment = rest.substr(0, slash);
        more = slash != std::string_view::npos;
        rest = more ? rest.substr(slash + 1) : std::string_view{};
        directory = segment == "." || segment == ".." || segment.empty();
        if (segment == "..") {
            if (!stack.empty()) {
                stack.pop_back();
            }
        } else if (segment != "." && (!segment.empty() || (!merge_first && more))) {
            stack.emplace_back(segment);
        }
    }
    std::string out;
    for (const std::string& segment : stack) {
        if (!segment.empty()) {
            out += '/' + segment;
        }
    }
    return directory || out.empty() ? out + '/' : out;
}

void check_strict(std::string_view raw) {
    path_scratch scratch;
    const auto once = parse_path(raw, {.ambiguous = ambiguous_paths::reject}, scratch);
    if (!once) {
        return;
    }
    require(once->readings.empty());
    for (const char byte : once->path) {
        require(byte > 0x20 && byte < 0x7F && byte != '\\' && byte != ';' && byte != '#' && byte != '?');
    }
    require(read_naively(once->path, true) == once->path && read_naively(once->path, false) == once->path);
    path_scratch again;
    const auto twice = parse_path(once->path, {.ambiguous = ambiguous_paths::reject}, again);
    require(twice && twice->path.data() == once->path.data());
    // Decoding once more changes no structure and uncovers nothing to decode.
    const std::string decoded = decode_segment(once->path);
    require(decode_segment(decoded) == decoded);
    require(read_naively(decoded, true) == decoded && read_naively(decoded, false) == decoded);
    // However the raw bytes are read, by whom resolves first or merges first, this is where it leads.
    const std::string all = decode_segment(raw);
    require(read_naively(all, true) == decoded && read_naively(all, false) == decoded);
}

void check_lenient(std::string_view raw) {
    path_scratch scratch;
    const auto once = parse_path(raw, {.ambiguous = ambiguous_paths::allow}, scratch);
    if (!once) {
        return;
    }
    path_scratch again;
    const auto twice = parse_path(once->path, {.ambiguous = ambiguous_paths::allow}, again);
    require(twice && twice->path == once->path && std::ranges::equal(twice->readings, once->readings));
    for (const std::string& reading : once->readings) {
        require(reading != once->path && read_naively(reading, true) == reading && read_naively(reading, false) == reading);
    }
    if (!once->readings.empty()) { // the laxest reader of all leaves nothing to interpret
        require(std::ranges::any_of(once->readings, [](const std::string& reading) {
            return decode_segment(reading) == reading && reading.find_first_of("\\;") == std::string::npos;
        }));
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view raw{reinterpret_cast<const char*>(data), size};
    check_strict(raw);
    check_lenient(raw);
    return 0;
}
