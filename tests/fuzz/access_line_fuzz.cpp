// Whatever bytes a request is made of: its line is one line, without control bytes, valid UTF-8, in
// JSON a whole object in which each text is one value, and nothing in it looks like a token.
#include "policies/text.hpp"
#include "policies/utf8.hpp"
#include "proxy/telemetry/access_line.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using bearward::config::log_format;

void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}

/// Each text gets a piece of the input; of a trace only what can be in a record.
bearward::proxy::access_record make_record(std::string_view input) {
    bearward::proxy::access_record record;
    const std::uint8_t choices = input.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(input.front());
    input.remove_prefix(std::min<std::size_t>(1, input.size()));
    for (std::string* text : record.texts()) {
        const std::size_t end = std::min(input.find('\n'), input.size());
        *text = input.substr(0, end);
        input.remove_prefix(std::min(end + 1, input.size()));
    }
    record.traceparent = (choices & 1U) == 0 ? "" : "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    record.websocket = (choices & 2U) != 0;
    record.closed_by = (choices & 4U) != 0 ? bearward::proxy::closer::client : bearward::proxy::closer::nobody;
    record.status = (choices & 8U) != 0 ? 502 : 200;
    record.protocol = (choices & 16U) != 0 ? "HTTP/1.1" : "";
    record.user.append((choices & 32U) != 0 ? "\r\n" : "");
    return record;
}

void check_otel(const boost::json::object& line) {
    require(line.at("timestamp").is_string() && line.at("severity_text") == "INFO" && line.at("body").is_string());
    for (const auto& each : line.at("attributes").as_object()) {
        require(!each.value().is_object() && !each.value().is_array());
    }
}

} // namespace

// NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto record = make_record({reinterpret_cast<const char*>(data), size});
    for (const auto format : {log_format::json, log_format::text, log_format::otel}) {
        std::string line;
        append_access_line(line, record, {.format = format});
        require(std::ranges::none_of(line, [](char c) { return (c >= 0 && c < 0x20) || c == 0x7F; }));
        require(!bearward::policies::find_invalid_utf8(line));
        require(!bearward::policies::holds_token(line));
        if (format != log_format::text) {
            const auto parsed = boost::json::parse(line).as_object();
            require(format == log_format::json ? parsed.at("status").is_int64() : parsed.contains("attributes"));
            if (format == log_format::otel) {
                check_otel(parsed);
            }
        }
    }
    return 0;
}
