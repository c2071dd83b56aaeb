#include "proxy/http/reply_body.hpp"

#include "policies/ascii.hpp"
#include "proxy/http/syntax.hpp"

namespace bearward::proxy::http {
namespace {

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

/// Nothing of a page of ours is loaded from anywhere, and nothing runs.
void make_page(const reply_content& about, std::string& body) {
    const std::string status = std::to_string(about.status);
    body =
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n<title>";
    body.append(status).append(" ").append(about.phrase).append("</title>\n<h1>").append(status).append(" ").append(about.phrase);
    body.append("</h1>\n<p>").append(about.detail).append("</p>\n</html>\n");
}

void make_json(bool problem, const reply_content& about, bool exposes_reason, std::string& body) {
    body = "{";
    if (problem) {
        body.append("\"type\":\"about:blank\",\"title\":");
        append_json_string(about.phrase, body);
        body.append(",\"status\":").append(std::to_string(about.status)).append(",");
    }
    body.append("\"detail\":");
    append_json_string(about.detail, body);
    if (exposes_reason) {
        body.append(",\"reason\":");
        append_json_string(policies::to_string(about.why), body);
    }
    body.push_back('}');
}

/// A media range without its parameters.
std::string_view media_of(std::string_view member) noexcept {
    const std::string_view range = member.substr(0, member.find(';'));
    const std::size_t end = range.find_last_not_of(" \t");
    return end == std::string_view::npos ? std::string_view{} : range.substr(0, end + 1);
}

} // namespace

std::string_view content_type(reply_format format) noexcept {
    switch (format) {
    case reply_format::problem:
        return "application/problem+json"; // RFC 9457 section 3
    case reply_format::text:
        return "text/plain; charset=utf-8";
    case reply_format::page:
        return "text/html; charset=utf-8";
    case reply_format::detail:
        break;
    }
    return "application/json";
}

void make_reply_body(reply_format format, const reply_content& about, bool exposes_reason, std::string& body) {
    switch (format) {
    case reply_format::text:
        body = about.detail;
        return;
    case reply_format::page:
        make_page(about, body);
        return;
    case reply_format::problem:
    case reply_format::detail:
        break;
    }
    make_json(format == reply_format::problem, about, exposes_reason, body);
}

bool is_navigation(const request_head& head) noexcept {
    for (const auto& field : head.fields) {
        if (!equals_lower(field.name, "accept")) {
            continue;
        }
        std::string_view rest = field.value;
        do {
            const std::string_view media = media_of(take_member(rest));
            if (equals_lower(media, "text/html")) {
                return true;
            }
            if (equals_lower(media, "application/json") || (media.size() > 5 && equals_lower(media.substr(media.size() - 5), "+json"))) {
                return false;
            }
        } while (!rest.empty());
    }
    return false;
}

} // namespace bearward::proxy::http
