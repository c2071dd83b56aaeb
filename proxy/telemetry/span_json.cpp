#include "proxy/telemetry/span_json.hpp"

#include "policies/requests/method.hpp"
#include "proxy/telemetry/log_line.hpp"

#include <charconv>

namespace bearward::proxy {
namespace {

// enum values of opentelemetry/proto/trace/v1/trace.proto
constexpr std::string_view server_kind = "2";
constexpr std::string_view error_status = "2";
constexpr unsigned knows_remote_bits = 0x100; // whether the parent was remote is known
constexpr unsigned remote_bit = 0x200;        // it was

void append_id_field(std::string& out, std::string_view name, std::span<const std::uint8_t> id) {
    out.append(1, '"').append(name).append("\":\"");
    http::append_id(out, id);
    out += '"';
}

/// 64-bit integers are texts in protobuf's JSON.
void append_time_field(std::string& out, std::string_view name, span_record::time time) {
    out.append(",\"").append(name).append("\":\"").append(std::to_string(time.time_since_epoch().count())).append(1, '"');
}

/// A span's attributes, one after the other.
class attributes {
public:
    explicit attributes(std::string& out) : out_(out) { out_ += R"(,"attributes":[)"; }

    /// Nothing where the text is empty.
    void add(std::string_view key, std::string_view value) {
        if (!value.empty()) {
            begin(key);
            out_ += R"({"stringValue":)";
            append_json_string(out_, value);
            out_ += "}}";
        }
    }
    void add(std::string_view key, unsigned value) {
        begin(key);
        out_ += R"({"intValue":")" + std::to_string(value) + R"("}})";
    }
    void end() { out_ += ']'; }

private:
    void begin(std::string_view key) {
        out_ += first_ ? R"({"key":")" : R"(,{"key":")";
        out_.append(key).append(R"(","value":)");
        first_ = false;
    }

    std::string& out_;
    bool first_ = true;
};

/// An authority's host, an IPv6 address without brackets.
std::string_view host_of(std::string_view authority) noexcept {
    if (authority.starts_with('[')) {
        return authority.substr(1, authority.find(']') - 1);
    }
    return authority.substr(0, authority.find(':'));
}

/// 0: the scheme's own.
unsigned port_of(std::string_view authority) noexcept {
    const std::size_t colon = authority.rfind(':');
    unsigned port = 0;
    if (colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos) {
        std::from_chars(authority.data() + colon + 1, authority.data() + authority.size(), port);
    }
    return port;
}

/// Methods that are not known would be names without bounds.
bool is_known(std::string_view method) noexcept {
    return policies::requests::classify_method(method) != policies::requests::method::other;
}

void append_attributes(std::string& out, const span_record& span) {
    attributes to(out);
    to.add("http.request.method", is_known(span.method) ? std::string_view(span.method) : "_OTHER");
    if (!is_known(span.method)) {
        to.add("http.request.method_original", span.method);
    }
    to.add("url.scheme", span.secure ? "https" : "http");
    to.add("url.path", span.path);
    to.add("url.query", span.query);
    to.add("http.response.status_code", span.status);
    to.add("http.route", span.route);
    if (span.status >= 500) {
        to.add("error.type", std::string_view(std::to_string(span.status)));
    }
    to.add("client.address", span.client);
    to.add("server.address", host_of(span.authority));
    if (const unsigned port = port_of(span.authority); port != 0) {
        to.add("server.port", port);
    }
    if (const std::size_t slash = span.protocol.find('/'); slash != std::string_view::npos) {
        to.add("network.protocol.version", span.protocol.substr(slash + 1));
    }
    to.add("bearward.reason", to_string(span.why));
    to.add("bearward.route", span.route);
    to.add("bearward.mode", to_string(span.mode));
    to.add("bearward.request_id", span.request_id);
    if (span.close_code != 0) {
        to.add("bearward.close_code", span.close_code);
    }
    to.add("bearward.ended", span.ended);
    to.end();
}

} // namespace

void begin_spans(std::string& out, std::string_view service_name) {
    out += R"({"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":)";
    append_json_string(out, service_name);
    out += R"(}}]},"scopeSpans":[{"scope":{"name":"bearward","version":")" BEARWARD_VERSION R"("},"spans":[)";
}

void append_span(std::string& out, const span_record& span) {
    out += '{';
    append_id_field(out, "traceId", span.trace.own.trace);
    out += ',';
    append_id_field(out, "spanId", span.trace.own.span);
    unsigned flags = span.trace.own.flags | knows_remote_bits;
    if (span.trace.continued) {
        out += ',';
        append_id_field(out, "parentSpanId", span.trace.parent);
        flags |= remote_bit;
    }
    out += R"(,"flags":)" + std::to_string(flags) + R"(,"name":)";
    std::string name(is_known(span.method) ? std::string_view(span.method) : "HTTP");
    if (!span.route.empty()) {
        name.append(1, ' ').append(span.route);
    }
    append_json_string(out, name);
    out.append(R"(,"kind":)").append(server_kind);
    append_time_field(out, "startTimeUnixNano", span.start);
    append_time_field(out, "endTimeUnixNano", span.end);
    append_attributes(out, span);
    if (span.status >= 500) {
        out.append(R"(,"status":{"code":)").append(error_status).append(1, '}');
    }
    out += '}';
}

void end_spans(std::string& out) {
    out += "]}]}]}";
}

} // namespace bearward::proxy
