#include "proxy/telemetry/access_line_otel.hpp"

#include "policies/ascii.hpp"
#include "policies/reason_table.hpp"
#include "policies/requests/method.hpp"
#include "proxy/telemetry/access_line_parts.hpp"
#include "proxy/telemetry/otel_severity.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace bearward::proxy {
namespace {

/// The members of one JSON object, behind what `out` has already. Names are literals.
class attributes {
public:
    explicit attributes(std::string& out) : out_(out) {}

    /// Nothing where the value is empty.
    void add(std::string_view name, std::string_view value) {
        if (!value.empty()) {
            begin(name);
            append_masked_json(out_, value);
        }
    }
    void add_number(std::string_view name, std::uint64_t value) {
        begin(name);
        out_ += std::to_string(value);
    }
    void add_milliseconds(std::string_view name, std::chrono::microseconds value) {
        begin(name);
        append_milliseconds(out_, value);
    }
    void add_true(std::string_view name) {
        begin(name);
        out_ += "true";
    }

private:
    void begin(std::string_view name) {
        out_ += first_ ? "\"" : ",\"";
        out_ += name;
        out_ += "\":";
        first_ = false;
    }

    std::string& out_;
    bool first_ = true;
};

/// One that the conventions don't know is `_OTHER`, so that a client makes no series.
void add_method(attributes& to, std::string_view method) {
    using policies::requests::method_table;
    const bool known = policies::requests::classify_method(method) != policies::requests::method::other;
    if (known || method.empty()) {
        to.add("http.request.method", method);
        return;
    }
    to.add("http.request.method", "_OTHER");
    to.add("http.request.method_original", method);
}

void add_url(attributes& to, const access_record& record) {
    const std::string_view target = record.path;
    const std::size_t mark = std::min(target.find('?'), target.size());
    to.add("url.scheme", record.scheme);
    to.add("url.path", target.substr(0, mark));
    to.add("url.query", target.substr(std::min(mark + 1, target.size())));
}

/// `[::1]:8080` is an address and a port.
void add_server(attributes& to, std::string_view host) {
    const std::size_t bracket = host.starts_with('[') ? host.find(']') : std::string_view::npos;
    const std::size_t colon = host.find(':', bracket == std::string_view::npos ? 0 : bracket);
    const std::string_view name = host.substr(0, colon);
    to.add("server.address", bracket == std::string_view::npos ? name : host.substr(1, bracket - 1));
    if (colon != std::string_view::npos) {
        if (const auto port = policies::parse_decimal<std::uint16_t>(host.substr(colon + 1))) {
            to.add_number("server.port", *port);
        }
    }
}

void add_protocol(attributes& to, std::string_view protocol) {
    constexpr std::string_view prefix = "HTTP/";
    if (protocol.starts_with(prefix)) {
        to.add("network.protocol.name", "http");
        to.add("network.protocol.version", protocol.substr(prefix.size()));
    }
}

/// What the conventions call an error of a server: that a client was refused is none.
void add_error(attributes& to, const access_record& record) {
    const auto about = policies::class_of(record.why);
    if (about == policies::reason_class::upstream || (record.status >= 500 && about != policies::reason_class::forwarded)) {
        to.add("error.type", to_string(record.why));
    } else if (record.status >= 500) {
        to.add("error.type", std::to_string(record.status));
    }
}

void add_sizes(attributes& to, const access_record& record) {
    if (record.websocket) {
        to.add_true("bearward.websocket");
        to.add_number("bearward.bytes_in", record.bytes_in);
        to.add_number("bearward.bytes_out", record.bytes_out);
        return;
    }
    to.add_number("http.request.body.size", record.bytes_in);
    to.add_number("http.response.size", record.bytes_out); // its head and framing too
}

void add_own(attributes& to, const access_record& record, const access_outcome& what, bool identity) {
    to.add("bearward.request_id", record.request_id);
    to.add("bearward.reason", what.reason);
    to.add("bearward.mode", what.mode);
    if (identity) {
        to.add("bearward.tenant", record.tenant);
    }
    to.add_milliseconds("bearward.duration_ms", record.duration);
    if (!record.upstream.empty()) {
        to.add("bearward.upstream", record.upstream);
        to.add_milliseconds("bearward.upstream_ms", record.upstream_duration);
    }
    if (record.closed_by != closer::nobody) {
        to.add_number("bearward.close_code", record.close_code);
        to.add("bearward.closed_by", policies::word_of(closer_table, record.closed_by));
        to.add_number("bearward.frames_in", record.frames_in);
        to.add_number("bearward.frames_out", record.frames_out);
    }
    to.add("bearward.ended", record.ended);
    to.add("bearward.cause", record.cause);
}

void append_trace(std::string& out, std::string_view traceparent) {
    if (traceparent.empty()) {
        return;
    }
    out.append(R"(,"trace_id":")").append(traceparent.substr(3, 32));
    out.append(R"(","span_id":")").append(traceparent.substr(36, 16));
    out.append(R"(","trace_flags":")").append(traceparent.substr(53, 2)).append("\"");
}

} // namespace

void append_otel_line(std::string& out, const access_record& record, bool identity) {
    const access_outcome what = outcome_of(record);
    append_otel_start(out, record.time, config::log_level::info);
    append_trace(out, record.traceparent);
    out += R"(,"event_name":"bearward.request","body":)";
    const std::string_view path = std::string_view(record.path).substr(0, record.path.find('?'));
    std::string body = record.method;
    body.append(body.empty() ? "" : " ").append(path).append(path.empty() ? "" : " ").append(std::to_string(record.status));
    append_masked_json(out, body.append(" ").append(what.reason));
    out += R"(,"attributes":{)";
    attributes all(out);
    add_method(all, record.method);
    add_url(all, record);
    if (record.status != 0) {
        all.add_number("http.response.status_code", record.status);
    }
    all.add("client.address", record.client);
    add_server(all, record.host);
    add_protocol(all, record.protocol);
    all.add("http.route", record.route);
    if (identity) {
        all.add("user.id", record.user);
    }
    add_error(all, record);
    add_sizes(all, record);
    add_own(all, record, what, identity);
    out += "}}";
}

} // namespace bearward::proxy
