#include "proxy/downstream/relay.hpp"

#include "proxy/downstream/write.hpp"
#include "proxy/worker.hpp"

#include <algorithm>
#include <optional>

namespace bearward::proxy::downstream {
namespace {

using status = http::body_relay::status;

// A client that ended its side may have left, or only be done with sending: a FIN
// says no more. It keeps what comes within this time of the last progress.
constexpr std::chrono::milliseconds half_closed_timeout{1000};

/// What a head of `used` bytes leaves to the trailers, which count too.
constexpr std::size_t rest_of(std::size_t limit, std::size_t used) noexcept {
    return limit - std::min(limit, used);
}

/// The state of one relay, and the steps that run_relay repeats.
class relay {
public:
    relay(connection& client, exchange& x, upstream::connection& server, const relay_limits& allowed)
        : client_(client), x_(x), server_(server.peer()), limits_(x.rules->settings.limits), allowed_(allowed) {}

    awaitable<relay_end> run() {
        start_upload();
        while (true) {
            more_at_once_ = false;
            std::optional<relay_end> end = step_upload();
            if (!end && !head_done_) {
                end = co_await step_head();
            }
            if (!end && head_done_) {
                end = step_download();
            }
            if (!end) {
                end = check_client();
            }
            if (end) {
                co_return *end;
            }
            if (more_at_once_) {
                x_.owner.loop().at_turn_end(x_.wake);
            }
            co_await x_.wake.wait();
            if (x_.owner.stopping()) {
                co_return relay_end::client_gone;
            }
            if (const auto late = check_deadlines()) {
                co_return *late;
            }
        }
    }

private:
    void start_upload() {
        const auto& request = x_.request;
        http::body_relay::plan plan{.in = request.framing,
                                    .content_length = request.content_length,
                                    .chunk = request.framing == http::body_framing::chunked,
                                    .max_trailers = rest_of(limits_.max_request_head, request.size),
                                    .pipes = &x_.owner.pipes(),
                                    .max_body = allowed_.max_body};
        x_.upload.start(&client_.peer(), x_.from_client, server_, x_.upstream_head, plan);
    }

    std::optional<relay_end> step_upload() {
        if (!uploading_) {
            return {};
        }
        const auto before = x_.upload.bytes_written();
        const auto result = x_.upload.pump();
        const bool moved = x_.upload.bytes_written() != before;
        switch (result) {
        case status::finished:
            uploading_ = false;
            x_.read_deadline.disarm();
            if (head_done_) {
                x_.response_deadline.disarm(); // an answer that has begun takes its time
            } else {
                x_.response_deadline.arm(allowed_.response_timeout);
            }
            // From here on readability means the next request, or that the client left.
            client_.peer().want_read();
            return {};
        case status::blocked_on_source:
            x_.response_deadline.disarm();
            if (moved || !x_.read_deadline.armed()) {
                x_.read_deadline.arm(limits_.request_body_timeout);
            }
            return {};
        case status::blocked_on_sink:
            // An upstream that takes nothing answers for it like one that says nothing.
            x_.read_deadline.disarm();
            if (moved || !x_.response_deadline.armed()) {
                x_.response_deadline.arm(allowed_.response_timeout);
            }
            return {};
        case status::again:
            more_at_once_ = true;
            return {};
        case status::source_failed:
            return relay_end::client_gone;
        case status::source_malformed:
            return relay_end::client_malformed;
        case status::trailers_too_large:
            return relay_end::trailers_too_large;
        case status::body_too_large:
            return relay_end::body_too_large;
        case status::sink_failed:
            // The upstream may have answered before it hung up: read on.
            uploading_ = false;
            upload_broken_ = true;
            x_.read_deadline.disarm();
            return {};
        }
        return {};
    }

    awaitable<std::optional<relay_end>> step_head() {
        while (true) {
            if (!x_.from_upstream.empty()) {
                const auto outcome = http::parse_response_head(x_.from_upstream.data(), x_.rules->response_limits, x_.record.method,
                                                               x_.response, &head_scanned_);
                if (outcome.state == http::head_state::refused) {
                    co_return relay_end::bad_response;
                }
                if (outcome.state == http::head_state::complete) {
                    x_.from_upstream.consume(x_.response.size);
                    head_scanned_ = 0;
                    if (x_.response.status == 101) {
                        co_return relay_end::upgraded;
                    }
                    if (x_.response.status >= 200) {
                        start_download();
                        co_return std::nullopt;
                    }
                    if (!co_await pass_interim()) {
                        co_return relay_end::client_gone;
                    }
                    continue;
                }
            }
            if (!server_.readable()) {
                server_.want_read();
                co_return std::nullopt;
            }
            const auto got = server_.read_some(x_.from_upstream.make_space(exchange::buffer_size));
            if (got.done()) {
                x_.from_upstream.commit(got.bytes);
            } else if (!got.would_block()) {
                co_return x_.from_upstream.empty() && !interim_passed_ ? relay_end::dead : relay_end::bad_response;
            }
        }
    }

