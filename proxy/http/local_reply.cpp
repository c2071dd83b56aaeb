#include "proxy/http/local_reply.hpp"

#include "policies/challenges.hpp"
#include "policies/reason_table.hpp"
#include "policies/text.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace bearward::proxy::http {
namespace {

constexpr std::array<std::pair<unsigned, std::string_view>, 41> phrases{{
    {100, "Continue"},
    {101, "Switching Protocols"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {402, "Payment Required"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {407, "Proxy Authentication Required"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {426, "Upgrade Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
}};

/// Where no route says which methods it serves: those of RFC 9110 section 9.3 and
/// RFC 5789 that are forwarded.
constexpr std::string_view usual_methods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

void add_allow(std::span<const std::string> methods, outgoing_response& head) {
    if (methods.empty()) {
        head.add("Allow", usual_methods);
        return;
    }
    std::string& list = head.make_text();
    list = policies::listed(methods);
    head.add("Allow", list);
}

void add_challenges(const local_reply& reply, const policies::answer& what, std::string_view realm, outgoing_response& head) {
    for (std::string& each : policies::make_challenges(what, {.realm = realm,
                                                              .needs = reply.needs,
                                                              .dpop = reply.dpop,
                                                              .bad_proof = reply.bad_proof,
                                                              .resource_metadata = reply.resource_metadata})) {
        std::string& challenge = head.make_text();
        challenge = std::move(each);
        head.add("WWW-Authenticate", challenge);
    }
}

/// What this answer says besides its body.
void add_particulars(const local_reply& reply, const policies::answer& what, std::string_view realm, outgoing_response& head) {
    if (!reply.json) {
        add_challenges(reply, what, realm, head);
    }
    if (head.status == 405) {
        add_allow(reply.allow, head); // RFC 9110 section 15.5.6
    }
    if (reply.retry_after != 0) {
        std::string& seconds = head.make_text();
        seconds = std::to_string(reply.retry_after);
        head.add("Retry-After", seconds);
    }
    for (const auto& field : reply.extra) {
        head.add(field.name, field.value);
    }
    if (reply.published) {
        head.add("Access-Control-Allow-Origin", "*"); // RFC 9728 section 7.7 has clients that are pages
    } else if (reply.cors != nullptr && reply.cors->rules != nullptr && !reply.preflight) {
        head.add("Vary", "Origin");
        add_cors(*reply.cors, head);
    }
    if (!reply.date.empty()) {
        head.add("Date", reply.date);
    }
    head.place_connection();
    if (!reply.request_id.empty()) {
        head.add("X-Request-Id", reply.request_id);
    }
}

} // namespace

std::string_view status_phrase(unsigned status) noexcept {
    for (const auto& [number, phrase] : phrases) {
        if (number == status) {
            return phrase;
        }
    }
    return "Unknown";
}

std::string make_http_date(std::chrono::sys_seconds now) {
    constexpr std::array<std::string_view, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto day = std::chrono::floor<std::chrono::days>(now);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss time{now - day};
    const auto padded = [](long value, std::size_t width) {
        auto text = std::to_string(value);
        return text.insert(0, width - std::min(width, text.size()), '0');
    };
    std::string out{days[std::chrono::weekday{day}.c_encoding()]};
    out.append(", ").append(padded(static_cast<unsigned>(date.day()), 2));
    out.append(" ").append(months[static_cast<unsigned>(date.month()) - 1]);
    out.append(" ").append(padded(static_cast<int>(date.year()), 4));
    out.append(" ").append(padded(time.hours().count(), 2));
    out.append(":").append(padded(time.minutes().count(), 2));
    out.append(":").append(padded(time.seconds().count(), 2));
    return out.append(" GMT");
}

void make_local_reply(const local_reply& reply, const reply_style& style, outgoing_response& head, std::string& body) {
    const auto what = policies::answer_for(reply.why);
    head.clear();
    head.status = reply.status != 0 ? reply.status : what.status;
    head.reason_phrase = status_phrase(head.status);
    if (reply.preflight) {
        body.clear();
        head.set_framing(body_framing::none); // RFC 9110 section 15.3.5
        add_preflight(*reply.cors, head);
    } else if (reply.json) {
        body = *reply.json;
        if (!body.empty()) {
            head.add("Content-Type", content_type(reply_format::detail));
        }
        head.set_framing(body_framing::content_length, body.size());
    } else if (head.status == 204) {
        body.clear();
        head.set_framing(body_framing::none);
    } else {
        const reply_format format = style.pages && reply.navigation ? reply_format::page : style.format;
        const reply_content about{.status = head.status,
                                  .phrase = head.reason_phrase,
                                  .detail = what.detail.empty() ? head.reason_phrase : what.detail,
                                  .why = reply.why};
        make_reply_body(format, about, style.expose_reason, body);
        head.add("Content-Type", content_type(format));
        head.set_framing(body_framing::content_length, body.size());
    }
    head.add("Cache-Control", reply.published ? "max-age=3600" : "no-store");
    add_particulars(reply, what, style.realm, head);
    if (reply.head_request) {
        body.clear();
    }
}

} // namespace bearward::proxy::http
