#include "proxy/http/local_reply.hpp"

#include "policies/ascii.hpp"
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

void append_json_string(std::string_view text, std::string& out) {
    out.push_back('"');
    for (const char byte : text) {
        const auto code = static_cast<unsigned char>(byte);
        if (byte == '"' || byte == '\\') {
            out.append({'\\', byte});
        } else if (code < 0x20) {
            out += "\\u00";
            policies::append_hex(out, byte);
        } else {
            out.push_back(byte);
        }
    }
    out.push_back('"');
}

std::string_view content_type(reply_format format) noexcept {
    switch (format) {
    case reply_format::problem:
        return "application/problem+json"; // RFC 9457 section 3
    case reply_format::text:
        return "text/plain; charset=utf-8";
    case reply_format::detail:
        break;
    }
    return "application/json";
}

void make_body(std::string_view detail, unsigned status, policies::reason why, const reply_style& style, std::string& body) {
    if (style.format == reply_format::text) {
        body = detail;
        return;
    }
    body = "{";
    if (style.format == reply_format::problem) {
        body.append("\"type\":\"about:blank\",\"title\":");
        append_json_string(status_phrase(status), body);
        body.append(",\"status\":").append(std::to_string(status)).append(",");
    }
    body.append("\"detail\":");
    append_json_string(detail, body);
    if (style.expose_reason) {
        body.append(",\"reason\":");
        append_json_string(policies::to_string(why), body);
    }
    body.push_back('}');
}

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

/// What this answer says besides its body.
void add_particulars(const local_reply& reply, const policies::answer& what, std::string_view realm, outgoing_response& head) {
    if (what.challenge) {
        std::string& challenge = head.make_text();
        challenge = policies::make_challenge(what, realm, reply.scope);
        head.add("WWW-Authenticate", challenge);
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
    if (!reply.date.empty()) {
        head.add("Date", reply.date);
    }
    head.set_connection(reply.connection);
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
    make_body(what.detail.empty() ? head.reason_phrase : what.detail, head.status, reply.why, style, body);
    head.add("Content-Type", content_type(style.format));
    head.set_framing(body_framing::content_length, body.size());
    head.add("Cache-Control", "no-store");
    add_particulars(reply, what, style.realm, head);
    if (reply.head_request) {
        body.clear();
    }
}

} // namespace bearward::proxy::http
