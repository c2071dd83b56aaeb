// An admin request as it is read from a connection, and its reply as it is written
// (HTTP/1 by Beast): limits, framing, HEAD. What they mean is dispatch's business.
#pragma once

#include "proxy/admin/admin_reply.hpp"
#include "proxy/admin/admin_request.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/system/error_code.hpp>

#include <optional>
#include <string_view>
#include <vector>

namespace bearward::proxy {

using admin_stream = boost::beast::basic_stream<boost::asio::generic::stream_protocol>;

/// One request: a head of up to 8 KiB, and a body of up to 64 KiB. Used once.
class admin_message {
public:
    /// Reads it whole, within 10 s. Error: it can't be read.
    [[nodiscard]] boost::asio::awaitable<boost::system::error_code> read(admin_stream& connection, boost::beast::flat_buffer& buffer);
    /// Views into this. After read().
    [[nodiscard]] admin_request request() const noexcept;

    /// Writes the reply, within 10 s: without its body to HEAD. Whether the connection goes on; it doesn't after an error.
    [[nodiscard]] boost::asio::awaitable<bool> write(admin_stream& connection, admin_reply reply) const;

private:
    boost::beast::http::request_parser<boost::beast::http::string_body> parser_;
    std::vector<std::string_view> hosts_;
    std::vector<std::string_view> content_types_;
};

/// The reply to a request that can't be read; nothing: there is nobody to answer.
[[nodiscard]] std::optional<admin_reply> make_failure_reply(boost::system::error_code error);

} // namespace bearward::proxy
