// What the HTTP fuzz targets share.
#pragma once

#include "proxy/http/head.hpp"

#include <cstdlib>
#include <string>
#include <string_view>

namespace bearward::fuzz {

/// A broken promise ends the run with the input that broke it.
inline void demand(bool holds) {
    if (!holds) {
        std::abort();
    }
}

inline std::string_view text_of(const unsigned char* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

inline void demand_plain(std::string_view text) {
    demand(text.find_first_of(std::string_view("\0\r\n", 3)) == std::string_view::npos);
}

/// The fields of a head as a plain proxy would write them again.
inline std::string write_fields(const proxy::http::message_head& head) {
    std::string out;
    for (const auto& field : head.fields) {
        out.append(field.name).append(": ").append(field.value).append("\r\n");
    }
    return out.append("\r\n");
}

inline void demand_same(const proxy::http::message_head& left, const proxy::http::message_head& right) {
    demand(left.minor_version == right.minor_version && left.framing == right.framing && left.content_length == right.content_length &&
           left.keep_alive == right.keep_alive && left.fields.size() == right.fields.size());
    for (std::size_t i = 0; i < left.fields.size(); ++i) {
        demand(left.fields[i].name == right.fields[i].name && left.fields[i].value == right.fields[i].value);
    }
}

/// The promises of every accepted head.
inline void demand_sound(const proxy::http::message_head& head, std::string_view bytes) {
    demand(head.size <= bytes.size() && bytes.substr(0, head.size).ends_with("\r\n\r\n"));
    unsigned lengths = 0;
    for (const auto& field : head.fields) {
        demand(!field.name.empty() && field.name.find_first_of(" \t:") == std::string_view::npos);
        demand_plain(field.name);
        demand_plain(field.value);
        lengths += field.name.size() == 14 && (field.name[0] | 0x20) == 'c' && field.name.substr(7, 1) == "-" ? 1 : 0;
    }
    demand(head.framing != proxy::http::body_framing::content_length || lengths > 0);
}

/// A head that comes byte by byte has the verdict of the whole. With the hint a
/// refusal may come later than it could, never another one and never none.
template <class parse_part>
void demand_same_in_parts(const proxy::http::head_outcome& whole, std::string_view bytes, std::size_t max_head, const parse_part& parse) {
    using proxy::http::head_state;
    bool ended = false;
    std::size_t scanned = 0;
    bool ended_with_hint = false;
    for (std::size_t length = 0; length <= bytes.size() && length <= max_head && !(ended && ended_with_hint); ++length) {
        const auto part = bytes.substr(0, length);
        for (const bool hint : {false, true}) {
            if (auto& over = hint ? ended_with_hint : ended; !over) {
                const auto now = parse(part, hint ? &scanned : nullptr);
                over = now.state != head_state::incomplete;
                demand(!over || (now.state == whole.state && now.status == whole.status && now.detail == whole.detail));
            }
        }
    }
    demand(ended == (whole.state != head_state::incomplete));
    demand(ended_with_hint || whole.state != head_state::complete);
}

} // namespace bearward::fuzz
