#include "proxy/admin/admin_message.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http.hpp>

#include <chrono>
#include <cstdint>
#include <utility>

namespace bearward::proxy {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
constexpr std::uint32_t max_head = 8 * 1024;
constexpr std::uint64_t max_body = std::uint64_t{64} * 1024;
constexpr std::chrono::seconds timeout{10};

std::string_view to_view(boost::beast::string_view text) noexcept {
    return {text.data(), text.size()};
}

boost::beast::string_view to_beast(std::string_view text) noexcept {
    return {text.data(), text.size()};
}

std::vector<std::string_view> values_of(const http::fields& fields, http::field name) {
    std::vector<std::string_view> values;
    const auto [first, last] = fields.equal_range(name);
    for (auto field = first; field != last; ++field) {
        values.push_back(to_view(field->value()));
    }
    return values;
}

/// Beast takes any other coding for no body and the rest for the next request.
bool has_ambiguous_framing(const http::fields& fields) {
    const auto codings = values_of(fields, http::field::transfer_encoding);
    const auto lengths = values_of(fields, http::field::content_length);
    const bool strange = codings.size() > 1 || (codings.size() == 1 && !boost::beast::iequals(codings.front(), "chunked"));
    return strange || lengths.size() > 1 || (!codings.empty() && !lengths.empty());
}

http::response<http::string_body> make_response(admin_reply reply, bool head) {
    http::response<http::string_body> made;
    made.result(reply.status);
    const bool empty = reply.status == 204; // has neither (RFC 9110 section 8.6)
    if (!empty) {
        made.set(http::field::content_type, to_beast(reply.content_type));
        made.content_length(reply.body.size());
    }
    made.set(http::field::cache_control, "no-store");
    made.set("X-Content-Type-Options", "nosniff");
    if (!reply.allow.empty()) {
        made.set(http::field::allow, reply.allow);
    }
    if (!reply.content_security_policy.empty()) {
        made.set("Content-Security-Policy", reply.content_security_policy);
        made.set("Referrer-Policy", "no-referrer");
    }
    if (!head) {
        made.body() = std::move(reply.body);
    }
    return made;
}

} // namespace

asio::awaitable<boost::system::error_code> admin_message::read(admin_stream& connection, boost::beast::flat_buffer& buffer) {
    parser_.header_limit(max_head);
    parser_.body_limit(max_body);
    connection.expires_after(timeout);
    auto [head_error, head_size] = co_await http::async_read_header(connection, buffer, parser_, as_result);
    if (head_error) {
        co_return head_error;
    }
    if (has_ambiguous_framing(parser_.get())) {
        co_return http::make_error_code(http::error::bad_transfer_encoding);
    }
    auto [body_error, body_size] = co_await http::async_read(connection, buffer, parser_, as_result);
    hosts_ = values_of(parser_.get(), http::field::host);
    content_types_ = values_of(parser_.get(), http::field::content_type);
    co_return body_error;
}

admin_request admin_message::request() const noexcept {
    const auto& read = parser_.get();
    return {.method = to_view(read.method_string()),
            .target = to_view(read.target()),
            .hosts = hosts_,
            .content_types = content_types_,
            .has_origin = read.count(http::field::origin) != 0,
            .body = read.body()};
}

asio::awaitable<bool> admin_message::write(admin_stream& connection, admin_reply reply) const {
    const auto& to = parser_.get();
    const bool go_on = reply.status < 400 && to.keep_alive();
    auto answer = make_response(std::move(reply), to.method() == http::verb::head);
    answer.version(to.version() == 10 ? 10 : 11);
    answer.keep_alive(go_on);
    connection.expires_after(timeout);
    auto [error, written] = co_await http::async_write(connection, answer, as_result);
    co_return !error && go_on;
}

std::optional<admin_reply> make_failure_reply(boost::system::error_code error) {
    if (error == http::error::header_limit) {
        return make_error_reply(431, "Request Header Fields Too Large");
    }
    if (error == http::error::body_limit) {
        return make_error_reply(413, "Content Too Large");
    }
    if (error == http::error::end_of_stream || error.category() != http::make_error_code(http::error::end_of_stream).category()) {
        return std::nullopt;
    }
    return make_error_reply(400, "Bad Request");
}

} // namespace bearward::proxy
