// What a collector of traces gets to know of one request.
#pragma once

#include "proxy/http/trace_context.hpp"
#include "proxy/telemetry/access_record.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace bearward::proxy {

/// What a request has of its trace while it is served.
struct request_span {
    http::request_trace trace;
    bool chosen = false;   ///< it has a place; where nothing is traced it never has
    std::string authority; ///< as asked for; of a sampled one
    bool secure = false;   ///< the client's scheme is https; likewise

    [[nodiscard]] bool sampled() const noexcept { return chosen && trace.own.sampled(); }
    /// The text keeps its memory.
    void clear() noexcept {
        trace = {};
        chosen = secure = false;
        authority.clear();
    }
};

/// A span: texts are owned, bounded, and hold no token.
struct span_record {
    using time = std::chrono::sys_time<std::chrono::nanoseconds>;

    http::request_trace trace;
    time start;
    time end;
    std::string method; ///< empty: the head was not whole
    std::string path;
    std::string query; ///< empty: none
    std::string authority;
    std::string client;
    std::string request_id;
    std::string route; ///< empty: none
    bool secure = false;
    unsigned status = 0;
    policies::reason why = policies::reason::ok; ///< an observed denial rather than that it was forwarded
    policies::rules::enforcement mode = policies::rules::enforcement::enforce;
    std::uint16_t close_code = 0; ///< of a WebSocket; 0: none
    std::string_view protocol;    ///< a literal: `HTTP/1.1`; empty: the head was not whole
    std::string_view ended;       ///< why Bearward ended what was open, a literal; empty: it did not

    /// Lets go of memory that few spans need.
    void shrink() {
        for (std::string* const text : {&path, &query, &authority, &client, &request_id, &route, &method}) {
            if (text->capacity() > longest_name) {
                *text = std::string();
            }
        }
    }

    /// Texts beyond these lengths are cut.
    static constexpr std::size_t longest_target = 1024;
    static constexpr std::size_t longest_name = 256;
};

/// Fills all of `out`, whose texts keep their memory.
void fill_span(const request_span& of, const access_record& from, span_record::time start, span_record::time end, span_record& out);

} // namespace bearward::proxy
