#include "proxy/telemetry/access_line.hpp"

#include "proxy/telemetry/access_line_otel.hpp"
#include "proxy/telemetry/access_line_parts.hpp"

namespace bearward::proxy {
namespace {

void append_masked_word(std::string& out, std::string_view value) {
    std::string memory;
    append_word(out, mask_tokens(value, memory));
}

void append_text_or_null(std::string& out, std::string_view name, std::string_view value) {
    out += name;
    if (value.empty()) {
        out += "null";
    } else {
        append_masked_json(out, value);
    }
}

void append_json(std::string& out, const access_record& record, bool identity) {
    const access_outcome what = outcome_of(record);
    out += R"({"time":")";
    append_time(out, record.time);
    out += '"';
    append_text_or_null(out, R"(,"request_id":)", record.request_id);
    append_text_or_null(out, R"(,"client":)", record.client);
    append_text_or_null(out, R"(,"method":)", record.method);
    append_text_or_null(out, R"(,"path":)", record.path);
    append_text_or_null(out, R"(,"protocol":)", record.protocol);
    out += R"(,"status":)" + std::to_string(record.status);
    append_text_or_null(out, R"(,"reason":)", what.reason);
    append_text_or_null(out, R"(,"mode":)", what.mode);
    append_text_or_null(out, R"(,"route":)", record.route);
    if (identity) {
        append_text_or_null(out, R"(,"user":)", record.user);
        append_text_or_null(out, R"(,"tenant":)", record.tenant);
    }
    out += R"(,"duration_ms":)";
    append_milliseconds(out, record.duration);
    append_text_or_null(out, R"(,"upstream":)", record.upstream);
    out += R"(,"upstream_ms":)";
    if (record.upstream.empty()) {
        out += "null";
    } else {
        append_milliseconds(out, record.upstream_duration);
    }
    out += R"(,"bytes_in":)" + std::to_string(record.bytes_in);
    out += R"(,"bytes_out":)" + std::to_string(record.bytes_out);
    out += record.websocket ? R"(,"websocket":true)" : R"(,"websocket":false)";
    if (record.closed_by != closer::nobody) {
        out += R"(,"close_code":)" + std::to_string(record.close_code);
        append_text_or_null(out, R"(,"closed_by":)", policies::word_of(closer_table, record.closed_by));
        out += R"(,"frames_in":)" + std::to_string(record.frames_in) + R"(,"frames_out":)" + std::to_string(record.frames_out);
    }
    if (!record.ended.empty()) {
        append_text_or_null(out, R"(,"ended":)", record.ended);
    }
    if (!record.cause.empty()) {
        append_text_or_null(out, R"(,"cause":)", record.cause);
    }
    out += '}';
}

void append_named(std::string& out, std::string_view name, std::string_view value) {
    if (!value.empty()) {
        out += name;
        append_masked_word(out, value);
    }
}

void append_text(std::string& out, const access_record& record, bool identity) {
    const access_outcome what = outcome_of(record);
    append_time(out, record.time);
    out += ' ';
    append_masked_word(out, record.client);
    out += ' ';
    append_masked_word(out, record.method);
    out += ' ';
    append_masked_word(out, record.path);
    out += ' ' + std::to_string(record.status) + ' ';
    out += what.reason;
    append_named(out, " protocol=", record.protocol);
    out += " mode=";
    out += what.mode;
    append_named(out, " route=", record.route);
    if (identity) {
        append_named(out, " user=", record.user);
        append_named(out, " tenant=", record.tenant);
    }
    out += " duration_ms=";
    append_milliseconds(out, record.duration);
    if (!record.upstream.empty()) {
        append_named(out, " upstream=", record.upstream);
        out += " upstream_ms=";
        append_milliseconds(out, record.upstream_duration);
    }
    out += " bytes_in=" + std::to_string(record.bytes_in) + " bytes_out=" + std::to_string(record.bytes_out);
    if (record.websocket) {
        out += " websocket";
    }
    if (record.closed_by != closer::nobody) {
        out += " close_code=" + std::to_string(record.close_code);
        append_named(out, " closed_by=", policies::word_of(closer_table, record.closed_by));
        out += " frames_in=" + std::to_string(record.frames_in) + " frames_out=" + std::to_string(record.frames_out);
    }
    append_named(out, " ended=", record.ended);
    append_named(out, " request_id=", record.request_id);
    append_named(out, " cause=", record.cause);
}

} // namespace

void append_access_line(std::string& out, const access_record& record, const access_line_style& style) {
    switch (style.format) {
    case config::log_format::json:
        append_json(out, record, style.identity);
        break;
    case config::log_format::text:
        append_text(out, record, style.identity);
        break;
    case config::log_format::otel:
        append_otel_line(out, record, style.identity);
        break;
    }
}

} // namespace bearward::proxy
