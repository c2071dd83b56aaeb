// Asks the issuers of the rules in force about tokens (RFC 7662): once for everybody who waits
// for the same one. Answers go to where decisions find them (introspection_answers).
#pragma once

#include "config/configuration.hpp"
#include "proxy/event/deadline_wheel.hpp"
#include "proxy/providers/http_client.hpp"
#include "proxy/supplier.hpp"
#include "proxy/upstream/attempts.hpp"

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace bearward::proxy::providers {

/// The question about a token, with the client's authentication (RFC 6749 section 2.3.1).
[[nodiscard]] http_request make_question(const config::introspection_endpoint& to, std::string_view token);

/// Thread-safe but for what says otherwise.
class introspection_client final : public supplier {
public:
    /// Of all providers together: a flood of tokens holds no more memory and connections than this.
    static constexpr std::size_t most_waiting = 10'000;
    static constexpr std::size_t most_questions = 4'000; ///< under way, and those that wait for a turn
    static constexpr std::size_t most_under_way = 64;

    /// Questions are asked on the thread of `context`.
    introspection_client(asio::io_context& context, upstream::directory& known);
    introspection_client(const introspection_client&) = delete;
    introspection_client& operator=(const introspection_client&) = delete;

    /// The endpoints of these rules can be asked from now on, as long as the rules live. Throws
    /// std::runtime_error when OpenSSL refuses.
    void prepare(const config::configuration& settings);
    /// Ends all questions. On the thread of the context.
    void stop();

    /// Needs of an answer are served for rules that were prepared.
    [[nodiscard]] std::chrono::milliseconds begin(const policies::need& what, ready_loop& on, std::function<void()> over) override;

private:
    using clock = std::chrono::steady_clock;
    using answers_ptr = std::shared_ptr<policies::tokens::introspection_answers>;

    struct endpoint {
        config::introspection_endpoint settings;
        std::shared_ptr<const tls::client_context> secure; ///< null for http
        std::weak_ptr<const policies::snapshot> rules;
        const policies::provider* of; ///< of the rules
        bool failed = false;          ///< as logged; of the thread of the context
    };
    struct waiting_request {
        ready_loop* on;
        std::function<void()> over;
    };
    /// One question about one token.
    struct question {
        std::shared_ptr<endpoint> to;
        std::shared_ptr<const policies::snapshot> rules; ///< keep the provider
        answers_ptr into;
        std::string token;
        clock::time_point begun;
        std::vector<waiting_request> waiting{};
    };
    using question_ptr = std::shared_ptr<question>;
    /// Whose memory gets the answer, and the token.
    using question_key = std::pair<const void*, std::string>;

    [[nodiscard]] std::shared_ptr<endpoint> find_endpoint(const policies::provider& of) const;
    /// With the lock held. Whether it was added: there was none about this token.
    [[nodiscard]] bool join(question_ptr&& fresh, waiting_request who);
    /// As many as there may be at a time. On the thread of the context, as what follows.
    void ask_more();
    [[nodiscard]] awaitable<> ask(question_ptr what);
    void take(const question& what, std::expected<http_answer, std::string>&& answer, policies::time_point asked);
    void end(const question& what);

    asio::io_context& context_;
    deadline_wheel wheel_;
    upstream::attempts attempts_;
    upstream::connect_context with_;
    std::size_t under_way_ = 0; ///< of the thread of the context

    mutable std::mutex mutex_; ///< guards what follows
    std::vector<std::shared_ptr<endpoint>> endpoints_;
    std::map<question_key, question_ptr> questions_;
    std::deque<question_ptr> queue_; ///< of those that are not under way
    std::size_t waiting_ = 0;
    bool stopped_ = false;
};

} // namespace bearward::proxy::providers
