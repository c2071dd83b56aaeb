#include "proxy/providers/introspection_client.hpp"

#include "policies/jose/base64url.hpp"
#include "policies/tokens/introspection.hpp"
#include "proxy/telemetry/report_failure.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <exception>
#include <utility>

namespace bearward::proxy::providers {
namespace {

using policies::tokens::append_form_text;
using std::chrono::milliseconds;

/// What a waiting request allows beyond the question's own time: the thread that asks may be busy.
constexpr milliseconds slack{500};

policies::time_point wall_clock() {
    return std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
}

void report(const std::exception_ptr& failure) {
    report_failure("a question to an issuer", failure);
}

/// RFC 4648 section 4, with padding.
std::string in_base64(std::string_view bytes) {
    std::string text = policies::jose::encode_base64url(bytes);
    std::ranges::replace(text, '-', '+');
    std::ranges::replace(text, '_', '/');
    text.append((4 - text.size() % 4) % 4, '=');
    return text;
}

/// What is wrong with a status; empty: nothing.
std::string fault_of(unsigned status) {
    if (status == 200) {
        return {};
    }
    const std::string said = "answered " + std::to_string(status);
    if (status == 401 || status == 403) {
        return said + ": client_id and client_secret are not accepted, perhaps";
    }
    return status >= 300 && status < 400 ? said + ", and redirections are not followed" : said;
}

} // namespace

http_request make_question(const config::introspection_endpoint& to, std::string_view token) {
    http_request made{.method = "POST", .to = to.to, .fields = {}, .body = policies::tokens::make_introspection_form(token)};
    made.fields = {{"Content-Type", "application/x-www-form-urlencoded"}, {"Accept", "application/json"}};
    std::string id;
    std::string secret;
    append_form_text(id, to.client_id);
    append_form_text(secret, to.client_secret);
    if (to.authentication == config::client_authentication::basic) {
        made.fields.emplace_back("Authorization", "Basic " + in_base64(id + ':' + secret));
    } else {
        made.body += "&client_id=" + id + "&client_secret=" + secret;
    }
    return made;
}

introspection_client::introspection_client(asio::io_context& context, upstream::directory& known)
    : context_(context), wheel_(context), with_{context, wheel_, attempts_, known} {}

void introspection_client::prepare(const config::configuration& settings) {
    std::vector<std::shared_ptr<endpoint>> added;
    for (const config::introspection_endpoint& each : settings.introspection_endpoints) {
        const auto& all = settings.rules->providers;
        const auto of = std::ranges::find(all, each.provider, [](const policies::provider& one) { return one.rules.provider; });
        auto made = std::make_shared<endpoint>();
        made->settings = each;
        made->rules = settings.rules;
        made->of = &*of;
        if (each.to.secure) {
            made->secure = std::make_shared<const tls::client_context>(config::upstream_tls_settings{},
                                                                       "TLS of the introspection of provider " + each.provider);
        }
        added.push_back(std::move(made));
    }
    const std::lock_guard lock(mutex_);
    std::erase_if(endpoints_, [](const auto& each) { return each->rules.expired(); });
    endpoints_.insert(endpoints_.end(), added.begin(), added.end());
}

std::shared_ptr<introspection_client::endpoint> introspection_client::find_endpoint(const policies::provider& of) const {
    // The address of a provider that is gone may be another's now.
    const auto found = std::ranges::find_if(endpoints_, [&of](const auto& each) { return each->of == &of && !each->rules.expired(); });
    return found == endpoints_.end() ? nullptr : *found;
}

bool introspection_client::join(question_ptr&& fresh, waiting_request who) {
    const auto [at, added] = questions_.try_emplace({fresh->into.get(), fresh->token}, fresh);
    at->second->waiting.push_back(std::move(who));
    ++waiting_;
    if (added) {
        queue_.push_back(at->second);
    }
    return added;
}

milliseconds introspection_client::begin(const policies::need& what, ready_loop& on, std::function<void()> over) {
    const auto* const how = std::get_if<policies::introspection_provider>(&what.of->how);
    if (how == nullptr) {
        return milliseconds::zero();
    }
    {
        const std::lock_guard lock(mutex_);
        auto to = find_endpoint(*what.of);
        auto rules = to == nullptr ? nullptr : to->rules.lock();
        if (stopped_ || rules == nullptr || waiting_ >= most_waiting || questions_.size() >= most_questions) {
            return milliseconds::zero();
        }
        // It may have come since the request looked: with the lock held, no question about it ends meanwhile.
        if (how->answers->find(what.token, wall_clock()) != nullptr) {
            on.post(std::move(over));
            return how->timeout + slack;
        }
        auto fresh = std::make_shared<question>(std::move(to), std::move(rules), how->answers, what.token, clock::now());
        if (!join(std::move(fresh), {&on, std::move(over)})) {
            return how->timeout + slack;
        }
    }
    asio::post(context_, [this] { ask_more(); });
    return how->timeout + slack;
}

void introspection_client::ask_more() {
    while (under_way_ < most_under_way) {
        question_ptr next;
        {
            const std::lock_guard lock(mutex_);
            if (queue_.empty()) {
                return;
            }
            next = std::move(queue_.front());
            queue_.pop_front();
        }
        if (clock::now() - next->begun >= next->to->settings.timeout) {
            next->into->fail(next->token, "too many questions are under way");
            end(*next);
            continue;
        }
        ++under_way_;
        asio::co_spawn(context_, ask(std::move(next)), [this](const std::exception_ptr& failure) {
            report(failure);
            --under_way_;
            ask_more();
        });
    }
}

awaitable<> introspection_client::ask(question_ptr what) {
    const config::introspection_endpoint& to = what->to->settings;
    const auto waited = std::chrono::floor<milliseconds>(clock::now() - what->begun);
    const http_limits limits{.timeout = std::max(to.timeout - waited, milliseconds{1}),
                             .max_body = policies::tokens::longest_introspection};
    const auto asked = wall_clock();
    http_request request = make_question(to, what->token);
    auto answer = co_await send_request(with_, std::move(request), what->to->secure, limits);
    take(*what, std::move(answer), asked);
    end(*what);
}

void introspection_client::take(const question& what, std::expected<http_answer, std::string>&& answer, policies::time_point asked) {
    std::string fault = answer ? fault_of(answer->status) : answer.error();
    if (fault.empty()) {
        auto read = policies::tokens::read_introspection(what.to->of->rules, answer->body);
        if (read) {
            what.into->insert(what.token, std::move(*read), asked);
            if (std::exchange(what.to->failed, false)) {
                spdlog::info("provider {}: its issuer answers again", what.to->settings.provider);
            }
            return;
        }
        fault = std::move(read).error();
    }
    if (!std::exchange(what.to->failed, true) && !attempts_.cancelled()) {
        spdlog::warn("provider {}: introspection at {}: {}", what.to->settings.provider, what.to->settings.to.server.text, fault);
    }
    what.into->fail(what.token, std::move(fault));
}

void introspection_client::end(const question& what) {
    question_ptr ended;
    {
        const std::lock_guard lock(mutex_);
        const auto found = questions_.find({what.into.get(), what.token});
        if (found == questions_.end() || found->second.get() != &what) {
            return;
        }
        ended = std::move(found->second);
        questions_.erase(found);
        waiting_ -= ended->waiting.size();
    }
    for (waiting_request& each : ended->waiting) {
        each.on->post(std::move(each.over));
    }
}

void introspection_client::stop() {
    std::map<question_key, question_ptr> gone;
    {
        const std::lock_guard lock(mutex_);
        stopped_ = true;
        gone.swap(questions_);
        queue_.clear();
        waiting_ = 0;
    }
    attempts_.cancel();
    for (const auto& [key, each] : gone) {
        for (waiting_request& one : each->waiting) {
            one.on->post(std::move(one.over));
        }
    }
    wheel_.close();
}

} // namespace bearward::proxy::providers