    /// A 1xx response is a message of its own; 1.0 clients don't know it.
    awaitable<bool> pass_interim() {
        interim_passed_ = true;
        if (x_.request.minor_version == 0) {
            co_return true;
        }
        x_.out.clear();
        http::make_downstream_head(x_.response, {.request_id = x_.request_id}, x_.out);
        const bool sent = co_await write_all(client_, x_, x_.out);
        co_return sent;
    }

    void start_download() {
        head_done_ = true;
        x_.response_deadline.disarm();
        const auto& response = x_.response;
        const bool http10 = x_.request.minor_version == 0;
        const bool unknown_length = response.framing == http::body_framing::chunked || response.framing == http::body_framing::until_close;
        const bool until_close = unknown_length && http10;
        x_.keep_alive = x_.request.keep_alive && !until_close && !uploading_ && !upload_broken_ && !client_ended_ && !x_.owner.draining();
        const http::response_context context{
            .request_id = x_.request_id,
            .date = x_.owner.http_date(),
            .client_http10 = http10,
            .close = !x_.keep_alive,
            .keep_alive_http10 = http10 && x_.keep_alive,
            .head_request = x_.record.method == "HEAD",
            .trailers = x_.request.accepts_trailers && !http10,
            .changes = x_.response_changes,
        };
        x_.out.clear();
        http::make_downstream_head(response, context, x_.out);
        x_.record.status = response.status;
        x_.response_started = true;
        http::body_relay::plan plan{.in = response.framing,
                                    .content_length = response.content_length,
                                    .chunk = unknown_length && !http10,
                                    .last = !x_.keep_alive,
                                    .pass_trailers = context.trailers,
                                    .max_trailers = rest_of(limits_.max_response_head, response.size),
                                    .pipes = &x_.owner.pipes()};
        x_.download.start(&server_, x_.from_upstream, client_.peer(), x_.out, plan);
    }

    std::optional<relay_end> step_download() {
        const auto before = x_.download.bytes_written();
        const auto result = x_.download.pump();
        const bool moved = x_.download.bytes_written() != before;
        if (moved) {
            x_.response_deadline.disarm(); // an upstream that answers is not stuck, be it deaf
            if (client_ended_) {
                x_.read_deadline.arm(half_closed_timeout);
            }
        }
        switch (result) {
        case status::finished:
            return relay_end::complete;
        case status::blocked_on_source:
            x_.write_deadline.disarm();
            return {};
        case status::blocked_on_sink:
            if (moved || !x_.write_deadline.armed()) {
                x_.write_deadline.arm(limits_.write_timeout);
            }
            return {};
        case status::again:
            more_at_once_ = true;
            return {};
        case status::sink_failed:
            return relay_end::client_gone;
        default: // whatever is wrong with the source
            return relay_end::broken;
        }
    }

    /// Whether the client left while the upstream thinks: its work is cancelled then.
    std::optional<relay_end> check_client() {
        if (uploading_ || client_has_more_ || client_ended_ || !client_.peer().readable()) {
            return {};
        }
        char byte = 0;
        const auto seen = client_.peer().peek({&byte, 1});
        if (seen.would_block()) {
            client_.peer().want_read();
            return {};
        }
        if (seen.what == io_result::kind::failed) {
            return relay_end::client_gone;
        }
        client_has_more_ = seen.done();
        client_ended_ = !seen.done();
        if (client_ended_) {
            x_.keep_alive = false;
            x_.read_deadline.arm(half_closed_timeout);
        }
        return {};
    }

    std::optional<relay_end> check_deadlines() const {
        if (x_.response_deadline.expired()) {
            return head_done_ ? relay_end::broken : relay_end::timed_out;
        }
        if (x_.read_deadline.expired()) {
            return client_ended_ ? relay_end::client_gone : relay_end::client_timed_out;
        }
        if (x_.write_deadline.expired()) {
            return relay_end::client_gone;
        }
        return {};
    }

    connection& client_;
    exchange& x_;
    stream& server_;
    const config::limit_settings& limits_;
    relay_limits allowed_;
    std::size_t head_scanned_ = 0;
    bool uploading_ = true;
    bool upload_broken_ = false;
    bool head_done_ = false;
    bool interim_passed_ = false;
    bool client_has_more_ = false;
    bool client_ended_ = false;
    bool more_at_once_ = false;
};

} // namespace

awaitable<relay_end> run_relay(connection& client, exchange& x, upstream::connection& server, const relay_limits& allowed) {
    server.peer().listen(&x.wake);
    relay steps(client, x, server, allowed);
    const auto end = co_await steps.run();
    x.disarm();
    x.upload.finish();
    x.download.finish();
    server.peer().listen(nullptr);
    co_return end;
}

} // namespace bearward::proxy::downstream
