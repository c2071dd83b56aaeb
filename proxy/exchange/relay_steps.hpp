// The state of one relay, and the steps that run() repeats. Private to relay*.cpp.
#pragma once

#include "proxy/exchange/client_stream.hpp"
#include "proxy/exchange/client_watch.hpp"
#include "proxy/exchange/exchange.hpp"
#include "proxy/exchange/relay_end.hpp"
#include "proxy/upstream/pool.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace bearward::proxy {

/// No step waits: after every wake all of them are tried again, so none can miss
/// what another slept through.
class relay {
public:
    relay(client_stream& client, exchange& x, upstream::connection& server, const relay_limits& allowed, const policies::permit& leave)
        : client_(client), x_(x), server_(server.peer()), limits_(x.generation.limits()), allowed_(allowed), leave_(leave),
          watch_(client.watch(x.end_deadline)) {}

    [[nodiscard]] awaitable<relay_outcome> run();

private:
    using status = http::body_status;

    [[nodiscard]] std::optional<relay_end> step();
    [[nodiscard]] std::optional<relay_end> check_deadlines();
    [[nodiscard]] relay_outcome outcome(relay_end end) const;
    /// The end, with its cause in the record.
    relay_end fail(relay_end end, std::string cause);

    // --- the request ---
    void start_upload();
    [[nodiscard]] std::optional<relay_end> step_upload();
    [[nodiscard]] relay_end refuse_request(status fault);
    void end_upload();
    /// A body that nobody takes any more: once the answer is on its way the rest is
    /// dropped, for clients that send all before they read.
    void drop_upload();

    // --- the end of the credential (relay_lapse.cpp) ---
    /// Before the response: where any answer may have to end.
    void guard_request();
    /// Its head is whole: whether it may have to end early. The end: it has to already.
    [[nodiscard]] std::optional<relay_end> guard_response();
    /// What has to end, ends.
    [[nodiscard]] std::optional<relay_end> step_lapse();

    // --- the response (relay_response.cpp) ---
    [[nodiscard]] std::optional<relay_end> step_head();
    /// Reads once. True: there is something to parse, or a reason to end.
    [[nodiscard]] bool read_head(std::optional<relay_end>& end);
    /// A head is whole. True: it was interim, and another one follows.
    [[nodiscard]] bool take_head(std::optional<relay_end>& end);
    /// A 1xx response is a message of its own; 1.0 clients don't know it.
    void start_interim();
    /// False: the client is gone.
    [[nodiscard]] bool flush_interim();
    void start_download();
    [[nodiscard]] std::optional<relay_end> step_download();
    /// Something is wrong with the response's body. As long as nothing of the response
    /// was sent to the client it can still get an answer that says so.
    [[nodiscard]] relay_end refuse_body(status fault);

    client_stream& client_;
    exchange& x_;
    stream& server_;
    const config::limit_settings& limits_;
    relay_limits allowed_;
    const policies::permit& leave_;
    client_watch watch_;
    std::string_view interim_; ///< of exchange::out, what is not yet written of a 1xx
    std::size_t head_scanned_ = 0;
    bool uploading_ = true;
    bool upload_broken_ = false; ///< the server takes no more
    bool dropping_ = false;      ///< what is uploaded is dropped
    bool head_done_ = false;
    bool has_events_ = false; ///< the response is a stream of events that can end between two
    bool interim_seen_ = false;
    bool more_at_once_ = false;
};

} // namespace bearward::proxy
