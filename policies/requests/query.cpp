#include "policies/requests/query.hpp"

#include "policies/requests/escapes.hpp"

#include <algorithm>
#include <cstddef>

namespace bearward::policies::requests {
namespace {

/// The decoded value; nothing: an escape is malformed, and apps differ in what they make of it.
std::optional<std::string_view> decode(std::string_view encoded, std::string& memory) {
    if (encoded.find_first_of("%+") == std::string_view::npos) {
        return encoded;
    }
    memory.clear();
    for (std::size_t at = 0; at < encoded.size(); ++at) {
        if (encoded[at] != '%') {
            memory += encoded[at] == '+' ? ' ' : encoded[at];
            continue;
        }
        const auto value = escaped_byte(encoded, at);
        if (!value) {
            return std::nullopt;
        }
        memory += static_cast<char>(*value);
        at += 2;
    }
    return memory;
}

} // namespace

bool decodes_to(std::string_view encoded, std::string_view name) noexcept {
    std::size_t written = 0;
    for (std::size_t at = 0; at < encoded.size(); ++at, ++written) {
        char byte = encoded[at] == '+' ? ' ' : encoded[at];
        if (const auto value = escaped_byte(encoded, at)) {
            byte = static_cast<char>(*value);
            at += 2;
        }
        if (written == name.size() || byte != name[written]) {
            return false;
        }
    }
    return written == name.size();
}

std::optional<std::string_view> find_parameter(std::string_view query, std::string_view name, std::string& memory) {
    std::optional<std::string_view> only;
    for (std::size_t at = 0; at <= query.size();) {
        const std::size_t end = std::min(query.find('&', at), query.size());
        const std::string_view parameter = query.substr(at, end - at);
        const std::size_t equals = std::min(parameter.find('='), parameter.size());
        if (decodes_to(parameter.substr(0, equals), name)) {
            if (only) {
                return std::nullopt;
            }
            only = parameter.substr(std::min(equals + 1, parameter.size()));
        }
        at = end + 1;
    }
    return only ? decode(*only, memory) : std::nullopt;
}

} // namespace bearward::policies::requests
