// Any bytes as what a page's request says of itself: its Origin and its Access-Control-Request-Method,
// and the same bytes as an entry of allow_origins. Input: three lines, origin, method, entry. An origin
// is accepted only where it is what is written, or labels in place of its `*`; an entry that is read
// has one form.
#include "policies/requests/cors.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace bearward::policies::requests;

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

std::string_view take_line(std::string_view& text) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return line;
}

/// Written another way than what it checks: by where the bytes may not be.
bool fits(const accepted_origin& entry, std::string_view origin) {
    if (entry.what != accepted_origin::kind::subdomains) {
        return entry.what == accepted_origin::kind::any || origin == entry.text;
    }
    const std::string around = entry.before + entry.after;
    if (origin.size() <= around.size() || !origin.starts_with(entry.before) || !origin.ends_with(entry.after)) {
        return false;
    }
    const std::string labels = "." + std::string(origin.substr(entry.before.size(), origin.size() - around.size())) + ".";
    return !labels.contains("..") && labels.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_.") == std::string::npos;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view rest(reinterpret_cast<const char*>(data), size);
    const std::string_view origin = take_line(rest);
    const std::string_view method = take_line(rest);
    const auto entry = parse_accepted_origin(take_line(rest));
    const std::array<header, 2> headers{header{"Origin", origin}, header{"Access-Control-Request-Method", method}};
    request_view request;
    request.method = "OPTIONS";
    request.headers = headers;
    const std::string_view asked = find_preflight_method(request);
    require(asked.empty() || (asked == method && !origin.empty() && asked.find_first_of(" ,\"/") == std::string_view::npos));
    if (!entry) {
        require(!entry.error().empty());
        return 0;
    }
    require(parse_accepted_origin(entry->text) == *entry);
    cors_rules rules;
    rules.origins = {*entry};
    const std::string_view told = allowed_origin(rules, headers);
    require(told.empty() || (fits(*entry, origin) && (told == origin || entry->what == accepted_origin::kind::any)));
    require(!told.empty() || origin.empty() || origin.size() > 300 || !fits(*entry, origin));
    return 0;
}
