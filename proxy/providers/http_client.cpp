#include "proxy/providers/http_client.hpp"

#include "proxy/duration_text.hpp"
#include "proxy/upstream/connect.hpp"
#include "proxy/upstream/handshake.hpp"
#include "proxy/upstream/resolver.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <string_view>
#include <system_error>

namespace bearward::proxy::providers {
namespace {

namespace beast = boost::beast::http;
using clock = std::chrono::steady_clock;
using answer_parser = beast::response_parser<beast::string_body>;

constexpr std::uint32_t max_head = 32 * 1024;
/// What the parser leaves until there is more of it: a head, or a chunk's line, for which it has no limit.
constexpr std::size_t max_unread = std::size_t{2} * max_head;
constexpr std::chrono::seconds name_refresh{30};

std::string write_request(const http_request& from) {
    std::string text = from.method + ' ' + from.to.target + " HTTP/1.1\r\nHost: " + from.to.authority +
                       "\r\nUser-Agent: bearward\r\nConnection: close\r\n";
    for (const auto& [name, value] : from.fields) {
        text.append(name).append(": ").append(value).append("\r\n");
    }
    if (!from.body.empty() || from.method != "GET") {
        text += "Content-Length: " + std::to_string(from.body.size()) + "\r\n";
    }
    return text + "\r\n" + from.body;
}

/// The rest of the time; never zero, which would be none at all.
class time_left {
public:
    explicit time_left(std::chrono::milliseconds all) : end_(clock::now() + all) {}
    [[nodiscard]] std::chrono::milliseconds now() const {
        return std::max(std::chrono::floor<std::chrono::milliseconds>(end_ - clock::now()), std::chrono::milliseconds{1});
    }
    [[nodiscard]] bool over() const { return clock::now() >= end_; }

private:
    clock::time_point end_;
};

std::expected<http_answer, std::string> take(answer_parser& parser) {
    auto& message = parser.get();
    http_answer answer;
    answer.status = message.result_int();
    answer.cache_control = std::string(message[beast::field::cache_control]);
    answer.age = std::string(message[beast::field::age]);
    answer.body = std::move(message.body());
    return answer;
}

std::string describe(const error_code& fault, std::size_t max_body) {
    if (fault == beast::error::body_limit) {
        return "the answer is longer than " + std::to_string(max_body) + " bytes";
    }
    return "the answer is not HTTP: " + fault.message();
}

/// Feeds what came. Nothing: more has to come; else the outcome.
std::optional<std::expected<http_answer, std::string>> feed(answer_parser& parser, std::string& waiting, std::size_t max_body) {
    error_code fault;
    const std::size_t used = parser.put(asio::buffer(waiting), fault);
    waiting.erase(0, used);
    if (fault && fault != beast::error::need_more) {
        return std::unexpected(describe(fault, max_body));
    }
    if (parser.is_done()) {
        return take(parser);
    }
    if (waiting.size() > max_unread) {
        return std::unexpected(std::string("the answer has a line that does not end"));
    }
    return std::nullopt;
}

std::expected<http_answer, std::string> end(answer_parser& parser, const io_result& how) {
    error_code fault;
    if (how.what == io_result::kind::end_of_stream && parser.got_some()) { // the parser asserts it
        parser.put_eof(fault);
        if (!fault && parser.is_done()) {
            return take(parser);
        }
    }
    const std::string why = how.what == io_result::kind::failed && how.error != 0 ? ": " + std::generic_category().message(how.error) : "";
    return std::unexpected("the connection ended within the answer" + why);
}

awaitable<std::expected<http_answer, std::string>> exchange_messages(upstream::connect_context with, stream& peer, std::string request,
                                                                     const time_left& left, std::size_t max_body) {
    upstream::sleeper wait(with.wheel, with.under_way);
    wait.limit(left.now());
    peer.listen(&wait);
    answer_parser parser;
    parser.eager(true);
    parser.header_limit(max_head);
    parser.body_limit(max_body);
    std::string_view rest = request;
    std::string waiting;
    std::array<char, 8192> block{};
    while (!wait.expired() && !with.under_way.cancelled()) {
        io_result moved;
        const bool reads = rest.empty();
        if (!reads) {
            const iovec piece{const_cast<char*>(rest.data()), rest.size()}; // iovec is not const-correct
            moved = peer.write_some({&piece, 1});
            rest.remove_prefix(moved.done() ? moved.bytes : 0);
        } else {
            moved = peer.read_some(block);
        }
        if (moved.would_block()) {
            reads ? peer.want_read() : peer.want_write();
            co_await wait.sleep();
        } else if (!moved.done()) {
            co_return end(parser, moved);
        } else if (reads) {
            waiting.append(block.data(), moved.bytes);
            if (auto outcome = feed(parser, waiting, max_body)) {
                co_return std::move(*outcome);
            }
        }
    }
    co_return std::unexpected(std::string());
}

} // namespace

awaitable<std::expected<http_answer, std::string>> send_request(upstream::connect_context with, http_request request,
                                                                std::shared_ptr<const tls::client_context> tls, http_limits limits) {
    const time_left left(limits.timeout);
    const std::string& server = request.to.server.text;
    std::optional<upstream::tls_target> secure;
    if (tls) {
        secure = upstream::tls_target{.context = std::move(tls), .host = request.to.server.host, .server = server};
    }
    upstream::resolver names(with, request.to.server, name_refresh, [] {});
    const auto addresses = co_await names.addresses(left.now());
    std::string fault = names.failure();
    auto untried = static_cast<std::chrono::milliseconds::rep>(addresses.size());
    for (const auto& each : addresses) {
        // One that does not answer leaves some time for the others.
        const auto share = std::max(left.now() / untried--, std::chrono::milliseconds{1});
        auto made = co_await upstream::open_stream(with, each.to, share, secure ? &*secure : nullptr);
        if (!made) {
            fault = made.error().cause;
            continue;
        }
        const stream_ptr peer = std::move(*made);
        auto answer = co_await exchange_messages(with, *peer, write_request(request), left, limits.max_body);
        peer->close();
        if (answer || !answer.error().empty()) {
            co_return answer ? std::move(answer) : std::unexpected(server + ": " + answer.error());
        }
        break;
    }
    if (with.under_way.cancelled()) {
        co_return std::unexpected(std::string("the process stops"));
    }
    if (left.over() || fault.empty()) {
        co_return std::unexpected(server + ": no answer within " + bearward::proxy::describe(limits.timeout));
    }
    co_return std::unexpected("connect " + server + ": " + fault);
}

} // namespace bearward::proxy::providers
